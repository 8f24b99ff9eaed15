"""Answers: X's specifications, fields, lookups, counts, growth, deletions, edits, limits, faults, the socket."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx2
import numpy as np
import pytest
from tests.simulator.asking import (
    ALL,
    EVERYTHING,
    NOW,
    RECENT,
    WINDOW,
    asked,
    ids,
    pages,
    reply,
    simulator,
    truth,
    validator,
    world,
)

from arcane.simulator.api import Asked
from arcane.simulator.faults import KINDS, Faults
from arcane.simulator.server import Simulator, serve
from arcane.simulator.world import NEVER, Burst, World

SEARCH = {"query": "#Arcane", "max_results": "100", **WINDOW}


@pytest.mark.parametrize("words", ["tweet", "post"])
def test_search_pages_are_as_x_specifies(words: str) -> None:
    """With everything asked, every page is valid under the published schema of its vocabulary."""
    x = simulator()
    judge = validator(words, RECENT)
    for page in pages(x, {**SEARCH, **EVERYTHING[words]}):
        judge.validate(page)


@pytest.mark.parametrize("words", ["tweet", "post"])
def test_lookups_are_as_x_specifies(words: str) -> None:
    """Lookups of tweets and of users, found or not, are valid under the published schemas."""
    x = simulator()
    some = truth(x)[:50]
    found = asked(x, "/2/tweets", {"ids": ",".join([*some, "1"]), **EVERYTHING[words]})
    validator(words, "/2/tweets").validate(found)
    users = {"user.fields": EVERYTHING[words]["user.fields"]}
    people = asked(simulator(vocabulary=words), "/2/users", {"ids": "100001,100002,7", **users})
    validator(words, "/2/users").validate(people)
    assert ([one["id"] for one in people["data"]], people["errors"][0]["resource_id"]) == (["100001", "100002"], "7")


@pytest.mark.parametrize("words", ["tweet", "post"])
@pytest.mark.parametrize("path", ["/2/tweets/counts/recent", "/2/tweets/counts/all"])
def test_counts_are_as_x_specifies(words: str, path: str) -> None:
    """Counts are valid under the published schema of their vocabulary."""
    validator(words, path).validate(
        asked(simulator(vocabulary=words), path, {"query": "#Arcane", "granularity": "day"})
    )


@pytest.mark.parametrize("words", ["tweet", "post"])
def test_the_judge_sees_a_word_of_the_other_vocabulary(words: str) -> None:
    """The schemas used here are closed: a page in the wrong words does not pass."""
    other = {"tweet": "post", "post": "tweet"}[words]
    page = asked(simulator(), RECENT, {**SEARCH, **EVERYTHING[other]})
    for part in (page, {"data": page["data"]}, {"includes": page["includes"]}):
        assert not validator(words, RECENT).is_valid(part)
    media = {"includes": {"media": [{"type": "video", "media_key": "13_1", "colour": "red"}]}}
    assert words == "tweet" or not validator(words, RECENT).is_valid(media)


def test_by_default_a_tweet_is_little() -> None:
    """Without fields: id, text and, in the old words, the edit history; no includes."""
    old = asked(simulator(vocabulary="tweet"), RECENT, SEARCH)
    new = asked(simulator(vocabulary="post"), RECENT, SEARCH)
    assert {frozenset(tweet) for tweet in old["data"]} == {frozenset({"id", "text", "edit_history_tweet_ids"})}
    assert {frozenset(tweet) for tweet in new["data"]} == {frozenset({"id", "text"})}
    assert set(old) == set(new) == {"data", "meta"}


def test_in_new_words_four_keys_come_only_when_expanded() -> None:
    """Author, answered user, references and edits are no fields there; an option sends them anyway."""
    asked_for = {**SEARCH, "post.fields": "id,text"}
    expanded = {**asked_for, "expansions": "author_id,in_reply_to_user_id,referenced_posts,edit_history_post_ids"}
    four = {"author_id", "in_reply_to_user_id", "referenced_posts", "edit_history_post_ids"}
    x, generous = simulator(), simulator(keys_need_expansion=False)
    assert set().union(*asked(x, RECENT, asked_for)["data"]) == {"id", "text"}
    assert set().union(*asked(x, RECENT, expanded)["data"]) == {"id", "text"} | four
    assert set().union(*asked(generous, RECENT, asked_for)["data"]) == {"id", "text"} | four


@pytest.mark.parametrize(("accepted", "other"), [("tweet", "post"), ("post", "tweet")])
def test_words_of_the_other_vocabulary_are_refused(accepted: str, other: str) -> None:
    """X's message names the parameter that it does not know."""
    found = reply(simulator(vocabulary=accepted), RECENT, {"query": "#Arcane", f"{other}.fields": "id"})
    (error,) = json.loads(found.body)["errors"]
    assert (found.status, error["parameters"]) == (400, {f"{other}.fields": ["id"]})
    assert error["message"].startswith(f"The query parameter [{other}.fields] is not one of [query,start_time,")
    assert f",{accepted}.fields" in error["message"]


def test_both_vocabularies_say_the_same() -> None:
    """Same tweets, same numbers, other names."""
    x = simulator()
    old, new = (asked(x, RECENT, {**SEARCH, **EVERYTHING[words]}) for words in ("tweet", "post"))
    names = {"repost_count": "retweet_count", "referenced_posts": "referenced_tweets", "note_post": "note_tweet"}
    names |= {"edit_history_post_ids": "edit_history_tweet_ids", "posts": "tweets", "post_count": "tweet_count"}

    def in_old(value: Any) -> Any:
        if isinstance(value, dict):
            return {names.get(key, key): in_old(one) for key, one in value.items()}
        return [in_old(one) for one in value] if isinstance(value, list) else value

    assert in_old(new["data"]) == old["data"]
    assert in_old(new["includes"]) == old["includes"]


def test_entities_point_at_the_text_as_sent() -> None:
    """Offsets are code points over the escaped text, of the cut text and of the note alike."""
    x = simulator(world(6_000, 5))
    seen: Counter[str] = Counter()
    for page in pages(x, {**SEARCH, **EVERYTHING["tweet"]}):
        for tweet in page["data"]:
            for whole in (tweet, tweet.get("note_tweet")):
                if whole is None:
                    continue
                text, entities = whole["text"], whole.get("entities", {})
                for sign, kind, key in (("#", "hashtags", "tag"), ("@", "mentions", "username"), ("", "urls", "url")):
                    for one in entities.get(kind, []):
                        assert text[one["start"] : one["end"]] == sign + one[key]
                        seen[kind] += 1
            seen["note"] += "note_tweet" in tweet
            seen["escaped"] += "&amp;" in tweet["text"]
            seen["bare"] += "<" in tweet["text"]
            seen["accent"] += "é" in tweet["text"]
            seen["beyond"] += any(ord(sign) > 0xFFFF for sign in tweet["text"])
            if "note_tweet" in tweet:
                assert len(tweet["text"]) <= 280 < len(tweet["note_tweet"]["text"])
    assert min(seen[key] for key in ("hashtags", "mentions", "urls", "note", "escaped", "accent", "beyond")) > 0
    assert seen["bare"] == 0


def test_hostile_texts_exist() -> None:
    """Some texts begin like a formula, break lines or turn the direction of writing."""
    x = simulator(world(6_000, 5))
    texts = [tweet["text"] for page in pages(x, SEARCH) for tweet in page["data"]]
    assert any(text.startswith(("=", "+", "-")) for text in texts)
    assert any("\n" in text for text in texts)
    assert any("\u200f" in text or "\u202e" in text for text in texts)
    assert any("%" in text for text in texts)


def test_includes_hold_what_data_names() -> None:
    """Every author, own medium and visible reference is included once; media of references are not."""
    x = simulator()
    for page in pages(x, {**SEARCH, **EVERYTHING["tweet"]}):
        included = page["includes"]
        keys = [key for tweet in page["data"] for key in tweet.get("attachments", {}).get("media_keys", [])]
        assert Counter(one["media_key"] for one in included.get("media", [])) == Counter(set(keys))
        assert Counter(one["id"] for one in included["users"]) == Counter(
            {tweet["author_id"] for tweet in page["data"]}
        )
        named = {one["id"] for tweet in page["data"] for one in tweet.get("referenced_tweets", [])}
        missing = {one["resource_id"] for one in page.get("errors", [])}
        own = {tweet["id"] for tweet in page["data"]}
        assert Counter(one["id"] for one in included["tweets"]) == Counter((named | own) - missing)


def test_views_are_a_videos_alone_and_the_same_everywhere() -> None:
    """Only videos have a view count, and one that hangs on many tweets has one number."""
    x = simulator()
    views: dict[str, set[int]] = {}
    carriers: Counter[str] = Counter()
    for page in pages(x, {**SEARCH, **EVERYTHING["tweet"]}):
        carriers.update(key for tweet in page["data"] for key in tweet.get("attachments", {}).get("media_keys", []))
        for one in page["includes"].get("media", []):
            assert ("public_metrics" in one) == (one["type"] == "video")
            if one["type"] == "video":
                views.setdefault(one["media_key"], set()).add(one["public_metrics"]["view_count"])
    assert {len(found) for found in views.values()} == {1}
    assert max(carriers[key] for key in views) > 1


def test_lookup_of_nothing_visible_is_errors_alone() -> None:
    """Deleted, unknown and withheld tweets: 200, no data, one partial error each."""
    x = simulator()
    on = world()
    deleted = str(on.ids[(on.deleted_ms < int(NOW.timestamp() * 1000)) & ~on.withheld][0])
    withheld = str(on.ids[on.withheld & (on.deleted_ms == NEVER)][0])
    body = asked(x, "/2/tweets", {"ids": f"{deleted},{withheld},12"})
    assert set(body) == {"errors"}
    assert [(one["resource_id"], one["type"].rsplit("/", 1)[1]) for one in body["errors"]] == [
        (deleted, "resource-not-found"),
        (withheld, "not-authorized-for-resource"),
        ("12", "resource-not-found"),
    ]
    assert body["errors"][0] == {
        "value": deleted,
        "detail": f"Could not find tweet with ids: [{deleted}].",
        "title": "Not Found Error",
        "resource_type": "tweet",
        "parameter": "ids",
        "resource_id": deleted,
        "type": "https://api.x.com/2/problems/resource-not-found",
    }


def test_a_deleted_tweet_leaves_search_and_lookup() -> None:
    """Before its moment it is found, after it is not."""
    on, x = world(), simulator()
    now_ms = int(NOW.timestamp() * 1000)
    fits = on.has_arcane & ~on.withheld & (on.superseded_ms == NEVER) & (on.deleted_ms < now_ms)
    gone = int(np.flatnonzero(fits & (on.made_ms > now_ms - 600_000_000))[0])
    moment = datetime.fromtimestamp(int(on.deleted_ms[gone]) / 1000, UTC)
    window = {"start_time": "2026-11-13T12:00:00Z"}
    seen = []
    for now in (moment - timedelta(seconds=1), moment + timedelta(seconds=1)):
        x.clock.set(now)  # type: ignore[attr-defined]
        one = str(on.ids[gone])
        found = ids(pages(x, {"query": "#Arcane", "max_results": "100", **(window if now > NOW else {})}))
        seen.append((one in found, "data" in asked(x, "/2/tweets", {"ids": one})))
    assert seen == [(True, True), (False, False)]


def test_search_gives_only_the_latest_version_of_an_edit() -> None:
    """A new version takes the old one's place; lookups give both, and the past knows nothing of it."""
    on, x = world(20_000, 3), simulator(world(20_000, 3))
    now_ms = int(NOW.timestamp() * 1000)
    fits = on.has_arcane & ~on.withheld & ~on.withheld[on.first_version] & (on.deleted_ms == NEVER)
    is_edit = on.first_version != np.arange(len(on))
    edit = int(np.flatnonzero(fits & is_edit & (on.made_ms > now_ms - 300_000_000))[0])
    old, new = str(on.ids[on.first_version[edit]]), str(on.ids[edit])
    assert {old, new} & set(ids(pages(x, {"query": "#Arcane", "max_results": "100"}))) == {new}
    fields = {"ids": f"{old},{new}", "tweet.fields": "author_id,lang"}
    first, second = asked(x, "/2/tweets", fields)["data"]
    assert first["edit_history_tweet_ids"] == second["edit_history_tweet_ids"] == [old, new]
    assert (first["author_id"], first["lang"]) == (second["author_id"], second["lang"])
    x.clock.set(datetime.fromtimestamp((int(on.made_ms[edit]) - 1) / 1000, UTC))  # type: ignore[attr-defined]
    (before,) = asked(x, "/2/tweets", fields)["data"]
    assert before["edit_history_tweet_ids"] == [old]


def test_counters_only_grow() -> None:
    """Read again later, no counter of any tweet or video is lower, and most likes are higher in the end."""
    x = simulator()
    some = truth(x)[:100]
    readings = []
    for hours in (0, 1, 24, 240):
        x.clock.set(NOW + timedelta(hours=hours))  # type: ignore[attr-defined]
        body = asked(x, "/2/tweets", {"ids": ",".join(some), **EVERYTHING["tweet"]})
        readings.append({tweet["id"]: tweet["public_metrics"] for tweet in body["data"]})
    for earlier, later in pairwise(readings):
        for one in earlier.keys() & later.keys():
            assert all(later[one][name] >= count for name, count in earlier[one].items())
    likes = [sum(one["like_count"] for one in reading.values()) for reading in readings]
    assert likes[0] < likes[-1]


@pytest.mark.parametrize("granularity", ["minute", "hour", "day"])
def test_counts_cover_the_window_and_exceed_search_by_the_withheld(granularity: str) -> None:
    """Rows are oldest first, touch each other, partial at both ends; their sum is search plus what it never shows."""
    on, x = world(), simulator()
    window = {"start_time": "2026-11-14T00:10:30Z", "end_time": "2026-11-19T21:40:10Z"}
    body = asked(x, "/2/tweets/counts/recent", {"query": "#Arcane", "granularity": granularity, **window})
    rows = body["data"]
    assert (rows[0]["start"], rows[-1]["end"]) == ("2026-11-14T00:10:30.000Z", "2026-11-19T21:40:10.000Z")
    assert [row["end"] for row in rows[:-1]] == [row["start"] for row in rows[1:]]
    now_ms, start_ms, end_ms = (
        int(one.timestamp() * 1000) for one in (NOW, *map(datetime.fromisoformat, window.values()))
    )
    hidden = (
        on.withheld
        & on.has_arcane
        & (on.superseded_ms > now_ms)
        & (on.deleted_ms > now_ms)
        & (on.made_ms >= start_ms)
        & (on.made_ms < end_ms)
    )
    total = len(truth(x, start=window["start_time"], end=window["end_time"])) + int(hidden.sum())
    assert body["meta"] == {"total_tweet_count": total}
    assert sum(row["tweet_count"] for row in rows) == total
    assert hidden.sum() > 0


def test_counts_all_gives_31_days_a_page_newest_first() -> None:
    """The chain covers the window without a hole."""
    x = simulator(world(2_000, 3, 90.0))
    window = {"start_time": "2026-09-01T00:00:00Z", "end_time": "2026-11-20T00:00:00Z"}
    params = {"query": "#Arcane", "granularity": "day", **window}
    found = [asked(x, "/2/tweets/counts/all", params)]
    while token := found[-1]["meta"].get("next_token"):
        found.append(asked(x, "/2/tweets/counts/all", {**params, "next_token": token}))
    rows = [row for page in reversed(found) for row in page["data"]]
    assert [len(page["data"]) for page in found] == [31, 31, 18]
    assert (rows[0]["start"], rows[-1]["end"]) == ("2026-09-01T00:00:00.000Z", "2026-11-20T00:00:00.000Z")
    assert [row["end"] for row in rows[:-1]] == [row["start"] for row in rows[1:]]


def test_without_withheld_tweets_counts_are_what_search_gives() -> None:
    """The share that search never shows can be set to nothing."""
    x = simulator(World.generate(seed=3, end=NOW, days=8, tweet_count=1_000, withheld_rate=0))
    assert asked(x, "/2/tweets/counts/recent", {"query": "#Arcane", **WINDOW})["meta"] == {
        "total_tweet_count": len(truth(x))
    }


@pytest.mark.parametrize(
    ("path", "params", "limit"),
    [
        (RECENT, {"query": "#Arcane"}, 450),
        (ALL, {"query": "#Arcane"}, 300),
        ("/2/tweets/counts/recent", {"query": "#Arcane"}, 300),
        ("/2/tweets/counts/all", {"query": "#Arcane"}, 300),
        ("/2/tweets", {"ids": "1"}, 3500),
    ],
)
def test_a_window_of_requests_runs_out_and_comes_back(path: str, params: dict[str, str], limit: int) -> None:
    """Headers count down, then 429 until the reset; refusals by 400 count too."""
    x = simulator(world(50), rate_limits=True)
    first = reply(x, path, params)
    reset = int(NOW.timestamp()) + 900
    names = ("x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset")
    assert [first.headers[name] for name in names] == [str(limit), str(limit - 1), str(reset)]
    for _ in range(limit - 1):
        x.clock.advance(1.0 if path == ALL else 0.001)  # type: ignore[attr-defined]
        last = reply(x, path, {})
    assert (last.status, last.headers["x-rate-limit-remaining"]) == (400, "0")
    x.clock.advance(1.0)  # type: ignore[attr-defined]
    refused = reply(x, path, params)
    assert (refused.status, [refused.headers[name] for name in names]) == (429, [str(limit), "0", str(reset)])
    assert json.loads(refused.body) == {
        "title": "Too Many Requests",
        "detail": "Too Many Requests",
        "type": "about:blank",
        "status": 429,
    }
    x.clock.set(NOW + timedelta(seconds=900))  # type: ignore[attr-defined]
    again = reply(x, path, params)
    assert (again.status, again.headers["x-rate-limit-remaining"]) == (200, str(limit - 1))


def test_the_archive_takes_one_request_a_second() -> None:
    """The second one is refused although requests remain, and costs none."""
    x = simulator(world(50), rate_limits=True)
    found = [reply(x, ALL, {"query": "#Arcane"}) for _ in range(2)]
    x.clock.advance(1.0)  # type: ignore[attr-defined]
    found.append(reply(x, ALL, {"query": "#Arcane"}))
    assert [(one.status, one.headers["x-rate-limit-remaining"]) for one in found] == [
        (200, "299"),
        (429, "299"),
        (200, "298"),
    ]


@pytest.mark.parametrize("authorization", ["", "Bearer wrong", "simulator"])
def test_a_wrong_token_is_unauthorized(authorization: str) -> None:
    """401 with X's body and no limit headers."""
    found = simulator(rate_limits=True).api.answer(Asked(RECENT, {"query": "#Arcane"}, authorization))
    assert (found.status, json.loads(found.body), [name for name in found.headers if name.startswith("x-rate")]) == (
        401,
        {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"},
        [],
    )


def test_an_unknown_path_is_a_page_for_people() -> None:
    """404 and HTML."""
    found = reply(simulator(), "/2/tweets/search/everything", {})
    assert (found.status, found.is_json, found.body[:15]) == (404, False, b"<!DOCTYPE html>")


def _faulty(kind: str) -> Simulator:
    return simulator(rate_limits=True, faults=Faults(rate=1.0, kinds=(kind,)))


STATUSES = {
    "limited": (429, "0"),
    "limited_bare": (429, None),
    "limited_second": (429, "440"),
    "down_json": (503, "449"),
    "down_text": (503, None),
    "html": (200, "449"),
}


@pytest.mark.parametrize("kind", STATUSES)
def test_faults_that_answer_nothing(kind: str) -> None:
    """Each has its status, its headers or none, and a body that is no page."""
    found = reply(_faulty(kind), RECENT, SEARCH)
    assert (found.status, found.headers.get("x-rate-limit-remaining")) == STATUSES[kind]
    assert found.is_json == (kind not in ("down_text", "html"))
    assert b'"data"' not in found.body


def test_faults_of_a_page() -> None:
    """Cut, late, without includes, empty, doubled or shifted: each is the good page gone wrong in its own way."""
    good = asked(simulator(), RECENT, {**SEARCH, **EVERYTHING["tweet"]})
    token = {"next_token": good["meta"]["next_token"]}
    cut = reply(_faulty("cut"), RECENT, SEARCH)
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut.body)
    assert (cut.status, reply(_faulty("slow"), RECENT, SEARCH).delay_s > 0) == (200, True)
    bare = asked(_faulty("no_includes"), RECENT, {**SEARCH, **EVERYTHING["tweet"]})
    assert (bare["data"], "includes" in bare) == (good["data"], False)
    empty = asked(_faulty("no_data"), RECENT, SEARCH)
    assert (set(empty), set(empty["meta"])) == ({"meta"}, {"result_count", "next_token"})
    assert ids([asked(simulator(), RECENT, {**SEARCH, "next_token": empty["meta"]["next_token"]})]) == ids([good])
    doubled = ids([asked(_faulty("duplicated"), RECENT, SEARCH)])
    assert (len(doubled) - len(set(doubled)), set(doubled)) == (1, set(ids([good])))
    shifted = ids([asked(_faulty("shifted"), RECENT, {**SEARCH, **token})])
    assert shifted[:3] == ids([good])[-3:]


@pytest.mark.parametrize("kind", ["duplicated", "shifted", "no_includes", "slow"])
def test_faulty_pages_lose_nothing(kind: str) -> None:
    """A chain of doubled or shifted pages still holds every tweet of the window."""
    x = simulator(faults=Faults(rate=1.0, kinds=(kind,)))
    for size in ("10", "100"):
        assert set(ids(pages(x, {**SEARCH, "max_results": size}))) == set(truth(x))


def test_faults_are_the_same_every_time() -> None:
    """Same seed, same faults, about the share asked for, of every kind."""
    plan = Faults(rate=0.3, seed=4)
    drawn = [plan.of(number) for number in range(1, 2_001)]
    assert drawn == [Faults(rate=0.3, seed=4).of(number) for number in range(1, 2_001)]
    assert 500 < sum(kind is not None for kind in drawn) < 700
    assert {kind for kind in drawn if kind} == set(KINDS)
    assert [Faults().of(number) for number in range(100)] == [None] * 100


def test_an_outage_is_503_for_everyone() -> None:
    """From its first moment up to its last, whatever is asked and by whom; nothing is billed, limits do not move."""
    outage = (NOW + timedelta(minutes=1), NOW + timedelta(minutes=3))
    x = simulator(rate_limits=True, faults=Faults(outages=(outage,)))
    seen = []
    for second in (59, 60, 179, 180):
        x.clock.set(NOW + timedelta(seconds=second))  # type: ignore[attr-defined]
        found = [reply(x, RECENT, {"query": "#Arcane"}), reply(x, "/2/users", {"ids": "1"}, token="other")]
        seen.append(([one.status for one in found], found[0].headers.get("x-rate-limit-remaining")))
    assert seen == [([200, 401], "449"), ([503, 503], None), ([503, 503], None), ([200, 401], "448")]
    assert x.api.bill.days() == {"2026-11-20": {"post": {"billed": 10, "read": 20, "usd": 0.05}}}


def test_the_world_is_a_function_of_its_seed() -> None:
    """Same seed, same bytes; another seed, another world."""

    def page(seed: int) -> bytes:
        on = World.generate(seed=seed, end=NOW, days=8, tweet_count=500)
        return reply(simulator(on), RECENT, {**SEARCH, **EVERYTHING["tweet"]}).body

    assert page(1) == page(1)
    assert page(1) != page(2)


def test_the_world_looks_like_x() -> None:
    """Half originals, a third replies; mostly French, then English; half without a like; a burst lies in its hour."""
    burst = Burst(start_at=datetime(2026, 11, 18, 20, tzinfo=UTC), tweet_count=3_000)
    x = simulator(World.generate(seed=9, end=NOW, days=8, tweet_count=6_000, burst=burst))
    found = [tweet for page in pages(x, {**SEARCH, **EVERYTHING["tweet"]}) for tweet in page["data"]]
    kinds = Counter(tweet.get("referenced_tweets", [{"type": "original"}])[0]["type"] for tweet in found)
    langs = Counter(tweet["lang"] for tweet in found)
    shares = {kind: round(count / len(found), 1) for kind, count in kinds.items()}
    assert shares == {"original": 0.5, "replied_to": 0.3, "quoted": 0.2}
    assert [lang for lang, _ in langs.most_common(2)] == ["fr", "en"]
    assert 0.4 < sum(tweet["public_metrics"]["like_count"] == 0 for tweet in found) / len(found) < 0.8
    hours = Counter(tweet["created_at"][:13] for tweet in found)
    assert hours.most_common(1)[0][0] == "2026-11-18T20"
    spellings = {
        tag["tag"] for tweet in found for tag in tweet["entities"].get("hashtags", []) if tag["tag"].lower() == "arcane"
    }
    assert spellings >= {"Arcane", "arcane", "ARCANE"}


def test_over_a_socket() -> None:
    """The same over HTTP: headers, log, bill, truth, clock and faults."""
    x = simulator(rate_limits=True)
    with x.running() as base_url, httpx2.Client(base_url=base_url, trust_env=False) as http:
        found = http.get(RECENT, params=SEARCH, headers={"authorization": "Bearer simulator"})
        assert (found.status_code, found.headers["content-type"]) == (200, "application/json; charset=utf-8")
        assert (found.headers["date"], found.headers["x-rate-limit-remaining"]) == (
            "Fri, 20 Nov 2026 10:00:00 GMT",
            "449",
        )
        assert http.get("/2/nothing").headers["content-type"].startswith("text/html")
        told = http.get(
            "/simulator/truth", params={"query": "#Arcane", "start": WINDOW["start_time"], "end": WINDOW["end_time"]}
        )
        assert told.json() == truth(x)
        assert [row["status"] for row in http.get("/simulator/log").json()] == [200, 404]
        assert http.get("/simulator/bill").json() == {"2026-11-20": {"post": {"billed": 100, "read": 100, "usd": 0.5}}}
        assert http.post("/simulator/clock", json={"advance_s": 60}).json() == {"now": "2026-11-20T10:01:00+00:00"}
        http.post("/simulator/faults", json={"rate": 1.0, "kinds": ["down_json"]})
        assert http.get(RECENT, params=SEARCH, headers={"authorization": "Bearer simulator"}).status_code == 503
        outage = ["2026-11-20T10:00:00+00:00", "2026-11-20T11:00:00+00:00"]
        told = http.post("/simulator/faults", json={"outages": [outage]}).json()
        assert told == {"rate": 0.0, "seed": 0, "kinds": list(KINDS), "outages": [outage]}
        assert http.get("/2/nothing").status_code == 503
        assert http.get("/simulator/nothing").status_code == 404


def test_control_refuses_what_it_does_not_understand() -> None:
    """A wrong wish is a 400 that says what is wrong, never a crash."""
    x = simulator()
    with x.running() as base_url, httpx2.Client(base_url=base_url, trust_env=False) as http:
        for path, body in (
            ("clock", b"{"),
            ("clock", b'{"now": "soon"}'),
            ("faults", b'{"kinds": ["rain"]}'),
            ("faults", b'{"outages": [1]}'),
        ):
            assert http.post(f"/simulator/{path}", content=body).status_code == 400
        assert http.get("/simulator/truth").status_code == 400


def test_serve_stays_on_this_machine() -> None:
    """Any other address is refused before a socket is opened."""
    with pytest.raises(ValueError, match="this machine only"):
        serve(simulator(), host="0.0.0.0", port=0)
