"""Answers as readers read them: no key of the warehouse's on a page, in either language."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from tests.serve.conftest import Shown
from tests.serve.serving import got

from arcane.serve.dashboard.answers import table
from arcane.serve.dashboard.pages import PAGES
from arcane.serve.dashboard.wording import reason
from arcane.serve.language import ENGLISH, FRENCH, Language

GROWTH: list[dict[str, Any]] = [
    {"label_fr": "tweets", "value": 5360.0, "growth_rate": 0.353, "reason_fr": None, "measure": "tweet_count"},
    {
        "label_fr": "taux d'engagement", "value": 0.028, "growth_rate": None, "measure": "engagement_rate",
        "reason_fr": "moins de 20 tweets mesurés sur la période",
    },
]  # fmt: skip
KEYS = (
    "tweet_count", "interaction_count", "interactions_per_tweet", "engagement_rate", "author_count", "first_percent", "first_10",
    "original", "quote", "reply", "ensemble", "complete", "fr", "en",
)  # fmt: skip


def test_a_measure_goes_by_its_name_and_has_its_unit() -> None:
    """The key's word stands first and in the page's language, its French twin is gone, a rate is a percentage."""
    french, english = (table(GROWTH, language=one, zone="Europe/Paris") for one in (FRENCH, ENGLISH))
    assert french.headers == ["Mesure", "Période, jours comparés", "Évolution", "Motif"]
    assert french.numbers == [False, True, True, False]
    assert [[" ".join(one.split()) for one in row] for row in french.cells] == [
        ["publications", "5 360", "+35,3 %", "–"],
        ["taux d’engagement, à 7 jours", "2,8 %", "–", "moins de 20 publications mesurées sur la période"],
    ]
    assert english.headers == ["Measure", "Period, days compared", "Change", "Reason"]
    assert english.cells[1] == ["engagement rate, at 7 days", "2.8%", "–", "under 20 posts measured in the period"]


def test_a_cause_has_the_sign_of_what_it_is() -> None:
    """A hashtag and an account are written as on X; what has no name has no sign; without a reason no column says so."""
    rows = [
        {"cause_kind": "hashtag", "cause": "noël", "reason_fr": None},
        {"cause_kind": "author", "cause": "leo", "reason_fr": None},
        {"cause_kind": "none", "cause": None, "reason_fr": None},
    ]
    assert table(rows, language=FRENCH, zone="Europe/Paris").cells == [
        ["hashtag", "#noël"],
        ["compte", "@leo"],
        ["pas de cause dominante", "–"],
    ]


def test_a_reason_keeps_the_names_that_it_brackets() -> None:
    """Trackers named by a view stay; what is not known is told as it came."""
    told = "couverture inconnue ou sous 95 % (arcane, jinx)"
    assert reason(told, ENGLISH) == "coverage unknown or under 95% (arcane, jinx)"
    assert reason("tout autre", ENGLISH) == "tout autre"


def test_every_reason_of_the_views_has_its_words(shown: Shown) -> None:
    """No view gives a reason that an English page would show in French."""
    said = set()
    for view in shown.app.views():
        if "reason_fr" in {one.name for one in view.columns}:
            code = re.sub(r"--.*", "", view.sql)
            said |= {one for pair in re.findall(r"then\s+(?:'([^']+)'|\"([^\"]+)\")", code) for one in pair if one}
    said -= {one for one in said if one.islower() and " " not in one}
    assert len(said) > 15
    assert [one for one in said if reason(one, ENGLISH) == one] == []


@pytest.mark.parametrize("path", [f"/{page.path}" for page in PAGES if page.path != "sql"])
@pytest.mark.parametrize("language", [FRENCH, ENGLISH])
def test_no_table_shows_a_key(shown: Shown, path: str, language: Language) -> None:
    """Kinds, media, languages, groups, measures and outcomes are words in the data of every panel."""
    _, _, text = got(f"{shown.url}{path}?ui={language.code}")
    cells = {re.sub(r"<[^>]+>", "", unescape(one)) for one in re.findall(r"<td[^>]*>(.*?)</td>", text, re.S)}
    assert cells & set(KEYS) <= (set() if language.is_french else {"complete"})


@pytest.mark.parametrize("path", ["/", "/audience", "/sujets", "/publications", "/comparaison", "/depenses"])
def test_a_post_has_one_name(shown: Shown, path: str) -> None:
    """French pages say publications, in titles, labels and notes alike; SQL and what people wrote aside."""
    _, _, text = got(f"{shown.url}{path}")
    text = re.sub(r"<(pre|article)\b.*?</\1>|<td class=\"long\">.*?</td>", "", text, flags=re.S)
    words = re.sub(r"<[^>]+>", " ", unescape(text))
    assert re.findall(r"\b[Tt]weets?\b", words) == []
