"""An answer of X, and those that do not depend on the world: failures, caps, partial errors.

Source: docs/x-api-facts.md#limits, #fates
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from arcane.simulator.request import PROBLEMS

encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, body, and headers without those of the transport."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json; charset=utf-8"
    delay_s: float = 0.0

    @property
    def is_json(self) -> bool:
        return self.kind.startswith("application/json")


def _plain(status: int, title: str) -> bytes:
    return encode({"title": title, "detail": title, "type": "about:blank", "status": status})


TOO_MANY: Final = _plain(429, "Too Many Requests")
_DOWN: Final = _plain(503, "Service Unavailable")
_PAGE: Final = "text/html; charset=utf-8"
FAILURES: Final = frozenset({"limited", "limited_bare", "limited_second", "down_json", "down_text", "html"})


def unknown_path() -> Reply:
    """The page for people that X has for an address it does not know."""
    return Reply(404, b"<!DOCTYPE html><html><body><h1>Nothing to see here</h1></body></html>", kind=_PAGE)


def unauthorized() -> Reply:
    """A token that X does not know."""
    return Reply(401, encode({"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}))


def down() -> Reply:
    """X's 503 as search users of 2025 saw it: without headers of limits."""
    return Reply(503, _DOWN)


def failure(fault: str, headers: dict[str, str], now: datetime) -> Reply:
    """The answer of a fault of ``FAILURES``."""
    if fault == "limited":
        soon = str(int((now + timedelta(seconds=2)).timestamp()))
        used_up = {"x-rate-limit-limit": "450", "x-rate-limit-remaining": "0", "x-rate-limit-reset": soon}
        return Reply(429, TOO_MANY, {**headers, **used_up})
    if fault == "limited_bare":
        return Reply(429, TOO_MANY)
    if fault == "limited_second":
        later = str(int((now + timedelta(minutes=15)).timestamp()))
        plenty = {"x-rate-limit-limit": "450", "x-rate-limit-remaining": "440", "x-rate-limit-reset": later}
        return Reply(429, TOO_MANY, plenty)
    if fault == "down_json":
        return Reply(503, _DOWN, headers)
    if fault == "down_text":
        return Reply(503, b"upstream connect error or disconnect/reset before headers", kind=_PAGE)
    return Reply(200, b"<!DOCTYPE html><html><body>Something went wrong</body></html>", headers, kind=_PAGE)


def usage_capped() -> Reply:
    """The posts of the billing cycle are used up. The headers of limits look healthy."""
    body = {
        "title": "UsageCapExceeded",
        "period": "Monthly",
        "scope": "Product",
        "product_name": "standard-basic",
        "detail": "Usage cap exceeded: Monthly product cap",
        "type": f"{PROBLEMS}usage-capped",
    }
    return Reply(429, encode(body))


def credits_depleted() -> Reply:
    """No money left."""
    body = {
        "title": "CreditsDepleted",
        "detail": "Your enrolled account [1] does not have any credits to fulfill this request.",
        "type": f"{PROBLEMS}credits",
    }
    return Reply(402, encode(body))


def gone(identity: str, parameter: str, *, kind: str = "tweet") -> dict[str, Any]:
    """Partial error: there is no such tweet or user any more."""
    return {
        "value": identity,
        "detail": f"Could not find {kind} with {parameter}: [{identity}].",
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": parameter,
        "resource_id": identity,
        "type": f"{PROBLEMS}resource-not-found",
    }


def hidden(identity: str, parameter: str) -> dict[str, Any]:
    """Partial error: the tweet exists, and is not for us."""
    return {
        "value": identity,
        "detail": f"Sorry, you are not authorized to see the Tweet with {parameter}: [{identity}].",
        "title": "Authorization Error",
        "resource_type": "tweet",
        "parameter": parameter,
        "resource_id": identity,
        "section": "data" if parameter == "ids" else "includes",
        "type": f"{PROBLEMS}not-authorized-for-resource",
    }


def suspended(identity: str) -> dict[str, Any]:
    """Partial error: a user whom X suspended, titled Forbidden and typed not found."""
    return {
        "value": identity,
        "detail": f"User has been suspended: [{identity}].",
        "title": "Forbidden",
        "resource_type": "user",
        "parameter": "ids",
        "resource_id": identity,
        "type": f"{PROBLEMS}resource-not-found",
    }
