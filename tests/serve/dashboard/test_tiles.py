"""The key figures and what is said of their change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.serve.conftest import Shown
from tests.serve.dashboard.test_frame import FRAME

from arcane.serve.dashboard.queries import Layer
from arcane.serve.dashboard.tiles import Tile, tiles
from arcane.serve.language import ENGLISH, Language

TOTALS = {
    "tweet_count": 5360, "author_count": 4614, "interaction_count": 116_200, "engagement_rate": 0.028, "impression_count": 4_140_000,
    "like_count": 85_683, "retweet_count": 17_564, "reply_count": 10_858, "video_view_count": 8_200_000, "coverage_rate": 0.993,
}  # fmt: skip
GROWTH: list[dict[str, Any]] = [
    {"measure": "tweet_count", "value": 5360.0, "base_value": 3961.0, "growth_rate": 0.353, "day_count": 7, "reason_fr": None},
    {"measure": "author_count", "value": 3548.0, "base_value": 3548.0, "growth_rate": 0.0, "day_count": 7, "reason_fr": None},
    {"measure": "interactions_per_tweet_at_24h", "value": 13.1, "base_value": 18.1, "growth_rate": -0.276, "day_count": 6, "reason_fr": None},
    {"measure": "engagement_rate", "value": None, "base_value": None, "growth_rate": None, "day_count": 0, "reason_fr": "trop récent : aucun jour terminé n'a été lu"},
]  # fmt: skip


def told(shown: Shown, language: Language) -> dict[str, Tile]:
    layer = Layer({one.name: one for one in shown.app.views()}, "arcane")
    return {one.name: one for one in tiles([TOTALS], GROWTH, layer=layer, frame=replace(FRAME, language=language))}


def test_a_change_says_what_it_is_of_and_both_sides(shown: Shown) -> None:
    """A change of a mean is not read as one of the total above it; the value compared with stands beside."""
    found = told(shown, FRAME.language)
    assert [
        (one.arrow, *(" ".join(text.split()) for text in (one.change, one.beside, one.note)))
        for one in list(found.values())[:4]
    ] == [
        ("▲", "+35,3 %", "contre 3 961", ""),
        ("=", "0,0 %", "contre 3 548", ""),
        ("▼", "−27,6 %", "par publication, à 24 h, sur 6 des 7 jours : 13,1 contre 18,1", ""),
        ("", "", "", "Sans évolution : trop récent : aucun jour terminé n’a été lu"),
    ]
    english = told(shown, ENGLISH)["interaction_count"]
    assert english.beside == "a post, at 24 h, over 6 of 7 days: 13.1 against 18.1"


def test_coverage_beside_a_part_says_that_it_is_of_everything(shown: Shown) -> None:
    """X counts all tweets: its tile is not read as the share of what filters leave."""
    layer = Layer({one.name: one for one in shown.app.views()}, "arcane")
    part = replace(FRAME, filters=replace(FRAME.filters, kinds=("reply",)))
    titles = [[one.title for one in tiles([TOTALS], GROWTH, layer=layer, frame=frame)][-1] for frame in (FRAME, part)]
    assert titles == ["Couverture", "Couverture, sans les filtres"]


def test_a_total_that_grows_with_age_has_no_change(shown: Shown) -> None:
    """Likes of two periods are never set side by side."""
    likes = told(shown, FRAME.language)["like_count"]
    assert (likes.change, likes.beside, likes.note) == ("", "", "")


def test_a_definition_has_no_word_of_databases(shown: Shown) -> None:
    """What is unknown is called nothing, not NULL."""
    assert [one.name for one in told(shown, FRAME.language).values() if "NULL" in one.definition] == []
