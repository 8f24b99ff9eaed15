"""What is cut out of an answer, and what is not."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.made_up import body, tweet

from arcane.x import page as pages
from arcane.x.redact import redacted

TWEET_IDS = ("11", "12", "13", "14")
AUTHOR_IDS = ("7", "8", "9")


@st.composite
def answers(draw: st.DrawFn) -> dict[str, Any]:
    """Pages in either vocabulary: every tweet's text, note and media tell which tweet they are of."""
    is_new = draw(st.booleans())
    words = ("note_post", "referenced_posts", "posts") if is_new else ("note_tweet", "referenced_tweets", "tweets")

    def one(identity: str) -> dict[str, Any]:
        keys = draw(st.sets(st.sampled_from(["m1", "m2", "m3"])))
        target = draw(st.sampled_from([None, *TWEET_IDS]))
        kind = draw(st.sampled_from(["quoted", "retweeted"]))
        references = [{"type": kind, "id": target}] if target and target != identity else []
        text = f"text-{target if kind == 'retweeted' and references else identity}"
        return {
            "id": identity, "text": text, "created_at": "2026-10-20T11:00:00.000Z",
            words[0]: {"text": f"note-{text}"}, words[1]: references,
            "attachments": {"media_keys": sorted(keys)}, "author_id": draw(st.sampled_from(AUTHOR_IDS)),
        }  # fmt: skip

    world = {identity: one(identity) for identity in TWEET_IDS}
    data = [world[identity] for identity in draw(st.sets(st.sampled_from(TWEET_IDS), min_size=1))]
    referenced = [world[identity] for identity in draw(st.sets(st.sampled_from(TWEET_IDS)))]
    includes = {
        words[2]: referenced,
        "users": [{"id": identity, "username": f"name-{identity}"} for identity in AUTHOR_IDS],
        "media": [{"media_key": key, "alt": f"alt-{key}"} for key in ("m1", "m2", "m3")],
    }
    return {"data": data, "includes": includes, "meta": {"result_count": len(data)}, "errors": [{"value": "11"}]}


@given(whole=answers(), tweets=st.sets(st.sampled_from(TWEET_IDS)), authors=st.sets(st.sampled_from(AUTHOR_IDS)))
def test_the_cut_is_whole_and_nothing_else_is_cut(whole: dict[str, Any], tweets: set[str], authors: set[str]) -> None:
    """No text, note, name or medium of what must go is left; all else is as it was; a second cut cuts nothing."""
    raw = json.dumps(whole).encode()
    cut = redacted(raw, tweet_ids=tweets, author_ids=authors)
    after = json.loads(cut.body)
    everything = [*whole["data"], *(whole["includes"].get("tweets") or whole["includes"].get("posts") or ())]
    gone = tweets | {one["id"] for one in everything if one["author_id"] in authors}
    while more := {one["id"] for one in everything if _retweeted(one) in gone} - gone:
        gone |= more
    survivors = [one for one in everything if one["id"] not in gone]
    shown = {key for one in survivors for key in one["attachments"]["media_keys"]}
    lost = {key for one in everything if one["id"] in gone for key in one["attachments"]["media_keys"]} - shown
    for identity in gone & tweets:
        assert f'text-{identity}"' not in cut.body.decode()
    assert [one for one in after["data"] if "text" in one] == [one for one in whole["data"] if one["id"] not in gone]
    assert [one["id"] for one in after["data"]] == [one["id"] for one in whole["data"]]
    for name in ("tweets", "posts"):
        if name in whole["includes"]:
            assert after["includes"][name] == [one for one in whole["includes"][name] if one["id"] not in gone]
    assert [one["id"] for one in after["includes"]["users"]] == [one for one in AUTHOR_IDS if one not in authors]
    assert {one["media_key"] for one in after["includes"]["media"]} == {"m1", "m2", "m3"} - lost
    assert (after["meta"], after["errors"]) == (whole["meta"], whole["errors"])
    assert redacted(cut.body, tweet_ids=tweets, author_ids=authors).body == cut.body
    page = pages.page(cut.body)
    assert {one.id for one in page.data if one.is_erased} == {one["id"] for one in whole["data"]} & gone


def _retweeted(one: dict[str, Any]) -> str | None:
    references = one.get("referenced_tweets") or one.get("referenced_posts") or []
    return next((item["id"] for item in references if item["type"] == "retweeted"), None)


def test_a_page_that_has_nothing_of_it_comes_back_byte_for_byte() -> None:
    """Spaces, order and odd escapes included."""
    raw = b'{ "data": [{"id": "1", "text": "caf\\u00e9 \\ud83d"}],\n "meta": {"result_count": 1}}'
    assert redacted(raw, tweet_ids={"2"}, author_ids={"3"}).body is raw


def test_all_versions_fall_together() -> None:
    """Whichever version is named, a later one that tells its history goes too, and says by what it fell."""
    first, second = tweet(2)["id"], tweet(1)["id"]
    raw = body(tweet(1, edit_history_tweet_ids=[first, second]))
    cut = redacted(raw, tweet_ids={first}, author_ids=())
    assert json.loads(cut.body)["data"] == [
        {"id": second, "created_at": tweet(1)["created_at"], "__erased": True},
    ]
    assert cut.fell == {second: ("tweet", first)}
