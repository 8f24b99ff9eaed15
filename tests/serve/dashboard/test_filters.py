"""Filters ↔ URL."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcane.errors import AddressError
from arcane.serve.dashboard.filters import KINDS, MEDIA, PERIODS, Filters, Span, query, read

TRACKERS = ["arcane", "rival"]
LAST = date(2026, 11, 24)


def parsed(url: str) -> Filters:
    return read(url, trackers=TRACKERS, last_day=LAST)


def test_an_empty_url_is_the_last_seven_whole_days_beside_the_seven_before() -> None:
    """Without a word in the URL one sees the first tracker's last week, and the week before it."""
    assert parsed("") == Filters(
        tracker="arcane",
        span=Span(date(2026, 11, 18), date(2026, 11, 24)),
        base=Span(date(2026, 11, 11), date(2026, 11, 17)),
    )


def test_a_period_is_compared_weekday_by_weekday() -> None:
    """The preceding period begins a whole number of weeks earlier; a year ago is 364 days; other dates are as said."""
    ten_days = "from=2026-11-10&to=2026-11-19"
    assert parsed(ten_days).base == Span(date(2026, 10, 27), date(2026, 11, 5))
    assert parsed(f"{ten_days}&compare=year").base == Span(date(2025, 11, 11), date(2025, 11, 20))
    assert parsed(f"{ten_days}&compare=none").base is None
    other = parsed(f"{ten_days}&compare=dates&base_from=2026-01-01&base_to=2026-01-10")
    assert other.base == Span(date(2026, 1, 1), date(2026, 1, 10))


spans = st.builds(
    lambda first, days: Span(first, first + timedelta(days=days)),
    st.dates(date(2007, 1, 1), date(2030, 1, 1)),
    st.integers(0, 900),
)
words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40).map(str.strip)


@given(
    tracker=st.sampled_from(TRACKERS),
    period=st.sampled_from(["", *PERIODS]),
    span=spans,
    compare=st.sampled_from(["previous", "year", "none", "dates"]),
    base=spans,
    kinds=st.sets(st.sampled_from(KINDS), max_size=2),
    media=st.sets(st.sampled_from(MEDIA), max_size=4),
    lang=st.sampled_from(["", "fr", "und", "zh-Hant"]),
    author=st.sampled_from(["", "Leo_1"]),
    text=words,
    least=st.integers(0, 999_999_999),
    has_exclusions=st.booleans(),
)
def test_a_url_says_the_filters_and_gives_them_back(
    *, tracker: str, period: str, span: Span, compare: str, base: Span, kinds: set[str], media: set[str], lang: str,
    author: str, text: str, least: int, has_exclusions: bool,
) -> None:  # fmt: skip
    """Whatever is filtered, its URL reads back as the same filters, and these write the same URL."""
    url = query(
        Filters(
            tracker=tracker, span=span, period=period, compare=compare, base=base,
            kinds=tuple(one for one in KINDS if one in kinds), media=tuple(one for one in MEDIA if one in media),
            lang=lang, author=author, text=text, least=least, has_exclusions=has_exclusions,
        ),
        trackers=TRACKERS,
    )  # fmt: skip
    found = parsed(url)
    assert query(found, trackers=TRACKERS) == url
    assert (found.tracker, found.kinds, found.media, found.lang, found.author, found.text, found.least) == (
        tracker, tuple(one for one in KINDS if one in kinds), tuple(one for one in MEDIA if one in media), lang, author, text, least,
    )  # fmt: skip
    assert (found.span, found.has_exclusions) == (span if not period else found.span, has_exclusions)
    if compare == "dates":
        assert found.base == base


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("tracker=nobody", "no tracker is called 'nobody': there are arcane, rival"),
        ("period=3d", "period is none of 7d, 14d, 28d, 90d, 365d"),
        ("from=2026-13-01&to=2026-11-02", "from is no date: write it as 2026-11-25"),
        ("from=2026-11-03&to=2026-11-02", "to is before from: exchange them"),
        ("from=2020-11-03&to=2026-11-02", "from to to is more than three years: look at a shorter period"),
        (
            "from=1999-11-03&to=2026-11-02",
            "from is before the first tweet, or beyond reason: choose a day since 2006-03-21",
        ),
        ("kind=retweet", "kind is none of original, reply, quote"),
        ("lang=%27%20or%201", "lang has signs that it cannot have"),
        ("author=a%20b", "author has signs that it cannot have"),
        ("text=a%00b", "text holds a NUL sign: take it out"),
        ("least=-1", "least is no whole number"),
        ("exclusions=maybe", "exclusions is none of on, off"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(url: str, said: str) -> None:
    """A parameter that cannot be meant is named in one sentence."""
    with pytest.raises(AddressError) as refused:
        parsed(url)
    assert str(refused.value) == said


def test_a_refusal_is_french_too() -> None:
    """The same sentence is there in French, and names the parameter as the address does."""
    with pytest.raises(AddressError) as refused:
        parsed("from=2026-11-03&to=2026-11-02")
    assert refused.value.french == "« to » est avant « from » : échangez-les"


def test_a_single_filter_can_be_taken_back() -> None:
    """Taking one filter back leaves every other."""
    narrow = parsed("kind=reply&lang=fr&text=vu&exclusions=off")
    assert narrow.is_narrow
    assert query(narrow.without("kinds"), trackers=TRACKERS) == "lang=fr&text=vu&exclusions=off"
    assert not narrow.plain.is_narrow
