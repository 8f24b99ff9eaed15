"""Pages in X's shape with nobody's words in them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from arcane.transform import Batch, Reading
from arcane.x import page as pages

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)


def snowflake(moment: datetime, sequence: int = 0) -> str:
    """An id that X would give at that moment."""
    milliseconds = round(moment.timestamp() * 1000) - pages.SNOWFLAKE_EPOCH_MS
    return str((milliseconds << 22) + sequence)


def tweet(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A whole tweet in the old words; ``changes`` replace keys, None removes one."""
    made_at = NOON - timedelta(minutes=number)
    whole: dict[str, Any] = {
        "id": snowflake(made_at, number),
        "text": f"text {number} #Arcane",
        "created_at": f"{made_at:%Y-%m-%dT%H:%M:%S}.000Z",
        "lang": "fr",
        "author_id": "7",
        "conversation_id": snowflake(made_at, number),
        "edit_history_tweet_ids": [snowflake(made_at, number)],
        "entities": {"hashtags": [{"start": 7, "end": 14, "tag": "Arcane"}]},
        "public_metrics": {
            "like_count": number,
            "retweet_count": 2,
            "reply_count": 3,
            "quote_count": 4,
            "bookmark_count": 5,
            "impression_count": 6,
        },
    }
    whole.update(changes)
    return {key: value for key, value in whole.items() if value is not None}


def body(*tweets: dict[str, Any], next_token: str | None = None, **includes: Any) -> bytes:
    """One search answer."""
    meta: dict[str, Any] = {"result_count": len(tweets)}
    if next_token:
        meta["next_token"] = next_token
    whole: dict[str, Any] = {"meta": meta}
    if tweets:
        whole["data"] = list(tweets)
    if includes:
        whole["includes"] = includes
    return json.dumps(whole).encode()


def reading(raw: bytes, *, observed_at: datetime = NOON, tracker: str = "arcane", page_hash: str = "aa") -> Reading:
    """The page in ``raw``, read at ``observed_at``."""
    return Reading(pages.page(raw), observed_at, tracker, page_hash)


def rows(*readings: Reading) -> dict[str, list[dict[str, Any]]]:
    """The rows of some readings, by table."""
    batch = Batch(zone=PARIS)
    for one in readings:
        batch.add(one)
    return {name: table.to_pylist() for name, table in batch.to_arrow().items()}
