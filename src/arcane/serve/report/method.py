"""How the figures of a report came about, and how far they reach: what its last pages say. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from arcane.serve.charts import Row
from arcane.serve.dashboard.frame import Frame
from arcane.serve.language import Language
from arcane.serve.report.against import against, base_name, caution
from arcane.serve.report.rules import LEAST_TWEETS
from arcane.serve.report.tables import label
from arcane.views import View

_TILES: Final = (
    "tweet_count", "author_count", "interaction_count", "engagement_rate", "impression_count", "like_count",
    "retweet_count", "reply_count", "video_view_count", "coverage_rate",
)  # fmt: skip
# View → the columns whose meaning a reader of the report needs.
_DEFINED: Final = {
    "totals": _TILES,
    "growth": ("growth_rate", "measured_tweet_count", "day_count"),
    "spikes": ("median_tweet_count", "z_score", "is_spike"),
    "spike_causes": ("explained_share",),
    "top_authors": ("median_interaction_count",),
    "emerging_hashtags": ("is_emerging",),
    "weekday_hours": ("mean_tweet_count",),
    "share_of_voice": ("tweet_share",),
}


def method(frame: Frame, as_of: date | None) -> list[str]:
    """Paragraphs, in the order of reading."""
    language = frame.language
    say, totals = language.text, frame.totals
    raw, kept = totals["raw_tweet_count"], totals["tweet_count"]
    left_out = language.percent((raw - kept) / raw) if raw else language.percent(0)
    until = frame.status["complete_until"]
    found = [
        say(
            f"Les publications sont celles que X donne pour {frame.tracker_title}, retweets hors périmètre (ils comptent parmi "
            f"les interactions). {language.number(raw)} ont été trouvées ; {language.number(raw - kept)} ({left_out}) sont hors "
            "périmètre selon la liste d'exclusions.",
            f"Posts are those that X gives for {frame.tracker_title}, reposts left out (they count among interactions). "
            f"{language.number(raw)} were found; {language.number(raw - kept)} ({left_out}) are excluded by the analysts' list.",
        ),
        say(
            "La couverture rapporte, heure par heure, ce qui a été lu à ce que X compte lui-même. Un jour qui n'a pas été lu "
            "est un trou, jamais un zéro.",
            "Coverage sets what was read beside X's own count, hour by hour. A day that was not read is a gap, never a zero.",
        ),
        say(
            "Les jours sont ceux de l'heure locale "
            f"({frame.zone}). Les compteurs sont ceux de la dernière lecture de chaque publication ; ils montent encore une "
            "semaine environ, d'où la comparaison à âge égal (24 heures, 7 jours), interpolée entre les deux lectures voisines.",
            f"Days are local ({frame.zone}). Counters are those of the last reading of each post; they grow for about a week, "
            "hence the comparison at equal age (24 hours, 7 days), interpolated between the two readings around it.",
        ),
        say(
            "Les phrases de « L'essentiel » sont calculées, jamais rédigées à la main : elles exigent une couverture de 95 % et "
            f"{LEAST_TWEETS} publications. Ce qui accompagne un pic n'en est pas forcément la cause.",
            "The sentences of “In short” are computed, never written by hand: they take 95 % coverage and "
            f"{LEAST_TWEETS} posts. What goes with a spike need not have caused it.",
        ),
        *_compared(frame),
        say(
            "Les publications effacées sur X le sont aussi d'ici : refait plus tard, ce rapport peut en compter moins.",
            "Posts erased on X are erased here too: made again later, this report may count fewer.",
        ),
    ]  # fmt: skip
    if as_of is not None:
        found.insert(0, then(as_of, language))
    elif until is not None:
        moment = language.moment(until, frame.zone)
        found.insert(
            2,
            say(
                f"Tous les suivis sont lus sans trou jusqu'au {moment}.",
                f"All trackers are read without a gap until {moment}.",
            ),
        )
    return found


def _compared(frame: Frame) -> list[str]:
    """How periods are compared; nothing where none is."""
    language, base = frame.language, against(frame.filters, frame.language)
    if not base:
        return []
    chosen = language.text(
        {"previous": " (le même nombre de jours, aux mêmes jours de la semaine)", "year": " (aux mêmes jours de la semaine)"}
        .get(frame.filters.compare, ""),
        {"previous": " (as many days, on the same weekdays)", "year": " (on the same weekdays)"}
        .get(frame.filters.compare, ""),
    )  # fmt: skip
    said = language.text(
        f"La comparaison est faite avec {base}{chosen}, chaque jour face au jour de même rang. Une phrase qui compare exige "
        "cette couverture et ce nombre des deux côtés, l'âge égal et plus de la moitié des jours. Sous 5 %, un écart n'est "
        "appelé ni hausse ni baisse. Le volume est éprouvé sans les pics des deux périodes ni les jours qui leur font face, une "
        "moyenne qui monte à 24 heures sans sa première publication : ce qui porte l'écart est dit avec lui.",
        f"Compared with {base}{chosen}, each day with the one of the same place. A sentence that compares takes that coverage "
        "and number on both sides, equal age and more than half of the days. Under 5 % a change is called none. Volume is tried "
        "without the spikes of both periods and the days that these face, a mean that rises at 24 hours without its first post: "
        "what carries a change is said with it.",
    )
    return [f"{said} {caution(frame.filters, language)}".rstrip()]


def coverage(frame: Frame, base_totals: Sequence[Row]) -> str:
    """How much of the period was read, and of the one that it is compared with."""
    language, rate = frame.language, frame.totals["coverage_rate"]
    say = language.text
    if rate is None:
        said = say(
            "Couverture de la période inconnue : X n'en a pas compté chaque heure",
            "Coverage unknown: X did not count every hour",
        )
    else:
        share = language.percent(rate)
        said = say(
            f"{share} du décompte de X ont été lus sur la période", f"{share} of X's own count of the period was read"
        )
    base = frame.filters.base
    if base is None:
        return said
    other, (totals,) = base_name(frame.filters.span, base, language), base_totals
    if totals["coverage_rate"] is None:
        return said + say(f" ; couverture inconnue sur {other}", f"; coverage of {other} is unknown")
    share = language.percent(totals["coverage_rate"])
    return said + say(f", {share} sur {other}", f", {share} of {other}")


def then(as_of: date | None, language: Language) -> str:
    if as_of is None:
        return ""
    day = language.day(as_of)
    return language.text(
        f"Rapport rétrospectif, tel que les lectures le permettaient au soir du {day}. Les publications lues depuis n'y sont "
        "pas, les compteurs sont ceux de la dernière lecture d'alors. Textes, noms et exclusions sont ceux d'aujourd'hui ; ce "
        "qui a été effacé depuis n'y est plus.",
        f"Looking back: what the readings until the evening of {day} told. Posts first read later are not here, counters are "
        "those of the newest reading of then. Texts, names and exclusions are today's; what was erased since is gone.",
    )


def definitions(views: Mapping[str, View], frame: Frame) -> list[tuple[str, str]]:
    """In the views' own words; each term once."""
    language, found = frame.language, dict[str, str]()
    for name, columns in _DEFINED.items():
        if frame.filters.base is None and "base_first_date" in views[name].parameters:
            continue
        known = {one.name: one for one in views[name].columns}
        for column in columns:
            found.setdefault(
                label(column, frame),
                language.text(known[column].sens, known[column].meaning).replace("NULL", language.text("rien", "none")),
            )
    return list(found.items())
