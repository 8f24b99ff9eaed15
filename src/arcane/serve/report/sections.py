"""What a report is made of: sections with their figures, what each asks, and how it is drawn. Pure.

A figure is drawn twice from the same rows: as Vega-Lite for the page, and as a ``Plot``, the plain numbers of a chart
that a presentation program can edit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from arcane.errors import ConfigError
from arcane.serve import charts
from arcane.serve.charts import Row, Spec
from arcane.serve.dashboard import questions
from arcane.serve.dashboard.frame import Frame
from arcane.serve.dashboard.questions import Statement
from arcane.serve.dashboard.wording import handle, legible
from arcane.serve.report import statements
from arcane.serve.report.against import against, base_days, caution

_SHOWN_BARS: Final = 10
_TIME_PX: Final = 190
_WORDS: Final = {"essential", "growth", "method"}  # sections that need no figure
EVOLUTION: Final = "evolution"  # the one that is all comparison


@dataclass(frozen=True, slots=True)
class Plot:
    """``kind``: column, stacked, compared (the period, then what it is compared with), bar (categories from top to bottom)
    or line; ``series``: name → values, None: a gap; ``counted``: the same of what is drawn as strokes over stacked
    columns; ``pale``: which categories still grow."""

    kind: str
    categories: Sequence[str]
    series: Mapping[str, Sequence[float | None]]
    counted: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    is_rate: bool = False
    pale: Sequence[bool] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """``rows``: name of what was asked. ``is_half``: two stand beside each other. ``height``: 0 for the chart's own.
    ``note``: how to read the page's drawing of it. No ``plot``: slides have a table of it."""

    name: str
    title: str
    rows: str
    draw: Callable[[Sequence[Row]], Spec]
    plot: Callable[[Sequence[Row]], Plot] | None
    is_half: bool = False
    height: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """``key``: what ``--sections`` and headings of comments call it. ``look``: figures, essential, growth, spikes,
    tweets, emerging or method."""

    key: str
    title: str
    deck: str = ""
    look: str = "figures"
    figures: tuple[Figure, ...] = ()


ASKED: Final[Mapping[str, Statement]] = {
    "growth": statements.GROWTH,
    "compared": questions.COMPARED,
    "volume": questions.VOLUME,
    "spikes": statements.SPIKES,
    "causes": statements.CAUSES,
    "engagement": questions.ENGAGEMENT,
    "best": statements.BEST,
    "at_24h": statements.AT_24H,
    "loudest": statements.LOUDEST,
    "authors": statements.AUTHORS,
    "hashtags": statements.HASHTAGS,
    "emerging": statements.EMERGING,
    "rhythm": statements.RHYTHM,
    "languages": questions.LANGUAGES,
    "kinds": questions.KINDS,
    "media": questions.MEDIA,
    "domains": statements.DOMAINS,
    "videos": questions.VIDEOS,
    "voices": statements.VOICES,
}
TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "essentiel": ("L'essentiel", "In short"),
    "evolution": ("Ce qui change, à âge égal", "What changes, at equal age"),
    "volume": ("Combien de publications, jour après jour", "How many posts, day by day"),
    "engagement": ("Ce que les publications ont recueilli", "What the posts have gathered"),
    "publications": ("Les publications qui ont porté la période", "The posts that carried the period"),
    "auteurs": ("Qui entraîne la conversation", "Who carries the conversation"),
    "hashtags": ("De quoi l'on parle avec", "What goes with it"),
    "rythme": ("Quand on en parle", "When they talk about it"),
    "formats": ("Sous quelle forme, en quelle langue", "In what form, in which language"),
    "liens": ("Vers quels sites", "To which sites"),
    "videos": ("Les vidéos les plus vues", "The most viewed videos"),
    "part-de-voix": ("Part de voix", "Share of voice"),
    "methode": ("Méthode, couverture et définitions", "Method, coverage and definitions"),
}
KEYS: Final = tuple(TITLES)


def chosen(text: str) -> tuple[str, ...]:
    """Keys of ``--sections``, in the report's own order; the method is always among them.

    Raises: ConfigError naming the one that is none.
    """
    wanted = {key.strip().lower() for key in text.split(",") if key.strip()}
    if unknown := sorted(wanted - set(KEYS)):
        raise ConfigError(f"--sections: there is no section {unknown[0]}, but {', '.join(KEYS)}")
    return tuple(key for key in KEYS if not wanted or key in wanted or key == "methode")


def sections(rows: Mapping[str, Sequence[Row]], *, keys: Sequence[str], frame: Frame) -> list[Section]:
    """Those of ``keys`` that have something to show."""
    say = frame.language.text
    made = {
        "essentiel": _essential(frame),
        EVOLUTION: _evolution(frame),
        "volume": _volume(frame),
        "engagement": _engagement(frame),
        "publications": Section(
            "publications",
            say(*TITLES["publications"]),
            say(
                "Par interactions à leur dernière lecture : les plus anciennes ont eu plus de temps.",
                "By interactions as last read: the older ones had more time.",
            ),
            "tweets",
        ),
        "auteurs": _authors(frame),
        "hashtags": _hashtags(frame),
        "rythme": _rhythm(frame),
        "formats": _formats(frame),
        "liens": _links(frame),
        "videos": _videos(frame),
        "part-de-voix": _voices(frame),
        "methode": Section("methode", say(*TITLES["methode"]), "", "method"),
    }  # fmt: skip
    if len(rows["voices"]) < 2:
        del made["part-de-voix"]
    if frame.filters.base is None:
        del made[EVOLUTION]
    shown = [_filled(made[key], rows) for key in keys if key in made]
    return [one for one in shown if one.figures or one.look in _WORDS or (one.look == "tweets" and rows["best"])]


def _filled(section: Section, rows: Mapping[str, Sequence[Row]]) -> Section:
    """Without the figures that would be empty."""
    kept = [
        one for one in section.figures if rows[one.rows] and (one.plot is None or one.plot(rows[one.rows]).categories)
    ]
    return replace(section, figures=tuple(kept))


def _essential(frame: Frame) -> Section:
    say, base = frame.language.text, against(frame.filters, frame.language)
    deck = say(f"Face à {base}.", f"Beside {base}.") if base else say("Sans comparaison.", "Without a comparison.")
    return Section(
        "essentiel", say(*TITLES["essentiel"]), f"{deck} {caution(frame.filters, frame.language)}".rstrip(), "essential"
    )


def _evolution(frame: Frame) -> Section:
    language, span, base = frame.language, frame.filters.span, frame.filters.base
    say = language.text
    when = base_days(span, base, language) if base is not None else ""
    posts = say("Publications", "Posts")

    def plotted(rows: Sequence[Row]) -> Plot:
        paired = [row for row in rows if row["base_tweet_count"] is not None]
        return Plot(
            "compared",
            [language.short_day(row["local_date"]) for row in rows] if paired else [],
            {
                language.period(span.first, span.last): [row["tweet_count"] for row in rows],
                language.period(base.first, base.last) if base is not None else "": [
                    row["base_tweet_count"] for row in rows
                ],
            },
        )

    return Section(
        EVOLUTION,
        say(*TITLES[EVOLUTION]),
        say(
            f"Face à {against(frame.filters, language)}, jour pour jour. Une publication jeune a eu moins de temps pour "
            "recueillir : les moyennes sont donc prises au même âge de part et d'autre, ou ne sont pas données.",
            f"Beside {against(frame.filters, language)}, day for day. A young post had less time to gather: means are taken at "
            "the same age on both sides, or not given.",
        ),
        "growth",
        (
            Figure(
                "compared",
                say("Publications par jour", "Posts by day"),
                "compared",
                lambda rows: charts.measure(rows, "tweet_count", title=posts, events=frame.events, language=language),
                plotted,
                height=_TIME_PX,
                note=say(f"En tirets, le jour qui lui fait face, {when}", f"Dashed, the day that it faces, {when}"),
            ),
        ),
    )


def _volume(frame: Frame) -> Section:
    language = frame.language
    say = language.text
    kinds = ("original", "reply", "quote")
    return Section(
        "volume",
        say(*TITLES["volume"]),
        say(
            "Le trait au-dessus des barres est le décompte de X lui-même ; un fond gris marque un jour qui n'a pas été lu en entier.",
            "The stroke over the bars is X's own count; a grey ground marks a day that was not read whole.",
        ),
        "spikes",
        (
            Figure(
                "volume",
                say("Publications par jour et par type", "Posts by day and kind"),
                "volume",
                lambda rows: charts.volume(rows, events=frame.events, language=language),
                lambda rows: Plot(
                    "stacked",
                    [language.short_day(row["local_date"]) for row in rows],
                    {language.kind(kind): [row[f"{kind}_tweet_count"] for row in rows] for kind in kinds},
                    {say("décompte de X", "X's own count"): [row["expected_count"] for row in rows]},
                ),
                height=_TIME_PX,
            ),
        ),
    )


def _engagement(frame: Frame) -> Section:
    language = frame.language
    say = language.text
    interactions, rate = say("Interactions", "Interactions"), say("Taux d'engagement", "Engagement rate")

    def drawn(column: str, title: str, *, is_rate: bool = False) -> Callable[[Sequence[Row]], Spec]:
        return lambda rows: charts.measure(
            rows, column, title=title, events=frame.events, language=language, is_rate=is_rate
        )

    def plotted(column: str, title: str, *, is_rate: bool = False) -> Callable[[Sequence[Row]], Plot]:
        return lambda rows: Plot(
            "line" if is_rate else "column",
            [language.short_day(row["local_date"]) for row in rows],
            {title: [row[column] for row in rows]},
            is_rate=is_rate,
            pale=[bool(row["is_provisional"]) for row in rows],
        )

    return Section(
        "engagement",
        say(*TITLES["engagement"]),
        say(
            "Par jour de publication, à la dernière lecture. En pâle, les jours de moins d'une semaine : leurs chiffres "
            "montent encore et ne se comparent pas aux autres.",
            "By day of posting, as last read. Pale: days younger than a week, which still grow and compare with no other.",
        ),
        "figures",
        (
            Figure(
                "interactions",
                say("Interactions (j'aime, retweets, réponses, citations)", "Interactions (likes, reposts, replies, quotes)"),
                "engagement", drawn("interaction_count", interactions), plotted("interaction_count", interactions), height=_TIME_PX,
            ),
            Figure(
                "rate", say("Taux d'engagement : interactions par affichage", "Engagement rate: interactions for each time shown"),
                "engagement", drawn("engagement_rate", rate, is_rate=True), plotted("engagement_rate", rate, is_rate=True), height=_TIME_PX,
            ),
        ),
    )  # fmt: skip


def _authors(frame: Frame) -> Section:
    say = frame.language.text
    return Section(
        "auteurs",
        say(*TITLES["auteurs"]),
        say(
            "Comptes par interactions recueillies par leurs publications de la période. Ne recommandez personne sur un seul "
            "succès : la médiane n'est donnée qu'à partir de cinq publications.",
            "Accounts by interactions that their posts gathered. Recommend nobody on one success: the median takes five posts.",
        ),
        "figures",
        (_bars("authors", "interaction_count", "username", handle, say("Interactions par compte", "Interactions by account"), frame),),
    )  # fmt: skip


def _hashtags(frame: Frame) -> Section:
    say, own = frame.language.text, frame.own_hashtag
    return Section(
        "hashtags",
        say(*TITLES["hashtags"]),
        say(
            "Une publication compte sous chacun de ses hashtags : les parts ne s'additionnent pas.",
            "A post counts under each of its hashtags: shares do not add up.",
        ),
        "emerging",
        (
            _bars(
                "hashtags", "tweet_count", "hashtag", lambda name: f"#{name}",
                say("Publications par hashtag associé", "Posts by hashtag"), frame, without=own,
            ),
        ),
    )  # fmt: skip


def _rhythm(frame: Frame) -> Section:
    language = frame.language
    say = language.text
    return Section(
        "rythme",
        say(*TITLES["rythme"]),
        say(
            "Publications par heure, en moyenne sur les jours lus en entier. Sur peu de semaines, un seul événement fait une case.",
            "Posts an hour, on average over the days read whole. Over few weeks one event makes a cell.",
        ),
        "figures",
        (
            Figure(
                "rhythm",
                say("Publications par jour de la semaine et par heure", "Posts by weekday and hour"),
                "rhythm",
                lambda rows: charts.heat(
                    rows, "mean_tweet_count", title=say("Publications", "Posts"), language=language
                ),
                None,
            ),
        ),
    )


def _formats(frame: Frame) -> Section:
    language = frame.language
    say = language.text
    share = say("Part des publications", "Share of posts")
    return Section(
        "formats",
        say(*TITLES["formats"]),
        say("Parts des publications de la période. La langue est celle que X devine.", "Shares of the period's posts. Language as X guesses it."),
        "figures",
        (
            _bars("media", "tweet_share", "media_kind", language.media, say("Média", "Medium"), frame, is_half=True, legend=share),
            _bars("kinds", "tweet_share", "kind", language.kind, say("Type", "Kind"), frame, is_half=True, legend=share),
            _bars("languages", "tweet_share", "lang", language.lang, say("Langue", "Language"), frame, legend=share),
        ),
    )  # fmt: skip


def _links(frame: Frame) -> Section:
    say = frame.language.text
    return Section(
        "liens",
        say(*TITLES["liens"]),
        say(
            "Domaines liés, hors X. Un lien raccourci ne compte pour sa cible que si X la donne.",
            "Domains linked, X's own left out. A short link counts for its target only where X tells it.",
        ),
        "figures",
        (_bars("domains", "tweet_count", "domain", str, say("Publications par domaine", "Posts by domain"), frame),),
    )


def _videos(frame: Frame) -> Section:
    language = frame.language
    say = language.text
    return Section(
        "videos",
        say(*TITLES["videos"]),
        say(
            "Les vues d'une vidéo comptent tout X, sur toutes les publications qui la montrent : elles débordent le suivi.",
            "A video's views are those on all of X, over every post that shows it: they go beyond the tracker.",
        ),
        "figures",
        (_bars("videos", "view_count", "username", handle, say("Vues par vidéo", "Views by video"), frame),),
    )


def _voices(frame: Frame) -> Section:
    language = frame.language
    say = language.text
    return Section(
        "part-de-voix",
        say(*TITLES["part-de-voix"]),
        say(
            "Une part entre les suivis du panel, jamais de tout X. Une publication trouvée par deux suivis compte dans chacun.",
            "A share among the trackers, never of all of X. A post that two trackers found counts in each.",
        ),
        "figures",
        (
            _bars("voices", "tweet_share", "tracker", str, say("Part des publications du panel", "Share of the panel's posts"), frame, is_half=True),
            _bars(
                "voices", "interaction_share", "tracker", str,
                say("Part des interactions du panel", "Share of the panel's interactions"), frame, name="voices-heard", is_half=True,
            ),
        ),
    )  # fmt: skip


def _bars(
    rows: str,
    column: str,
    part: str,
    called: Callable[[Any], str],
    title: str,
    frame: Frame,
    *,
    name: str = "",
    is_half: bool = False,
    legend: str = "",
    without: str = "",
) -> Figure:
    language, is_rate = frame.language, column.endswith("_share")

    def shown(found: Sequence[Row]) -> list[Row]:
        kept = [row for row in found if row[column] and (not without or row[part] != without)]
        return [{**row, part: legible(called(row[part]))} for row in kept[:_SHOWN_BARS]]

    return Figure(
        name or rows,
        title,
        rows,
        lambda found: charts.bars(
            shown(found), part, column, title=legend or title, language=language, is_rate=is_rate
        ),
        lambda found: Plot(
            "bar",
            [row[part] for row in shown(found)],
            {legend or title: [row[column] for row in shown(found)]},
            is_rate=is_rate,
        ),
        is_half,
    )
