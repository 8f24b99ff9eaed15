"""What every page says of the data before any figure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from arcane.serve.dashboard.filters import Filters, Span
from arcane.serve.dashboard.frame import Frame
from arcane.serve.language import ENGLISH, FRENCH

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
FRAME = Frame(
    filters=Filters("arcane", Span(date(2026, 11, 18), date(2026, 11, 24))),
    language=FRENCH,
    trackers=[{"name": "arcane", "query": "#Arcane"}, {"name": "rival", "query": "(#A OR #B) lang:fr"}],
    events=[],
    langs=["fr"],
    totals={"tweet_count": 90, "raw_tweet_count": 100, "coverage_rate": 0.99},
    thin_days=[],
    status={"complete_until": NOW - timedelta(minutes=20), "read_at": NOW, "gap_hour_count": 0},
    zone="Europe/Paris",
    now=NOW,
)


def test_whole_and_fresh_data_need_no_warning() -> None:
    """Where all is well there is no banner."""
    assert FRAME.warnings == []


@pytest.mark.parametrize(
    ("status", "totals", "said"),
    [
        ({"read_at": NOW - timedelta(hours=37)}, {}, "Dernière lecture le 23 novembre 2026 à 20 h 00 : rien de plus récent n’est ici."),
        ({"read_at": None}, {}, "Rien n’a encore été lu."),
        ({"gap_hour_count": 1}, {}, "1 heure des 7 derniers jours n’a pas été lue : c’est un trou, pas un zéro."),
        ({"complete_until": datetime(2026, 11, 24, 5, tzinfo=UTC)}, {}, "La période va plus loin que les données complètes : ses derniers jours sont partiels."),
        ({}, {"coverage_rate": 0.874}, "Seuls 87,4 % du décompte de X ont été lus sur cette période."),
    ],
)  # fmt: skip
def test_what_a_reader_must_know_is_told(status: dict[str, object], totals: dict[str, object], said: str) -> None:
    """Old data, hours that were not read, days that are partial and thin coverage each have their sentence."""
    frame = replace(FRAME, status={**FRAME.status, **status}, totals={**FRAME.totals, **totals})
    assert [" ".join(one.split()) for one in frame.warnings] == [" ".join(said.split())]


def thin(*days: date, is_read: bool = False, is_whole: bool = False) -> list[dict[str, object]]:
    return [{"local_date": day, "is_read": is_read, "is_whole": is_whole} for day in days]


@pytest.mark.parametrize(
    ("days", "coverage_rate", "said"),
    [
        (
            thin(*(date(2026, 11, day) for day in (18, 19, 20, 22))),
            None,
            [
                "4 jours sur 7 n’ont pas été lus, du 18 au 20 novembre et le 22 novembre 2026 : les chiffres ne portent que sur les autres.",
                "La couverture de cette période est inconnue : X n’en a pas compté tous les jours en entier.",
            ],
        ),
        (thin(date(2026, 11, 18)), 1.0, ["1 jour sur 7 n’a pas été lu, le 18 novembre 2026 : les chiffres ne portent que sur les autres."]),
        (thin(*(date(2026, 11, day) for day in range(18, 25))), None, ["Aucun jour de cette période n’a été lu."]),
        (thin(date(2026, 11, 18), is_read=True), 0.97, ["1 jour n’a été lu qu’en partie, le 18 novembre 2026 : il y manque des publications."]),
        (
            thin(*(date(2026, 11, day) for day in (18, 20, 22, 24)), is_read=True),
            0.97,
            ["4 jours n’ont été lus qu’en partie, entre le 18 novembre et le 24 novembre 2026 : il y manque des publications."],
        ),
        (
            thin(date(2026, 11, 18), is_read=True, is_whole=True),
            None,
            ["La couverture de cette période est inconnue : X n’en a pas compté tous les jours en entier."],
        ),
        (thin(date(2026, 11, 25), is_read=True), 0.97, []),
    ],
)  # fmt: skip
def test_days_that_the_figures_do_not_stand_on_are_named(
    days: list[dict[str, object]], coverage_rate: float | None, said: list[str]
) -> None:
    """How many, which, and whether nothing, a part or only X's count is missing; a day under way is no hole."""
    frame = replace(FRAME, thin_days=days, totals={**FRAME.totals, "coverage_rate": coverage_rate})
    assert [" ".join(one.split()) for one in frame.warnings] == said


def test_a_part_is_never_measured_by_the_count_of_all() -> None:
    """Where filters leave a part, what is said of X's count says that it is of everything; exclusions alone are no part."""
    thin = replace(FRAME, totals={**FRAME.totals, "coverage_rate": 0.874})
    part = replace(thin, filters=replace(FRAME.filters, lang="fr"))
    assert [" ".join(one.split()) for one in (*part.warnings, part.completeness)] == [
        "Sans les filtres, seuls 87,4 % du décompte de X ont été lus sur cette période.",
        "complet jusqu’au 25 novembre 2026 à 8 h 40 · couverture de la période 87,4 %, sans les filtres",
    ]
    included = replace(thin, filters=replace(FRAME.filters, has_exclusions=False))
    assert (included.warnings, included.completeness) == (thin.warnings, thin.completeness)


def test_the_scope_names_every_filter() -> None:
    """Nothing that narrows the figures is left unsaid, in either language."""
    filters = replace(
        FRAME.filters, kinds=("reply",), media=("video",), lang="fr", author="leo", text="vu", least=1000, has_exclusions=False
    )  # fmt: skip
    assert [" ".join(one.split()) for one in replace(FRAME, filters=filters).scope] == [
        "#Arcane", "du 18 au 24 novembre 2026", "réponses", "vidéo", "français", "@leo", "contenant « vu »",
        "au moins 1 000 interactions", "exclusions comprises",
    ]  # fmt: skip
    assert replace(FRAME, language=ENGLISH).scope[-1] == "without exclusions (10.0%)"
    assert [" ".join(one.split()) for one in FRAME.scope][-1] == "hors exclusions (10,0 %)"


def test_a_tracker_of_one_hashtag_goes_by_it() -> None:
    """A hashtag is called by itself and known as tables write it; a query goes by the tracker's name."""
    rival = replace(FRAME, filters=replace(FRAME.filters, tracker="rival"))
    assert (FRAME.tracker_title, FRAME.own_hashtag) == ("#Arcane", "arcane")
    assert (rival.tracker_title, rival.own_hashtag) == ("rival", "")


def test_money_is_known_up_to_today() -> None:
    """A preset of days ends today where the books are shown; chosen dates stay."""
    assert FRAME.of_money().filters.span == Span(date(2026, 11, 19), date(2026, 11, 25))
    chosen = replace(FRAME, filters=replace(FRAME.filters, period=""))
    assert chosen.of_money() is chosen
