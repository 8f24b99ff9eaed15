"""One answer without some of its tweets and authors. Pure; both vocabularies.

A tweet of ``data`` leaves its id and time behind, marked as erased, so that what search gave stays countable and a
replay makes the same rows. Whatever else the answer holds stays as it was.

Source: docs/x-api-facts.md#the-envelope
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

ERASED: Final = "__erased"
_REFERENCED: Final = ("tweets", "posts")
_REFERENCES: Final = ("referenced_tweets", "referenced_posts")
_HISTORIES: Final = ("edit_history_tweet_ids", "edit_history_post_ids")
_HANGING: Final = (("media", "media_key", "media_keys"), ("polls", "id", "poll_ids"))

Key = tuple[str, str]
Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Redacted:
    """``fell``: tweets that only fell with another, each with what that falls by: ("tweet" or "author", id)."""

    body: bytes
    fell: dict[str, Key] = field(default_factory=dict)


def redacted(body: bytes, *, tweet_ids: Collection[str], author_ids: Collection[str]) -> Redacted:
    """The answer without these tweets, their other versions and their retweets, and without these authors.

    Media and polls go with the tweets that they hang on, unless others show them too. Names of ids alone stay: in
    partial errors, in references. An answer that has nothing of them comes back as it is, byte for byte.
    """
    whole = json.loads(body)
    found = whole.get("data")
    items: list[Object] = found if isinstance(found, list) else [found] if isinstance(found, dict) else []
    data = [item for item in items if "username" not in item]  # the answer to a lookup of users has no tweets
    includes: Object = whole.get("includes") or {}
    referenced = [tweet for name in _REFERENCED for tweet in includes.get(name) or ()]
    causes, fell = _fallen([*data, *referenced], set(tweet_ids), set(author_ids))
    kept = [tweet for tweet in (*data, *referenced) if tweet["id"] not in causes]
    gone = [tweet for tweet in (*data, *referenced) if tweet["id"] in causes]
    new: Object = {}
    for name, listed in includes.items():
        new[name] = listed
        if name in _REFERENCED:
            new[name] = [tweet for tweet in listed if tweet["id"] not in causes]
        elif name == "users":
            new[name] = [user for user in listed if user["id"] not in author_ids]
        for kind, key, keys in _HANGING:
            if name == kind:
                lost = set(_hung(gone, keys)) - set(_hung(kept, keys))
                new[name] = [item for item in listed if item.get(key) not in lost]
    rest = [_rest(item) if item["id"] in causes else item for item in items]
    rest = [item for item in rest if "username" not in item or item["id"] not in author_ids]
    if rest == items and new == includes:
        return Redacted(body)
    if items:
        whole["data"] = rest if isinstance(found, list) else next(iter(rest), None)
    if includes:
        whole["includes"] = new
    return Redacted(json.dumps(whole, separators=(",", ":")).encode(), fell)


def _fallen(tweets: list[Object], tweet_ids: set[str], author_ids: set[str]) -> tuple[dict[str, Key], dict[str, Key]]:
    """What each falls by; and the part of it that fell with another only."""
    causes: dict[str, Key] = {}
    fell: dict[str, Key] = {}
    for tweet in tweets:
        if tweet["id"] in tweet_ids:
            causes[tweet["id"]] = ("tweet", tweet["id"])
        elif tweet.get("author_id") in author_ids:
            causes[tweet["id"]] = ("author", tweet["author_id"])
    count = -1
    while count < len(causes):
        count = len(causes)
        for tweet in tweets:
            if tweet["id"] in causes:
                continue
            for other in _bound_to(tweet):
                if other in tweet_ids or other in causes:
                    causes[tweet["id"]] = fell[tweet["id"]] = causes.get(other, ("tweet", other))
                    break
    return causes, fell


def _bound_to(tweet: Object) -> Iterator[str]:
    """The tweets whose fall is this one's: its versions, and the one whose text it repeats."""
    for name in _HISTORIES:
        yield from tweet.get(name) or ()
    for name in _REFERENCES:
        yield from (one["id"] for one in tweet.get(name) or () if one.get("type") in {"retweeted", "reposted"})


def _hung(tweets: list[Object], keys: str) -> Iterator[str]:
    for tweet in tweets:
        yield from (tweet.get("attachments") or {}).get(keys) or ()


def _rest(tweet: Object) -> Object:
    return {name: tweet[name] for name in ("id", "created_at") if name in tweet} | {ERASED: True}
