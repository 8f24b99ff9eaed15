"""Which rows of a batch tombstones keep out, and which tombstones a newer reading lifts. Pure.

A tombstone binds a tweet, its other versions, its retweets (they carry its text), or all of an author. A final one
binds for ever; any other binds what was read up to the moment that it tells of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import pyarrow as pa

from arcane import tables
from arcane.warehouse.interface import Batch, Named

Key = tuple[str, str]

_BEARERS: Final = ("tweets", "tweet_snapshots", "tweet_media", "authors")


@dataclass(frozen=True, slots=True)
class Bound:
    """A batch without what tombstones keep out of it.

    ``spread``: what fell with something else, named itself from now on. ``lifted``: tombstones that are over.
    """

    batch: Batch
    spread: tuple[Named, ...] = ()
    lifted: tuple[Named, ...] = ()


def asked_of(batch: Batch) -> tuple[set[str], set[str]]:
    """Every tweet and every author whose tombstone could bind a row of the batch."""
    tweet_ids: set[str] = set()
    author_ids: set[str] = set()
    for name in _BEARERS:
        rows = batch.tables.get(name)
        if rows is None:
            continue
        for column in ("tweet_id", "root_tweet_id", "retweeted_tweet_id"):
            if column in rows.column_names:
                tweet_ids.update(rows.column(column).to_pylist())
        if "author_id" in rows.column_names:
            author_ids.update(rows.column("author_id").to_pylist())
    return tweet_ids - {None}, author_ids - {None}


def bound(batch: Batch, found: Collection[Named]) -> Bound:
    """The batch as far as ``found``, every tombstone on the ids of ``asked_of``, lets it be."""
    if not found:
        return Bound(batch)
    stones = {(one.kind, one.id): one for one in found}
    rows = dict(batch.tables)
    fallen, lifted = _fallen(rows.get("tweets"), stones)
    gone = fallen | {
        one.id: one for one in found if one.kind == "tweet" and one not in lifted
    }  # for rows that come without their tweet's
    media = _only_theirs(rows.get("tweet_media"), set(gone))
    kept: dict[str, list[bool]] = {}
    for name in rows:
        if name == "tweets":
            kept[name] = [tweet_id not in fallen for tweet_id in _column(rows[name], "tweet_id")]
        elif name in {"tweet_snapshots", "tweet_media"}:
            kept[name] = [tweet_id not in gone for tweet_id in _column(rows[name], "tweet_id")]
        elif name in {"media", "media_snapshots"}:
            kept[name] = [key not in media for key in _column(rows[name], "media_key")]
        elif name == "authors":
            pairs = zip(_column(rows[name], "author_id"), _column(rows[name], "observed_at"), strict=True)
            kept[name] = [not _binds(stones.get(("author", author_id)), read_at) for author_id, read_at in pairs]
    for name, mask in kept.items():
        if not all(mask):
            rows[name] = rows[name].filter(pa.array(mask))
    rows = {name: table for name, table in rows.items() if table.num_rows}
    return Bound(replace(batch, tables=rows), tuple(_spread(batch, fallen, stones)), tuple(lifted))


def _fallen(tweets: pa.Table | None, stones: Mapping[Key, Named]) -> tuple[dict[str, Named], list[Named]]:
    """Tweet id → what it falls by; and the tombstones that a newer reading lifts."""
    fallen: dict[str, Named] = {}
    lifted: dict[Key, Named] = {}
    for tweet_id, root, retweeted, author, read_at in _related(tweets):
        own = [stone for key in (("tweet", tweet_id), ("author", author)) if (stone := stones.get(key))]
        others = [stone for one in (root, retweeted) if one != tweet_id and (stone := stones.get(("tweet", one)))]
        binding = [stone for stone in (*own, *others) if stone.binds(read_at)]
        if binding:
            fallen[tweet_id] = max(binding, key=strength)
        else:
            lifted |= {(stone.kind, stone.id): stone for stone in own}
    return fallen, list(lifted.values())


def strength(one: Named) -> tuple[Any, ...]:
    """By which the stronger of two tombstones is known: the law of the table's group."""
    return one.is_final, one.named_at, one.named_by, one.reason


def _spread(batch: Batch, fallen: Mapping[str, Named], stones: Mapping[Key, Named]) -> Iterator[Named]:
    """What fell with another: not by its own name, nor its author's."""
    told: dict[str, Named] = {}
    for tweet_id, root, _, author, _ in _related(batch.tables.get("tweets")):
        if (stone := fallen.get(tweet_id)) and (stone.kind, stone.id) != ("author", author):
            for one in (tweet_id, root or tweet_id):
                if ("tweet", one) not in stones:
                    told[one] = max(told.get(one, stone), stone, key=strength)
    return (replace(stone, kind="tweet", id=one) for one, stone in told.items())


def _only_theirs(hangings: pa.Table | None, gone: set[str]) -> set[str]:
    """Media that hang on these tweets and on no other of the batch."""
    if hangings is None:
        return set()
    pairs = list(zip(_column(hangings, "tweet_id"), _column(hangings, "media_key"), strict=True))
    return {key for one, key in pairs if one in gone} - {key for one, key in pairs if one not in gone}


def _binds(stone: Named | None, read_at: datetime | None) -> bool:
    return stone is not None and stone.binds(read_at)


def _related(tweets: pa.Table | None) -> Iterator[tuple[Any, ...]]:
    """(tweet, root, retweeted, author, when its content was read) of every row."""
    if tweets is None:
        return iter(())
    names = ("tweet_id", "root_tweet_id", "retweeted_tweet_id", "author_id", "content_observed_at")
    return zip(*(_column(tweets, name) for name in names), strict=True)


def _column(rows: pa.Table, name: str) -> list[Any]:
    values: list[Any] = rows.column(name).to_pylist()
    return values


def rows_of(named: Collection[Named]) -> pa.Table:
    """Tombstones as rows under way, one a key, the strongest."""
    strongest: dict[Key, Named] = {}
    for one in named:
        key = (one.kind, one.id)
        strongest[key] = max(strongest.get(key, one), one, key=strength)
    return tables.TOMBSTONES.of(
        [(one.kind, one.id, one.reason, one.is_final, one.named_at, one.named_by, None) for one in strongest.values()]
    )
