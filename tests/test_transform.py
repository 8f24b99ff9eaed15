"""Pages → rows."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.made_up import NOON, body, reading, rows, snowflake, tweet

from arcane.errors import PageError
from arcane.x import page as pages


def only(**changes: Any) -> dict[str, Any]:
    """The ``tweets`` row of one tweet."""
    includes = changes.pop("includes", {})
    (row,) = rows(reading(body(tweet(**changes), **includes)))["tweets"]
    return row


def test_a_whole_tweet_becomes_a_whole_row() -> None:
    """Every column of ``tweets`` is filled from a page that carries everything."""
    made_at = NOON - timedelta(minutes=1)
    identity = snowflake(made_at, 1)
    assert only() == {
        "tweet_id": identity,
        "text": "text 1 #Arcane",
        "is_text_complete": True,
        "kind": "original",
        "lang": "fr",
        "created_at": made_at,
        "local_date": date(2026, 10, 20),
        "local_hour": 13,
        "local_weekday": 2,
        "author_id": "7",
        "conversation_id": identity,
        "in_reply_to_tweet_id": None,
        "quoted_tweet_id": None,
        "retweeted_tweet_id": None,
        "root_tweet_id": identity,
        "is_current": True,
        "hashtags": ["arcane"],
        "mentions": [],
        "domains": [],
        "media_kind": "text",
        "like_count": 1,
        "retweet_count": 2,
        "reply_count": 3,
        "quote_count": 4,
        "bookmark_count": 5,
        "impression_count": 6,
        "video_view_count": None,
        "url": f"https://x.com/i/status/{identity}",
        "metrics_observed_at": NOON,
        "content_observed_at": NOON,
        "media_observed_at": NOON,
        "metrics_page": "aa",
        "content_page": "aa",
        "media_page": "aa",
        "first_seen_at": NOON,
    }


def new_words(old: dict[str, Any]) -> dict[str, Any]:
    """The same tweet in the words of August 2026."""
    text = json.dumps(old)
    for before, after in (
        ("retweet_count", "repost_count"),
        ("edit_history_tweet_ids", "edit_history_post_ids"),
        ("referenced_tweets", "referenced_posts"),
        ("note_tweet", "note_post"),
    ):
        text = text.replace(before, after)
    return dict(json.loads(text))


def test_both_vocabularies_give_the_same_rows() -> None:
    """A page in the new words and the same page in the old ones are the same rows."""
    note = {"text": "long " * 80, "entities": {"hashtags": [{"tag": "Jinx"}]}}
    old = tweet(1, note_tweet=note, referenced_tweets=[{"type": "quoted", "id": "5"}])
    quoted = tweet(9, id="5")
    assert rows(reading(body(old, tweets=[quoted]))) == rows(reading(body(new_words(old), posts=[new_words(quoted)])))


@pytest.mark.parametrize(
    ("references", "kind"),
    [
        ([], "original"),
        (["replied_to"], "reply"),
        (["quoted"], "quote"),
        (["quoted", "replied_to"], "quote"),
        (["retweeted"], "retweet"),
    ],
)
def test_kind_is_the_strongest_reference(references: list[str], kind: str) -> None:
    """Retweeted beats quoted beats replied to beats none."""
    assert only(referenced_tweets=[{"type": name, "id": str(n)} for n, name in enumerate(references)])["kind"] == kind


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("a &amp; b &lt;3 &gt;", "a & b <3 >"),
        ("&amp;lt;", "&lt;"),
        ("&amp;amp;", "&amp;"),
        ("&eacute; stays", "&eacute; stays"),
        ("=1+1\n\u202ex\u0000", "=1+1\n\u202ex\u0000"),
        ("", ""),
    ],
)
def test_text_is_unescaped_once(sent: str, meant: str) -> None:
    """X escapes three signs once, and they come back once."""
    assert only(text=sent)["text"] == meant


def test_note_is_the_whole_text_and_adds_its_hashtags() -> None:
    """A long text comes from the note; hashtags are the union of text and note."""
    note = {
        "text": "whole &amp; long",
        "entities": {"hashtags": [{"tag": "ＪＩＮＸ"}, {"tag": "arcane"}, {"tag": "Straße"}]},
    }
    row = only(note_tweet=note)
    assert (row["text"], row["hashtags"]) == ("whole & long", ["arcane", "jinx", "strasse"])


def test_a_retweet_takes_text_and_entities_from_its_original() -> None:
    """A retweet's own text is cut: the original's stands in where the page has it, and is marked where not."""
    references = [{"type": "retweeted", "id": "5"}]
    original = tweet(9, id="5", text="whole text", entities={"hashtags": [{"tag": "Vi"}]})
    with_it = only(text="RT @a: who…", referenced_tweets=references, includes={"tweets": [original]})
    without = only(text="RT @a: who…", referenced_tweets=references)
    names = ("text", "is_text_complete", "kind", "hashtags", "retweeted_tweet_id")
    assert [with_it[name] for name in names] == ["whole text", True, "retweet", ["vi"], "5"]
    assert [without[name] for name in names] == ["RT @a: who…", False, "retweet", ["arcane"], "5"]


@pytest.mark.parametrize(
    "notice",
    [
        "@someone's account is temporarily unavailable because it violates the Twitter Media Policy. Learn more.",
        "@someone's account has been withheld in India in response to a legal demand. Learn more.",
        "This Post from @someone has been withheld in response to a report from the copyright holder.",
    ],
)
def test_a_notice_is_no_text(notice: str) -> None:
    """What X says in place of a text carries no content at all; the counters still count."""
    row = only(text=notice, entities={"urls": [{"expanded_url": "https://help.example/x"}]})
    names = ("text", "kind", "hashtags", "content_observed_at", "media_kind", "like_count", "metrics_observed_at")
    assert [row[name] for name in names] == [None, None, None, None, None, 1, NOON]


def video(key: str, views: int | None, kind: str = "video") -> dict[str, Any]:
    medium: dict[str, Any] = {"media_key": key, "type": kind}
    if views is not None:
        medium["public_metrics"] = {"view_count": views}
    return medium


@pytest.mark.parametrize(
    ("keys", "media", "expected"),
    [
        (["a"], [video("a", 10)], ("video", 10, True)),
        (["a", "b", "a"], [video("a", 10), video("b", 5)], ("video", 15, True)),
        (["a", "p"], [video("a", 10), video("p", None, "photo")], ("video", 10, True)),
        (["g", "p"], [video("g", None, "animated_gif"), video("p", None, "photo")], ("gif", None, True)),
        (["p"], [video("p", None, "photo")], ("photo", None, True)),
        (["a"], [], (None, None, False)),
        (["a", "b"], [video("a", 10)], (None, None, False)),
        (["a"], [video("a", None)], (None, None, False)),
    ],
)
def test_media_group(keys: list[str], media: list[dict[str, Any]], expected: tuple[Any, ...]) -> None:
    """Views add up over distinct videos; a page that leaves media out carries no media group."""
    row = only(attachments={"media_keys": keys}, includes={"media": media})
    assert (row["media_kind"], row["video_view_count"], row["media_observed_at"] is not None) == expected


def test_links_count_only_when_they_leave_x() -> None:
    """A domain is a host outside X, without www; media and X's own addresses are none."""
    urls = [
        {"expanded_url": "https://www.example.fr/a?b"},
        {"expanded_url": "https://t.example/x", "unwound_url": "https://shop.example/y"},
        {"expanded_url": "https://x.com/a/status/1/photo/1", "media_key": "p"},
        {"expanded_url": "https://twitter.com/a/status/1"},
        {"expanded_url": "http://[broken"},
    ]
    row = only(entities={"urls": urls})
    assert (row["domains"], row["media_kind"]) == (["example.fr", "shop.example"], "link")


def test_a_tweet_without_time_takes_it_from_its_id() -> None:
    """The snowflake tells the moment where X does not."""
    made_at = datetime(2026, 10, 25, 0, 30, 15, 123000, tzinfo=UTC)
    row = only(id=snowflake(made_at), created_at=None)
    assert (row["created_at"], row["local_hour"]) == (made_at, 2)


@pytest.mark.parametrize("missing", ["like_count", "retweet_count", "reply_count"])
def test_counters_without_the_missions_three_are_not_carried(missing: str) -> None:
    """Half a set of counters overwrites nothing."""
    metrics = {"like_count": 1, "retweet_count": 1, "reply_count": 1}
    del metrics[missing]
    found = rows(reading(body(tweet(public_metrics=metrics))))
    assert found["tweets"][0]["metrics_observed_at"] is None
    assert "tweet_snapshots" not in found


def test_an_absent_metric_is_unknown_not_zero() -> None:
    """Counters that X did not send stay NULL."""
    row = only(public_metrics={"like_count": 1, "retweet_count": 1, "reply_count": 1})
    assert (row["quote_count"], row["bookmark_count"], row["impression_count"]) == (None, None, None)


def test_an_older_version_of_an_edited_tweet_is_not_current() -> None:
    """The history lists all versions, oldest first."""
    identity = tweet(1)["id"]
    assert only(edit_history_tweet_ids=[identity, "99"])["is_current"] is False
    assert only(edit_history_tweet_ids=["98", identity])["root_tweet_id"] == "98"


def test_authors_keep_names_and_audience_apart() -> None:
    """A page with default user fields carries names only; a notice blanks the name and carries neither."""
    users = [
        {"id": "1", "username": "a", "name": "A", "verified_type": "blue", "public_metrics": {"followers_count": 5}},
        {"id": "2", "username": "b", "name": "B"},
        {"id": "3", "username": "c", "name": ""},
    ]
    found = rows(reading(body(tweet(), users=users)))["authors"]
    names = ("author_id", "name", "followers_count", "verified_type", "observed_at", "audience_observed_at")
    assert [tuple(row[name] for name in names) for row in found] == [
        ("1", "A", 5, "blue", NOON, NOON),
        ("2", "B", None, None, NOON, None),
        ("3", None, None, None, None, None),
    ]


def test_snapshots_stand_on_the_utc_hour() -> None:
    """One reading is one snapshot, on the hour of the reading, with the age at reading."""
    at = NOON + timedelta(hours=5, minutes=59, seconds=59)
    (row,) = rows(reading(body(tweet()), observed_at=at))["tweet_snapshots"]
    assert (row["hour_at"], row["observed_at"], row["age_hours"]) == (NOON + timedelta(hours=5), at, 6.0164)


def test_an_id_that_is_no_number_is_a_broken_page() -> None:
    """An id reaches URLs and SQL: it must be what it claims."""
    with pytest.raises(PageError, match="no number"):
        rows(reading(body(tweet(id="1; drop"))))


def test_an_empty_page_gives_no_rows() -> None:
    """No results are no rows, not an error."""
    assert rows(reading(b'{"meta":{"result_count":0}}')) == {}


RICH = body(
    tweet(
        1, attachments={"media_keys": ["a"]}, public_metrics={"like_count": 50, "retweet_count": 1, "reply_count": 1}
    ),
    media=[video("a", 10)],
    users=[{"id": "7", "username": "u", "name": "U", "public_metrics": {"followers_count": 3}}],
)
LATER = body(
    tweet(1, attachments={"media_keys": ["a"]}),
    media=[video("a", 12)],
    users=[{"id": "7", "username": "v", "name": "V"}],
)
NO_INCLUDES = body(tweet(1, attachments={"media_keys": ["a"]}, public_metrics=None))
BARE = body({"id": tweet(1)["id"], "text": "text 1 #Ar…"})
NOTICE = body(tweet(1, text="@u's account is temporarily unavailable because it violates the Media Policy."))
TIMES = {RICH: 0, LATER: 60, NO_INCLUDES: 120, BARE: 180, NOTICE: 240}


@pytest.mark.parametrize("order", list(itertools.permutations(range(5))))
def test_any_order_of_pages_gives_the_same_rows(order: tuple[int, ...]) -> None:
    """The best of each group survives: poorer readings never win, whichever page comes first."""
    readings = [
        reading(raw, observed_at=NOON + timedelta(seconds=seconds), page_hash=f"{seconds:03}")
        for raw, seconds in TIMES.items()
    ]
    found = rows(*(readings[index] for index in order))
    (row,) = found["tweets"]
    assert (row["text"], row["content_page"]) == ("text 1 #Arcane", "120")
    assert (row["like_count"], row["metrics_page"]) == (1, "240")
    assert (row["video_view_count"], row["media_page"]) == (12, "060")
    assert (row["first_seen_at"], found["authors"][0]["name"], found["authors"][0]["followers_count"]) == (NOON, "V", 3)


@given(st.lists(st.sampled_from(list(TIMES)), min_size=1, max_size=6), st.randoms())
def test_equal_times_break_ties_by_page_hash(raws: list[bytes], random: Any) -> None:
    """At one reading time the page hash decides, so that order never does."""
    readings = [reading(raw, page_hash=f"{list(TIMES).index(raw)}") for raw in raws]
    shuffled = random.sample(readings, len(readings))
    assert rows(*readings) == rows(*shuffled)


def test_a_page_survives_half_a_surrogate() -> None:
    """JSON may carry what UTF-8 cannot: the sign is replaced, the page is kept."""
    found = pages.page(b'{"data":[{"id":"1","text":"a\\ud83dz"}],"meta":{"result_count":1}}')
    assert found.data[0].text == "a\ufffdz"
