"""What a request asks, checked as X checks it: every refusal is X's 400.

The wording of the window's, the ids' and the unknown parameters' refusals was recorded or quoted from X; that of
the query's and of a wrong time was not, and is worded here.

Source: docs/x-api-facts.md#the-envelope
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from arcane.simulator import words
from arcane.simulator.render import Shape
from arcane.simulator.world import EPOCH_MS

Params = Mapping[str, str]
PROBLEMS: Final = "https://api.x.com/2/problems/"
WEEK: Final = timedelta(days=7)
_MONTH: Final = timedelta(days=30)
_FIRST: Final = datetime(2006, 3, 21, tzinfo=UTC)
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_ID: Final = re.compile(r"[0-9]{1,19}")
_WINDOW: Final = ("query", "start_time", "end_time", "since_id", "until_id", "next_token", "pagination_token")
_SELECTION: Final = ("expansions", "media.fields", "poll.fields", "user.fields", "place.fields")
_ACCEPTED: Final = {
    "search": (*_WINDOW, "max_results", "sort_order", *_SELECTION),
    "counts": (*_WINDOW, "granularity", "search_count.fields"),
    "tweets": ("ids", *_SELECTION),
    "users": ("ids", "expansions", "user.fields"),
    "usage": ("days", "usage.fields"),
    "compliance": ("type", "status", "compliance_job.fields"),
}


class Refused(Exception):
    """A request that X answers with ``status`` and ``body``."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(status)
        self.status, self.body = status, body


def invalid(message: str, parameters: Params) -> Refused:
    """X's 400; ``parameters`` are those that the message is about, as they were given."""
    return Refused(
        400,
        {
            "errors": [{"parameters": {name: [value] for name, value in parameters.items()}, "message": message}],
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": f"{PROBLEMS}invalid-request",
        },
    )


def family(path: str) -> str:
    """search, counts, tweets, users, usage or compliance."""
    parts = path.split("/")[2:]
    return parts[1] if parts[0] == "tweets" and len(parts) > 1 else parts[0]


def check_names(path: str, params: Params, vocabulary: str) -> None:
    """Raises: Refused if a parameter is none of this path's, or two vocabularies are mixed."""
    kind = family(path)
    accepted = [*_ACCEPTED[kind]]
    if kind in {"search", "tweets", "users"}:
        accepted += [f"{word}.fields" for word in ("tweet", "post") if vocabulary in ("both", word)]
    if "tweet.fields" in params and "post.fields" in params and "tweet.fields" in accepted:
        accepted.remove("post.fields")
    for name, value in params.items():
        if name not in accepted:
            raise invalid(f"The query parameter [{name}] is not one of [{','.join(accepted)}]", {name: value})


def query_of(params: Params, most: int) -> str:
    """The query. Raises: Refused if there is none, or it is longer than ``most`` characters."""
    query = params.get("query", "").strip()
    if not query:
        raise invalid("The `query` query parameter can not be empty", {"query": params.get("query", "")})
    if len(query) > most:
        raise invalid(
            f"There were errors processing your request: {len(query)} characters, at most {most} are allowed",
            {"query": query},
        )
    return query


def shape_of(path: str, params: Params, vocabulary: str) -> Shape:
    """What is to be sent, in which words. Raises: Refused for a value that X does not know."""
    is_new = "post.fields" in params or vocabulary == "post"
    if vocabulary == "both" and "tweet.fields" not in params:
        is_new = is_new or bool(_listed(params, "expansions") & words.ONLY_NEW)
    word = "post" if is_new else "tweet"
    known = {
        f"{word}.fields": words.FIELDS[word],
        "expansions": (words.USER_EXPANSIONS if family(path) == "users" else words.EXPANSIONS)[word],
        "user.fields": words.USER_FIELDS[word],
        "media.fields": words.MEDIA_FIELDS,
        "place.fields": words.PLACE_FIELDS,
        "poll.fields": words.POLL_FIELDS,
    }
    listed = {name: listed_of(params, name, values) for name, values in known.items()}
    return Shape(
        is_new,
        listed[f"{word}.fields"],
        listed["expansions"],
        listed["user.fields"],
        listed["media.fields"],
    )


def listed_of(params: Params, name: str, values: tuple[str, ...]) -> frozenset[str]:
    """Some of these words. Raises: Refused for any other."""
    listed = _listed(params, name)
    for one in sorted(listed - set(values)):
        raise invalid(
            f"The `{name}` query parameter value [{one}] is not one of [{','.join(values)}]", {name: params[name]}
        )
    return listed


def window_of(path: str, params: Params, now: datetime) -> tuple[datetime, datetime]:
    """``[start, end)`` by times. Ids are checked here, and bound the tweets elsewhere. Raises: Refused."""
    ids = {name: params[name] for name in ("since_id", "until_id") if name in params}
    times = {name: params[name] for name in ("start_time", "end_time") if name in params}
    for name, value in ids.items():
        if not _ID.fullmatch(value):
            raise invalid(f"The `{name}` query parameter value [{value}] does not match ^[0-9]{{1,19}}$", {name: value})
    if ids and times:
        message = "Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or 'end_time'."
        raise invalid(message, {**ids, **times})
    is_recent = path.endswith("/recent")
    end = time_of(params, "end_time")
    start = time_of(params, "start_time")
    end_at = end or now - timedelta(seconds=30 if family(path) == "search" else 0)
    start_at = start or (now - WEEK if is_recent else end_at - _MONTH)
    for name, moment in (("end_time", end), ("start_time", start)):
        if moment is not None and moment > now - timedelta(seconds=10):
            told = f"'{name}' must be a minimum of 10 seconds prior to the request time."
            raise invalid(f"Invalid '{name}':'{_short(moment)}'. {told}", {name: _short(moment)})
    oldest = (now - WEEK).replace(second=0, microsecond=0) if is_recent else _FIRST
    for name, moment in (("start_time", start), ("end_time", end)):
        if moment is not None and moment < oldest:
            message = f"Invalid '{name}':'{_short(moment)}'. '{name}' must be on or after {_short(oldest)}"
            raise invalid(message, {name: _short(moment)})
    if start_at >= end_at:
        message = f"Invalid 'start_time':'{_short(start_at)}'. 'start_time' must be before 'end_time':{_short(end_at)}"
        raise invalid(message, {"start_time": _short(start_at), "end_time": _short(end_at)})
    if is_recent and "since_id" in ids:
        _check_since(ids["since_id"], now - WEEK)
    return start_at, end_at


def _check_since(since_id: str, oldest: datetime) -> None:
    least = (int(oldest.timestamp() * 1000) - EPOCH_MS) << 22
    told = _short(oldest.replace(second=0, microsecond=0))
    if int(since_id) < least:
        raise invalid(
            f"'since_id' must be a tweet id created after {told}. Please use a 'since_id' that is larger than {least}",
            {"since_id": since_id},
        )


def token_of(params: Params) -> str | None:
    """The page's token, under either of its names. Raises: Refused if both are given."""
    if "next_token" in params and "pagination_token" in params:
        both = {name: params[name] for name in ("next_token", "pagination_token")}
        raise invalid("Only one of 'next_token' and 'pagination_token' can be given", both)
    return params.get("next_token", params.get("pagination_token"))


def ids_of(params: Params) -> list[str]:
    """The ids of a lookup, each once, in the order asked. Raises: Refused."""
    given = params.get("ids", "")
    ids = given.split(",")
    for one in ids:
        if not _ID.fullmatch(one):
            raise invalid(f"The `ids` query parameter value [{one}] does not match ^[0-9]{{1,19}}$", {"ids": given})
    if len(ids) > 100:
        message = f"The number of values in the `ids` query parameter list [{len(ids)}] is not between 1 and 100"
        raise invalid(message, {"ids": given})
    return list(dict.fromkeys(ids))


def number_of(params: Params, name: str, default: int, least: int, most: int) -> int:
    """A whole number within bounds. Raises: Refused."""
    text = params.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise invalid(f"The `{name}` query parameter value [{text}] is not between {least} and {most}", {name: text})
    return int(text)


def one_of(params: Params, name: str, values: tuple[str, ...]) -> str:
    """One of these words, the first by default. Raises: Refused."""
    text = params.get(name, values[0])
    if text not in values:
        told = ",".join(sorted(values))
        raise invalid(f"The `{name}` query parameter value [{text}] is not one of [{told}]", {name: text})
    return text


def time_of(params: Params, name: str) -> datetime | None:
    """A moment, cut to the second; None if it is not given. Raises: Refused."""
    if name not in params:
        return None
    try:
        if not _TIME.fullmatch(params[name]):
            raise ValueError(name)
        return datetime.fromisoformat(params[name]).replace(microsecond=0)
    except ValueError:
        message = f"The `{name}` query parameter value [{params[name]}] is not a time such as 2026-01-31T09:00:00Z"
        raise invalid(message, {name: params[name]}) from None


def _listed(params: Params, name: str) -> frozenset[str]:
    return frozenset(part for part in params.get(name, "").split(",") if part)


def _short(moment: datetime) -> str:
    """As X writes a time in its messages: no seconds where they are zero."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment.second else f"{moment:%Y-%m-%dT%H:%MZ}"
