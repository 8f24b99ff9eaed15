"""What is asked of the warehouse for an export, and what is refused."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from arcane.errors import ConfigError
from arcane.serve.dashboard.filters import Span
from arcane.serve.dashboard.queries import Layer
from arcane.serve.extract import Scope, found, question, scope
from arcane.views import View, views

VIEWS = views()
LAYER = Layer({one.name: one for one in VIEWS}, "arcane")
WEEK = Span(date(2026, 11, 9), date(2026, 11, 15))


def named(name: str) -> View:
    return found(VIEWS, name)


def tail(view: str, asked: Scope) -> str:
    """What follows the titles."""
    sql = question(named(view), asked, layer=LAYER).sql
    return sql[sql.index("\nfrom ") + 1 :]


def test_a_view_is_narrowed_by_its_french_columns() -> None:
    """Tracker and day as parameters, sorted by day and key."""
    asked = question(named("volume_by_day"), Scope("arcane", WEEK), layer=Layer(LAYER.views, "mine"))
    assert asked.sql == (
        "select\n    suivi,\n    date_locale,\n    nb_tweets,\n    nb_tweets_bruts,\n    nb_tweets_originaux,\n"
        "    nb_tweets_reponses,\n    nb_tweets_citations,\n    nb_attendus,\n    taux_couverture,\n"
        "from mine_fr.volume_by_day\n"
        "where suivi = @tracker_name and date_locale between @first_date and @last_date\n"
        "order by date_locale, suivi"
    )
    assert asked.bound == {"tracker_name": "arcane", "first_date": WEEK.first, "last_date": WEEK.last}


@pytest.mark.parametrize(
    ("view", "asked", "expected"),
    [
        (
            "top_tweets",
            Scope("arcane", WEEK),
            "from arcane_fr.top_tweets(@tracker_name, @first_date, @last_date)\n"
            "order by rang_interactions is null, rang_interactions, id_tweet",
        ),
        (
            "engagement_gained_by_day",
            Scope("", WEEK),
            "from arcane_fr.engagement_gained_by_day\nwhere date_lecture between @first_date and @last_date\n"
            "order by date_lecture, suivi",
        ),
        ("tweets_flat", Scope(), "from arcane_fr.tweets_flat"),
        ("share_of_voice", Scope("", WEEK), "from arcane_fr.share_of_voice(@first_date, @last_date)\norder by suivi"),
    ],
)
def test_what_is_asked(view: str, asked: Scope, expected: str) -> None:
    """A function gets arguments, another day is a day too, tweets come in no order."""
    assert tail(view, asked) == expected


@pytest.mark.parametrize(
    ("view", "asked", "told"),
    [
        ("totals", Scope(), "totals needs --tracker with the name of one"),
        ("totals", Scope("arcane"), "totals needs --from and --to, both days inclusive"),
        ("growth", Scope("arcane", WEEK), "growth needs --base-from and --base-to, both days inclusive"),
        (
            "tweets_flat",
            Scope("arcane"),
            "tweets_flat does not tell trackers apart: leave --tracker out, or take another view",
        ),
        ("share_of_voice", Scope("arcane", WEEK), "share_of_voice is about all trackers: leave --tracker out"),
        ("data_status", Scope("", WEEK), "data_status has no day: leave --from and --to out"),
    ],
)
def test_what_a_view_lacks_or_knows_nothing_of_is_told(view: str, asked: Scope, told: str) -> None:
    """In one sentence."""
    with pytest.raises(ConfigError) as caught:
        question(named(view), asked, layer=LAYER)
    assert str(caught.value) == told


@pytest.mark.parametrize("name", ["nothing", "posted_tweets"])
def test_a_view_that_office_tools_cannot_read_is_none(name: str) -> None:
    """Unknown, or with lists and no French twin."""
    with pytest.raises(ConfigError, match=f"no view can be exported by the name {name}: there are acquired_at_24h, "):
        found(VIEWS, name)


def test_a_base_is_the_same_weekdays_before() -> None:
    """Unless one is said."""
    nine, fifteen = datetime(2026, 11, 9), datetime(2026, 11, 18)  # noqa: DTZ001 - days as typer gives them
    asked = scope("arcane", (nine, fifteen), (None, None))
    assert asked == Scope(
        "arcane", Span(date(2026, 11, 9), date(2026, 11, 18)), Span(date(2026, 10, 26), date(2026, 11, 4))
    )
    assert scope("", (nine, fifteen), (nine, nine)).base == Span(date(2026, 11, 9), date(2026, 11, 9))
    assert scope("", (None, None), (None, None)) == Scope()


@pytest.mark.parametrize(("first", "last"), [(1, None), (None, 1), (2, 1)])
def test_half_a_period_and_one_that_ends_before_it_begins_are_refused(first: int | None, last: int | None) -> None:
    """Naming the options."""
    days = [None if day is None else datetime(2026, 11, day) for day in (first, last)]  # noqa: DTZ001 - as typer gives them
    with pytest.raises(ConfigError, match=r"--to|--from"):
        scope("", (days[0], days[1]), (None, None))
