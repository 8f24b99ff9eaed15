"""Sentences of the report: what is said, and above all when nothing may be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from arcane.serve.dashboard.filters import Span
from arcane.serve.language import ENGLISH, FRENCH, spaced
from arcane.serve.report import changes as changing
from arcane.serve.report import sentences
from arcane.serve.report.rules import Scope, Sentence

SPAN, BASE = Span(date(2026, 11, 18), date(2026, 11, 24)), Span(date(2026, 11, 11), date(2026, 11, 17))
SCOPE = Scope(FRENCH, "arcane", "#Arcane", SPAN, BASE, {"arcane": "#Arcane", "jinx": "#Jinx"})
TOTALS = {"coverage_rate": 0.99, "tweet_count": 500, "author_count": 320}
BASE_TOTALS = {"coverage_rate": 0.98, "tweet_count": 400, "author_count": 300}
ALONE = replace(SCOPE, base=None)


def measure(name: str = "tweet_count", **changes: Any) -> dict[str, Any]:
    """A row of ``growth`` that allows a sentence."""
    return {
        "measure": name,
        "value": 120.0,
        "base_value": 100.0,
        "growth_rate": 0.2,
        "day_count": 7,
        "measured_tweet_count": 120,
        "base_measured_tweet_count": 100,
        "coverage_rate": 0.99,
        "base_coverage_rate": 0.98,
        "reason_fr": None,
        **changes,
    }


def said(*rows: dict[str, Any], scope: Scope = SCOPE) -> list[Sentence]:
    return changing.changes(changing.judged(rows, scope=scope), scope=scope)


@pytest.mark.parametrize(
    ("changes", "text", "lead", "tone"),
    [
        ({}, "Le volume monte : 120 publications, contre 100 du 11 au 17\u00a0novembre.", "+20,0 %", "up"),
        ({"value": 80.0, "growth_rate": -0.2}, "Le volume recule : 80 publications, contre 100 du 11 au 17\u00a0novembre.", "−20,0 %", "down"),
        ({"value": 104.0, "growth_rate": 0.04}, "Le volume ne bouge guère : 104 publications, contre 100 du 11 au 17\u00a0novembre.", "+4,0 %", "flat"),
        (
            {"day_count": 6},
            "Le volume monte : 120 publications, contre 100 du 11 au 17\u00a0novembre. "
            "Comparaison sur 6 des 7 jours : les autres sont trop récents ou mal couverts.",
            "+20,0 %",
            "up",
        ),
    ],
)  # fmt: skip
def test_a_change_is_said_with_both_values(changes: dict[str, Any], text: str, lead: str, tone: str) -> None:
    """A rise, a fall, a change too small to be called one, and days that took no part."""
    assert said(measure(**changes)) == [Sentence("tweet_count", spaced(text), spaced(lead), tone)]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"coverage_rate": 0.94}, "la couverture n'est que de 94,0 % (il en faut 95 %)"),
        (
            {"base_coverage_rate": 0.5},
            "la couverture n'est que de 50,0 % sur la période du 11 au 17\u00a0novembre (il en faut 95 %)",
        ),
        ({"base_coverage_rate": None}, "la couverture est inconnue sur la période du 11 au 17\u00a0novembre"),
        ({"coverage_rate": None}, "la couverture est inconnue"),
        ({"measured_tweet_count": 29}, "29 publications seulement (il en faut 30)"),
        (
            {"base_measured_tweet_count": 1},
            "1 publication seulement sur la période du 11 au 17\u00a0novembre (il en faut 30)",
        ),
        ({"day_count": 3}, "3 jours seulement sur 7 peuvent être comparés à cet âge"),
        ({"day_count": 1}, "1 jour seulement sur 7 peut être comparé à cet âge"),
        (
            {"growth_rate": None, "reason_fr": "trop récent : aucun jour lu au moins 168 h après sa fin"},
            "trop récent (aucun jour lu 7 jours ou plus après sa fin)",
        ),
        (
            {"growth_rate": None, "reason_fr": "couverture sous 95 % sur la période de comparaison"},
            "couverture sous 95 % sur la période du 11 au 17\u00a0novembre",
        ),
        ({"growth_rate": None, "reason_fr": "périodes de longueurs différentes"}, "périodes de longueurs différentes"),
    ],
)
def test_nothing_is_said_on_less(changes: dict[str, Any], why: str) -> None:
    """Coverage under 95 % or unknown on either side, under 30 posts, few days, or the function's own reason."""
    assert said(measure(**changes)) == [Sentence("tweet_count", spaced(f"Publications : {why}."), is_said=False)]


def test_what_is_refused_has_no_rate_anywhere() -> None:
    """Tiles and tables are made of the same judged rows: no rate stands where no sentence may."""
    (row,) = changing.judged([measure(measured_tweet_count=29)], scope=SCOPE)
    assert (row["growth_rate"], row["reason_fr"]) == (None, "29 publications seulement (il en faut 30)")


def test_rates_and_means_are_written_as_such() -> None:
    """A rate in per cent, a mean with one figure after the comma and the age that it is taken at."""
    rate = measure("engagement_rate", value=0.0213, base_value=0.0251, growth_rate=-0.1514)
    mean = measure("interactions_per_tweet_at_24h", value=18.31, base_value=13.35, growth_rate=0.3716)
    assert [one.text for one in said(rate, mean)] == [
        spaced(
            "Chaque publication recueille davantage : 18,3 interactions en moyenne à 24 h d'âge, contre 13,3 du 11 au "
            "17\u00a0novembre."
        ).replace("13,3", FRENCH.number(13.35, digits=1)),
        spaced("Le taux d'engagement recule : 2,13 %, contre 2,51 % du 11 au 17\u00a0novembre."),
    ]


def test_english_says_the_same() -> None:
    """The other language, the function's reason too."""
    scope = Scope(ENGLISH, "arcane", "#Arcane", SPAN, BASE, {})
    rows = (
        measure(),
        measure("author_count", growth_rate=None, reason_fr="couverture inconnue sur la période de comparaison"),
    )
    assert [one.text for one in said(*rows, scope=scope)] == [
        "Volume rises: 120 posts, against 100 over 11 to 17\u00a0November.",
        "Distinct authors: coverage of the period 11 to 17\u00a0November unknown.",
    ]


def test_another_year_is_named() -> None:
    """Days of a year ago are never taken for those of this one."""
    scope = replace(SCOPE, base=Span(date(2025, 11, 19), date(2025, 11, 25)))
    (sentence,) = said(measure(), scope=scope)
    assert sentence.text.endswith("contre 100 du 19 au 25\u00a0novembre\u00a02025.")


def test_one_reason_is_told_once() -> None:
    """What cannot be said for the same reason stands in one sentence."""
    reason = "couverture inconnue sur la période de comparaison"
    rows = [measure(name, growth_rate=None, reason_fr=reason) for name in ("tweet_count", "author_count")]
    assert [one.text for one in said(*rows)] == [
        spaced("Publications ; auteurs distincts : couverture inconnue sur la période du 11 au 17\u00a0novembre.")
    ]


SUMS = {"local_date": date(2026, 11, 19), "measured_tweet_count": 490, "interaction_count_at_24h": 4_900.0}


def test_without_a_comparison_it_is_said_how_the_period_stands() -> None:
    """How many, by how many, and what each gathers at 24 hours: no rise, no fall, no base."""
    assert changing.standing([], TOTALS, [SUMS], scope=ALONE) == [
        Sentence("volume", spaced("500 publications de 320 comptes, soit 71 par jour sur 7 jours."), "500"),
        Sentence(
            "mean",
            spaced(
                "Chaque publication recueille en moyenne 10,0 interactions à 24 h d'âge (490 publications mesurées)."
            ),
            "10,0",
        ),
    ]


@pytest.mark.parametrize(
    ("totals", "why"),
    [
        ({"coverage_rate": None}, "la couverture est inconnue"),
        ({"coverage_rate": 0.94}, "la couverture n'est que de 94,0 % (il en faut 95 %)"),
        ({"tweet_count": 29}, "29 publications seulement (il en faut 30)"),
    ],
)
def test_how_it_stands_is_not_said_on_less(totals: dict[str, Any], why: str) -> None:
    """Coverage and number are asked of it as well."""
    found = changing.standing([], {**TOTALS, **totals}, [{**SUMS, "measured_tweet_count": 29}], scope=ALONE)
    assert found == [Sentence("volume", spaced(f"Volume : {why}."), is_said=False)]


def test_a_mean_is_said_of_most_posts_alone() -> None:
    """Of half of them or fewer it would speak of each post by a sliver."""
    found = changing.standing([], TOTALS, [{**SUMS, "measured_tweet_count": 250}], scope=ALONE)
    assert [one.name for one in found] == ["volume"]


def test_how_it_stands_takes_the_place_of_changes_alone() -> None:
    """Told where the change of it is not, as beside a year of which nothing was read; and never besides it."""
    known = changing.judged([measure(), measure("interactions_per_tweet_at_24h")], scope=SCOPE)
    unknown = changing.judged([measure(base_coverage_rate=None), measure("author_count")], scope=SCOPE)
    assert changing.standing(known, TOTALS, [SUMS], scope=SCOPE) == []
    assert [one.name for one in changing.standing(unknown, TOTALS, [SUMS], scope=SCOPE)] == ["volume", "mean"]


def day(number: int, **changes: Any) -> dict[str, Any]:
    """A row of ``spikes``."""
    return {
        "local_date": date(2026, 11, number),
        "tweet_count": 50,
        "median_tweet_count": 48.0,
        "coverage_rate": 0.99,
        "z_score": 0.1,
        "is_spike": False,
        "reason_fr": None,
        **changes,
    }


SPIKE = day(19, tweet_count=240, z_score=21.0, is_spike=True)
CAUSE = {"local_date": date(2026, 11, 19), "cause_kind": "hashtag", "cause": "noël", "explained_share": 0.8245}
TWEET = {
    "local_date": date(2026, 11, 19),
    "username": "zoe",
    "interaction_rank": 1,
    "interaction_at_24h_rank": 1,
    "interaction_count": 900,
    "interaction_count_at_24h": 400.0,
}


def of_spikes(days: list[dict[str, Any]], **others: Any) -> list[Sentence]:
    given: dict[str, Any] = {"causes": [], "best": [], "events": [], **others}
    return sentences.spikes(days, given["causes"], given["best"], given["events"], scope=SCOPE)


def test_a_spike_comes_with_what_goes_with_it() -> None:
    """Size against the median, the causes with their share, the post of that day, the analysts' note; no claim."""
    week = [day(18), SPIKE, *map(day, range(20, 25))]
    event = {"local_date": date(2026, 11, 19), "label": "Bande-annonce"}
    author = {**CAUSE, "cause_kind": "author", "cause": "max", "explained_share": 0.21}
    assert of_spikes(week, causes=[CAUSE, author], best=[TWEET], events=[event]) == [
        Sentence(
            "spike-2026-11-19",
            spaced(
                "Pic le 19\u00a0novembre : 240 publications, quand la médiane des 28 jours d'avant est de 48. Ce qui accompagne le "
                "plus l'excédent : le hashtag #noël (82 %) et le compte @max (21 %). La publication la plus suivie de ce jour est "
                "de @zoe (900 interactions à ce jour). Noté ce jour-là : « Bande-annonce »."
            ),
            "×\u202f5,0",
            "up",
        )
    ]


def test_no_dominant_cause_is_an_answer() -> None:
    """Where nothing goes with a fifth of it, that is said, and nothing is named."""
    (sentence,) = of_spikes(
        [SPIKE, *(day(n) for n in (18, 20, 21, 22, 23, 24))], causes=[{**CAUSE, "cause_kind": "none"}]
    )
    assert sentence.text.endswith(spaced("Pas de cause dominante : rien n'en accompagne un cinquième."))


def test_days_without_verdict_are_no_quiet_days() -> None:
    """A gap is neither spike nor calm: the days judged are counted, the others named with the reason."""
    unknown = [day(n, is_spike=None, z_score=None, reason_fr="couverture inconnue ou sous 95 %") for n in (18, 19)]
    assert [(one.text, one.is_said) for one in of_spikes([*unknown, *map(day, range(20, 25))])] == [
        (spaced("Aucun pic : chacun des 5 jours jugés reste dans l'ordinaire de ses 28 jours d'avant."), True),
        (spaced("Pics : pas de verdict pour 2 jours sur 7 (couverture inconnue ou sous 95 %)."), False),
    ]
    (nothing,) = of_spikes([])
    assert (nothing.text, nothing.is_said) == (
        spaced("Pics : pas de verdict pour 7 jours sur 7 (hors du calendrier du suivi)."),
        False,
    )


@pytest.mark.parametrize(("judged", "none"), [(1, "le seul jour jugé"), (3, "les 3 jours jugés")])
def test_calm_is_not_told_by_a_few_days(judged: int, none: str) -> None:
    """No big nought for one day of seven: that none was found among them stands behind the days without verdict."""
    week = [
        day(n, is_spike=None, z_score=None, reason_fr="couverture inconnue ou sous 95 %")
        if n >= 18 + judged
        else day(n)
        for n in range(18, 25)
    ]
    (sentence,) = of_spikes(week)
    assert (sentence.text, sentence.is_said) == (
        spaced(
            f"Pics : pas de verdict pour {7 - judged} jours sur 7 (couverture inconnue ou sous 95 %) ; aucun parmi {none}."
        ),
        False,
    )
    assert "aucun" not in of_spikes([SPIKE, *week[2:]])[-1].text


def test_a_small_spike_is_not_told() -> None:
    """Under 30 posts a spike is counted and left at that."""
    week = [day(18), {**SPIKE, "tweet_count": 24, "median_tweet_count": 3.0}, *map(day, range(20, 25))]
    (sentence,) = of_spikes(week, causes=[CAUSE])
    assert (sentence.text, sentence.is_said) == (
        spaced("Pics : 1 de moins de 30 publications, trop peu pour en dire plus."),
        False,
    )


def of_best(count: int = 260, whole: float = 2_000.0, **changes: Any) -> Sentence:
    given: dict[str, Any] = {"totals": TOTALS, "tweets": [TWEET], **changes}
    sums = [
        {"local_date": date(2026, 11, 18), "measured_tweet_count": 10, "interaction_count_at_24h": 100.0},
        {
            "local_date": date(2026, 11, 19),
            "measured_tweet_count": count - 10,
            "interaction_count_at_24h": whole - 100,
        },
        {"local_date": date(2026, 11, 20), "measured_tweet_count": 0, "interaction_count_at_24h": None},
    ]
    (sentence,) = sentences.best(given["tweets"], sums, given["totals"], scope=SCOPE)
    return sentence


def test_the_first_post_is_weighed_at_equal_age() -> None:
    """Its share is of interactions at 24 hours, among the posts that were measured at that age."""
    assert of_best() == Sentence(
        "best",
        spaced(
            "La publication qui a le plus recueilli en 24 h, de @zoe le 19\u00a0novembre, fait à elle seule 20,0 % des "
            "interactions des 260 publications mesurées à cet âge."
        ),
        "20,0\u202f%",
    )


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"count": 29}, "29 publications seulement (il en faut 30)"),
        (
            {"count": 250},
            "250 des 500 publications seulement sont mesurées à 24 h d'âge (il en faut plus de la moitié)",
        ),
        ({"totals": {"coverage_rate": 0.9, "tweet_count": 500}}, "la couverture n'est que de 90,0 % (il en faut 95 %)"),
        ({"totals": {"coverage_rate": None, "tweet_count": 500}}, "la couverture est inconnue"),
        ({"tweets": [{**TWEET, "interaction_at_24h_rank": None}]}, "aucune interaction n'est mesurée à 24 h d'âge"),
    ],
)
def test_the_first_post_is_not_named_on_less(given: dict[str, Any], why: str) -> None:
    """Coverage, number and age are asked of it as of any sentence."""
    sentence = of_best(**given)
    assert (sentence.text, sentence.is_said) == (spaced(f"Publications qui portent la période : {why}."), False)


def tag(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "hashtag": name,
        "tweet_count": 190,
        "base_tweet_count": 12,
        "is_emerging": True,
        "reason_fr": None,
        **changes,
    }


def test_hashtags_emerge_by_the_view_s_own_verdict() -> None:
    """Those that the function says emerge, of 30 posts or more; new are those alone that were on no post; none, or no
    verdict, is said as that."""

    def told(
        *rows: dict[str, Any], totals: dict[str, Any] = TOTALS, base: dict[str, Any] = BASE_TOTALS
    ) -> tuple[str, bool]:
        (sentence,) = sentences.emerging(rows, totals, [base], scope=SCOPE)
        return sentence.text, sentence.is_said

    assert told(tag("noël"), tag("jinx", is_emerging=False)) == (
        spaced("Un hashtag émerge face à la période du 11 au 17\u00a0novembre : #noël (190 publications contre 12)."),
        True,
    )
    assert told(tag("jinx", is_emerging=False))[0].startswith(
        "Aucun hashtag n’émerge face à la période du 11 au 17\u00a0novembre"
    )
    leads = [
        sentences.emerging(rows, TOTALS, [BASE_TOTALS], scope=SCOPE)[0].lead
        for rows in (
            [tag("noël", base_tweet_count=188)],
            [tag("noël", base_tweet_count=0)],
            [tag("noël", base_tweet_count=0), tag("jinx", base_tweet_count=1)],
            [tag("noël", base_tweet_count=0), tag("jinx", base_tweet_count=0)],
        )
    ]
    assert leads == ["Émerge", "Nouveau", "Émergent", "Nouveaux"]
    few = spaced("Hashtags émergents : aucun ne porte 30 publications, trop peu pour en parler.")
    assert told(tag("noël", tweet_count=29)) == told() == (few, False)
    why = "couverture inconnue sur la période de comparaison"
    assert told(tag("noël", is_emerging=None, reason_fr=why)) == (
        spaced("Hashtags émergents : couverture inconnue sur la période du 11 au 17\u00a0novembre."),
        False,
    )
    assert told(totals={"coverage_rate": 0.2, "tweet_count": 500})[1] is False
    assert told(tag("noël"), base={"coverage_rate": 0.98, "tweet_count": 29}) == (
        spaced(
            "Hashtags émergents : 29 publications seulement sur la période du 11 au 17\u00a0novembre (il en faut 30)."
        ),
        False,
    )


def test_a_share_of_voice_is_among_trackers() -> None:
    """Alone there is none; with a reason it is given."""
    rows = [
        {"tracker": "arcane", "tweet_count": 70, "tweet_share": 0.7, "coverage_rate": 0.99, "reason_fr": None},
        {"tracker": "jinx", "tweet_count": 30, "tweet_share": 0.3, "coverage_rate": 0.99, "reason_fr": None},
    ]
    assert sentences.voice(rows[:1], scope=SCOPE) == []
    (whole,) = sentences.voice(rows, scope=SCOPE)
    assert whole.text == spaced(
        "#Arcane fait 70,0 % des publications du panel (#Arcane, #Jinx) ; c'est une part entre ces suivis, jamais de tout X."
    )
    (none,) = sentences.voice(
        [{**rows[0], "tweet_share": None, "reason_fr": "couverture sous 95 %"}, rows[1]], scope=SCOPE
    )
    assert (none.text, none.is_said) == (spaced("Part de voix : couverture sous 95 %."), False)


def test_one_loud_account_is_a_warning() -> None:
    """From a tenth of all posts; not below, and not where nothing may be said of them."""
    loudest = [{"author_group": "first", "share": 0.14}, {"author_group": "first_10", "share": 0.9}]
    (warning,) = changing.loud(loudest, TOTALS, scope=SCOPE)
    assert warning.text.startswith(spaced("Un seul compte publie 14,0 % de l'ensemble :"))
    assert changing.loud([{"author_group": "first", "share": 0.09}], TOTALS, scope=SCOPE) == []
    assert changing.loud(loudest, {**TOTALS, "coverage_rate": 0.1}, scope=SCOPE) == []


def test_what_cannot_be_said_comes_last() -> None:
    """Said first, in their order; then what is not, each with its reason; hostile names stay text without marks."""
    rows: dict[str, Any] = {
        "growth": [measure(), measure("author_count", coverage_rate=0.2)],
        "loudest": [],
        "spikes": [SPIKE],
        "base_spikes": [],
        "causes": [{**CAUSE, "cause": "\u202eevil<script>"}],
        "best": [TWEET],
        "at_24h": [{**SUMS, "measured_tweet_count": 300}],
        "emerging": [tag("jinx", is_emerging=False)],
        "base_totals": [BASE_TOTALS],
        "voices": [],
    }
    found = sentences.sentences(rows, totals=TOTALS, events=[], scope=SCOPE)
    assert [one.name for one in found] == [
        "tweet_count",
        "mean",
        "spike-2026-11-19",
        "best",
        "emerging",
        "author_count",
        "spikes-unknown",
    ]
    assert [one.is_said for one in found] == [True] * 5 + [False] * 2
    assert "#evil<script> (" in found[2].text
    alone = sentences.sentences(
        {**rows, "growth": [], "emerging": [], "base_totals": []}, totals=TOTALS, events=[], scope=ALONE
    )
    assert [one.name for one in alone] == ["volume", "mean", "spike-2026-11-19", "best", "spikes-unknown"]
