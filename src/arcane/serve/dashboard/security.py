"""Who may look, and what a page may do.

On an address of this machine alone nobody logs in: whoever reaches it is on the machine, and a name that is not the
machine's own is refused (a page of elsewhere whose name was turned to 127.0.0.1 would read along). On any other address
everyone shows a token, or the identity that a proxy named in the settings has found out.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from arcane.errors import ConfigError

COOKIE: Final = "arcane_session"
SESSION_S: Final = 12 * 3600
TOKEN_CHARS: Final = 24
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_OPEN: Final = ("/login", "/static/")
_HEADERS: Final = {
    # Charts and htmx run without eval and without a style of their own; nothing comes from elsewhere or goes there.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
Next = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Gate:
    """Who is let in. Neither ``token`` nor ``identity_header``: everyone who reaches this machine's own address."""

    host: str
    token: str | None = None
    identity_header: str | None = None

    def __post_init__(self) -> None:
        if self.host not in LOOPBACK and not self.is_locked:
            raise ConfigError(
                f"the dashboard would be open to everyone who reaches {self.host}: set ARCANE_DASHBOARD__TOKEN, or "
                "dashboard.identity_header behind a proxy that logs people in (docs/dashboard.md)"
            )
        if self.token is not None and len(self.token) < TOKEN_CHARS:
            raise ConfigError(
                f"dashboard.token is shorter than {TOKEN_CHARS} signs and could be guessed: make one with "
                "python -c 'import secrets; print(secrets.token_urlsafe())'"
            )

    @property
    def is_locked(self) -> bool:
        return bool(self.token or self.identity_header)

    def lets_in(self, request: Request, *, now_s: int) -> bool:
        if not self.is_locked:
            return True
        if self.identity_header and request.headers.get(self.identity_header):
            return True
        if not self.token:
            return False
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return self.opens(given) or self._is_session(request.cookies.get(COOKIE, ""), now_s=now_s)

    def opens(self, token: str) -> bool:
        return self.token is not None and hmac.compare_digest(token.encode(), self.token.encode())

    def session(self, *, now_s: int) -> str:
        """A cookie's value that lets in until its time is up, or until the token changes."""
        until = str(now_s + SESSION_S)
        return f"{until}.{self._signed(until)}"

    def _is_session(self, value: str, *, now_s: int) -> bool:
        until, _, signature = value.partition(".")
        is_ours = hmac.compare_digest(signature.encode(), self._signed(until).encode())
        return is_ours and until.isdecimal() and int(until) > now_s

    def _signed(self, until: str) -> str:
        return hmac.new((self.token or "").encode(), until.encode(), hashlib.sha256).hexdigest()


class Guard(BaseHTTPMiddleware):
    """Lets in by the gate, and puts the headers on every answer."""

    def __init__(self, app: Callable[..., Awaitable[None]], *, gate: Gate, clock: Callable[[], int]) -> None:
        super().__init__(app)
        self._gate = gate
        self._clock = clock

    async def dispatch(self, request: Request, call_next: Next) -> Response:
        response = self._refused(request) or await call_next(request)
        for name, value in _HEADERS.items():
            response.headers[name] = value
        response.headers.setdefault("Cache-Control", "no-store" if self._gate.is_locked else "no-cache")
        return response

    def _refused(self, request: Request) -> Response | None:
        if not self._gate.is_locked and request.url.hostname not in LOOPBACK:
            return PlainTextResponse("this dashboard answers on 127.0.0.1 and localhost alone\n", 421)
        if request.url.path.startswith(_OPEN) or self._gate.lets_in(request, now_s=self._clock()):
            return None
        if self._gate.token is None:
            return PlainTextResponse("the proxy in front of this dashboard did not say who you are\n", 401)
        if request.method != "GET" or "text/html" not in request.headers.get("accept", ""):
            return PlainTextResponse("log in first, or send the token as Authorization: Bearer\n", 401)
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(target, safe='')}", 303)


def is_from_elsewhere(request: Request) -> bool:
    """Whether another site's page had the browser ask this: it must not set a query to work."""
    return request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}
