"""The least work that fetches the same pages: no archive, no merge, no coverage, one table.

Fetches with the same HTTP library, decodes only the mission's fields with msgspec, one DuckDB insert at the end.
Called by bench/collect.py.
"""

from __future__ import annotations

import sys
from datetime import datetime

import duckdb
import httpx2
import msgspec
import pyarrow as pa

from arcane.x.client import _ASKED


class Metrics(msgspec.Struct):
    like_count: int = 0
    repost_count: int = 0
    reply_count: int = 0


class Attachments(msgspec.Struct, frozen=True):
    media_keys: list[str] = []


class Tweet(msgspec.Struct):
    id: str
    text: str
    created_at: datetime
    public_metrics: Metrics
    attachments: Attachments = Attachments()


class Views(msgspec.Struct):
    view_count: int = 0


class Media(msgspec.Struct):
    media_key: str
    public_metrics: Views | None = None


class Includes(msgspec.Struct, frozen=True):
    media: list[Media] = []


class Meta(msgspec.Struct):
    next_token: str | None = None


class Page(msgspec.Struct):
    meta: Meta
    data: list[Tweet] = []
    includes: Includes = Includes()


def main(base_url: str, start: str, end: str, path: str) -> None:
    decode = msgspec.json.Decoder(Page).decode
    rows: list[tuple[object, ...]] = []
    params = {"query": "#Arcane", "max_results": "100", "start_time": start, "end_time": end, **_ASKED["post"]}
    with httpx2.Client(base_url=base_url, headers={"Authorization": "Bearer simulator"}) as client:
        while True:
            page = decode(client.get("/2/tweets/search/recent", params=params).content)
            views = {one.media_key: one.public_metrics.view_count for one in page.includes.media if one.public_metrics}
            for tweet in page.data:
                counts = tweet.public_metrics
                seen = sum(views.get(key, 0) for key in tweet.attachments.media_keys)
                numbers = (counts.like_count, counts.repost_count, counts.reply_count, seen)
                rows.append((tweet.id, tweet.text, tweet.created_at, *numbers))
            if page.meta.next_token is None:
                break
            params["next_token"] = page.meta.next_token
    names = ["id", "text", "created_at", "likes", "reposts", "replies", "views"]
    table = pa.table([pa.array(column) for column in zip(*rows, strict=True)], names=names)
    with duckdb.connect(path) as connection:
        connection.register("fetched", table)
        connection.execute("create table tweets as select * from fetched")


main(*sys.argv[1:5])
