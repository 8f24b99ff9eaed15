"""Requests → answers, as X gives them: checks, windows, paging, counts, lookups, limits. No socket."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final

import msgspec
import numpy as np

from arcane.simulator.clock import AdjustableClock, Clock
from arcane.simulator.faults import Faults
from arcane.simulator.render import Renderer, Shape
from arcane.simulator.search import Matcher, QueryProblem
from arcane.simulator.world import World

_encode = msgspec.json.Encoder().encode
_PROBLEMS: Final = "https://api.x.com/2/problems/"
_WEEK: Final = timedelta(days=7)
_SEARCHES: Final = {"/2/tweets/search/recent": (100, 450), "/2/tweets/search/all": (500, 300)}
_COUNTS: Final = {"/2/tweets/counts/recent": 300, "/2/tweets/counts/all": 300}
_LOOKUPS: Final = {"/2/tweets": 3500, "/2/users": 3500}
_LIMITS: Final = {**{path: limit for path, (_, limit) in _SEARCHES.items()}, **_COUNTS, **_LOOKUPS}
_COMMON: Final = {
    "query", "start_time", "end_time", "since_id", "until_id", "max_results", "next_token", "pagination_token",
    "sort_order", "expansions", "media.fields", "user.fields", "poll.fields", "place.fields", "granularity", "ids",
    "search_count.fields",
}  # fmt: skip
_EXPANSIONS: Final = {
    "tweet": {
        "author_id", "referenced_tweets.id", "attachments.media_keys", "edit_history_tweet_ids", "in_reply_to_user_id",
        "entities.mentions.username", "geo.place_id", "attachments.poll_ids", "referenced_tweets.id.author_id",
        "referenced_tweets.id.attachments.media_keys", "attachments.media_source_tweet", "article.cover_media",
        "article.media_entities", "entities.note.mentions.username",
    },
    "post": {
        "author_id", "referenced_posts", "attachments.media_keys", "edit_history_post_ids", "in_reply_to_user_id",
        "entities.mentions.username", "geo.place_id", "attachments.poll_ids", "attachments.media_source_tweet",
        "article.cover_media", "article.media_entities", "username",
    },
}  # fmt: skip
_GRAIN: Final = {"minute": 60_000, "hour": 3_600_000, "day": 86_400_000}


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, body, and headers without those of the transport."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    is_json: bool = True
    delay_s: float = 0.0


class Refused(Exception):
    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status, self.body = status, body


def invalid(message: str, **parameters: str) -> Refused:
    """X's 400."""
    given = {name: [value] for name, value in parameters.items()}
    return Refused(
        400,
        {
            "errors": [{"parameters": given, "message": message}],
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": f"{_PROBLEMS}invalid-request",
        },
    )


class Api:
    """X's read paths over one world. ``log`` has one entry a request, ``billed`` the ids given out by UTC date."""

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
        self.billed: dict[str, Counter[str]] = {}
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

    def truth(self, query: str, start_at: datetime, end_at: datetime) -> list[str]:
        """Ids that search would give for ``[start_at, end_at)`` now, newest first."""
        return [
            str(self._world.ids[index])
            for index in self._visible(query, _ms(start_at), _ms(end_at), _ms(self.clock.now()))
        ]

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
            if path in _SEARCHES:
                body = self._search(path, params, now, fault)
            elif path in _COUNTS:
                body = self._counts(path, params, now)
            else:
                body = self._tweets(params, now) if path == "/2/tweets" else self._users(params)
        except Refused as refused:
            return Reply(refused.status, _encode(refused.body), headers)
        except QueryProblem as problem:
            return Reply(400, _encode(invalid(str(problem), query=params.get("query", "")).body), headers)
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
        is_limited = used >= limit
        if not is_limited:
            used += 1
        self._windows[path] = (reset_at, used)
        headers = {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(limit - used),
            "x-rate-limit-reset": str(int(reset_at.timestamp())),
        }
        if path.endswith("/search/all"):
            last = self._last_second.get(path)
            if last is not None and now - last < timedelta(seconds=1):
                is_limited = True
            else:
                self._last_second[path] = now
        return headers, is_limited

    def _search(self, path: str, params: dict[str, str], now: datetime, fault: str | None) -> bytes:
        shape = self._shape(params)
        start_at, end_at = self._window(path, params, now)
        most, _ = _SEARCHES[path]
        size = _number(params, "max_results", 10, 10, most)
        indices = self._visible(params["query"], _ms(start_at), _ms(end_at), _ms(now))
        begin = self._position(params, indices)
        chosen = indices[begin : begin + size]
        if fault == "no_data" and chosen:
            token = self._token_of(params, int(indices[begin - 1]) if begin else -1)
            return _encode({"meta": {"result_count": 0, "next_token": token}})
        if fault == "shifted" and begin >= 3:
            chosen = [*indices[begin - 3 : begin], *chosen[: size - 3]]
        next_token = None
        if chosen and indices[-1] != chosen[-1]:
            next_token = self._token_of(params, chosen[-1])
        if fault == "duplicated" and len(chosen) > 1:
            chosen = [*chosen[:-1], chosen[0]] if next_token is None else [chosen[0], *chosen]
        if not chosen:
            return b'{"meta":{"result_count":0}}'
        self._bill(now, chosen)
        data, includes = self._renderer.data(chosen, shape, _ms(now), has_includes=fault != "no_includes")
        errors = b"" if fault == "no_includes" else self._missing_references(chosen, shape, now)
        newest, oldest = (str(self._world.ids[index]) for index in (max(chosen), min(chosen)))
        meta = {"newest_id": newest, "oldest_id": oldest, "result_count": len(chosen)}
        if next_token:
            meta["next_token"] = next_token
        parts = [b'"data":' + data]
        if includes:
            parts.append(b'"includes":' + includes)
        if errors:
            parts.append(b'"errors":' + errors)
        return b"{" + b",".join([*parts, b'"meta":' + _encode(meta)]) + b"}"

    def _visible(self, query: str, start_ms: int, end_ms: int, now_ms: int) -> list[int]:
        """Indices that search gives for a window, newest first."""
        world = self._world
        indices = self._matcher.matches(query)
        made = world.made_ms[indices]
        inside = indices[np.searchsorted(made, start_ms) : np.searchsorted(made, min(end_ms, now_ms + 1))]
        shown = inside[(world.gone_ms[inside] > now_ms) & ~world.withheld[inside]]
        return [int(index) for index in shown[::-1]]

    def _position(self, params: dict[str, str], indices: list[int]) -> int:
        token = params.get("next_token") or params.get("pagination_token")
        if token is None:
            return 0
        try:
            digest, last, _ = base64.urlsafe_b64decode(token.encode()).decode().split(":")
        except ValueError:
            raise invalid(f"Invalid 'next_token':'{token}'", next_token=token) from None
        if digest != _digest(params):
            raise invalid(f"Invalid 'next_token':'{token}'", next_token=token)
        after = int(last)
        return 0 if after < 0 else next((place for place, index in enumerate(indices) if index < after), len(indices))

    def _token_of(self, params: dict[str, str], last: int) -> str:
        return base64.urlsafe_b64encode(f"{_digest(params)}:{last}:{self._number}".encode()).decode()

    def _window(self, path: str, params: dict[str, str], now: datetime) -> tuple[datetime, datetime]:
        is_recent = path.endswith("/recent")
        has_ids, has_times = ({"since_id", "until_id"} & params.keys(), {"start_time", "end_time"} & params.keys())
        if has_ids and has_times:
            raise invalid("Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or 'end_time'.")
        default_end = now - timedelta(seconds=30 if path in _SEARCHES else 0)
        start_at = _time(params, "start_time") or now - (_WEEK if is_recent else timedelta(days=30))
        end_at = _time(params, "end_time") or default_end
        for name, moment in (("end_time", end_at), ("start_time", start_at)):
            if name in params and moment > now - timedelta(seconds=10):
                raise invalid(
                    f"Invalid '{name}':'{params[name]}'. '{name}' must be a minimum of 10 seconds prior to the request time.",
                    **{name: params[name]},
                )
        if start_at >= end_at:
            raise invalid(f"Invalid 'start_time':'{params.get('start_time')}'. 'start_time' must be before 'end_time'.")
        oldest = (now - _WEEK).replace(second=0, microsecond=0)
        if is_recent and "start_time" in params and start_at < oldest:
            told = f"{oldest:%Y-%m-%dT%H:%MZ}"
            raise invalid(
                f"Invalid 'start_time':'{params['start_time']}'. 'start_time' must be on or after {told}. Please use a 'start_time' that is after {told}",
                start_time=params["start_time"],
            )
        if "since_id" in params or "until_id" in params:
            start_at, end_at = self._ids(params, start_at, end_at, now, is_recent=is_recent)
        return start_at, end_at

    def _ids(
        self, params: dict[str, str], start_at: datetime, end_at: datetime, now: datetime, *, is_recent: bool
    ) -> tuple[datetime, datetime]:
        from arcane.simulator.world import EPOCH_MS

        if "since_id" in params:
            moment = datetime.fromtimestamp(((int(params["since_id"]) >> 22) + EPOCH_MS + 1) / 1000, UTC)
            if is_recent and moment < now - _WEEK:
                raise invalid(
                    f"'since_id' must be a tweet id created after {now - _WEEK:%Y-%m-%dT%H:%MZ}. Please use a 'since_id' that is larger than {params['since_id']}",
                    since_id=params["since_id"],
                )
            start_at = moment
        if "until_id" in params:
            end_at = datetime.fromtimestamp(((int(params["until_id"]) >> 22) + EPOCH_MS) / 1000, UTC)
        return start_at, end_at

    def _shape(self, params: dict[str, str]) -> Shape:
        """What is asked for. Raises: Refused on words of the other vocabulary."""
        for name in params:
            known = _COMMON | {f"{word}.fields" for word in ("tweet", "post") if self._vocabulary in {"both", word}}
            if name not in known:
                raise invalid(
                    f"The query parameter [{name}] is not one of [{','.join(sorted(known))}]", **{name: params[name]}
                )
        is_new = "post.fields" in params or (self._vocabulary == "post")
        expansions = _listed(params, "expansions")
        allowed = _EXPANSIONS["post" if is_new else "tweet"]
        for one in sorted(expansions - allowed):
            raise invalid(
                f"The `expansions` query parameter value [{one}] is not one of [{','.join(sorted(allowed))}]",
                expansions=one,
            )
        fields = _listed(params, "post.fields") | _listed(params, "tweet.fields")
        return Shape(is_new, fields, expansions, _listed(params, "user.fields"), _listed(params, "media.fields"))

    def _missing_references(self, chosen: list[int], shape: Shape, now: datetime) -> bytes:
        """Partial errors for referenced tweets that are gone."""
        name = "referenced_posts" if shape.is_new else "referenced_tweets.id"
        if name not in shape.expansions:
            return b""
        found = {self._renderer.reference(index) for index in chosen} - {None}
        gone = [index for index in found if index is not None and self._world.deleted_ms[index] <= _ms(now)]
        return _encode([_gone(str(self._world.ids[index]), name) for index in sorted(gone)]) if gone else b""

    def _counts(self, path: str, params: dict[str, str], now: datetime) -> bytes:
        """Rows by grain, oldest first; counts/all gives 31 days a page, the newest first."""
        start_at, end_at = self._window(path, params, now)
        grain = _GRAIN.get(params.get("granularity", "hour"))
        if grain is None:
            raise invalid(
                "The `granularity` query parameter value is not one of [minute,hour,day]",
                granularity=params["granularity"],
            )
        start_ms, end_ms = _ms(start_at), _ms(end_at)
        if "next_token" in params:
            end_ms = int(base64.urlsafe_b64decode(params["next_token"]).decode())
        page_ms = start_ms if path.endswith("/recent") else max(start_ms, end_ms - 31 * 86_400_000)
        indices = self._matcher.matches(params["query"])
        made = self._world.made_ms[indices]
        made = made[(self._world.gone_ms[indices] > _ms(now)) & (made <= _ms(now))]
        edges = [page_ms, *range((page_ms // grain + 1) * grain, end_ms, grain), end_ms]
        places = np.searchsorted(made, edges)
        name = "post_count" if self._vocabulary == "post" else "tweet_count"
        sizes = np.diff(places).tolist()
        rows = [
            {"start": _iso(low), "end": _iso(high), name: size}
            for low, high, size in zip(edges[:-1], edges[1:], sizes, strict=True)
        ]
        meta: dict[str, Any] = {f"total_{name}": sum(sizes)}
        if page_ms > start_ms:
            meta["next_token"] = base64.urlsafe_b64encode(str(page_ms).encode()).decode()
        return _encode({"data": rows, "meta": meta})

    def _tweets(self, params: dict[str, str], now: datetime) -> bytes:
        shape = self._shape(params)
        indices, errors = [], []
        for identity in _ids_of(params):
            index = self._index(identity)
            if index is None or self._world.deleted_ms[index] <= _ms(now) or self._world.made_ms[index] > _ms(now):
                errors.append(_gone(identity, "ids"))
            else:
                indices.append(index)
        self._bill(now, indices)
        parts = []
        if indices:
            data, includes = self._renderer.data(indices, shape, _ms(now))
            parts.append(b'"data":' + data)
            if includes:
                parts.append(b'"includes":' + includes)
        if errors:
            parts.append(b'"errors":' + _encode(errors))
        return b"{" + b",".join(parts) + b"}"

    def _users(self, params: dict[str, str]) -> bytes:
        shape = self._shape(params)
        known = len(self._world.followers)
        ids = _ids_of(params)
        found = [int(one) - 100_000 for one in ids if 0 <= int(one) - 100_000 < known]
        errors = [_gone(one, "ids", kind="user") for one in ids if not 0 <= int(one) - 100_000 < known]
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
        book.update(str(self._world.ids[index]) for index in indices)


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
        "type": f"{_PROBLEMS}resource-not-found",
    }


def _ids_of(params: dict[str, str]) -> list[str]:
    ids = params.get("ids", "").split(",")
    if len(ids) > 100:
        raise invalid(
            f"The number of values in the `ids` query parameter list [{len(ids)}] is not between 1 and 100", ids="…"
        )
    for one in ids:
        if not re.fullmatch(r"\d{1,19}", one):
            raise invalid(f"The `ids` query parameter value [{one}] is not valid", ids=one)
    return ids


def _number(params: dict[str, str], name: str, default: int, least: int, most: int) -> int:
    text = params.get(name, str(default))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise invalid(f"The `{name}` query parameter value [{text}] is not between {least} and {most}", **{name: text})
    return int(text)


def _time(params: dict[str, str], name: str) -> datetime | None:
    if name not in params:
        return None
    try:
        return datetime.strptime(params[name], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        try:
            return datetime.fromisoformat(params[name]).astimezone(UTC)
        except ValueError:
            raise invalid(
                f"Invalid '{name}':'{params[name]}'. Not a valid RFC3339 time.", **{name: params[name]}
            ) from None


def _listed(params: dict[str, str], name: str) -> frozenset[str]:
    return frozenset(part for part in params.get(name, "").split(",") if part)


def _digest(params: dict[str, str]) -> str:
    bound = "|".join(params.get(name, "") for name in ("query", "start_time", "end_time", "sort_order"))
    return hashlib.blake2b(bound.encode(), digest_size=6).hexdigest()


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _iso(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%dT%H:%M:%S}.000Z"
