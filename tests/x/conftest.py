"""A scripted X on 127.0.0.1 and a clock that does not wait."""

from __future__ import annotations

import email.utils
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from arcane.budget import Budget
from arcane.x.client import Answer, XClient
from arcane.x.prices import Prices
from arcane.x.wire import Wire

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOKEN = "AAAA-made-up-token"
START = datetime(2026, 2, 28, tzinfo=UTC)
END = datetime(2026, 3, 1, tzinfo=UTC)
PROBLEM = "https://api.x.com/2/problems/"
EMPTY = {"meta": {"result_count": 0}}
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
Made = Callable[..., XClient]


@dataclass
class FakeClock:
    """Sleeping moves the time on and is written down."""

    at: datetime = NOW
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Reply:
    """What the server says once. ``claimed_bytes`` lies about the length, to cut the body."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    claimed_bytes: int | None = None

    @property
    def sent(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    path: str
    params: dict[str, str]
    headers: dict[str, str]


class ScriptedX:
    """Gives its replies in order, the last one for ever, and keeps the requests."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.asked: list[Asked] = []
        self.connections: set[Any] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                outer.connections.add(self.client_address)
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.asked.append(Asked(parts.path, dict(parse_qsl(parts.query)), headers))
                reply = outer.replies.pop(0) if len(outer.replies) > 1 else outer.replies[0]
                sent = reply.sent
                self.send_response_only(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(reply.claimed_bytes or len(sent)))
                self.end_headers()
                try:
                    self.wfile.write(sent)
                except ConnectionError:
                    self.close_connection = True
                if reply.claimed_bytes:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Tests stay quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def x() -> Iterator[ScriptedX]:
    """A scripted X."""
    served = ScriptedX()
    yield served
    served.close()


@pytest.fixture
def clock() -> FakeClock:
    """A clock at ``NOW``."""
    return FakeClock()


@pytest.fixture
def client(x: ScriptedX, clock: FakeClock) -> Iterator[Made]:
    """Makes a client of ``x``, which forces the ``tweet`` words unless told otherwise."""
    with ExitStack() as stack:

        def made(*, has_authors: bool = True, **changes: Any) -> XClient:
            settings = {
                "base_url": x.address,
                "token": TOKEN,
                "clock": clock,
                "purse": Budget(Prices()),
                "vocabulary": "tweet",
                **changes,
            }
            return stack.enter_context(XClient(Wire(**settings), has_authors=has_authors))

        yield made


def page_of(*ids: str, token: str | None = None) -> dict[str, Any]:
    """A search page as X shapes it."""
    meta: dict[str, Any] = {"result_count": len(ids)}
    if token:
        meta["next_token"] = token
    return {"data": [{"id": one, "text": "made up"} for one in ids], "meta": meta} if ids else {"meta": meta}


def search(client: XClient, **changes: Any) -> list[Answer]:
    """All pages of the day."""
    return list(client.search("#Arcane", start_at=START, end_at=END, **changes))


def ids_of(answers: list[Answer]) -> list[list[str]]:
    return [[tweet.id for tweet in answer.page.data] for answer in answers]


def booked(budget: Budget) -> tuple[list[tuple[str, str, str]], list[tuple[str, float]]]:
    """What a commit would book: (day, kind, id) of reads, (day, dollars) of answers that were lost."""
    assert round(budget._reserved_usd, 9) == 0
    rows = {name: found.to_pylist() for name, found in budget.rows(now=NOW).items()}
    reads = [(f"{row['utc_date']:%d}", row["kind"], row["id"]) for row in rows["reads"]]
    return reads, [(f"{row['utc_date']:%d}", round(row["usd"], 9)) for row in rows["reservations"]]


def dated(ids: str, served_at: datetime) -> Reply:
    return Reply(body=page_of(*ids), headers={"date": email.utils.format_datetime(served_at, usegmt=True)})
