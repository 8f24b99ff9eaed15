"""Search: windows, paging, matching, refusals."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

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
    world,
)

from arcane.simulator.world import World


@pytest.mark.parametrize(("path", "size"), [(RECENT, 10), (RECENT, 37), (RECENT, 100), (ALL, 100), (ALL, 500)])
def test_pages_cover_the_window_exactly(path: str, size: int) -> None:
    """Whatever the page size, a chain gives every tweet of the window once, newest first."""
    x = simulator()
    found = pages(x, {"query": "#Arcane", "max_results": str(size), **WINDOW}, path)
    assert ids(found) == truth(x)
    assert [int(one) for one in ids(found)] == sorted((int(one) for one in ids(found)), reverse=True)


def test_meta_tells_of_its_own_page() -> None:
    """result_count, newest_id and oldest_id are those of the page's data."""
    x = simulator()
    for page in pages(x, {"query": "#Arcane", "max_results": "100", **WINDOW}):
        told = {key: page["meta"][key] for key in ("result_count", "newest_id", "oldest_id")}
        found = ids([page])
        assert told == {"result_count": len(found), "newest_id": found[0], "oldest_id": found[-1]}


def test_start_is_inclusive_and_end_exclusive_by_the_second() -> None:
    """Two windows that meet at a tweet's second share nothing and lose nothing."""
    x = simulator()
    middle = asked(x, RECENT, {"query": "#Arcane", "tweet.fields": "created_at", **WINDOW})["data"][5]
    cut = middle["created_at"].replace(".000Z", "Z")
    before = ids(pages(x, {"query": "#Arcane", "max_results": "100", **WINDOW, "end_time": cut}))
    after = ids(pages(x, {"query": "#Arcane", "max_results": "100", **WINDOW, "start_time": cut}))
    assert after + before == truth(x)
    assert middle["id"] in after


def test_ids_are_exclusive_bounds() -> None:
    """since_id and until_id leave out the ids that they name."""
    x = simulator()
    found = truth(x)
    inner = pages(x, {"query": "#Arcane", "max_results": "100", "since_id": found[60], "until_id": found[20]})
    assert ids(inner) == found[21:60]


def test_windows_by_default() -> None:
    """Recent looks seven days back and all thirty, both up to half a minute ago."""
    x = simulator(world(2_000, 3, 40.0))
    recent = ids(pages(x, {"query": "#Arcane", "max_results": "100"}))
    whole = ids(pages(x, {"query": "#Arcane", "max_results": "500"}, ALL))
    assert recent == truth(x, start="2026-11-13T10:00:00Z", end="2026-11-20T09:59:30Z")
    assert whole == truth(x, start="2026-10-21T10:00:00Z", end="2026-11-20T09:59:30Z")


def test_only_end_time_on_all_looks_thirty_days_back_from_it() -> None:
    """An end long ago is no empty window."""
    x = simulator(world(2_000, 3, 60.0))
    found = ids(pages(x, {"query": "#Arcane", "max_results": "500", "end_time": "2026-10-15T00:00:00Z"}, ALL))
    assert found == truth(x, start="2026-09-15T00:00:00Z", end="2026-10-15T00:00:00Z")


def test_nothing_found_has_no_data() -> None:
    """An empty result is its meta alone."""
    assert asked(simulator(), RECENT, {"query": "#nothinglikeit"}) == {"meta": {"result_count": 0}}


def test_a_token_belongs_to_its_query() -> None:
    """A token of another query is refused."""
    x = simulator()
    token = asked(x, RECENT, {"query": "#Arcane"})["meta"]["next_token"]
    found = reply(x, RECENT, {"query": "#Jinx", "next_token": token})
    assert (found.status, json.loads(found.body)["errors"][0]["parameters"]) == (400, {"next_token": [token]})


def _replies(tweet: dict[str, Any], kind: str) -> bool:
    return tweet.get("referenced_tweets", [{}])[0].get("type") == kind


def _media(tweet: dict[str, Any], start: str) -> bool:
    return any(key.startswith(start) for key in tweet.get("attachments", {}).get("media_keys", []))


def _tags(tweet: dict[str, Any]) -> set[str]:
    both = (tweet["entities"], tweet.get("note_tweet", {}).get("entities", {}))
    return {tag["tag"].casefold() for entities in both for tag in entities.get("hashtags", [])}


QUERIES = {
    "#arcane": lambda t: "arcane" in _tags(t),
    "#ARCANE #jinx": lambda t: {"arcane", "jinx"} <= _tags(t),
    "#jinx OR #ekko": lambda t: bool({"jinx", "ekko"} & _tags(t)),
    "#arcane (#jinx OR #ekko) lang:fr": lambda t: (
        "arcane" in _tags(t) and not {"jinx", "ekko"}.isdisjoint(_tags(t)) and t["lang"] == "fr"
    ),
    "#arcane -#netflix": lambda t: "arcane" in _tags(t) and "netflix" not in _tags(t),
    "#arcane -(#jinx OR #netflix)": lambda t: "arcane" in _tags(t) and not {"jinx", "netflix"} & _tags(t),
    "#arcane is:retweet": lambda _: False,
    "#arcane -is:retweet": lambda t: "arcane" in _tags(t),
    "#arcane is:reply": lambda t: "arcane" in _tags(t) and _replies(t, "replied_to"),
    "#arcane is:quote": lambda t: "arcane" in _tags(t) and _replies(t, "quoted"),
    "#arcane has:media": lambda t: "arcane" in _tags(t) and "attachments" in t,
    "#arcane has:video_link": lambda t: "arcane" in _tags(t) and _media(t, "13_"),
    "#arcane has:images": lambda t: "arcane" in _tags(t) and _media(t, "3_"),
    "#arcane has:hashtags": lambda t: "arcane" in _tags(t),
    "#arcane has:links": lambda t: (
        "arcane" in _tags(t)
        and ("attachments" in t or "urls" in t["entities"] or "urls" in t.get("note_tweet", {}).get("entities", {}))
    ),
    "#arcane has:mentions": lambda t: "arcane" in _tags(t) and "mentions" in t["entities"],
}


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_gives_what_it_says(query: str) -> None:
    """The operators agree with what the tweets themselves show."""
    x = simulator()
    fields = {**EVERYTHING["tweet"], "max_results": "100", **WINDOW}
    everything = [
        tweet for page in pages(x, {"query": "has:hashtags #arcane OR -#arcane", **fields}) for tweet in page["data"]
    ]
    assert ids(pages(x, {"query": query, **fields})) == [tweet["id"] for tweet in everything if QUERIES[query](tweet)]


def test_some_tweets_are_not_the_series_own() -> None:
    """The world holds tweets that #Arcane must not find, and nearly all else it must."""
    x = simulator()
    share = len(truth(x)) / len(truth(x, "#arcane OR -#arcane"))
    assert 0.8 < share < 0.97


def test_from_finds_an_authors_tweets() -> None:
    """from: takes a username or an id and finds that author's tweets only."""
    x = simulator()
    page = asked(x, RECENT, {"query": "#Arcane", "expansions": "author_id", "max_results": "100", **WINDOW})
    author = page["includes"]["users"][0]
    for name in (author["username"], author["id"], author["username"].upper()):
        found = pages(x, {"query": f"#Arcane from:{name}", "tweet.fields": "author_id", **WINDOW})
        assert {tweet["author_id"] for one in found for tweet in one["data"]} == {author["id"]}


def test_a_word_finds_texts_that_hold_it() -> None:
    """A keyword finds exactly the texts in which it stands as a word, whatever its case."""
    x = simulator()
    fields = {"max_results": "100", "tweet.fields": "note_tweet", **WINDOW}
    everything = [tweet for page in pages(x, {"query": "#arcane", **fields}) for tweet in page["data"]]
    word = max(everything[0]["text"].replace("#", " ").split(), key=len).strip(".,!?…").casefold()
    expected = {t["id"] for t in everything if word in (t.get("note_tweet") or t)["text"].casefold()}
    assert expected >= set(ids(pages(x, {"query": f"#arcane {word.upper()}", **fields}))) >= {everything[0]["id"]}


_SIZE = "The `max_results` query parameter value [{}] is not between 10 and 100"
_ID = "The `{}` query parameter value [{}] does not match ^[0-9]{{1,19}}$"
_ONE_OF = "The `sort_order` query parameter value [best] is not one of [recency,relevancy]"
_RECENT_END = "a minimum of 10 seconds prior to the request time."
REFUSALS = [
    ({}, "query", "The `query` query parameter can not be empty"),
    ({"query": " "}, "query", "The `query` query parameter can not be empty"),
    (
        {"query": "#a", "max_results": "9"},
        "max_results",
        _SIZE.format("9"),
    ),
    (
        {"query": "#a", "max_results": "101"},
        "max_results",
        _SIZE.format("101"),
    ),
    (
        {"query": "#a", "max_results": "ten"},
        "max_results",
        _SIZE.format("ten"),
    ),
    (
        {"query": "#a", "since_id": "NA"},
        "since_id",
        _ID.format("since_id", "NA"),
    ),
    (
        {"query": "#a", "until_id": "x1"},
        "until_id",
        _ID.format("until_id", "x1"),
    ),
    (
        {"query": "#a", "sort_order": "best"},
        "sort_order",
        _ONE_OF,
    ),
    ({"query": "#a", "next_token": "x", "pagination_token": "y"}, "next_token", None),
    ({"query": "#a", "next_token": "junk"}, "next_token", "Invalid 'next_token':'junk'"),
    ({"query": "#a", "next_token": "é"}, "next_token", "Invalid 'next_token':'é'"),
    (
        {"query": "#a", "since_id": "1", "start_time": "2026-11-19T00:00:00Z"},
        "since_id",
        "Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or 'end_time'.",
    ),
    (
        {"query": "#a", "until_id": "1", "end_time": "2026-11-19T00:00:00Z"},
        "until_id",
        "Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or 'end_time'.",
    ),
    (
        {"query": "#a", "since_id": "1500000000000000000"},
        "since_id",
        "'since_id' must be a tweet id created after 2026-11-13T10:00Z. "
        "Please use a 'since_id' that is larger than 2121181273912246272",
    ),
    (
        {"query": "#a", "start_time": "2026-11-13T09:59:00Z"},
        "start_time",
        "Invalid 'start_time':'2026-11-13T09:59Z'. 'start_time' must be on or after 2026-11-13T10:00Z",
    ),
    (
        {"query": "#a", "end_time": "2026-11-20T09:59:51Z"},
        "end_time",
        "Invalid 'end_time':'2026-11-20T09:59:51Z'. 'end_time' must be " + _RECENT_END,
    ),
    (
        {"query": "#a", "start_time": "2026-11-20T10:00:00Z"},
        "start_time",
        "Invalid 'start_time':'2026-11-20T10:00Z'. 'start_time' must be " + _RECENT_END,
    ),
    (
        {"query": "#a", "start_time": "2026-11-19T01:00:00Z", "end_time": "2026-11-19T00:00:00Z"},
        "start_time",
        "Invalid 'start_time':'2026-11-19T01:00Z'. 'start_time' must be before 'end_time':2026-11-19T00:00Z",
    ),
    ({"query": "#a", "start_time": "yesterday"}, "start_time", None),
    ({"query": "#a", "start_time": "2026-11-19T00:00:00"}, "start_time", None),
    ({"query": "#a", "tweet.fields": "text,mood"}, "tweet.fields", None),
    ({"query": "#a", "user.fields": "shoe_size"}, "user.fields", None),
    ({"query": "#a", "media.fields": "smell"}, "media.fields", None),
    ({"query": "#a", "expansions": "referenced_tweets"}, "expansions", None),
    ({"query": "#a", "tweet.fields": "id", "post.fields": "id"}, "post.fields", None),
    ({"query": "#a", "post.fields": "author_id"}, "post.fields", None),
    ({"query": "#a", "post.fields": "id", "expansions": "referenced_tweets.id"}, "expansions", None),
    ({"query": "#a", "hashtag": "b"}, "hashtag", None),
    ({"query": "#a", "ids": "1"}, "ids", None),
    ({"query": "#a", "granularity": "day"}, "granularity", None),
    ({"query": "#" + "a" * 512}, "query", None),
    ({"query": "min_faves:10"}, "query", None),
    ({"query": "is:reply"}, "query", None),
    ({"query": "lang:fr -is:quote"}, "query", None),
    ({"query": "(#a OR #b"}, "query", None),
    ({"query": "#a )"}, "query", None),
    ({"query": "#a OR"}, "query", None),
]


@pytest.mark.parametrize(("params", "parameter", "message"), REFUSALS)
def test_a_bad_request_is_refused_in_x_words(params: dict[str, str], parameter: str, message: str | None) -> None:
    """Each 400 has X's shape, names its parameter and, where the wording is known, says it."""
    found = reply(simulator(), RECENT, params)
    body = json.loads(found.body)
    assert found.status == 400
    assert {key: body[key] for key in ("title", "detail")} == {
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
    }
    assert body["type"].endswith("/2/problems/invalid-request")
    (error,) = body["errors"]
    assert parameter in error["parameters"]
    assert all(isinstance(value, list) for value in error["parameters"].values())
    assert message is None or error["message"] == message


def test_a_refusal_by_count_of_ids() -> None:
    """A lookup takes one to a hundred numbers and nothing else."""
    x = simulator()
    for ids_asked in ("", "NA,NA", ",".join(map(str, range(101))), "1,,2"):
        for path in ("/2/tweets", "/2/users"):
            found = reply(x, path, {"ids": ids_asked})
            assert (found.status, json.loads(found.body)["title"]) == (400, "Invalid Request")
    assert json.loads(reply(x, "/2/users", {"ids": "NA,NA"}).body)["errors"] == [
        {
            "parameters": {"ids": ["NA,NA"]},
            "message": _ID.format("ids", "NA"),
        }
    ]


def test_the_archive_reaches_where_recent_does_not() -> None:
    """search/all takes 500 a page and a start of weeks ago."""
    x = simulator(world(2_000, 3, 40.0))
    window = {"start_time": "2026-10-20T00:00:00Z", "end_time": "2026-11-01T00:00:00Z"}
    found = pages(x, {"query": "#Arcane", "max_results": "500", **window}, ALL)
    assert ids(found) == truth(x, start=window["start_time"], end=window["end_time"])
    assert len(ids(found)) > 200


def test_a_month_of_fates_gives_each_day_what_it_could() -> None:
    """Withheld, deleted, edited, late, protected, suspended: every day's chain is the truth of its moment."""
    rates = dict.fromkeys(("withheld", "deleted", "edited", "late", "protected", "suspended", "deactivated"), 0.03)
    on = World.generate(
        seed=7, end=NOW, days=30, tweet_count=9_000, **{f"{name}_rate": rate for name, rate in rates.items()}
    )
    x = simulator(on)
    seen: set[str] = set()
    for day in range(29, -1, -1):
        now = NOW - timedelta(days=day)
        x.clock.set(now)  # type: ignore[attr-defined]
        start, end = (f"{one:%Y-%m-%dT%H:%M:%SZ}" for one in (now - timedelta(days=1), now - timedelta(minutes=15)))
        found = ids(pages(x, {"query": "#Arcane", "max_results": "100", "start_time": start, "end_time": end}))
        assert found == truth(x, start=start, end=end)
        seen |= set(found)
    last = truth(x, start=f"{NOW - timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}", end=f"{NOW:%Y-%m-%dT%H:%M:%SZ}")
    assert 0 < len(seen - set(last)) < len(seen) / 10, "read, and gone since"
    assert 0 < len(set(last) - seen) < len(seen) / 10, "late, released, or made while nobody looked"


def test_tweets_of_the_future_are_not_there() -> None:
    """A clock in the middle of the world sees nothing after it."""
    x = simulator()
    x.clock.set(datetime(2026, 11, 18, tzinfo=UTC))  # type: ignore[attr-defined]
    found = pages(x, {"query": "#Arcane", "max_results": "100", "tweet.fields": "created_at"})
    newest = max(tweet["created_at"] for page in found for tweet in page["data"])
    assert newest < "2026-11-17T23:59:30.000Z"
