"""What each page shows: its panels, what each asks and how it is drawn. Pure: nothing is asked here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from arcane.serve import charts
from arcane.serve.charts import Row, Spec
from arcane.serve.dashboard import questions
from arcane.serve.dashboard.filters import Filters
from arcane.serve.dashboard.questions import Statement
from arcane.serve.dashboard.wording import handle, header, word
from arcane.serve.language import Language

Draw = Callable[[Sequence[Row]], Spec]
_BARS: Final = 10  # of a panel; its table has the rest
CARDS: Final = questions.TWEETS.limit
RANKED: Final = 100  # by top_tweets
_CHANCE: Final = 1.96  # a score below it may be chance: one time in twenty


@dataclass(frozen=True, slots=True)
class Panel:
    """A question with its answer's look. ``look``: chart, tweets, tiles or table. ``width``: of six columns. ``drawn``: the
    column whose values a chart of days stands on; empty where rows are. ``told``: what the deck adds once there are rows,
    such as what a figure stands on. ``empty``: what it says without a row, where that
    is an answer. ``is_late``: it takes long and comes after the page."""

    name: str
    title: str
    deck: str
    statement: Statement
    draw: Draw | None = None
    drawn: str = ""
    look: str = "chart"
    width: int = 6
    told: Callable[[Sequence[Row]], str] = lambda _: ""
    empty: str = ""
    is_late: bool = False
    more: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """``path`` below the root; ``has_filters``: whether it listens to more than tracker and period; ``has_scope``: whether
    it listens to these."""

    path: str
    french: str
    english: str
    panels: Callable[[Context], list[Panel]]
    has_filters: bool = True
    has_scope: bool = True
    note: Callable[[Context], str] = lambda _: ""

    def title(self, language: Language) -> str:
        return language.text(self.french, self.english)


@dataclass(frozen=True, slots=True)
class Context:
    """What panels are made from before anything is answered. ``after``: ranks before the first card."""

    filters: Filters
    language: Language
    events: Sequence[Row] = ()
    own_hashtag: str = ""
    tracker_count: int = 1
    tweet_count: int = 0
    after: int = 0


def overview(context: Context) -> list[Panel]:
    say, language = context.language.text, context.language
    interactions = say("Interactions", "Interactions")
    return [
        Panel(
            "figures",
            say("En bref", "In brief"),
            _changes(context),
            questions.TOTALS,
            look="tiles",
        ),
        Panel(
            "volume",
            say("Publications par jour", "Posts by day"),
            _counted(context),
            questions.VOLUME_OF_PART if context.filters.is_part else questions.VOLUME,
            lambda rows: charts.volume(rows, events=context.events, language=language),
            "tweet_count",
        ),
        Panel(
            "causes",
            say("Ce qui explique les pics", "What explains the spikes"),
            say(
                "Pour chaque pic : ce dont la part a le plus grandi face aux 28 jours d'avant. Aller avec un pic n'est pas le "
                "causer.",
                "Of each spike: what grew most beside the 28 days before. What goes with a spike need not have caused it.",
            ),
            questions.CAUSES,
            look="table",
            empty=say("Aucun pic sur cette période.", "No spike in this period."),
        ),
        Panel(
            "engagement",
            say("Interactions par jour de publication", "Interactions by day of posting"),
            say(
                "Interactions à la dernière lecture. En pâle, des publications lues avant leurs 7 jours : cela monte encore.",
                "Interactions as last read. Pale, posts last read before they were 7 days old: still growing.",
            ),
            questions.ENGAGEMENT,
            lambda rows: charts.measure(
                rows, "interaction_count", title=interactions, events=context.events, language=language
            ),
            "interaction_count",
            width=3,
        ),
        Panel(
            "rate",
            say("Taux d'engagement", "Engagement rate"),
            say(
                "Interactions par impression, en somme. Point creux : des publications lues avant leurs 7 jours.",
                "Interactions for each impression, summed. Hollow point: posts last read before they were 7 days old.",
            ),
            questions.ENGAGEMENT,
            lambda rows: charts.measure(
                rows,
                "engagement_rate",
                title=say("Taux", "Rate"),
                events=context.events,
                language=language,
                is_rate=True,
                known="interaction_count",
            ),
            "engagement_rate",
            width=3,
        ),
        _parts(
            context,
            questions.KINDS,
            "kind",
            language.kind,
            panel="kinds",
            title=say("Publications par type", "Posts by kind"),
        ),
        _parts(
            context,
            questions.MEDIA,
            "media_kind",
            language.media,
            panel="media",
            title=say("Publications par média", "Posts by medium"),
        ),
        *([_growth(context)] if context.filters.base else []),
        Panel(
            "tweets",
            say("Les publications qui ont porté la période", "The posts that carried the period"),
            "",
            Statement(questions.TWEETS.sql, questions.TWEETS.order, 6),
            look="tweets",
            more={"after": 0},
        ),
    ]


def _counted(context: Context) -> str:
    """X counts every tweet: its count stands beside all of them, never beside the part that filters leave."""
    say = context.language.text
    ground = say(
        "un fond gris marque un jour qui n'a pas été lu en entier.", "a grey ground marks a day not read whole."
    )
    if context.filters.is_part:
        return say(
            f"Ce que les filtres laissent. X ne compte que l'ensemble : son décompte n'est pas mis en regard ; {ground}",
            f"What the filters leave. X counts the whole alone: its count is not set beside it; {ground}",
        )
    return say(
        f"Le trait au-dessus des barres est le décompte de X, exclusions comprises ; {ground}",
        f"The stroke over the bars is X's own count, exclusions included; {ground}",
    )


def _changes(context: Context) -> str:
    """What the changes of the key figures are measured against, and why some figures have none."""
    say, language, base = context.language.text, context.language, context.filters.base
    if base is None:
        return say(
            "Sans évolution : aucune période de comparaison n'est choisie.",
            "No change: no period to compare with is chosen.",
        )
    against = language.period(base.first, base.last)
    return say(
        f"Évolutions face à la période {against}. Impressions, j'aime, retweets, réponses et vues montent avec l'âge des "
        "publications : deux totaux d'âges différents ne se comparent pas, ils n'ont donc pas d'évolution.",
        f"Changes beside {against}. Impressions, likes, reposts, replies and views grow with the age of posts: two totals "
        "of different ages cannot be compared, so they have no change.",
    )


def audience(context: Context) -> list[Panel]:
    say, language = context.language.text, context.language
    return [
        Panel(
            "rhythm",
            say("Publications par jour de la semaine et par heure", "Posts by weekday and hour"),
            say(
                "Publications par heure en moyenne, selon le jour et l'heure de publication.",
                "Posts an hour on average, by weekday and hour of posting.",
            ),
            questions.RHYTHM,
            lambda rows: charts.heat(rows, "mean_tweet_count", title=say("Publications", "Posts"), language=language),
            "mean_tweet_count",
            told=lambda rows: _loudest(rows, language),
        ),
        _parts(
            context,
            questions.LANGUAGES,
            "lang",
            language.lang,
            panel="languages",
            title=say("Langues des publications", "Languages of posts"),
            deck=say("Langue devinée par X.", "Language as X guesses it."),
        ),
        Panel(
            "authors",
            say("Les comptes qui recueillent le plus", "The accounts that gather most"),
            say("Comptes par interactions recueillies.", "Accounts by interactions gathered."),
            questions.AUTHORS,
            lambda rows: charts.bars(
                _named(rows[:_BARS], "username", handle), "username", "interaction_count", title=say("Interactions", "Interactions"),
                language=language,
            ),
            width=3,
        ),
        Panel(
            "concentration",
            say("Ce que pèsent les premiers comptes", "How much the first accounts weigh"),
            say("Part des publications, et part des interactions, qui revient aux premiers comptes.", "Share of posts, and share of interactions, that the first accounts have."),
            questions.CONCENTRATION,
            lambda rows: charts.bars(
                [{**row, "who": f"{word('author_group', row['author_group'], language)}, {word('measure', row['measure'], language)}"} for row in rows],
                "who", "share", title=say("Part", "Share"), language=language, is_rate=True,
            ),
            width=3,
        ),
        Panel(
            "acquired",
            say("Part des interactions acquise en 24 heures", "Share of interactions there after 24 hours"),
            say(
                "Part des interactions des 7 premiers jours déjà recueillie à 24 heures, par média.",
                "Share of the interactions of the first 7 days that was there at 24 hours, by medium.",
            ),
            questions.ACQUIRED,
            lambda rows: charts.bars(
                [{**row, "who": f"{language.media(row['media_kind']) if row['media_kind'] else say('toutes', 'all')} · {language.number(row['measured_tweet_count'])}"} for row in rows],
                "who", "acquired_share", title=say("Part acquise", "Share"), language=language, is_rate=True,
            ),
            width=3,
            told=lambda rows: _measured(rows, language),
        ),
    ]  # fmt: skip


def _loudest(rows: Sequence[Row], language: Language) -> str:
    """The hour that the scale of colours does not reach, if there is one."""
    known = [row for row in rows if row["mean_tweet_count"] is not None]
    top = charts.crest([row["mean_tweet_count"] for row in known])
    beyond = [row for row in known if row["mean_tweet_count"] > top]
    if not beyond:
        return ""
    most = max(beyond, key=lambda row: row["mean_tweet_count"])
    count, day = language.number(most["mean_tweet_count"]), language.weekday(most["local_weekday"])
    return language.text(
        f"Un point marque ce qui dépasse l'échelle des couleurs : jusqu'à {count}, le {day} à {most['local_hour']} h.",
        f"A dot marks what lies beyond the scale of colours: up to {count}, on {day} at {most['local_hour']}:00.",
    )


def _measured(rows: Sequence[Row], language: Language) -> str:
    """What the share of all stands on."""
    row = next((row for row in rows if row["breakdown"] == "ensemble"), None)
    if row is None:
        return ""
    measured, count = language.number(row["measured_tweet_count"]), language.number(row["tweet_count"])
    return language.text(
        f"Mesurée sur {measured} des {count} publications de la période, celles qui ont été lues de part et d'autre de ces "
        "deux âges ; leur nombre suit chaque nom.",
        f"Measured on {measured} of the period's {count} posts, those that were read on both sides of these two ages; their "
        "number follows each name.",
    )


def _comparable(rows: Sequence[Row], language: Language) -> str:
    """How many days stand behind the volume that the table compares, where not all do."""
    row = next((row for row in rows if row["measure"] == "tweet_count"), None)
    if row is None or row["day_count"] == row["period_day_count"]:
        return ""
    count, days = row["day_count"], row["period_day_count"]
    return language.text(
        f"Pour les publications, c'est {count} jour{'s' if count > 1 else ''} sur {days} : le total y est plus petit que "
        "celui de la période entière.",
        f"Of posts these are {count} of {days} days: the total here is less than that of the whole period.",
    )


def topics(context: Context) -> list[Panel]:
    say, language = context.language.text, context.language
    posts = say("Publications", "Posts")
    found = (
        (
            "hashtags", questions.HASHTAGS, "hashtag", lambda name: f"#{name}",
            say("Les hashtags associés", "Hashtags beside it"),
            say("Une publication compte sous chacun des siens.", "A post counts under each of its own."),
        ),
        (
            "mentions", questions.MENTIONS, "username", lambda name: f"@{name}",
            say("Les comptes mentionnés", "Accounts mentioned"),
            say("Une réponse cite celui à qui elle répond.", "A reply names whom it answers."),
        ),
        (
            "domains", questions.DOMAINS, "domain", str, say("Les sites liés", "Sites linked"),
            say("Domaines liés, hors X.", "Domains linked, X's own left out."),
        ),
    )  # fmt: skip

    def panel(name: str, asked: Statement, part: str, shown: Callable[[Any], str], title: str, deck: str) -> Panel:
        def draw(rows: Sequence[Row]) -> Spec:
            named = _named([row for row in rows if row[part] != context.own_hashtag][:_BARS], part, shown)
            return charts.bars(named, part, "tweet_count", title=posts, language=language)

        return Panel(name, title, deck, asked, draw, width=3)

    hashtags, mentions, domains = (panel(*one) for one in found)
    if context.filters.base is None:
        return [hashtags, mentions, domains, _copied(context)]
    emerging, words = _rising(context)
    return [hashtags, emerging, mentions, words, domains, _copied(context)]


def _copied(context: Context) -> Panel:
    say = context.language.text
    return Panel(
        "copied",
        say("Textes copiés", "Copied texts"),
        say(
            "Publiés presque à l'identique par trois comptes ou plus. Un bouton « partager », une citation ou une chanson le "
            "font aussi : ce n'est pas la preuve d'une campagne.",
            "Posted all but identically by three accounts or more. A share button, a quotation or a song does it too: it "
            "is no proof of a campaign.",
        ),
        questions.COPIED,
        look="table",
        width=3,
        empty=say(
            "Aucun texte n'a été publié par trois comptes ou plus sur cette période. Des textes qui diffèrent d'un mot ne "
            "sont pas reconnus.",
            "No text was posted by three accounts or more in this period. Texts that differ by a word are not found.",
        ),
        is_late=True,
    )


def _rising(context: Context) -> list[Panel]:
    """What the period has that the base had not."""
    say, language, base = context.language.text, context.language, context.filters.base
    against = language.period(base.first, base.last) if base else ""

    def drawn(part: str, shown: Callable[[Any], str]) -> Draw:
        def draw(rows: Sequence[Row]) -> Spec:
            rising = [{**row, "is_pale": row["z_score"] < _CHANCE} for row in rows if (row["z_score"] or 0) > 0][:_BARS]
            title = say("Score z", "z score")
            return charts.bars(
                _named(rising, part, shown), part, "z_score", title=title, language=language, is_signed=True
            )

        return draw

    deck = say(
        f"Plus présents qu'à la période de comparaison, {against}. En pâle, sous 1,96 : ce peut être le hasard.",
        f"More of them than in the base period, {against}. Pale, under 1.96: it may be chance.",
    )
    return [
        Panel(
            "emerging",
            say("Les hashtags qui montent", "Hashtags on the rise"),
            deck,
            questions.EMERGING,
            drawn("hashtag", lambda name: f"#{name}"),
            width=3,
        ),
        Panel(
            "words",
            say("Les mots de la période", "Words of the period"),
            deck,
            questions.WORDS,
            drawn("word", str),
            width=3,
            is_late=context.filters.is_narrow,
        ),
    ]


def posts(context: Context) -> list[Panel]:
    say = context.language.text
    return [
        Panel(
            "tweets",
            say("Les publications, par interactions", "Posts by interactions"),
            say(
                "Cherchez un mot, un compte ou un seuil dans « Affiner » ; chaque carte mène à la vie de sa publication.",
                "Look for a word, an account or a threshold under “Refine”; each card leads to the life of its post.",
            ),
            questions.TWEETS,
            look="tweets",
            told=lambda rows: _shown_of(rows, context),
            more={"after": context.after},
        ),
    ]


def turns(tweet_count: int) -> range:
    """How many cards stand before each page of the list."""
    return range(0, min(tweet_count, RANKED), CARDS)


def _shown_of(rows: Sequence[Row], context: Context) -> str:
    """Which cards these are, of how many posts."""
    language = context.language
    first, last = rows[0]["interaction_rank"], rows[-1]["interaction_rank"]
    count = language.number(context.tweet_count)
    return language.text(f"Ici, {first} à {last} sur {count}.", f"Here, {first} to {last} of {count}.")


def videos(context: Context) -> list[Panel]:
    say, language = context.language.text, context.language

    def draw(rows: Sequence[Row]) -> Spec:
        named = [
            {**row, "username": f"{handle(row['username'])} · {language.duration(row['duration_s'])}"} for row in rows
        ]
        return charts.bars(named, "username", "view_count", title=say("Vues", "Views"), language=language)

    return [
        Panel(
            "videos",
            say("Les vidéos, par vues", "Videos by views"),
            say(
                "Les vues d'une vidéo comptent tout X, sur toutes les publications qui la montrent. Le compte et le texte "
                "sont ceux de la publication qui a recueilli le plus.",
                "A video's views are those on all of X, over every post that shows it. Account and text are those of the "
                "post that gathered most.",
            ),
            questions.VIDEOS,
            draw,
        ),
        Panel(
            "list",
            say("Les vidéos en détail", "Videos in detail"),
            say("L'identifiant mène à la vie de la publication.", "The id leads to the life of the post."),
            questions.VIDEOS,
            look="table",
        ),
    ]


def comparison(context: Context) -> list[Panel]:
    say, language = context.language.text, context.language
    tweet_title, interaction_title = say("Publications", "Posts"), say("Interactions", "Interactions")
    against = language.period(context.filters.base.first, context.filters.base.last) if context.filters.base else ""
    deck = say(
        f"En tirets : {against}, jour pour jour. En pâle, des publications lues avant leurs 7 jours : cela monte encore.",
        f"Dashed: {against}, day for day. Pale, posts last read before they were 7 days old: still growing.",
    )
    whole = say(
        "Un fond gris marque un jour qui n'a pas été lu en entier ; face à un tel jour, il n'y a pas de tirets.",
        "A grey ground marks a day not read whole; beside such a day there are no dashes.",
    )
    beside = say(f"En tirets : {against}, jour pour jour.", f"Dashed: {against}, day for day.") + f" {whole}"

    def drawn(column: str, title: str) -> Draw:
        return lambda rows: charts.measure(rows, column, title=title, events=context.events, language=language)

    return [
        *(
            [
                _growth(context),
                Panel(
                    "posts",
                    say("Publications par jour", "Posts by day"),
                    beside,
                    questions.COMPARED,
                    drawn("tweet_count", tweet_title),
                    "tweet_count",
                    width=3,
                ),
                Panel(
                    "gathered",
                    say("Interactions par jour de publication", "Interactions by day of posting"),
                    deck,
                    questions.COMPARED,
                    drawn("interaction_count", interaction_title),
                    "interaction_count",
                    width=3,
                ),
            ]
            if context.filters.base
            else []
        ),
        *(_voices(context) if context.tracker_count > 1 else []),
    ]


def _alone(context: Context) -> str:
    if context.tracker_count > 1:
        return ""
    return context.language.text(
        "Un seul suivi : il n'y a pas encore de voix à comparer. Ajoutez-en un dans les réglages (trackers).",
        "One tracker only: there are no voices to compare yet. Add one in the settings (trackers).",
    )


def _voices(context: Context) -> list[Panel]:
    say, language = context.language.text, context.language
    tweet_title = say("Publications", "Posts")
    return [
        Panel(
            "voices",
            say("Part de voix, jour par jour", "Share of voice, day by day"),
            say(
                "Entre les suivis seulement, jamais de tout X. Une publication trouvée par deux suivis compte dans "
                "chacun.",
                "Among the trackers alone, never of all of X. A post that two trackers found counts in each.",
            ),
            questions.VOICES,
            lambda rows: charts.shares(rows, "tracker", "tweet_count", title=tweet_title, language=language),
            "tweet_count",
            width=4,
        ),
        Panel(
            "voice-totals",
            say("Part de voix sur la période", "Share of voice over the period"),
            "",
            questions.VOICE_TOTALS,
            lambda rows: charts.bars(
                rows,
                "tracker",
                "tweet_share",
                title=say("Part de voix", "Share of voice"),
                language=language,
                is_rate=True,
            ),
            width=2,
        ),
    ]


def spend(context: Context) -> list[Panel]:
    say, language = context.language.text, context.language
    return [
        Panel(
            "spend",
            say("Ce que la lecture a coûté", "What reading has cost"),
            say(
                "Dollars par jour UTC, selon nos comptes : la facture de X fait foi. Tous les suivis ensemble.",
                "Dollars by UTC day, by our books: X's invoice is the truth. All trackers together.",
            ),
            questions.SPEND,
            lambda rows: charts.amounts(
                _named(rows, "kind", lambda kind: word("kind", kind, language)),
                "kind",
                "usd",
                title=say("Dépense", "Spent"),
                language=language,
            ),
            width=4,
        ),
        Panel(
            "totals",
            say("Dépense sur la période", "Spend over the period"),
            "",
            questions.SPEND_TOTALS,
            look="table",
            width=2,
        ),
        Panel("runs", say("Dernières exécutions", "Last runs"), "", questions.RUNS, look="table"),
    ]


def nothing(panel: Panel, rows: Sequence[Row], filters: Filters, language: Language) -> str:
    """What a panel says where there is nothing to draw or to list; empty where there is."""
    say = language.text
    values = [row[panel.drawn] for row in rows] if panel.drawn else [True for _ in rows]
    if any(values):
        return ""
    if values and all(value is None for value in values) and not filters.is_narrow:
        return say(
            "Rien n'est connu de ces jours : c'est un trou, pas un zéro.",
            "Nothing is known of these days: it is a gap, not a zero.",
        )
    return panel.empty or say(
        "Rien ici pour ces filtres. Élargissez la période, ou retirez un filtre.",
        "Nothing here for these filters. Widen the period, or take a filter back.",
    )


def _growth(context: Context) -> Panel:
    say, language, base = context.language.text, context.language, context.filters.base
    against = language.period(base.first, base.last) if base else ""
    return Panel(
        "growth",
        say("Évolution face à la période de comparaison", "Change beside the base period"),
        say(
            f"Face à la période de comparaison, {against}. Chaque jour y est mis en regard du jour de même rang, et seuls "
            "comptent ceux qui sont assez vieux et assez bien lus des deux côtés.",
            f"Beside the period compared with, {against}. Each day faces the day of the same place, and only those count "
            "that are old enough and read well enough on both sides.",
        ),
        questions.GROWTH,
        look="table",
        told=lambda rows: _comparable(rows, language),
    )


def _parts(
    context: Context,
    statement: Statement,
    column: str,
    name: Callable[[Any], str],
    *,
    panel: str,
    title: str,
    deck: str = "",
) -> Panel:
    """How the posts are shared out among a column's values, the largest drawn."""
    return Panel(
        panel,
        title,
        deck,
        statement,
        lambda rows: charts.bars(
            _named([row for row in rows if row["tweet_count"]][:_BARS], column, name),
            column,
            "tweet_share",
            title=context.language.text("Part des publications", "Share of posts"),
            language=context.language,
            is_rate=True,
        ),
        width=3,
    )


def _named(rows: Sequence[Row], column: str, name: Callable[[Any], str]) -> list[Row]:
    return [{**row, column: name(row[column])} for row in rows]


def life(context: Context, tweet_id: str) -> list[Panel]:
    """The post, and each of its counters on a scale of its own: replies are few beside likes."""
    say, language = context.language.text, context.language
    more = {"tweet_id": tweet_id}

    def drawn(column: str, title: str) -> Draw:
        return lambda rows: charts.life(rows, column, title=title, language=language)

    counters = ("like_count", "retweet_count", "reply_count", "quote_count", "impression_count", "bookmark_count")
    return [
        Panel("tweet", say("La publication", "The post"), "", questions.ONE_TWEET, look="tweets", more=more),
        *(
            Panel(
                column.removesuffix("_count"),
                header(column, language),
                say(
                    "Selon l'âge, en heures. Chaque point est une lecture ; entre deux, rien n'est su.",
                    "By age, in hours. Each point is a reading; nothing is known between two.",
                ),
                questions.LIFE,
                drawn(column, header(column, language)),
                column,
                width=3,
                empty=say("Aucun, à toutes les lectures.", "None, at every reading."),
                more=more,
            )
            for column in counters
        ),
    ]


POSTS: Final = Page("publications", "Publications", "Posts", posts)
LIFE: Final = Page("publications", "Vie d'une publication", "Life of a post", lambda _: [], has_scope=False)
EXPORTS: Final = Page("exporter", "Exporter", "Export", lambda _: [])
SQL: Final = Page("sql", "SQL", "SQL", lambda _: [], has_scope=False)
PAGES: Final = (
    Page("", "Vue d'ensemble", "Overview", overview),
    Page("audience", "Audience", "Audience", audience),
    Page("sujets", "Sujets", "Topics", topics),
    POSTS,
    Page("videos", "Vidéos", "Videos", videos),
    Page("comparaison", "Comparaison", "Comparison", comparison, note=_alone),
    Page("depenses", "Dépenses", "Spend", spend, has_filters=False),
)
