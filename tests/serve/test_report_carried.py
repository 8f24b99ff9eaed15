"""What carries a change: spikes, or one post; and that the sentence says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from tests.serve.test_report_sentences import BASE, SCOPE, SPAN, TWEET, measure

from arcane.serve.dashboard.filters import Span
from arcane.serve.language import ENGLISH, spaced
from arcane.serve.report import changes as changing
from arcane.serve.report.carried import Calm, calm, without
from arcane.serve.report.rules import Sentence

MEAN = "interactions_per_tweet_at_24h"


def days(span: Span, counts: list[int], *, spikes: tuple[int, ...] = (), unread: tuple[int, ...] = ()) -> list[Any]:
    """Rows of ``spikes``: which of them are, and which were not read whole."""
    return [
        {
            "local_date": span.first + timedelta(days=place),
            "tweet_count": count,
            "coverage_rate": 0.5 if place in unread else 0.99,
            "is_spike": place in spikes,
        }
        for place, count in enumerate(counts)
    ]


def told(own: list[Any], base: list[Any], rate: float, **given: Any) -> tuple[list[Sentence], Calm | None]:
    scope = given.pop("scope", SCOPE)
    growth = [measure(growth_rate=rate), measure("author_count", growth_rate=rate)]
    found = calm(growth, own, base, scope=scope)
    return changing.changes(growth, calm=found, scope=scope), found


def test_a_rise_that_a_spike_makes_is_no_plain_rise() -> None:
    """2 803 posts of one day hide that the six others fall: the sentence says both, and has no colour of a rise."""
    own = days(SPAN, [400, 2_803, 400, 400, 400, 400, 400], spikes=(1,))
    (volume, authors), found = told(own, days(BASE, [520] * 7), 0.429)
    assert found == Calm([date(2026, 11, 19)], [], 6, pytest.approx(400 / 520 - 1))
    assert volume == Sentence(
        "tweet_count",
        spaced(
            "Le volume ne monte que par un pic : 120 publications, contre 100 du 11 au 17\u00a0novembre. "
            "Sans le 19\u00a0novembre, un pic, les 6 autres jours baissent de 23,1 %."
        ),
        spaced("+42,9 %"),
        "flat",
    )
    assert authors.text.endswith(spaced("Le 19\u00a0novembre, un pic, y est compris."))
    assert authors.tone == "flat"


def test_the_same_change_without_the_spike_is_told_plainly() -> None:
    """A spike on top of a rise changes nothing of it; nor do days that were not read whole, which take no part."""
    own = days(SPAN, [400, 2_803, 400, 400, 400, 400, 400], spikes=(1,))
    (volume, authors), found = told(own, days(BASE, [300] * 7), 1.47)
    assert found is None
    assert volume.text.startswith(spaced("Le volume monte :"))
    assert (volume.tone, authors.tone) == ("up", "up")
    unread = days(SPAN, [400, 2_803, 400, 400, 400, 400, 400], spikes=(1,), unread=(1,))
    assert told(unread, days(BASE, [520] * 7), 0.429)[1] is None


@pytest.mark.parametrize(
    ("own", "base", "rate", "start", "end"),
    [
        (
            days(SPAN, [100] * 7), days(BASE, [100, 100, 100, 900, 100, 100, 100], spikes=(3,)), -0.53,
            "Le volume ne recule que face à un pic :",
            "Sans le 14\u00a0novembre, un pic, les 6 autres jours ne bougent guère (0,0 %).",
        ),
        (
            days(SPAN, [60, 60, 600, 60, 60, 60, 60], spikes=(2,)), days(BASE, [137] * 7), 0.0,
            "Le volume ne bouge guère, pics compris :",
            "Sans le 20\u00a0novembre, un pic, les 6 autres jours baissent de 56,2 %.",
        ),
        (
            days(SPAN, [60, 900, 900, 60, 60, 60, 60], spikes=(1, 2)), days(BASE, [100] * 6 + [400], spikes=(6,)), 1.1,
            "Le volume ne monte que par des pics :",
            "Sans le 17\u00a0novembre, le 19\u00a0novembre et le 20\u00a0novembre, des pics, les 4 autres jours baissent de 40,0 %.",
        ),
        (
            days(SPAN, [2, 900, 2, 2, 2, 2, 2], spikes=(1,)), days(BASE, [50] * 7), 1.6,
            "Le volume monte, pics compris :",
            "Sans le 19\u00a0novembre, un pic, il reste moins de 30 publications d'un côté ou de l'autre : trop peu pour en juger.",
        ),
    ],
)  # fmt: skip
def test_spikes_on_either_side_are_taken_out(
    own: list[Any], base: list[Any], rate: float, start: str, end: str
) -> None:
    """Of the period and of the one compared with, each with the day that it faces; too few posts left are no verdict."""
    (volume, _), _ = told(own, base, rate)
    assert volume.text.startswith(spaced(start))
    assert volume.text.endswith(spaced(end))
    assert volume.tone == "flat"


def test_one_day_that_is_a_spike_is_what_it_is() -> None:
    """Where no other day is left there is nothing to tell it from."""
    assert told(days(SPAN, [900], spikes=(0,)), days(BASE, [100]), 8.0)[1] is None


def test_english_says_that_a_spike_carries_it() -> None:
    """The other language."""
    scope = replace(SCOPE, language=ENGLISH)
    own = days(SPAN, [400, 2_803, 400, 400, 400, 400, 400], spikes=(1,))
    (volume, _), _ = told(own, days(BASE, [520] * 7), 0.429, scope=scope)
    assert volume.text == (
        "Volume rises by a spike alone: 120 posts, against 100 over 11 to 17\u00a0November. "
        "Without 19\u00a0November, a spike, the 6 other days fall by 23.1%."
    )


def of_mean(base_value: float, count: int = 100, tweets: list[Any] | None = None) -> Sentence:
    """A mean of 20 over six days of seven: the last is too young, though some of its posts are measured."""
    growth = [
        measure(
            MEAN, value=20.0, base_value=base_value, growth_rate=20 / base_value - 1, day_count=6, measured_tweet_count=count,
        )
    ]  # fmt: skip
    at_24h = [
        {"local_date": date(2026, 11, 19), "measured_tweet_count": 60, "interaction_count_at_24h": 1_600.0},
        {"local_date": date(2026, 11, 23), "measured_tweet_count": 40, "interaction_count_at_24h": 400.0},
        {"local_date": date(2026, 11, 24), "measured_tweet_count": 12, "interaction_count_at_24h": 9_000.0},
    ]
    found = without(
        growth, [TWEET] if tweets is None else tweets, at_24h, days(SPAN, [50] * 7), days(BASE, [50] * 7), scope=SCOPE
    )
    (sentence,) = changing.changes(growth, without=found, scope=SCOPE)
    return sentence


@pytest.mark.parametrize(
    ("base_value", "ending", "tone"),
    [
        (16.0, "Sans la première, de @zoe le 19\u00a0novembre, la moyenne serait de 16,2 : la hausse tient à cette seule publication.", "flat"),
        (12.0, "Sans la première, de @zoe le 19\u00a0novembre, la moyenne serait encore de 16,2 : la hausse ne tient pas à elle seule.", "up"),
    ],
)  # fmt: skip
def test_a_rise_is_tried_without_its_first_post(base_value: float, ending: str, tone: str) -> None:
    """(2000 - 400) / 99 = 16,2, of the days compared alone: a rise that one post makes is told from one that it does
    not."""
    sentence = of_mean(base_value)
    assert sentence.text.endswith(spaced(ending))
    assert sentence.tone == tone


def test_the_first_post_is_one_of_the_days_compared() -> None:
    """A post of a day that is too young is not in the mean, so it is not what is taken out."""
    young = {**TWEET, "local_date": date(2026, 11, 24), "username": "max", "interaction_count_at_24h": 8_000.0}
    second = {**TWEET, "interaction_at_24h_rank": 2}
    assert "de @zoe le" in of_mean(12.0, tweets=[young, second]).text


def test_a_rise_is_not_tried_on_other_posts() -> None:
    """Where the posts found are not those that the mean stands on, or it did not rise, nothing is taken out."""
    assert "Sans la première" not in of_mean(12.0, count=90).text
    assert "Sans la première" not in of_mean(12.0, tweets=[]).text
    assert "Sans la première" not in of_mean(25.0).text
