"""Bytes of one answer → ``Page``, in either of X's two vocabularies. Pure.

X renamed its words on 2026-08-07 (``retweet_count`` → ``repost_count`` and so on); both spellings are
read, always, and nothing past this module knows that there are two. Unknown keys are ignored, absent and
null are the same, and a number that arrives as text is a number: a new field never costs a row.

Source: docs/x-api-facts.md
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct, field

from arcane.errors import PageError

SNOWFLAKE_EPOCH_MS = 1_288_834_974_657  # 2010-11-04T01:42:54.657Z, DocNow/twarc decorators2.py


class Metrics(Struct, gc=False):
    like_count: int | None = None
    reply_count: int | None = None
    quote_count: int | None = None
    bookmark_count: int | None = None
    impression_count: int | None = None
    retweet_count: int | None = None
    repost_count: int | None = None

    @property
    def retweets(self) -> int | None:
        return self.retweet_count if self.retweet_count is not None else self.repost_count


class Hashtag(Struct, gc=False):
    tag: str = ""


class Mention(Struct, gc=False):
    username: str = ""


class Url(Struct, gc=False):
    expanded_url: str | None = None
    unwound_url: str | None = None
    media_key: str | None = None


class Entities(Struct, gc=False):
    hashtags: list[Hashtag] | None = None
    mentions: list[Mention] | None = None
    urls: list[Url] | None = None


class Note(Struct, gc=False):
    """The whole of a text that ``text`` cuts at about 280 characters, with entities of its own."""

    text: str | None = None
    entities: Entities | None = None


class Reference(Struct, gc=False):
    id: str
    type: str = ""


class Attachments(Struct, gc=False):
    media_keys: list[str] | None = None


class Tweet(Struct, gc=False):
    id: str
    text: str | None = None
    created_at: datetime | None = None
    lang: str | None = None
    author_id: str | None = None
    conversation_id: str | None = None
    public_metrics: Metrics | None = None
    entities: Entities | None = None
    attachments: Attachments | None = None
    note_tweet: Note | None = None
    note_post: Note | None = None
    referenced_tweets: list[Reference] | None = None
    referenced_posts: list[Reference] | None = None
    edit_history_tweet_ids: list[str] | None = None
    edit_history_post_ids: list[str] | None = None
    is_erased: bool = field(name="__erased", default=False)  # ``redact`` left no more than id and time of it

    @property
    def note(self) -> Note | None:
        return self.note_tweet or self.note_post

    @property
    def references(self) -> list[Reference]:
        return self.referenced_tweets or self.referenced_posts or []

    @property
    def edit_history(self) -> list[str]:
        return self.edit_history_tweet_ids or self.edit_history_post_ids or []


class Referenced(Struct, gc=False):
    """A tweet that the page only refers to: just what a retweet takes over from its original."""

    id: str
    text: str | None = None
    author_id: str | None = None
    entities: Entities | None = None
    note_tweet: Note | None = None
    note_post: Note | None = None

    @property
    def note(self) -> Note | None:
        return self.note_tweet or self.note_post


class AuthorMetrics(Struct, gc=False):
    followers_count: int | None = None


class Author(Struct, gc=False):
    id: str
    username: str | None = None
    name: str | None = None
    verified_type: str | None = None
    public_metrics: AuthorMetrics | None = None


class MediaMetrics(Struct, gc=False):
    view_count: int | None = None


class Media(Struct, gc=False):
    media_key: str
    type: str | None = None
    duration_ms: int | None = None
    public_metrics: MediaMetrics | None = None


class Includes(Struct, gc=False):
    users: list[Author] | None = None
    media: list[Media] | None = None
    tweets: list[Referenced] | None = None
    posts: list[Referenced] | None = None


class Problem(Struct, gc=False):
    """One partial error, or the whole of a refusal."""

    title: str | None = None
    detail: str | None = None
    type: str | None = None
    message: str | None = None
    parameter: str | None = None
    value: str | None = None
    resource_id: str | None = None
    resource_type: str | None = None

    @property
    def kind(self) -> str:
        """Last segment of the problem's address: its host changed once already."""
        return (self.type or "").rstrip("/").rsplit("/", 1)[-1]

    @property
    def fate(self) -> str | None:
        """What became of a tweet that was asked for by its id, and of no other.

        deleted, suspended, protected or withheld: X's types tell the first, its sentences the others as far as they do.
        Source: docs/x-api-facts.md#fates
        """
        if self.parameter not in {"id", "ids"} or not self.resource_id:
            return None
        said = f"{self.title} {self.detail}".lower()
        for word in ("suspended", "withheld"):
            if word in said:
                return word
        return {"resource-not-found": "deleted", "not-authorized-for-resource": "protected"}.get(self.kind)


class Meta(Struct, gc=False):
    result_count: int | None = None
    next_token: str | None = None
    total_tweet_count: int | None = None
    total_post_count: int | None = None


class Twarc(Struct, gc=False):
    """What the collector twarc writes beside a page that it saved."""

    retrieved_at: datetime | None = None
    url: str | None = None


class Page(Struct, gc=False):
    """One answer that carries tweets, or, from a lookup of users, ``users`` alone.

    ``data`` is in the order sent; empty when nothing was found.
    """

    data: list[Tweet] = []
    users: list[Author] = []
    includes: Includes = field(default_factory=Includes)
    errors: list[Problem] = []
    meta: Meta = field(default_factory=Meta)
    twarc: Twarc | None = None

    @property
    def next_token(self) -> str | None:
        return self.meta.next_token or None

    @property
    def referenced(self) -> list[Referenced]:
        return self.includes.tweets or self.includes.posts or []

    @property
    def tweet_ids(self) -> list[str]:
        """Every tweet that the page holds something of, each once."""
        found = [tweet.id for tweet in self.data if not tweet.is_erased] + [tweet.id for tweet in self.referenced]
        return list(dict.fromkeys(found))

    @property
    def author_ids(self) -> list[str]:
        """Every author that the page holds something of, each once."""
        found = [author.id for author in (*self.users, *(self.includes.users or ()))]
        found += [tweet.author_id for tweet in self.data if tweet.author_id]
        found += [tweet.author_id for tweet in self.referenced if tweet.author_id]
        return list(dict.fromkeys(found))

    @property
    def newest_at(self) -> datetime | None:
        """When the newest tweet of ``data`` was made; None on an empty page."""
        return max((created_at(tweet) for tweet in self.data), default=None)

    @property
    def oldest_at(self) -> datetime | None:
        return min((created_at(tweet) for tweet in self.data), default=None)


class Count(Struct, gc=False):
    """X's own count of tweets in ``[start, end)``."""

    start: datetime
    end: datetime
    tweet_count: int | None = None
    post_count: int | None = None

    @property
    def count(self) -> int:
        return self.tweet_count if self.tweet_count is not None else self.post_count or 0


class CountsPage(Struct, gc=False):
    data: list[Count] = []
    meta: Meta = field(default_factory=Meta)


class _Users(Struct, gc=False):
    data: list[Author] = []
    errors: list[Problem] = []


class _DayOfUsage(Struct, gc=False):
    date: datetime
    usage: int = 0


class _ProjectUsage(Struct, gc=False):
    usage: list[_DayOfUsage] = []


class Usage(Struct, gc=False):
    """What X says was used: posts read of this project, in the cycle and by UTC day."""

    project_usage: int = 0
    project_cap: int | None = None
    cap_reset_day: int | None = None
    daily_project_usage: _ProjectUsage = field(default_factory=_ProjectUsage)


class _UsageBody(Struct, gc=False):
    data: Usage


class _Body(Struct, gc=False):
    data: list[Tweet] | Tweet | None = None
    includes: Includes | None = None
    errors: list[Problem] | None = None
    meta: Meta | None = None
    twarc: Twarc | None = field(name="__twarc", default=None)


class _Shape(Struct, gc=False):
    """Just enough of a body to tell what it is."""

    data: Any = None
    errors: Any = None
    meta: Any = None


T = TypeVar("T", bound=Struct)

_usage = msgspec.json.Decoder(_UsageBody, strict=False)
_users = msgspec.json.Decoder(_Users, strict=False)
_body = msgspec.json.Decoder(_Body, strict=False)
_counts = msgspec.json.Decoder(CountsPage, strict=False)
_shape = msgspec.json.Decoder(_Shape, strict=False)


def page(body: bytes) -> Page:
    """The tweets of one answer.

    A single object in ``data`` becomes a list of one. A body without ``data``, ``errors`` and ``meta`` is
    refused: a proxy's page, a cut line or ``{}`` never reads as "nothing found".

    Raises: PageError if the body is no JSON, is cut, is of another shape, or a tweet lacks its id.
    Source: docs/x-api-facts.md#the-envelope
    """
    decoded = _decoded(_body, _Body, body)
    if decoded.data is None and decoded.errors is None and decoded.meta is None:
        raise PageError(f"X answered {len(body)} bytes with neither data, errors nor meta in them")
    if decoded.data is None:
        data: list[Tweet] = []
    else:
        data = decoded.data if isinstance(decoded.data, list) else [decoded.data]
    return Page(
        data=data,
        includes=decoded.includes or Includes(),
        errors=decoded.errors or [],
        meta=decoded.meta or Meta(),
        twarc=decoded.twarc,
    )


def counts(body: bytes) -> CountsPage:
    """The rows of one counts answer, oldest first as X sends them.

    Raises: PageError if the body is not a counts answer.
    Source: docs/x-api-facts.md#counts
    """
    return _decoded(_counts, CountsPage, body)


def users(body: bytes) -> Page:
    """A lookup of users, in the order asked; those that X does not show are named in ``errors``.

    Raises: PageError if the body is not a users answer.
    """
    decoded = _decoded(_users, _Users, body)
    return Page(users=decoded.data, errors=decoded.errors)


def usage(body: bytes) -> Usage:
    """What X says was used. Raises: PageError if the body is not a usage answer."""
    return _decoded(_usage, _UsageBody, body).data


def answered(path: str, body: bytes) -> Page:
    """What X answered to this path: tweets, or users. Raises: PageError."""
    return users(body) if path == "/2/users" else page(body)


def kind(body: bytes) -> str:
    """What one recorded body is: ``tweets``, ``empty``, ``errors``, ``refusal``, ``counts``, ``users``, ``other``.

    Only the first two and ``errors`` are pages of tweets.

    Raises: PageError if the body is not JSON.
    """
    shape = _decoded(_shape, _Shape, body)
    if shape.data is None:
        if isinstance(shape.errors, list):
            is_partial = any(isinstance(error, dict) and "resource_type" in error for error in shape.errors)
            return "errors" if is_partial else "refusal"
        is_empty = isinstance(shape.meta, dict) and shape.meta.get("result_count") == 0
        return "empty" if is_empty else "other"
    first = shape.data[0] if isinstance(shape.data, list) and shape.data else shape.data
    if not isinstance(first, dict) or "dm_conversation_id" in first:
        return "other"
    for key, name in (("text", "tweets"), ("username", "users"), ("start", "counts")):
        if key in first:
            return name
    return "other"


def created_at(tweet: Tweet) -> datetime:
    """When the tweet was made (UTC), from its id where X did not say.

    Source: docs/x-api-facts.md#snowflake
    """
    if tweet.created_at is not None:
        return tweet.created_at
    return snowflake_at(tweet.id)


def snowflake_at(tweet_id: str) -> datetime:
    """The millisecond (UTC) that an id carries."""
    milliseconds = (int(tweet_id) >> 22) + SNOWFLAKE_EPOCH_MS
    return datetime.fromtimestamp(milliseconds / 1000, UTC).replace(microsecond=milliseconds % 1000 * 1000)


def _decoded(decoder: msgspec.json.Decoder[T], shape: type[T], body: bytes) -> T:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        first_error = exc
    try:
        # Text may hold half a surrogate pair, which JSON allows and UTF-8 does not.
        loose = json.loads(body)
    except ValueError:
        raise PageError(f"X answered {len(body)} bytes that are not whole JSON ({first_error})") from first_error
    try:
        return msgspec.convert(_without_surrogates(loose), shape, strict=False)
    except msgspec.ValidationError as exc:
        raise PageError(f"X answered JSON of an unknown shape: {exc}") from exc


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    return value


def media_of(tweet: Tweet, media: dict[str, Media]) -> Iterator[Media | None]:
    """The media that hang on a tweet, each once, in order; None for one that the page left out."""
    keys = (tweet.attachments.media_keys if tweet.attachments else None) or []
    return (media.get(key) for key in dict.fromkeys(keys))
