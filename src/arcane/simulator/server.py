"""The simulator on a socket."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import uvicorn

from arcane.simulator.api import Api, Reply
from arcane.simulator.clock import AdjustableClock, Clock, SystemClock
from arcane.simulator.faults import Faults
from arcane.simulator.world import World

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Simulator:
    """An ASGI app that answers as X does, and under ``/simulator/`` tells and takes what only a simulator can.

    ``vocabulary``: words accepted: both, tweet or post. ``request_s``: how far each request moves an adjustable
    clock. ``keys_need_expansion``: in the new words author, references and edits arrive only when expanded.
    """

    def __init__(
        self,
        world: World,
        *,
        token: str = "simulator",  # noqa: S107 - no secret
        clock: Clock | None = None,
        vocabulary: str = "both",
        faults: Faults = Faults(),  # noqa: B008 - frozen
        rate_limits: bool = True,
        request_s: float = 0.0,
        keys_need_expansion: bool = True,
    ) -> None:
        self.token = token
        self.world = world
        self.clock = clock or SystemClock()
        self.api = Api(
            world,
            token=token,
            clock=self.clock,
            vocabulary=vocabulary,
            faults=faults,
            rate_limits=rate_limits,
            request_s=request_s,
            keys_need_expansion=keys_need_expansion,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path = scope["path"]
        if path.startswith("/simulator/"):
            try:
                reply = self._control(path, scope["method"], await _body(receive), scope["query_string"].decode())
            except (ValueError, TypeError, KeyError, AttributeError) as exc:
                reply = Reply(400, json.dumps({"error": f"{type(exc).__name__}: {exc}"}).encode())
        else:
            headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
            params = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
            reply = self.api.answer(path, params, headers.get("authorization", ""))
            if reply.delay_s:
                await asyncio.sleep(reply.delay_s)
        await _send(send, reply)

    def _control(self, path: str, method: str, body: bytes, query: str) -> Reply:
        name = path.removeprefix("/simulator/")
        if method == "POST":
            wish = json.loads(body or b"{}")
            if name == "clock" and isinstance(self.clock, AdjustableClock):
                if "now" in wish:
                    self.clock.set(datetime.fromisoformat(wish["now"]))
                self.clock.advance(wish.get("advance_s", 0))
            elif name == "faults":
                self.api.faults = Faults(
                    wish.get("rate", 0.0), wish.get("seed", 0), tuple(wish.get("kinds", Faults().kinds))
                )
        if name == "clock":
            return _told({"now": self.clock.now().isoformat()})
        if name == "faults":
            return _told(asdict(self.api.faults))
        if name == "log":
            return _told(self.api.log)
        if name == "bill":
            return _told(self.bill())
        if name == "truth":
            params = dict(parse_qsl(query))
            start_at, end_at = (datetime.fromisoformat(params[key]) for key in ("start", "end"))
            return _told(self.api.truth(params["query"], start_at, end_at))
        return Reply(404, b"{}")

    def bill(self) -> dict[str, dict[str, int]]:
        """By UTC date: posts billed (each once a day), and reads with repeats."""
        return {day: {"billed": len(book), "read": book.total()} for day, book in self.api.billed.items()}

    @contextlib.contextmanager
    def running(self) -> Iterator[str]:
        """Serve on a free port of 127.0.0.1 from a thread; the base address."""
        listener = _listener("127.0.0.1", 0)
        server = uvicorn.Server(_config(self))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True, name="simulator")
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)
            listener.close()


def serve(
    simulator: Simulator,
    host: str = "127.0.0.1",
    port: int = 8080,
    *,
    port_file: Path | None = None,
    is_open: bool = False,
) -> None:
    """Serve until interrupted. ``port`` 0 picks a free one, ``port_file`` is told which.

    Raises: ValueError for an address beyond this machine, unless ``is_open``; OSError if the port is taken.
    """
    if not is_open and not (host == "localhost" or ipaddress.ip_address(host).is_loopback):
        raise ValueError(f"the simulator serves this machine only, and {host} is not it: use 127.0.0.1")
    listener = _listener(host, port)
    port = listener.getsockname()[1]
    told = simulator.world.stats()
    print(  # noqa: T201 - what the command is for
        f"simulating X on http://{host}:{port} ({told['tweets']} tweets, token {simulator.token!r}); Ctrl+C stops it",
        flush=True,
    )
    if port_file is not None:
        port_file.write_text(str(port))
    uvicorn.Server(_config(simulator)).run(sockets=[listener])


def _listener(host: str, port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(128)
    return listener


def _config(simulator: Simulator) -> uvicorn.Config:
    return uvicorn.Config(
        simulator,
        log_level="critical",
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=1,
    )


def _told(value: Any) -> Reply:
    return Reply(200, json.dumps(value).encode())


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


async def _send(send: Send, reply: Reply) -> None:
    kind = "application/json; charset=utf-8" if reply.is_json else "text/html; charset=utf-8"
    headers = {"content-type": kind, "content-length": str(len(reply.body)), **reply.headers}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    await send({"type": "http.response.body", "body": reply.body})
