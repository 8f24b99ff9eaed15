"""A small world on a clock that stands still, and ways to ask its simulator without a socket."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from arcane.simulator.api import Asked
from arcane.simulator.clock import AdjustableClock
from arcane.simulator.reply import Reply
from arcane.simulator.server import Simulator
from arcane.simulator.world import World

NOW = datetime(2026, 11, 20, 10, 0, 0, tzinfo=UTC)
RECENT, ALL = "/2/tweets/search/recent", "/2/tweets/search/all"
WINDOW = {"start_time": "2026-11-14T00:00:00Z", "end_time": "2026-11-20T09:00:00Z"}
EVERYTHING = {
    "tweet": {
        "tweet.fields": "id,text,created_at,lang,conversation_id,public_metrics,entities,attachments,note_tweet,"
        "withheld,edit_controls,author_id,referenced_tweets,in_reply_to_user_id,edit_history_tweet_ids",
        "expansions": "author_id,referenced_tweets.id,attachments.media_keys,edit_history_tweet_ids",
        "media.fields": "media_key,type,duration_ms,public_metrics,url",
        "user.fields": "id,username,name,created_at,verified_type,public_metrics",
    },
    "post": {
        "post.fields": "id,text,created_at,lang,conversation_id,public_metrics,entities,attachments,note_post,"
        "withheld,edit_controls",
        "expansions": "author_id,referenced_posts,attachments.media_keys,edit_history_post_ids,in_reply_to_user_id",
        "media.fields": "media_key,type,duration_ms,public_metrics,url",
        "user.fields": "id,username,name,created_at,verified_type,public_metrics",
    },
}


@cache
def world(tweet_count: int = 2_000, seed: int = 3, days: float = 9.0) -> World:
    """The same world for every test that wants one of this size: it never changes."""
    return World.generate(seed=seed, end=NOW, days=days, tweet_count=tweet_count)


def simulator(on: World | None = None, **options: Any) -> Simulator:
    """A simulator at NOW, without limits unless asked for."""
    return Simulator(on or world(), **{"clock": AdjustableClock(NOW), "rate_limits": False, **options})


def reply(to: Simulator, path: str, params: dict[str, str], *, token: str = "simulator") -> Reply:
    """The raw answer."""
    return to.api.answer(Asked(path, params, f"Bearer {token}"))


def asked(to: Simulator, path: str, params: dict[str, str]) -> dict[str, Any]:
    """The body of an answer that must be good."""
    found = reply(to, path, params)
    assert found.status == 200, found.body
    body: dict[str, Any] = json.loads(found.body)
    return body


def pages(to: Simulator, params: dict[str, str], path: str = RECENT) -> list[dict[str, Any]]:
    """Every page of a search, to the last."""
    found = [asked(to, path, params)]
    while token := found[-1]["meta"].get("next_token"):
        found.append(asked(to, path, {**params, "next_token": token}))
        assert len(found) < 1_000
    return found


def ids(found: list[dict[str, Any]]) -> list[str]:
    """Ids of the tweets of pages, in the order sent."""
    return [tweet["id"] for page in found for tweet in page.get("data", [])]


def truth(
    of: Simulator, query: str = "#Arcane", start: str = WINDOW["start_time"], end: str = WINDOW["end_time"]
) -> list[str]:
    """Ids that a search should give."""
    return of.api.truth(query, datetime.fromisoformat(start), datetime.fromisoformat(end))


@cache
def _spec(words: str) -> dict[str, Any]:
    name = {"tweet": "openapi-2.166.json.gz", "post": "openapi-2.167.json.gz"}[words]
    path = Path(__file__).parents[3] / "shared" / "x-api" / name
    if not path.exists():
        pytest.skip(f"X's published OpenAPI is not beside the repository (../shared/x-api/{name})")
    with gzip.open(path, "rt", encoding="utf-8") as text:
        spec: dict[str, Any] = json.load(text)
    return spec


@cache
def validator(words: str, path: str, method: str = "get") -> jsonschema.Draft202012Validator:
    """Judge of the 200 of a path. Nothing beyond the keys that the specification names is let through."""
    spec = _spec(words)
    schema = spec["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]
    whole = {"components": {"schemas": spec["components"]["schemas"]}, **schema}
    closed = _closed(whole, frozenset(_parts(whole)))
    return jsonschema.Draft202012Validator(closed)


def _parts(schema: Any) -> Iterator[str]:
    """Names of the schemas that others are put together from (allOf)."""
    if isinstance(schema, dict):
        for part in schema.get("allOf", []):
            if "$ref" in part:
                yield part["$ref"].rsplit("/", 1)[1]
    for one in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _parts(one)


def _open(schema: dict[str, Any], parts: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in _closed(schema, parts).items() if key != "additionalProperties"}


def _closed(schema: Any, parts: frozenset[str], name: str = "") -> Any:
    """The same schema with no room for unknown keys; ``parts`` stay open, whatever is made of them is closed.

    The specifications' ``discriminator`` means nothing to JSON Schema.
    """
    if isinstance(schema, list):
        return [_closed(one, parts) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _closed(one, parts, key) for key, one in schema.items() if key not in ("discriminator", "example")}
    is_object = kept.get("type") == "object" and bool(kept.get("properties"))
    if "allOf" in kept:
        kept["allOf"] = [_closed(one, parts, name) if "$ref" in one else _open(one, parts) for one in schema["allOf"]]
        kept.setdefault("unevaluatedProperties", False)
    elif is_object and name not in parts:
        kept.setdefault("additionalProperties", False)
    return kept
