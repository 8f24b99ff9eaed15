"""A scripted X on 127.0.0.1 and a clock that does not wait."""

from __future__ import annotations

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
from arcane.x.client import XClient
from arcane.x.prices import Prices

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOKEN = "AAAA-made-up-token"


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
def client(x: ScriptedX, clock: FakeClock) -> Iterator[Callable[..., XClient]]:
    """Makes a client of ``x``, which forces the ``tweet`` words unless told otherwise."""
    with ExitStack() as stack:

        def made(**changes: Any) -> XClient:
            settings = {
                "base_url": x.address,
                "token": TOKEN,
                "clock": clock,
                "purse": Budget(Prices()),
                "vocabulary": "tweet",
                **changes,
            }
            return stack.enter_context(XClient(**settings))

        yield made
