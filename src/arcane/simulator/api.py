"""Requests → answers, as X gives them: checks, windows, paging, counts, lookups, limits. No socket."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final

import msgspec
import numpy as np

from arcane.simulator import request
from arcane.simulator.clock import AdjustableClock, Clock
from arcane.simulator.faults import Faults
from arcane.simulator.render import Renderer, Shape
from arcane.simulator.request import PROBLEMS, Params, Refused, invalid
from arcane.simulator.search import Matcher, QueryProblem
from arcane.simulator.world import Ints, World

_encode = msgspec.json.Encoder().encode
_SEARCHES: Final = {"/2/tweets/search/recent": (100, 450), "/2/tweets/search/all": (500, 300)}
_COUNTS: Final = {"/2/tweets/counts/recent": 300, "/2/tweets/counts/all": 300}
_LOOKUPS: Final = {"/2/tweets": 3500, "/2/users": 3500}
_LIMITS: Final = {**{path: limit for path, (_, limit) in _SEARCHES.items()}, **_COUNTS, **_LOOKUPS}
_BOUND: Final = ("query", "start_time", "end_time", "since_id", "until_id", "sort_order", "granularity")
_GRAIN: Final = {"minute": 60_000, "hour": 3_600_000, "day": 86_400_000}


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, body, and headers without those of the transport."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    is_json: bool = True
    delay_s: float = 0.0


class Api:
    """X's read paths over one world. ``log`` has one entry a request, ``billed`` the tweets given out by UTC date, as indices of the world."""

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
    ) -> None:
        self.faults = faults
        self.clock = clock
        self.log: list[dict[str, Any]] = []
        self.billed: dict[str, Counter[int]] = {}
        self._world = world
        self._token = token
        self._vocabulary = vocabulary
        self._rate_limits = rate_limits
        self._request_s = request_s
        self._renderer = Renderer(world, keys_need_expansion=keys_need_expansion)
        self._matcher = Matcher(world, self._renderer)
        self._windows: dict[str, tuple[datetime, int]] = {}
        self._last_second: dict[str, datetime] = {}
        self._number = 0
        self._index_of: dict[str, int] | None = None

    def answer(self, path: str, params: dict[str, str], authorization: str) -> Reply:
        """What X would say."""
        if self._request_s and isinstance(self.clock, AdjustableClock):
            self.clock.advance(self._request_s)
        now = self.clock.now()
        reply = self._checked(path, params, authorization, now)
        self.log.append({"path": path, "params": params, "status": reply.status, "at": now.isoformat()})
        return Reply(
            reply.status,
            reply.body,
            {**reply.headers, "date": format_datetime(now, usegmt=True)},
            reply.is_json,
            reply.delay_s,
        )

    def prepare(self, path: str, params: dict[str, str]) -> None:
        """Render all that never changes of the world for requests with these fields. Takes some 30 µs a tweet."""
        self._renderer.prepare(request.shape_of(path, params, self._vocabulary), _ms(self.clock.now()))

    def truth(self, query: str, start_at: datetime, end_at: datetime) -> list[str]:
        """Ids that search would give for ``[start_at, end_at)`` now, newest first."""
        now_ms = _ms(self.clock.now())
        low, high = np.searchsorted(self._world.made_ms, (_ms(start_at), min(_ms(end_at), now_ms + 1))).tolist()
        return [str(one) for one in self._world.ids[self._visible(query, (low, high), now_ms)].tolist()]

    def _checked(self, path: str, params: dict[str, str], authorization: str, now: datetime) -> Reply:
        if path not in _LIMITS:
            return Reply(404, b"<!DOCTYPE html><html><body><h1>Nothing to see here</h1></body></html>", is_json=False)
        if authorization != f"Bearer {self._token}":
            unauthorized = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
            return Reply(401, _encode(unauthorized))
        headers, is_limited = self._limit(path, now)
        if is_limited:
            return Reply(429, _TOO_MANY, headers)
        self._number += 1
        fault = self.faults.of(self._number)
        if fault in {"limited", "limited_bare", "limited_second", "down_json", "down_text", "html"}:
            return _failure(fault, headers, now)
        try:
            request.check_names(path, params, self._vocabulary)
            if path in _SEARCHES:
                body = self._search(path, params, now, fault)
            elif path in _COUNTS:
                body = self._counts(path, params, now)
            else:
                body = self._tweets(path, params, now) if path == "/2/tweets" else self._users(path, params)
        except Refused as refused:
            return Reply(refused.status, _encode(refused.body), headers)
        except QueryProblem as problem:
            return Reply(400, _encode(invalid(str(problem), {"query": params.get("query", "")}).body), headers)
        if fault == "cut":
            body = body[: len(body) // 2]
        return Reply(200, body, headers, delay_s=0.05 if fault == "slow" else 0.0)

    def _limit(self, path: str, now: datetime) -> tuple[dict[str, str], bool]:
        """Headers of the window, and whether it is used up."""
        if not self._rate_limits:
            return {}, False
        limit = _LIMITS[path]
        reset_at, used = self._windows.get(path, (now, 0))
        if now >= reset_at:
            reset_at, used = now + timedelta(minutes=15), 0
        last = self._last_second.get(path)
        is_too_soon = path.endswith("/search/all") and last is not None and now - last < timedelta(seconds=1)
        is_limited = used >= limit or is_too_soon
        if not is_limited:
            used += 1
            self._last_second[path] = now
        self._windows[path] = (reset_at, used)
        headers = {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(limit - used),
            "x-rate-limit-reset": str(int(reset_at.timestamp())),
        }
        return headers, is_limited

    def _search(self, path: str, params: dict[str, str], now: datetime, fault: str | None) -> bytes:
        query = request.query_of(params, 512 if path.endswith("/recent") else 1024)
        request.one_of(params, "sort_order", ("recency", "relevancy"))
        shape = request.shape_of(path, params, self._vocabulary)
        size = request.number_of(params, "max_results", 10, 10, _SEARCHES[path][0])
        span, after = self._span(path, params, now), self._after(params)
        before = span[1] if after is None else min(after, span[1])
        chosen = self._newest(query, (span[0], before), _ms(now), size + 1)
        has_more, chosen = len(chosen) > size, chosen[:size]
        if fault == "no_data" and chosen:
            return _encode({"meta": {"result_count": 0, "next_token": self._token_of(params, before)}})
        if fault == "shifted" and after is not None and len(chosen) > 3:
            again = self._visible(query, (before, span[1]), _ms(now))[-3:].tolist()
            has_more, chosen = has_more or len(again) + len(chosen) > size, [*again, *chosen][:size]
        next_token = self._token_of(params, chosen[-1]) if has_more else None
        if fault == "duplicated" and len(chosen) > 1:
            chosen = [chosen[0], *chosen]
        if not chosen:
            return b'{"meta":{"result_count":0}}'
        self._bill(now, chosen)
        return self._page(chosen, shape, now, next_token=next_token, has_includes=fault != "no_includes")

    def _page(
        self, chosen: list[int], shape: Shape, now: datetime, *, next_token: str | None, has_includes: bool
    ) -> bytes:
        data, includes = self._renderer.data(chosen, shape, _ms(now), has_includes=has_includes)
        errors = self._missing_references(chosen, shape, now) if has_includes else []
        newest, oldest = (str(self._world.ids[index]) for index in (max(chosen), min(chosen)))
        meta: dict[str, Any] = {"newest_id": newest, "oldest_id": oldest, "result_count": len(chosen)}
        if next_token:
            meta["next_token"] = next_token
        parts = [b'"data":' + data]
        if includes:
            parts.append(b'"includes":' + includes)
        if errors:
            parts.append(b'"errors":' + _encode(errors))
        return b"{" + b",".join([*parts, b'"meta":' + _encode(meta)]) + b"}"

    def _visible(self, query: str, span: tuple[int, int], now_ms: int) -> Ints:
        """Indices that search gives for a stretch of the world, newest first."""
        indices = self._inside(query, span)
        shown: Ints = indices[self._is_shown(indices, now_ms)][::-1]
        return shown

    def _inside(self, query: str, span: tuple[int, int]) -> Ints:
        """Matching indices of a stretch of the world, oldest first, whether shown or not."""
        indices = self._matcher.matches(query)
        low, high = np.searchsorted(indices, span)
        return indices[low:high]

    def _is_shown(self, indices: Ints, now_ms: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
        found: np.ndarray[Any, np.dtype[np.bool_]] = (self._world.gone_ms[indices] > now_ms) & ~self._world.withheld[
            indices
        ]
        return found

    def _newest(self, query: str, span: tuple[int, int], now_ms: int, size: int) -> list[int]:
        """The ``size`` newest shown tweets of a stretch, newest first, without looking at the rest of it."""
        inside = self._inside(query, span)
        found: list[int] = []
        end = len(inside)
        while end > 0 and len(found) < size:
            part = inside[max(end - size - 20, 0) : end]
            found += part[self._is_shown(part, now_ms)][::-1].tolist()
            end -= len(part)
        return found[:size]

    def _span(self, path: str, params: Params, now: datetime) -> tuple[int, int]:
        """``[first, last)`` of the world's tweets that the window lets through and that exist by now."""
        start_at, end_at = request.window_of(path, params, now)
        world = self._world
        low, high = np.searchsorted(world.made_ms, (_ms(start_at), min(_ms(end_at), _ms(now) + 1))).tolist()
        if "since_id" in params:
            low = int(np.searchsorted(world.ids, int(params["since_id"]), side="right"))
        if "until_id" in params:
            high = min(high, int(np.searchsorted(world.ids, int(params["until_id"]))))
        return low, max(low, high)

    def _after(self, params: Params) -> int | None:
        """Index below which the page of this token begins; None without one. Raises: Refused."""
        token = request.token_of(params)
        if token is None:
            return None
        try:
            digest, last, _ = base64.urlsafe_b64decode(token.encode()).decode().split(":")
            if digest != _digest(params):
                raise ValueError(token)
            return int(last)
        except ValueError:
            raise invalid(f"Invalid 'next_token':'{token}'", {"next_token": token}) from None

    def _token_of(self, params: Params, last: int) -> str:
        return base64.urlsafe_b64encode(f"{_digest(params)}:{last}:{self._number}".encode()).decode()

    def _missing_references(self, chosen: list[int], shape: Shape, now: datetime) -> list[dict[str, Any]]:
        """Partial errors for referenced tweets that are gone."""
        name = "referenced_posts" if shape.is_new else "referenced_tweets.id"
        if name not in shape.expansions:
            return []
        found = sorted({int(one) for one in self._world.reference[chosen] if one >= 0})
        return [_gone(str(self._world.ids[one]), name) for one in found if self._world.deleted_ms[one] <= _ms(now)]

    def _counts(self, path: str, params: dict[str, str], now: datetime) -> bytes:
        """Rows by grain, oldest first; counts/all gives 31 days a page, the newest first."""
        query = request.query_of(params, 512 if path.endswith("/recent") else 1024)
        grain = _GRAIN[request.one_of(params, "granularity", ("hour", "minute", "day"))]
        start_at, end_at = request.window_of(path, params, now)
        start_ms, end_ms = _ms(start_at), _ms(end_at)
        low, high = self._span(path, params, now)
        after = self._after(params)
        end_ms = end_ms if after is None else min(end_ms, after)
        page_ms = start_ms if path.endswith("/recent") else max(start_ms, end_ms - 31 * 86_400_000)
        indices = self._inside(query, (low, high))
        made = self._world.made_ms[indices[self._world.gone_ms[indices] > _ms(now)]]
        edges = [page_ms, *range((page_ms // grain + 1) * grain, end_ms, grain), end_ms]
        sizes = np.diff(np.searchsorted(made, edges)).tolist()
        asked_new = "post_count" in params.get("search_count.fields", "")
        name = "post_count" if self._vocabulary == "post" or asked_new else "tweet_count"
        rows = [
            {"start": _iso(earlier), "end": _iso(later), name: size}
            for earlier, later, size in zip(edges[:-1], edges[1:], sizes, strict=True)
        ]
        meta: dict[str, Any] = {f"total_{name}": sum(sizes)}
        if page_ms > start_ms:
            meta["next_token"] = self._token_of(params, page_ms)
        return _encode({"data": rows, "meta": meta})

    def _tweets(self, path: str, params: dict[str, str], now: datetime) -> bytes:
        shape = request.shape_of(path, params, self._vocabulary)
        indices, errors = [], []
        for identity in request.ids_of(params):
            index = self._index(identity)
            if index is None or self._world.deleted_ms[index] <= _ms(now) or self._world.made_ms[index] > _ms(now):
                errors.append(_gone(identity, "ids"))
            elif self._world.withheld[index]:
                errors.append(_hidden(identity, "ids"))
            else:
                indices.append(index)
        self._bill(now, indices)
        parts = []
        if indices:
            data, includes = self._renderer.data(indices, shape, _ms(now))
            parts.append(b'"data":' + data)
            if includes:
                parts.append(b'"includes":' + includes)
            errors += self._missing_references(indices, shape, now)
        if errors:
            parts.append(b'"errors":' + _encode(errors))
        return b"{" + b",".join(parts) + b"}"

    def _users(self, path: str, params: dict[str, str]) -> bytes:
        shape = request.shape_of(path, params, self._vocabulary)
        known = range(len(self._world.followers))
        ids = request.ids_of(params)
        found = [int(one) - 100_000 for one in ids if int(one) - 100_000 in known]
        errors = [_gone(one, "ids", kind="user") for one in ids if int(one) - 100_000 not in known]
        parts = (
            [b'"data":[' + b",".join(self._renderer.user(author, shape) for author in found) + b"]"] if found else []
        )
        if errors:
            parts.append(b'"errors":' + _encode(errors))
        return b"{" + b",".join(parts) + b"}"

    def _index(self, identity: str) -> int | None:
        place = int(np.searchsorted(self._world.ids, int(identity)))
        return place if place < len(self._world) and int(self._world.ids[place]) == int(identity) else None

    def _bill(self, now: datetime, indices: list[int]) -> None:
        book = self.billed.setdefault(f"{now:%Y-%m-%d}", Counter())
        book.update(indices)


_TOO_MANY: Final = _encode(
    {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}
)


def _failure(fault: str, headers: dict[str, str], now: datetime) -> Reply:
    if fault == "limited":
        soon = str(int((now + timedelta(seconds=2)).timestamp()))
        return Reply(
            429,
            _TOO_MANY,
            {**headers, "x-rate-limit-limit": "450", "x-rate-limit-remaining": "0", "x-rate-limit-reset": soon},
        )
    if fault == "limited_bare":
        return Reply(429, _TOO_MANY)
    if fault == "limited_second":
        later = str(int((now + timedelta(minutes=15)).timestamp()))
        return Reply(
            429, _TOO_MANY, {"x-rate-limit-limit": "450", "x-rate-limit-remaining": "440", "x-rate-limit-reset": later}
        )
    if fault == "down_json":
        down = {"title": "Service Unavailable", "detail": "Service Unavailable", "type": "about:blank", "status": 503}
        return Reply(503, _encode(down), headers)
    if fault == "down_text":
        return Reply(503, b"upstream connect error or disconnect/reset before headers", is_json=False)
    return Reply(200, b"<!DOCTYPE html><html><body>Something went wrong</body></html>", headers, is_json=False)


def _gone(identity: str, parameter: str, *, kind: str = "tweet") -> dict[str, Any]:
    return {
        "value": identity,
        "detail": f"Could not find {kind} with {parameter}: [{identity}].",
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": parameter,
        "resource_id": identity,
        "type": f"{PROBLEMS}resource-not-found",
    }


def _hidden(identity: str, parameter: str) -> dict[str, Any]:
    return {
        "value": identity,
        "detail": f"Sorry, you are not authorized to see the Tweet with {parameter}: [{identity}].",
        "title": "Authorization Error",
        "resource_type": "tweet",
        "parameter": parameter,
        "resource_id": identity,
        "type": f"{PROBLEMS}not-authorized-for-resource",
    }


def _digest(params: Params) -> str:
    bound = "|".join(params.get(name, "") for name in _BOUND)
    return hashlib.blake2b(bound.encode(), digest_size=6).hexdigest()


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _iso(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%dT%H:%M:%S}.000Z"
