"""The simulator on a socket."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import uvicorn

from arcane.simulator.api import Api, Asked
from arcane.simulator.bill import Bill
from arcane.simulator.clock import AdjustableClock, Clock, SystemClock
from arcane.simulator.faults import Faults
from arcane.simulator.reply import Reply
from arcane.simulator.world import World

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Simulator:
    """An ASGI app that answers as X does, and under ``/simulator/`` tells and takes what only a simulator can.

    ``vocabulary``: words accepted: both, tweet or post. ``request_s``: how far each request moves an adjustable
    clock. ``keys_need_expansion``: in the new words author, references and edits arrive only when expanded.
    ``bills_includes``: users and posts in ``includes`` cost as much as others; X does not say. ``cap_usd``,
    ``cap_posts``, ``cap_reset_day``: see Bill. ``compliance_s``: what a compliance job takes from its upload on.
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
        bills_includes: bool = True,
        cap_usd: float | None = None,
        cap_posts: int | None = None,
        cap_reset_day: int = 1,
        compliance_s: float = 300.0,
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
            bill=Bill(cap_usd=cap_usd, cap_posts=cap_posts, cap_reset_day=cap_reset_day),
            bills_includes=bills_includes,
            compliance_time=timedelta(seconds=compliance_s),
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
            asked = Asked(
                path,
                dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True)),
                headers.get("authorization", ""),
                method=scope["method"],
                body=b"" if scope["method"] == "GET" else await _body(receive),
                base_url=f"http://{headers.get('host', '127.0.0.1')}",
            )
            reply = self.api.answer(asked)
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
                self.api.faults = _faults(wish)
            elif name == "fate":
                self.api.set_fate(wish["fate"], tweet_id=wish.get("tweet_id"), author_id=wish.get("author_id"))
                return _told({**wish, "at": self.clock.now().isoformat()})
        if name == "clock":
            return _told({"now": self.clock.now().isoformat()})
        if name == "faults":
            return _told(_faults_told(self.api.faults))
        if name == "log":
            return _told(self.api.log)
        if name == "bill":
            return _told(self.api.bill.days())
        if name == "truth":
            params = dict(parse_qsl(query))
            start_at, end_at = (datetime.fromisoformat(params[key]) for key in ("start", "end"))
            return _told(self.api.truth(params["query"], start_at, end_at))
        return Reply(404, b"{}")

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


def _faults(wish: dict[str, Any]) -> Faults:
    moments = [[datetime.fromisoformat(one) for one in outage] for outage in wish.get("outages", ())]
    outages = tuple((from_at, until_at) for from_at, until_at in moments)
    return Faults(wish.get("rate", 0.0), wish.get("seed", 0), tuple(wish.get("kinds", Faults().kinds)), outages)


def _faults_told(faults: Faults) -> dict[str, Any]:
    outages = [[one.isoformat() for one in outage] for outage in faults.outages]
    return {"rate": faults.rate, "seed": faults.seed, "kinds": faults.kinds, "outages": outages}


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


async def _send(send: Send, reply: Reply) -> None:
    headers = {"content-type": reply.kind, "content-length": str(len(reply.body)), **reply.headers}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    await send({"type": "http.response.body", "body": reply.body})
