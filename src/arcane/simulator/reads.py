"""What X says to searches, counts and lookups: windows, paging, partial errors. Who may ask, api.py knows."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np

from arcane.simulator import reply, request
from arcane.simulator.fates import DEACTIVATED, DELETED, LIVE, SUSPENDED, Fates
from arcane.simulator.render import Rendered, Renderer, Shape
from arcane.simulator.reply import encode
from arcane.simulator.request import Params, invalid
from arcane.simulator.search import Matcher
from arcane.simulator.world import Ints, World

MOST: Final = {"/2/tweets/search/recent": 100, "/2/tweets/search/all": 500}  # tweets a page
_BOUND: Final = ("query", "start_time", "end_time", "since_id", "until_id", "sort_order", "granularity")
_GRAIN: Final = {"minute": 60_000, "hour": 3_600_000, "day": 86_400_000}
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Read:
    """A body, and what it gives out: ids of the tweets and users of ``data`` and, apart, of ``includes``."""

    body: bytes
    posts: list[int] = field(default_factory=list)
    users: list[int] = field(default_factory=list)
    included_posts: list[int] = field(default_factory=list)
    included_users: list[int] = field(default_factory=list)


class Reads:
    """The read paths over one world. Every one of them raises Refused, and QueryProblem for a query."""

    def __init__(self, world: World, fates: Fates, *, vocabulary: str, keys_need_expansion: bool) -> None:
        self._world = world
        self._fates = fates
        self._vocabulary = vocabulary
        self._renderer = Renderer(world, fates, keys_need_expansion=keys_need_expansion)
        self._matcher = Matcher(world, self._renderer)

    def prepare(self, path: str, params: Params, now: datetime) -> None:
        """Render all that never changes of the world for requests with these fields."""
        self._renderer.prepare(request.shape_of(path, params, self._vocabulary), _ms(now))

    def truth(self, query: str, start_at: datetime, end_at: datetime, now: datetime) -> list[str]:
        """Ids that search would give for ``[start_at, end_at)``, newest first."""
        inside = self._inside(query, self._stretch(start_at, end_at, now))
        return [str(one) for one in self._world.ids[inside[self._fates.is_shown(inside, _ms(now))]][::-1].tolist()]

    def truth_counts(
        self, query: str, start_at: datetime, end_at: datetime, now: datetime
    ) -> dict[datetime, tuple[int, int]]:
        """By hour of ``[start_at, end_at)``: tweets that counts have, and tweets that search would give."""
        inside = self._inside(query, self._stretch(start_at, end_at, now))
        hours = [start_at.replace(minute=0, second=0, microsecond=0)]
        while hours[-1] + _HOUR < end_at:
            hours.append(hours[-1] + _HOUR)
        edges = [*map(_ms, hours), _ms(hours[-1] + _HOUR)]
        counted, shown = (
            np.histogram(self._world.made_ms[inside[kept]], edges)[0].tolist()
            for kept in (self._fates.is_counted(inside, _ms(now)), self._fates.is_shown(inside, _ms(now)))
        )
        return dict(zip(hours, zip(counted, shown, strict=True), strict=True))

    def search(self, path: str, params: Params, now: datetime, *, number: int, fault: str | None) -> Read:
        """A page, newest first. ``number`` of the request makes its token unlike any other."""
        query = request.query_of(params, 512 if path.endswith("/recent") else 1024)
        request.one_of(params, "sort_order", ("recency", "relevancy"))
        shape = request.shape_of(path, params, self._vocabulary)
        size = request.number_of(params, "max_results", 10, 10, MOST[path])
        span, after = self._span(path, params, now), _after(params)
        before = span[1] if after is None else min(after, span[1])
        chosen = self._newest(query, (span[0], before), _ms(now), size + 1)
        has_more, chosen = len(chosen) > size, chosen[:size]
        if fault == "no_data" and chosen:
            return Read(encode({"meta": {"result_count": 0, "next_token": _token_of(params, before, number)}}))
        if fault == "shifted" and after is not None and len(chosen) > 3:
            earlier = self._inside(query, (before, span[1]))
            again = earlier[self._fates.is_shown(earlier, _ms(now))][::-1][-3:].tolist()
            has_more, chosen = has_more or len(again) + len(chosen) > size, [*again, *chosen][:size]
        next_token = _token_of(params, chosen[-1], number) if has_more else None
        if fault == "duplicated" and len(chosen) > 1:
            chosen = [chosen[0], *chosen]
        if not chosen:
            return Read(b'{"meta":{"result_count":0}}')
        newest, oldest = (str(self._world.ids[index]) for index in (max(chosen), min(chosen)))
        meta: dict[str, Any] = {"newest_id": newest, "oldest_id": oldest, "result_count": len(chosen)}
        if next_token:
            meta["next_token"] = next_token
        return self._told(chosen, shape, now, [], meta, has_includes=fault != "no_includes")

    def counts(self, path: str, params: Params, now: datetime, *, number: int) -> Read:
        """Rows by grain, oldest first; counts/all gives 31 days a page, the newest first."""
        query = request.query_of(params, 512 if path.endswith("/recent") else 1024)
        grain = _GRAIN[request.one_of(params, "granularity", ("hour", "minute", "day"))]
        start_at, end_at = request.window_of(path, params, now)
        start_ms, end_ms = _ms(start_at), _ms(end_at)
        span = self._span(path, params, now)
        after = _after(params)
        end_ms = end_ms if after is None else min(end_ms, after)
        page_ms = start_ms if path.endswith("/recent") else max(start_ms, end_ms - 31 * 86_400_000)
        inside = self._inside(query, span)
        made = self._world.made_ms[inside[self._fates.is_counted(inside, _ms(now))]]
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
            meta["next_token"] = _token_of(params, page_ms, number)
        return Read(encode({"data": rows, "meta": meta}))

    def tweets(self, path: str, params: Params, now: datetime) -> Read:
        """A lookup by ids, in the order asked."""
        shape = request.shape_of(path, params, self._vocabulary)
        ids = request.ids_of(params)
        places = {one: self._world.index(one) for one in ids}
        known = {one: index for one, index in places.items() if index is not None and self._is_made(index, now)}
        fates = (
            dict(zip(known, self._fates.of(np.array(list(known.values())), _ms(now)).tolist(), strict=True))
            if known
            else {}
        )
        errors = [_problem(one, fates.get(one, DELETED), "ids") for one in ids if fates.get(one, DELETED) != LIVE]
        return self._told([known[one] for one in ids if fates.get(one) == LIVE], shape, now, errors)

    def users(self, path: str, params: Params, now: datetime) -> Read:
        """A lookup of authors by ids, in the order asked. The protected ones are there, their tweets are not."""
        shape = request.shape_of(path, params, self._vocabulary)
        found, errors = [], []
        for one in request.ids_of(params):
            author = int(one) - 100_000
            is_known = 0 <= author < len(self._world.followers)
            fate = self._fates.of_author(author, _ms(now)) if is_known else DEACTIVATED
            if fate == DEACTIVATED:
                errors.append(reply.gone(one, "ids", kind="user"))
            elif fate == SUSPENDED:
                errors.append(reply.suspended(one))
            else:
                found.append(author)
        users = self._renderer.users(found, shape, _ms(now))
        data = b"[" + users + b"]" if found else b""
        return Read(_joined(data=data, errors=encode(errors) if errors else b""), users=_user_ids(found))

    def _told(
        self,
        chosen: list[int],
        shape: Shape,
        now: datetime,
        errors: list[dict[str, Any]],
        meta: dict[str, Any] | None = None,
        *,
        has_includes: bool = True,
    ) -> Read:
        """Tweets with what belongs to them, or errors alone."""
        found = self._renderer.data(chosen, shape, _ms(now), has_includes=has_includes) if chosen else Rendered(b"")
        name = "referenced_posts" if shape.is_new else "referenced_tweets.id"
        errors += [_problem(str(self._world.ids[one]), fate, name) for one, fate in sorted(found.missing.items())]
        body = _joined(
            data=found.data,
            includes=found.includes,
            errors=encode(errors) if errors else b"",
            meta=encode(meta) if meta else b"",
        )
        return Read(
            body,
            posts=self._world.ids[chosen].tolist(),
            included_posts=self._world.ids[found.referenced].tolist() if found.referenced else [],
            included_users=_user_ids(found.authors),
        )

    def _is_made(self, index: int, now: datetime) -> bool:
        return int(self._world.made_ms[index]) <= _ms(now)

    def _inside(self, query: str, span: tuple[int, int]) -> Ints:
        """Matching indices of a stretch of the world, oldest first, whether shown or not."""
        indices = self._matcher.matches(query)
        low, high = np.searchsorted(indices, span)
        return indices[low:high]

    def _newest(self, query: str, span: tuple[int, int], now_ms: int, size: int) -> list[int]:
        """The ``size`` newest shown tweets of a stretch, newest first, without looking at the rest of it."""
        inside = self._inside(query, span)
        found: list[int] = []
        end = len(inside)
        while end > 0 and len(found) < size:
            part = inside[max(end - size - 20, 0) : end]
            found += part[self._fates.is_shown(part, now_ms)][::-1].tolist()
            end -= len(part)
        return found[:size]

    def _stretch(self, start_at: datetime, end_at: datetime, now: datetime) -> tuple[int, int]:
        """``[first, last)`` of the tweets made in ``[start_at, end_at)`` that exist by now."""
        low, high = np.searchsorted(self._world.made_ms, (_ms(start_at), min(_ms(end_at), _ms(now) + 1))).tolist()
        return low, high

    def _span(self, path: str, params: Params, now: datetime) -> tuple[int, int]:
        """``[first, last)`` of the world's tweets that the window lets through and that exist by now."""
        low, high = self._stretch(*request.window_of(path, params, now), now)
        if "since_id" in params:
            low = int(np.searchsorted(self._world.ids, int(params["since_id"]), side="right"))
        if "until_id" in params:
            high = min(high, int(np.searchsorted(self._world.ids, int(params["until_id"]))))
        return low, max(low, high)


def _problem(identity: str, fate: int, parameter: str) -> dict[str, Any]:
    """The partial error of a tweet that is not live. Of a suspended author X says no more than of a protected one."""
    make = reply.gone if fate in (DELETED, DEACTIVATED) else reply.hidden
    return make(identity, parameter)


def _joined(**parts: bytes) -> bytes:
    """An object of the parts that are not empty."""
    return b"{" + b",".join([b'"%b":%b' % (name.encode(), part) for name, part in parts.items() if part]) + b"}"


def _user_ids(authors: list[int]) -> list[int]:
    return [100_000 + author for author in authors]


def _after(params: Params) -> int | None:
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


def _token_of(params: Params, last: int, number: int) -> str:
    return base64.urlsafe_b64encode(f"{_digest(params)}:{last}:{number}".encode()).decode()


def _digest(params: Params) -> str:
    bound = "|".join(params.get(name, "") for name in _BOUND)
    return hashlib.blake2b(bound.encode(), digest_size=6).hexdigest()


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _iso(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%dT%H:%M:%S}.000Z"
