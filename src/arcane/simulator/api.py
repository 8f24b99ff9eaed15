"""Requests → answers, as X gives them: who may ask, how often, at what price, and what goes wrong. No socket."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final

from arcane.simulator import reply, request
from arcane.simulator.bill import Bill
from arcane.simulator.clock import AdjustableClock, Clock
from arcane.simulator.compliance import JOBS, Compliance
from arcane.simulator.fates import Fates
from arcane.simulator.faults import Faults
from arcane.simulator.limits import Limits
from arcane.simulator.reads import Read, Reads
from arcane.simulator.reply import Reply, encode
from arcane.simulator.request import Refused, family, invalid
from arcane.simulator.search import QueryProblem
from arcane.simulator.world import World

_LIMITS: Final = {
    "GET /2/tweets/search/recent": 450,
    "GET /2/tweets/search/all": 300,
    "GET /2/tweets/counts/recent": 300,
    "GET /2/tweets/counts/all": 300,
    "GET /2/tweets": 3500,
    "GET /2/users": 3500,
    "GET /2/usage/tweets": 50,
    f"GET {JOBS}": 150,
    f"POST {JOBS}": 150,
    f"GET {JOBS}/{{id}}": 150,
    f"PUT {JOBS}/{{id}}/upload": 150,
    f"GET {JOBS}/{{id}}/download": 150,
}
_JOB: Final = re.compile(rf"{JOBS}/([0-9]{{1,19}})(/upload|/download)?")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. ``base_url``: where the addresses that X hands out begin."""

    path: str
    params: dict[str, str]
    authorization: str
    method: str = "GET"
    body: bytes = b""
    base_url: str = "http://127.0.0.1"


class Api:
    """X over one world. ``log`` has one entry a request, ``bill`` is X's own book of what it gave out, ``fates`` tells
    and takes what becomes of tweets and authors.
    """

    def __init__(
        self,
        world: World,
        *,
        token: str,
        clock: Clock,
        vocabulary: str,
        faults: Faults,
        rate_limits: bool,
        request_s: float,
        keys_need_expansion: bool,
        bill: Bill,
        bills_includes: bool,
        compliance_time: timedelta,
    ) -> None:
        self.faults = faults
        self.clock = clock
        self.log: list[dict[str, Any]] = []
        self.bill = bill
        self.fates = Fates(world)
        self.compliance = Compliance(world, self.fates, duration=compliance_time)
        self._world = world
        self._token = token
        self._vocabulary = vocabulary
        self._limits = Limits(_LIMITS) if rate_limits else None
        self._request_s = request_s
        self._bills_includes = bills_includes
        self._reads = Reads(world, self.fates, vocabulary=vocabulary, keys_need_expansion=keys_need_expansion)
        self._number = 0

    def answer(self, asked: Asked) -> Reply:
        """What X would say."""
        if self._request_s and isinstance(self.clock, AdjustableClock):
            self.clock.advance(self._request_s)
        now = self.clock.now()
        found = reply.down() if self.faults.is_down(now) else self._checked(asked, now)
        told = {"method": asked.method, "path": asked.path, "params": asked.params}
        self.log.append({**told, "status": found.status, "at": now.isoformat()})
        return replace(found, headers={**found.headers, "date": format_datetime(now, usegmt=True)})

    def prepare(self, path: str, params: dict[str, str]) -> None:
        """Render all that never changes of the world for requests with these fields. Takes some 30 µs a tweet."""
        self._reads.prepare(path, params, self.clock.now())

    def truth(self, query: str, start_at: datetime, end_at: datetime) -> list[str]:
        """Ids that search would give for ``[start_at, end_at)`` now, newest first."""
        return self._reads.truth(query, start_at, end_at, self.clock.now())

    def truth_counts(
        self, query: str, start_at: datetime, end_at: datetime, *, at: datetime | None = None
    ) -> dict[datetime, tuple[int, int]]:
        """By hour of ``[start_at, end_at)``: tweets that counts have, and that search would give, now or ``at``."""
        return self._reads.truth_counts(query, start_at, end_at, at or self.clock.now())

    def set_fate(self, fate: str, *, tweet_id: str | None = None, author_id: str | None = None) -> None:
        """From now on a tweet is live, withheld or deleted; or an author live, protected, suspended or deleted.

        Raises: ValueError for an id that is not there, or another fate.
        """
        if (tweet_id is None) == (author_id is None):
            raise ValueError("a fate is for one tweet_id or for one author_id")
        index = self._world.index(tweet_id) if tweet_id is not None else None
        author = int(author_id) - 100_000 if author_id is not None else None
        if index is None and (author is None or not 0 <= author < len(self._world.followers)):
            raise ValueError(f"no tweet or author of this world has the id {tweet_id or author_id}")
        self.fates.set(fate, int(self.clock.now().timestamp() * 1000), index=index, author=author)

    def _checked(self, asked: Asked, now: datetime) -> Reply:
        job = _JOB.fullmatch(asked.path)
        route = f"{asked.method} {JOBS}/{{id}}{job[2] or ''}" if job else f"{asked.method} {asked.path}"
        if route not in _LIMITS:
            return reply.unknown_path()
        if asked.authorization != f"Bearer {self._token}":
            return reply.unauthorized()
        headers, is_limited = self._limits.take(route, now) if self._limits else ({}, False)
        if is_limited:
            return Reply(429, reply.TOO_MANY, headers)
        self._number += 1
        fault = self.faults.of(self._number)
        if fault in reply.FAILURES:
            return reply.failure(fault, headers, now)
        try:
            found = self._job(asked, job, now) if job or asked.path == JOBS else self._read(asked, now, fault)
        except Refused as refused:
            found = Reply(refused.status, encode(refused.body))
        except QueryProblem as problem:
            found = Reply(400, encode(invalid(str(problem), {"query": asked.params.get("query", "")}).body))
        body = found.body[: len(found.body) // 2] if fault == "cut" and found.status == 200 else found.body
        return Reply(found.status, body, headers, found.kind, 0.05 if fault == "slow" else 0.0)

    def _job(self, asked: Asked, job: re.Match[str] | None, now: datetime) -> Reply:
        """Compliance. Raises: Refused."""
        if job and job[2] == "/upload":
            return self.compliance.upload(job[1], asked.params, asked.body, now)
        if job and job[2] == "/download":
            return self.compliance.download(job[1], asked.params, now)
        request.check_names(asked.path, asked.params, self._vocabulary)
        if job:
            return self.compliance.one(job[1], asked.params, now)
        if asked.method == "POST":
            return self.compliance.create(asked.body, now, asked.base_url)
        return self.compliance.every(asked.params, now)

    def _read(self, asked: Asked, now: datetime, fault: str | None) -> Reply:
        """What is read, unless money or posts are used up, and booked. Raises: Refused, QueryProblem."""
        path, params, kind = asked.path, asked.params, family(asked.path)
        request.check_names(path, params, self._vocabulary)
        if kind == "usage":
            return Reply(200, encode(self.bill.usage(params, now, has_numbers=self._vocabulary == "tweet")))
        if not self.bill.has_credits():
            return reply.credits_depleted()
        if kind in {"search", "tweets"} and not self.bill.has_posts(now):
            return reply.usage_capped()
        if kind == "search":
            found = self._reads.search(path, params, now, number=self._number, fault=fault)
        elif kind == "counts":
            found = self._reads.counts(path, params, now, number=self._number)
            self.bill.book(now, "counts_" + path.rsplit("/", 1)[1], [self._number])
        else:
            found = (self._reads.tweets if kind == "tweets" else self._reads.users)(path, params, now)
        self._book(found, now)
        return Reply(200, found.body)

    def _book(self, found: Read, now: datetime) -> None:
        is_whole = self._bills_includes
        for kind, ids, included in (
            ("post", found.posts, found.included_posts),
            ("user", found.users, found.included_users),
        ):
            if ids or (included and is_whole):
                self.bill.book(now, kind, ids + included if is_whole else ids)
