"""Who is let in, and what every answer says to the browser."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from tests.serve.conftest import Shown
from tests.serve.serving import got, posted, served
from tests.stories import StillClock

from arcane.errors import ConfigError
from arcane.serve.dashboard.security import SESSION_S, Gate

TOKEN = "a-token-of-thirty-two-letters-ok"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.mark.parametrize("path", ["/", "/audience", "/sql", "/static/dashboard.css", "/nothing", "/?period=no"])
def test_every_answer_forbids_what_pages_do_not_need(shown: Shown, path: str) -> None:
    """Pages, files and errors alike carry the policy that no script of a tweet passes."""
    _, headers, _ = got(shown.url + path)
    assert (headers["content-security-policy"], headers["x-content-type-options"], headers["referrer-policy"]) == (
        CSP,
        "nosniff",
        "no-referrer",
    )


def test_another_name_for_this_machine_is_refused(shown: Shown) -> None:
    """A name that was turned to 127.0.0.1 reads nothing: the browser says which name it asked for."""
    assert got(f"{shown.url}/", Host="evil.example")[0] == 421
    assert got(f"{shown.url}/", Host="localhost:8765")[0] == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "dashboard.example"])
def test_another_address_without_a_login_is_refused(shown: Shown, host: str) -> None:
    """Nothing is served beyond this machine to whoever comes along."""
    app = shown.stage.app(shown.folder, dashboard={"host": host})
    with pytest.raises(ConfigError) as refused:
        app.dashboard()
    assert str(refused.value) == (
        f"the dashboard would be open to everyone who reaches {host}: set ARCANE_DASHBOARD__TOKEN, or "
        "dashboard.identity_header behind a proxy that logs people in (docs/dashboard.md)"
    )


def test_a_token_that_can_be_guessed_is_refused(shown: Shown) -> None:
    """A short token is no token."""
    with pytest.raises(ConfigError, match="shorter than 24 signs"):
        shown.stage.app(shown.folder, dashboard={"token": "short"}).dashboard()


def test_a_token_opens_every_door_and_nothing_else_does(shown: Shown) -> None:
    """Without the token one is sent to the login or told to send it; with it, by form or header, one is in."""
    app = shown.stage.app(shown.folder, dashboard={"token": TOKEN})
    with served(app.dashboard().application()) as url:
        status, headers, _ = got(f"{url}/audience?lang=fr", Accept="text/html")
        assert (status, headers["location"]) == (303, f"/login?next={quote('/audience?lang=fr', safe='')}")
        assert got(f"{url}/donnees/accueil/volume.csv")[0] == 401
        assert got(f"{url}/sql.csv?sql=select+1")[0] == 401
        assert posted(f"{url}/login", b"token=wrong")[0] == 403
        status, headers, _ = posted(f"{url}/login?next=%2Faudience", f"token={TOKEN}".encode())
        assert (status, headers["location"]) == (303, "/audience")
        cookie = headers["set-cookie"]
        assert all(word in cookie for word in ("HttpOnly", "SameSite=lax"))
        session = cookie.split(";")[0]
        assert got(f"{url}/audience", Cookie=session)[0] == 200
        assert got(f"{url}/audience", Cookie=session[:-1] + ("0" if session[-1] != "0" else "1"))[0] == 401
        assert got(f"{url}/audience", Authorization=f"Bearer {TOKEN}")[0] == 200
        assert got(f"{url}/audience", Authorization="Bearer wrong")[0] == 401
        assert got(f"{url}/audience", Cookie=session)[1]["cache-control"] == "no-store"


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", ""])
def test_a_login_leads_nowhere_else(shown: Shown, target: str) -> None:
    """After the login one stays here, whatever the address asks for."""
    app = shown.stage.app(shown.folder, dashboard={"token": TOKEN})
    with served(app.dashboard().application()) as url:
        _, headers, _ = posted(f"{url}/login?next={quote(target, safe='')}", f"token={TOKEN}".encode())
        assert headers["location"] == "/"


def test_a_session_ends() -> None:
    """A cookie lets in until its time is up, and with another token never."""
    from starlette.requests import Request

    def request(cookie: str) -> Request:
        return Request({"type": "http", "headers": [(b"cookie", f"arcane_session={cookie}".encode())]})

    now_s = int(StillClock().now().timestamp())
    gate = Gate("0.0.0.0", token=TOKEN)
    cookie = gate.session(now_s=now_s)
    assert gate.lets_in(request(cookie), now_s=now_s + SESSION_S - 1)
    assert not gate.lets_in(request(cookie), now_s=now_s + SESSION_S)
    assert not Gate("0.0.0.0", token=TOKEN[::-1]).lets_in(request(cookie), now_s=now_s)
    assert not gate.lets_in(request("."), now_s=now_s)


def test_a_proxy_says_who_one_is(shown: Shown) -> None:
    """Behind a proxy that logs people in, its header lets in and its absence keeps out."""
    header = "X-Goog-Authenticated-User-Email"
    app = shown.stage.app(shown.folder, dashboard={"host": "0.0.0.0", "identity_header": header})
    with served(app.dashboard().application()) as url:
        assert got(f"{url}/", Host="dashboard.example")[0] == 401
        named = {"Host": "dashboard.example", header: "accounts.google.com:a@b.example"}
        assert got(f"{url}/", **named)[0] == 200


def test_another_site_sets_no_query_to_work(shown: Shown) -> None:
    """A link from elsewhere shows the query and does not run it; the same address opened here does."""
    query = "/sql?sql=select+40%2B2+as+answer"
    assert ">42<" not in got(shown.url + query, **{"Sec-Fetch-Site": "cross-site"})[2]
    assert got(f"{shown.url}/sql.csv?sql=select+1", **{"Sec-Fetch-Site": "cross-site"})[0] == 403
    assert "<bdi>42</bdi>" in got(shown.url + query, **{"Sec-Fetch-Site": "same-origin"})[2]


def test_a_session_outlives_no_clock(shown: Shown) -> None:
    """A cookie made now is worth nothing to a dashboard whose clock is half a day on."""
    app = shown.stage.app(shown.folder, dashboard={"token": TOKEN})
    cookie = Gate("127.0.0.1", token=TOKEN).session(now_s=int(app.clock.now().timestamp()))
    app.clock = StillClock(app.clock.now() + timedelta(hours=13))
    with served(app.dashboard().application()) as url:
        assert got(f"{url}/audience", Cookie=f"arcane_session={cookie}")[0] == 401
