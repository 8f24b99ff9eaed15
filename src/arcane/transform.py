"""Pages → rows of the tables. Pure: same bytes in, same rows out, whatever the order of the pages.

Knows X's pages and the tables, no warehouse and no clock. ``rows_from_page`` reads one page; a ``Batch``
gathers the pages of a slice, folds repeated keys by the law of ``tables.Group`` and turns into Arrow.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pyarrow as pa

from arcane import tables
from arcane.errors import PageError
from arcane.tables import Merge, Table
from arcane.x.page import Author, Media, Metrics, Page, Referenced, Tweet, Url, created_at, media_of

Row = tuple[Any, ...]

# What X sends in place of a text that it does not show (docs/x-api-facts.md#withheld).
_NOTICE: Final = re.compile(
    r"(RT @\w+: )?(@\w+['’]s account (is temporarily unavailable|has been withheld)\b"
    r"|This (Tweet|Post) from @\w+ has been withheld\b)"
)
_OWN_HOSTS: Final = frozenset({"x.com", "twitter.com", "t.co", "pic.x.com", "pic.twitter.com", "mobile.twitter.com"})
_MEDIA_KIND: Final = {"video": "video", "animated_gif": "gif", "photo": "photo"}
_KIND: Final = (("retweeted", "retweet"), ("quoted", "quote"), ("replied_to", "reply"))


@dataclass(frozen=True, slots=True)
class Reading:
    """One page, when it was read (UTC, aware), for which tracker, and the hash it is archived under.

    Without a tracker (a lookup by id) it tells what tweets are, not who found them.
    """

    page: Page
    observed_at: datetime
    tracker: str
    page_hash: str


def rows_from_page(reading: Reading, *, zone: ZoneInfo) -> dict[str, list[Row]]:
    """Rows of the derived tables found in one page, each in the column order of ``arcane.tables``.

    One row a tweet of ``data`` in page order; tweets that the page only refers to are no rows, and what was erased
    is one of ``tracker_tweets`` only. Authors and
    media come from ``includes``. Local columns are those of ``zone``. An empty page gives empty lists.

    Raises: PageError if an id is no number.
    Source: docs/x-api-facts.md#tweet
    """
    page, observed_at, page_hash = reading.page, reading.observed_at, reading.page_hash
    media = {medium.media_key: medium for medium in page.includes.media or ()}
    referenced = {tweet.id: tweet for tweet in page.referenced}
    hour_at = observed_at.replace(minute=0, second=0, microsecond=0)
    tweets: list[Row] = []
    found: list[Row] = []
    snapshots: list[Row] = []
    hangings: list[Row] = []
    for tweet in page.data:
        if not tweet.id.isdecimal():
            raise PageError(f"a tweet has the id {tweet.id[:40]!r}, which is no number")
        made_at = created_at(tweet)
        metrics = tweet.public_metrics
        if metrics is not None and not _is_whole(metrics):
            metrics = None
        counters = _counters(metrics)
        if reading.tracker:
            found.append((reading.tracker, tweet.id, made_at, observed_at))
        if tweet.is_erased:
            continue
        tweets.append(_tweet_row(tweet, reading, made_at, counters if metrics else None, referenced, media, zone))
        if metrics is not None:
            age_hours = round((observed_at - made_at).total_seconds() / 3600, 4)
            snapshots.append((tweet.id, hour_at, observed_at, age_hours, *counters, page_hash))
        if tweet.attachments is not None:
            hangings += [(tweet.id, key, made_at) for key in dict.fromkeys(tweet.attachments.media_keys or ())]
    views = [
        medium for medium in media.values() if medium.public_metrics and medium.public_metrics.view_count is not None
    ]
    return {
        "tweets": tweets,
        "tracker_tweets": found,
        "tweet_snapshots": snapshots,
        "authors": [_author_row(author, reading) for author in (*page.users, *(page.includes.users or ()))],
        "media": [_media_row(medium, reading) for medium in media.values()],
        "tweet_media": hangings,
        "media_snapshots": [(m.media_key, hour_at, observed_at, _views(m), page_hash) for m in views],
    }


def _tweet_row(
    tweet: Tweet,
    reading: Reading,
    made_at: datetime,
    counters: Row | None,
    referenced: dict[str, Referenced],
    media: dict[str, Media],
    zone: ZoneInfo,
) -> Row:
    observed_at, page_hash = reading.observed_at, reading.page_hash
    references = {reference.type: reference.id for reference in tweet.references}
    content = _content(tweet, references, referenced)
    media_kind, video_view_count = _media_group(tweet, content is not None and content[1], media)
    local = made_at.astimezone(zone)
    history = tweet.edit_history
    return (
        tweet.id,
        *((content[0], content[1], content[2], content[3]) if content else (None, None, None, None)),
        made_at,
        local.date(),
        local.hour,
        local.isoweekday(),
        tweet.author_id,
        tweet.conversation_id,
        references.get("replied_to"),
        references.get("quoted"),
        references.get("retweeted"),
        history[0] if history else None,
        not history or history[-1] == tweet.id,
        *((content[4], content[5], content[6]) if content else (None, None, None)),
        media_kind,
        *(counters or _NO_COUNTERS),
        video_view_count,
        f"https://x.com/i/status/{tweet.id}",
        observed_at if counters else None,
        observed_at if content else None,
        observed_at if media_kind else None,
        page_hash if counters else None,
        page_hash if content else None,
        page_hash if media_kind else None,
        observed_at,
    )


def _content(
    tweet: Tweet, references: dict[str, str], referenced: dict[str, Referenced]
) -> tuple[str, bool, str | None, str | None, list[str], list[str], list[str]] | None:
    """Text, is complete, kind, lang, hashtags, mentions, domains; None where X shows no text.

    ``lang`` is always sent when asked for: without it the page asked for bare fields and its text and
    entities cannot be relied on.
    """
    if tweet.text is None or _NOTICE.match(tweet.text):
        return None
    is_complete = tweet.lang is not None
    source: Tweet | Referenced = tweet
    if "retweeted" in references:
        original = referenced.get(references["retweeted"])
        if original is None or original.text is None or _NOTICE.match(original.text):
            is_complete = False
        else:
            source = original
    note = source.note
    text = (note.text if note is not None else None) or source.text or ""
    kind = None
    if is_complete or references:
        kind = next((name for key, name in _KIND if key in references), "original")
    entities = [found for found in (source.entities, note.entities if note else None) if found is not None]
    if not entities:
        return _unescaped(text), is_complete, kind, tweet.lang, [], [], []
    hashtags = dict.fromkeys(_hashtag(item.tag) for found in entities for item in found.hashtags or ())
    mentions = dict.fromkeys(item.username.lower() for found in entities for item in found.mentions or ())
    domains = dict.fromkeys(_domain(url) for found in entities for url in found.urls or ())
    for names in (hashtags, mentions, domains):
        names.pop("", None)
    return _unescaped(text), is_complete, kind, tweet.lang, list(hashtags), list(mentions), list(domains)


def _media_group(tweet: Tweet, is_complete: bool, media: dict[str, Media]) -> tuple[str | None, int | None]:
    """Kind of media and views of its distinct videos; (None, None) where the page does not tell."""
    found = list(media_of(tweet, media))
    if not found:
        if not is_complete:
            return None, None
        entities = [tweet.entities, tweet.note.entities if tweet.note else None]
        has_link = any(_domain(url) for part in entities if part for url in part.urls or ())
        return ("link" if has_link else "text"), None
    kinds = {_MEDIA_KIND.get(medium.type or "") for medium in found if medium is not None}
    if None in found or None in kinds:
        return None, None
    videos = [_views(medium) for medium in found if medium is not None and medium.type == "video"]
    if None in videos:
        return None, None
    kind = next(kind for kind in ("video", "gif", "photo") if kind in kinds)
    return kind, sum(view for view in videos if view is not None) if videos else None


def _author_row(author: Author, reading: Reading) -> Row:
    has_names = bool(author.username) and bool(author.name)  # a notice blanks the name
    followers = author.public_metrics.followers_count if author.public_metrics else None
    has_audience = followers is not None
    return (
        author.id,
        author.username if has_names else None,
        author.name if has_names else None,
        followers,
        author.verified_type if has_audience else None,
        reading.observed_at if has_names else None,
        reading.page_hash if has_names else None,
        reading.observed_at if has_audience else None,
        reading.page_hash if has_audience else None,
    )


def _media_row(medium: Media, reading: Reading) -> Row:
    views = _views(medium)
    return (
        medium.media_key,
        _MEDIA_KIND.get(medium.type or ""),
        medium.duration_ms / 1000 if medium.duration_ms is not None else None,
        views,
        reading.observed_at if views is not None else None,
        reading.page_hash if views is not None else None,
    )


def _views(medium: Media) -> int | None:
    return medium.public_metrics.view_count if medium.public_metrics else None


_NO_COUNTERS: Final[Row] = (None,) * len(tables.COUNTERS)


def _is_whole(metrics: Metrics) -> bool:
    """The mission's three counters are there: the rest came and went over the years."""
    return None not in (metrics.like_count, metrics.retweets, metrics.reply_count)


def _counters(metrics: Metrics | None) -> Row:
    if metrics is None:
        return _NO_COUNTERS
    return (
        metrics.like_count,
        metrics.retweets,
        metrics.reply_count,
        metrics.quote_count,
        metrics.bookmark_count,
        metrics.impression_count,
    )


def _unescaped(text: str) -> str:
    """The text as its author wrote it: X escapes just these three signs, once."""
    if "&" not in text:
        return text
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@lru_cache(maxsize=65_536)
def _hashtag(tag: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", tag).casefold()).lstrip("#")


def _domain(url: Url) -> str:
    """Host of a link, without www; "" for media and for X's own addresses."""
    if url.media_key is not None:
        return ""
    return _host(url.unwound_url or url.expanded_url or "")


@lru_cache(maxsize=16_384)
def _host(address: str) -> str:
    try:
        host = (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:  # text from X is hostile: "http://[" is no address
        return ""
    return "" if host in _OWN_HOSTS else host


class Batch:
    """The derived rows of some pages, unique by key, ready to commit together."""

    def __init__(self, *, zone: ZoneInfo) -> None:
        self._zone = zone
        self._rows: dict[str, dict[Any, Row]] = {table.name: {} for table in tables.DERIVED}
        self._laws = {table.name: _Law(table) for table in tables.DERIVED}

    def __len__(self) -> int:
        """Tweets in it."""
        return len(self._rows["tweets"])

    def add(self, reading: Reading) -> None:
        """Fold one page in.

        Raises: PageError if an id is no number; the batch then holds nothing of the page.
        """
        for name, rows in rows_from_page(reading, zone=self._zone).items():
            known, law = self._rows[name], self._laws[name]
            for row in rows:
                key = law.key(row)
                known[key] = row if (old := known.get(key)) is None else law.folded(old, row)

    def to_arrow(self) -> dict[str, pa.Table]:
        """Table name → Arrow table with that table's schema; tables without rows are left out."""
        return {table.name: table.of(rows.values()) for table in tables.DERIVED if (rows := self._rows[table.name])}


class _Law:
    """How two rows of one key become one: the MERGE statement's twin, for keys repeated within a batch."""

    def __init__(self, table: Table) -> None:
        at = {name: index for index, name in enumerate(table.names)}
        self._key = tuple(at[name] for name in table.key)
        grouped = {name for group in table.groups for name in (group.observed_at, group.page, *group.columns)}
        self._facts = [
            (at[column.name], column.merge)
            for column in table.columns
            if column.name not in grouped and column.name not in table.key
        ]
        self._groups = [
            (
                at[group.observed_at],
                at[group.page],
                at[group.quality] if group.quality else None,
                [at[name] for name in (group.observed_at, group.page, *group.columns)],
            )
            for group in table.groups
        ]

    def key(self, row: Row) -> Any:
        if len(self._key) == 1:
            return row[self._key[0]]
        return tuple(row[index] for index in self._key)

    def folded(self, old: Row, new: Row) -> Row:
        winner = list(old)
        for index, merge in self._facts:
            if winner[index] is None or (
                merge is Merge.LEAST and new[index] is not None and new[index] < winner[index]
            ):
                winner[index] = new[index]
        for observed_at, page, quality, columns in self._groups:
            if new[observed_at] is None:
                continue
            rank_old = (old[quality] if quality else True, old[observed_at], old[page])
            rank_new = (new[quality] if quality else True, new[observed_at], new[page])
            if old[observed_at] is None or rank_new > rank_old:
                for index in columns:
                    winner[index] = new[index]
        return tuple(winner)


def observed_at_of(page: Page) -> datetime | None:
    """When a recorded page was read, as far as it tells: twarc's own note of it, else its newest tweet.

    Never later than the truth, so that it cannot beat a real reading.
    """
    if page.twarc is not None and page.twarc.retrieved_at is not None:
        return page.twarc.retrieved_at.astimezone(UTC)
    return page.newest_at
