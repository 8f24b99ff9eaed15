"""What each page shows: its panels, what each asks and how it is drawn. Pure: nothing is asked here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from arcane.serve import charts
from arcane.serve.charts import Row, Spec
from arcane.serve.dashboard import questions
from arcane.serve.dashboard.filters import Filters
from arcane.serve.dashboard.questions import Statement
from arcane.serve.language import Language

Draw = Callable[[Sequence[Row]], Spec]
_HANDLE: Final = re.compile(r"[A-Za-z0-9_]{1,50}")
_ID: Final = re.compile(r"\d{1,25}")
_CLAMP: Final = 420
_BARS: Final = 10  # of a panel; its table has the rest
_CHANCE: Final = 1.96  # a score below it may be chance: one time in twenty
# Columns that no view names the way a reader would: by name, French and English.
_HEADERS: Final = {
    "local_date": ("Jour", "Day"),
    "tweet_count": ("Publications", "Posts"),
    "raw_tweet_count": ("Publications, exclusions comprises", "Posts, exclusions included"),
    "original_tweet_count": ("Originaux", "Originals"),
    "reply_tweet_count": ("Réponses", "Replies"),
    "quote_tweet_count": ("Citations", "Quotes"),
    "expected_count": ("Décompte de X", "X's own count"),
    "coverage_rate": ("Couverture", "Coverage"),
    "is_whole": ("Jour complet", "Whole day"),
    "is_provisional": ("Provisoire", "Provisional"),
    "interaction_count": ("Interactions", "Interactions"),
    "like_count": ("J'aime", "Likes"),
    "retweet_count": ("Retweets", "Reposts"),
    "reply_count": ("Réponses reçues", "Replies received"),
    "quote_count": ("Citations reçues", "Quotes received"),
    "bookmark_count": ("Signets", "Bookmarks"),
    "impression_count": ("Impressions", "Impressions"),
    "engagement_rate": ("Taux d'engagement", "Engagement rate"),
    "tweet_share": ("Part des publications", "Share of posts"),
    "author_count": ("Auteurs", "Authors"),
    "kind": ("Type", "Kind"),
    "lang": ("Langue", "Language"),
    "media_kind": ("Média", "Media"),
    "hashtag": ("Hashtag", "Hashtag"),
    "domain": ("Domaine", "Domain"),
    "username": ("Compte", "Account"),
    "name": ("Nom", "Name"),
    "followers_count": ("Abonnés", "Followers"),
    "text": ("Texte", "Text"),
    "tweet_id": ("Identifiant", "Id"),
    "created_at": ("Publié le", "Posted at"),
    "metrics_observed_at": ("Compteurs lus le", "Counters read at"),
    "observed_at": ("Lu le", "Read at"),
    "age_hours": ("Âge (h)", "Age (h)"),
    "video_view_count": ("Vues des vidéos", "Video views"),
    "view_count": ("Vues", "Views"),
    "duration_s": ("Durée", "Length"),
    "local_hour": ("Heure", "Hour"),
    "local_weekday": ("Jour de la semaine", "Weekday"),
    "read_count": ("Lectures", "Reads"),
    "usd": ("Facturé", "Billed"),
    "unsettled_usd": ("Réservé", "Set aside"),
    "started_at": ("Début", "Start"),
    "command": ("Commande", "Command"),
    "outcome": ("Issue", "Outcome"),
    "request_count": ("Requêtes", "Requests"),
    "page_count": ("Pages", "Pages"),
    "tracker": ("Suivi", "Tracker"),
    "author_name": ("Nom", "Name"),
    "is_spike": ("Pic", "Spike"),
    "z_score": ("Score z", "z score"),
    "author_z_score": ("Score z des comptes", "z score of accounts"),
    "median_tweet_count": ("Médiane des 28 jours", "Median of 28 days"),
    "cause_rank": ("Rang", "Rank"),
    "cause_kind": ("Nature", "Kind"),
    "cause": ("Quoi", "What"),
    "explained_share": ("Part expliquée", "Share explained"),
    "usual_tweet_count": ("D'habitude", "Usually"),
    "excess_tweet_count": ("Excédent", "Excess"),
    "is_emerging": ("Émerge", "Emerges"),
    "base_author_count": ("Comptes, comparaison", "Accounts, base"),
    "word": ("Mot", "Word"),
    "interaction_rank": ("Rang", "Rank"),
    "tweet_rank": ("Rang", "Rank"),
    "author_rank": ("Rang par comptes", "Rank by accounts"),
    "view_rank": ("Rang", "Rank"),
    "median_interaction_count": ("Interactions, médiane", "Interactions, median"),
    "median_interaction_count_at_24h": ("Interactions à 24 h, médiane", "Interactions at 24 h, median"),
    "acquired_share": ("Part acquise", "Share there"),
    "breakdown": ("Découpage", "Breakdown"),
    "author_group": ("Comptes", "Accounts"),
    "total_author_count": ("Comptes en tout", "Accounts in all"),
    "total_value": ("En tout", "In all"),
    "share": ("Part", "Share"),
    "label_fr": ("Mesure", "Measure (French)"),
    "measure": ("Mesure", "Measure"),
    "value": ("Période", "Period"),
    "base_value": ("Comparaison", "Base"),
    "growth_rate": ("Évolution", "Change"),
    "measured_tweet_count": ("Publications mesurées", "Posts measured"),
    "base_measured_tweet_count": ("Mesurées, comparaison", "Measured, base"),
    "base_date": ("Jour en face", "Day compared"),
    "base_tweet_count": ("Publications, comparaison", "Posts, day compared"),
    "base_interaction_count": ("Interactions, comparaison", "Interactions, day compared"),
    "panel_tweet_count": ("Publications de tous les suivis", "Posts of all trackers"),
    "interaction_share": ("Part des interactions", "Share of interactions"),
    "reason_fr": ("Motif", "Reason"),
    "media_key": ("Vidéo", "Video"),
    "mean_tweet_count": ("Publications par heure", "Posts an hour"),
    "day_count": ("Jours", "Days"),
    "duplicate_rank": ("Rang", "Rank"),
    "first_at": ("Première", "First"),
    "last_at": ("Dernière", "Last"),
    "first_username": ("Premier compte", "First account"),
}
# Columns that say in French what another says as a key: readers get the key's word in their own language.
_TWINS: Final = frozenset({"label_fr", "measure_fr", "author_group_fr"})
_KEYS: Final = frozenset({"media_key"})  # nothing that a reader could look up
_MEASURES: Final = {
    "tweet_count": ("publications", "posts"),
    "raw_tweet_count": ("publications, exclusions comprises", "posts, exclusions included"),
    "author_count": ("auteurs distincts", "distinct authors"),
    "interaction_count": ("interactions", "interactions"),
    "interactions_per_tweet_at_24h": ("interactions par publication, à 24 h", "interactions a post, at 24 h"),
    "interactions_per_tweet_at_7d": ("interactions par publication, à 7 jours", "interactions a post, at 7 days"),
    "engagement_rate": ("taux d'engagement, à 7 jours", "engagement rate, at 7 days"),
}
_GROUPS: Final = {
    "first": ("1er compte", "first account"),
    "first_10": ("10 premiers", "first 10"),
    "first_percent": ("premier 1 %", "first 1%"),
}
_BREAKDOWNS: Final = {"ensemble": ("toutes", "all"), "media": ("par média", "by medium")}
_OUTCOMES: Final = {
    "complete": ("terminée", "complete"),
    "AuthError": ("jeton refusé par X", "token refused by X"),
    "BudgetExceeded": ("plafond de dépense atteint", "spending cap met"),
    "CreditsExhausted": ("crédit épuisé chez X", "credit used up at X"),
    "OutOfTime": ("temps écoulé", "out of time"),
    "RateLimited": ("X demande d'attendre", "X says wait"),
    "Terminated": ("interrompue", "interrupted"),
    "Unavailable": ("X injoignable", "X unreachable"),
    "WarehouseAway": ("BigQuery injoignable", "BigQuery unreachable"),
}
_SIGNS: Final = {"author": "@", "hashtag": "#"}
# Why there is no figure, as the views say it → in English.
_REASONS: Final = {
    "aucun autre hashtag à comparer": "no other hashtag to compare",
    "aucun autre mot à comparer": "no other word to compare",
    "aucun jour couvert à 95 % dans les deux périodes": "no day covered at 95% in both periods",
    "aucun jour couvert à 95 % pour tous les suivis": "no day covered at 95% for all trackers",
    "aucun mot sur la période de comparaison": "no word in the base period",
    "aucun tweet du panel sur la période": "no post of the trackers in the period",
    "aucun tweet sur la période de comparaison": "no post in the base period",
    "aucune interaction à 7 jours": "no interaction at 7 days",
    "couverture inconnue ou sous 95 %": "coverage unknown or under 95%",
    "couverture inconnue sur la période": "coverage of the period unknown",
    "couverture inconnue sur la période de comparaison": "coverage of the base period unknown",
    "couverture inconnue sur les deux périodes": "coverage of both periods unknown",
    "couverture sous 95 % sur la période": "coverage of the period under 95%",
    "couverture sous 95 % sur la période de comparaison": "coverage of the base period under 95%",
    "couverture sous 95 % sur les deux périodes": "coverage of both periods under 95%",
    "dates dans le désordre": "dates in the wrong order",
    "jour incomplet ou couverture sous 0,95": "day not whole or coverage under 95%",
    "moins de 20 tweets mesurés sur la période": "under 20 posts measured in the period",
    "moins de 20 tweets mesurés sur la période de comparaison": "under 20 posts measured in the base period",
    "moins de 20 tweets mesurés à 24 h et à 7 jours": "under 20 posts measured at 24 h and at 7 days",
    "moins de 21 jours connus sur les 28 précédents": "under 21 of the 28 days before known",
    "moins de 28 jours de recul": "under 28 days to look back on",
    "périodes de longueurs différentes": "periods of different lengths",
    "trop récent : aucun jour lu au moins 24 h après sa fin": "too recent: no day read 24 hours or more after its end",
    "trop récent : aucun jour lu au moins 168 h après sa fin": "too recent: no day read 7 days or more after its end",
    "trop récent : aucun jour terminé n'a été lu": "too recent: no finished day was read",
    "valeur nulle sur la période de comparaison": "nothing in the base period",
}
# → in French, where readers are told otherwise.
_REWORDED: Final = {
    "aucun tweet du panel sur la période": "aucune publication des suivis sur la période",
    "aucun tweet sur la période de comparaison": "aucune publication sur la période de comparaison",
    "jour incomplet ou couverture sous 0,95": "jour incomplet ou couverture sous 95 %",
    "moins de 20 tweets mesurés sur la période": "moins de 20 publications mesurées sur la période",
    "moins de 20 tweets mesurés sur la période de comparaison": "moins de 20 publications mesurées sur la période de comparaison",
    "moins de 20 tweets mesurés à 24 h et à 7 jours": "moins de 20 publications mesurées à 24 h et à 7 jours",
    "trop récent : aucun jour lu au moins 24 h après sa fin": "trop récent : aucun jour lu 24 heures ou plus après sa fin",
    "trop récent : aucun jour lu au moins 168 h après sa fin": "trop récent : aucun jour lu 7 jours ou plus après sa fin",
}
_CAUSES: Final = {
    "author": ("compte", "account"),
    "hashtag": ("hashtag", "hashtag"),
    "domain": ("site", "site"),
    "quoted_tweet": ("publication citée", "quoted post"),
    "conversation": ("fil", "conversation"),
    "none": ("pas de cause dominante", "no dominant cause"),
}
_READS: Final = {
    "post": ("publications", "posts"),
    "user": ("comptes", "accounts"),
    "counts_recent": ("décomptes récents", "recent counts"),
    "counts_all": ("décomptes d'archive", "archive counts"),
    "unsettled": ("réservé", "set aside"),
}


@dataclass(frozen=True, slots=True)
class Panel:
    """A question with its answer's look. ``look``: chart, tweets, tiles or table. ``width``: of six columns. ``drawn``: the
    column whose values a chart of days stands on; empty where rows are. ``empty``: what it says without a row, where that
    is an answer. ``is_late``: it takes long and comes after the page."""

    name: str
    title: str
    deck: str
    statement: Statement
    draw: Draw | None = None
    drawn: str = ""
    look: str = "chart"
    width: int = 6
    empty: str = ""
    is_late: bool = False
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """``path`` below the root; ``has_filters``: whether it listens to more than tracker and period."""

    path: str
    french: str
    english: str
    panels: Callable[[Context], list[Panel]]
    has_filters: bool = True
    note: Callable[[Context], str] = lambda _: ""

    def title(self, language: Language) -> str:
        return language.text(self.french, self.english)


@dataclass(frozen=True, slots=True)
class Context:
    """What panels are made from before anything is answered."""

    filters: Filters
    language: Language
    events: Sequence[Row] = ()
    own_hashtag: str = ""
    tracker_count: int = 1


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
            say("Combien de publications, jour après jour", "How many posts, day by day"),
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
            say("Ce qu'elles ont recueilli", "What they have gathered"),
            say(
                "Interactions à la dernière lecture. En pâle, moins de 7 jours : cela monte encore.",
                "Interactions as last read. Pale, younger than 7 days: still growing.",
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
            say("Interactions par impression, en somme.", "Interactions for each impression, summed."),
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
        _kinds(context, width=3),
        _media(context, width=3),
        *([_growth(context)] if context.filters.base else []),
        Panel(
            "tweets",
            say("Les publications qui ont porté la période", "The posts that carried the period"),
            "",
            Statement(questions.TWEETS.sql, questions.TWEETS.order, 6),
            look="tweets",
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
            say("Quand on en parle", "When they talk about it"),
            say(
                "Publications par heure en moyenne, selon le jour et l'heure de publication.",
                "Posts an hour on average, by weekday and hour of posting.",
            ),
            questions.RHYTHM,
            lambda rows: charts.heat(rows, "mean_tweet_count", title=say("Publications", "Posts"), language=language),
            "mean_tweet_count",
        ),
        Panel(
            "languages",
            say("Dans quelles langues", "In which languages"),
            say("Langue devinée par X.", "Language as X guesses it."),
            questions.LANGUAGES,
            lambda rows: charts.bars(
                _named([row for row in rows if row["tweet_count"]][:_BARS], "lang", language.lang), "lang", "tweet_share",
                title=say("Part des publications", "Share of posts"), language=language, is_rate=True,
            ),
            width=3,
        ),
        Panel(
            "authors",
            say("Qui entraîne", "Who carries it"),
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
            say("À quel point cela tient à peu de comptes", "How much of it is few accounts"),
            say("Part des comptes les plus actifs ou les plus suivis d'effet.", "Share of the accounts that post or gather most."),
            questions.CONCENTRATION,
            lambda rows: charts.bars(
                [{**row, "who": f"{say(*_GROUPS[row['author_group']])}, {say(*_MEASURES[row['measure']])}"} for row in rows],
                "who", "share", title=say("Part", "Share"), language=language, is_rate=True,
            ),
            width=3,
        ),
        Panel(
            "acquired",
            say("Ce qui est acquis en 24 heures", "What is there after 24 hours"),
            say(
                "Part des interactions des 7 premiers jours déjà recueillie à 24 heures, par média.",
                "Share of the interactions of the first 7 days that was there at 24 hours, by medium.",
            ),
            questions.ACQUIRED,
            lambda rows: charts.bars(
                [{**row, "who": language.media(row["media_kind"]) if row["media_kind"] else say("toutes", "all")} for row in rows],
                "who", "acquired_share", title=say("Part acquise", "Share"), language=language, is_rate=True,
            ),
            width=3,
        ),
    ]  # fmt: skip


def topics(context: Context) -> list[Panel]:
    say, language = context.language.text, context.language
    posts = say("Publications", "Posts")
    found = (
        (
            "hashtags", questions.HASHTAGS, "hashtag", lambda name: f"#{name}",
            say("Les hashtags qui l'accompagnent", "The hashtags beside it"),
            say("Une publication compte sous chacun des siens.", "A post counts under each of its own."),
        ),
        (
            "mentions", questions.MENTIONS, "username", lambda name: f"@{name}",
            say("Quels comptes sont cités", "Which accounts are named"),
            say("Une réponse cite celui à qui elle répond.", "A reply names whom it answers."),
        ),
        (
            "domains", questions.DOMAINS, "domain", str, say("Vers quels sites", "To which sites"),
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
        ),
    ]


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
            say("Ce qu'elles montrent", "What they show"),
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
        f"En tirets : {against}, jour pour jour. En pâle, moins de 7 jours : cela monte encore.",
        f"Dashed: {against}, day for day. Pale, younger than 7 days: still growing.",
    )
    beside = say(f"En tirets : {against}, jour pour jour.", f"Dashed: {against}, day for day.")

    def drawn(column: str, title: str) -> Draw:
        return lambda rows: charts.measure(rows, column, title=title, events=context.events, language=language)

    return [
        *(
            [
                _growth(context),
                Panel(
                    "posts",
                    tweet_title,
                    beside,
                    questions.COMPARED,
                    drawn("tweet_count", tweet_title),
                    "tweet_count",
                    width=3,
                ),
                Panel(
                    "gathered",
                    interaction_title,
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
            say("Sur la période", "Over the period"),
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

    def reads(kind: Any) -> str:
        return say(*_READS[kind]) if kind in _READS else str(kind)

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
                _named(rows, "kind", reads), "kind", "usd", title=say("Dépense", "Spent"), language=language
            ),
            width=4,
        ),
        Panel(
            "totals",
            say("Sur la période", "Over the period"),
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
        say("Ce qui change, à âge égal", "What changes, at equal age"),
        say(
            f"Face à la période de comparaison, {against}. Chaque jour y est mis en regard du jour de même rang, et seuls "
            "comptent ceux qui sont assez vieux et assez bien lus des deux côtés.",
            f"Beside the period compared with, {against}. Each day faces the day of the same place, and only those count "
            "that are old enough and read well enough on both sides.",
        ),
        questions.GROWTH,
        look="table",
    )


def _kinds(context: Context, *, width: int) -> Panel:
    language = context.language
    return Panel(
        "kinds",
        language.text("Par type", "By kind"),
        "",
        questions.KINDS,
        lambda rows: charts.bars(
            _named(rows, "kind", language.kind), "kind", "tweet_share",
            title=language.text("Part des publications", "Share of posts"), language=language, is_rate=True,
        ),
        width=width,
    )  # fmt: skip


def _media(context: Context, *, width: int) -> Panel:
    language = context.language
    return Panel(
        "media",
        language.text("Par média", "By medium"),
        "",
        questions.MEDIA,
        lambda rows: charts.bars(
            _named(rows, "media_kind", language.media), "media_kind", "tweet_share",
            title=language.text("Part des publications", "Share of posts"), language=language, is_rate=True,
        ),
        width=width,
    )  # fmt: skip


def _named(rows: Sequence[Row], column: str, name: Callable[[Any], str]) -> list[Row]:
    return [{**row, column: name(row[column])} for row in rows]


def handle(username: Any) -> str:
    """@ and the name, or a dash for an author who is not known."""
    return f"@{username}" if username else "–"


def life(context: Context, tweet_id: str) -> list[Panel]:
    say = context.language.text
    more = {"tweet_id": tweet_id}
    return [
        Panel("tweet", say("La publication", "The post"), "", questions.ONE_TWEET, look="tweets", more=more),
        Panel(
            "life",
            say("Ce qu'elle a recueilli, lecture après lecture", "What it gathered, reading by reading"),
            say(
                "Chaque point est une lecture ; entre deux points, rien n'est su.",
                "Each point is a reading; nothing is known between two points.",
            ),
            questions.LIFE,
            lambda rows: charts.life(rows, language=context.language),
            more=more,
        ),
    ]


LIFE: Final = Page("publications", "Vie d'une publication", "Life of a post", lambda _: [])
EXPORTS: Final = Page("exporter", "Exporter", "Export", lambda _: [])
SQL: Final = Page("sql", "SQL", "SQL", lambda _: [])
PAGES: Final = (
    Page("", "Vue d'ensemble", "Overview", overview),
    Page("audience", "Audience", "Audience", audience),
    Page("sujets", "Sujets", "Topics", topics),
    Page("publications", "Publications", "Posts", posts),
    Page("videos", "Vidéos", "Videos", videos),
    Page("comparaison", "Comparaison", "Comparison", comparison, note=_alone),
    Page("depenses", "Dépenses", "Spend", spend, has_filters=False),
)


def header(column: str, language: Language) -> str:
    """A column as a reader calls it."""
    return language.text(*_HEADERS[column]) if column in _HEADERS else column.replace("_", " ")


def cell(column: str, value: object, *, language: Language, zone: str) -> str:
    """A value in a table, by what its column's name says of its unit."""
    match value:
        case None:
            return "–"
        case bool():
            return language.text("oui", "yes") if value else language.text("non", "no")
        case datetime():
            return language.moment(value, zone)
        case date():
            return language.day(value)
        case int() | float() if column.endswith("usd"):
            return language.dollars(value)
        case int() | float() if column == "growth_rate":
            return language.change(value)
        case int() | float() if column.endswith(("_rate", "share")):
            return language.percent(value)
        case int() | float() if column == "duration_s":
            return language.duration(value)
        case float():
            return language.number(value, digits=0 if value.is_integer() else 1 if abs(value) >= 1 else 4)
        case int():
            return language.number(value)
        case str():
            return _word(column, value, language)
    return str(value)


def _word(column: str, value: str, language: Language) -> str:
    match column:
        case "measure" if value in _MEASURES:
            return language.text(*_MEASURES[value])
        case "author_group" if value in _GROUPS:
            return language.text(*_GROUPS[value])
        case "breakdown" if value in _BREAKDOWNS:
            return language.text(*_BREAKDOWNS[value])
        case "outcome" if value in _OUTCOMES:
            return language.text(*_OUTCOMES[value])
        case "reason_fr":
            return reason(value, language)
        case "username" | "first_username":
            return handle(legible(value))
        case "hashtag":
            return f"#{legible(value)}"
        case "lang":
            return language.lang(value)
        case "media_kind":
            return language.media(value)
        case "cause_kind" if value in _CAUSES:
            return language.text(*_CAUSES[value])
        case "kind" if value in _READS:
            return language.text(*_READS[value])
        case "kind":
            return language.kind(value)
    return legible(value)


def reason(text: str | None, language: Language) -> str:
    """Why there is no figure, in the reader's words; names that a view adds in brackets stay."""
    said, bracket, names = legible(text or "").partition(" (")
    return language.text(_REWORDED.get(said, said), _REASONS.get(said, said)) + bracket + names


@dataclass(frozen=True, slots=True)
class Table:
    """An answer as it is read: ``numbers`` says which columns stand right, ``cells`` are words."""

    columns: Sequence[str]
    headers: Sequence[str]
    numbers: Sequence[bool]
    cells: Sequence[Sequence[str]]


def table(rows: Sequence[Row], *, language: Language, zone: str) -> Table:
    """In the reader's language alone: a key by its name, without its French twin; without reasons where none is."""
    columns = [
        column
        for column in (rows[0] if rows else ())
        if column not in _TWINS | _KEYS and not (column == "reason_fr" and all(row[column] is None for row in rows))
    ]
    columns.sort(key=lambda column: (column != "measure", column == "reason_fr"))
    return Table(
        columns=columns,
        headers=[header(column, language) for column in columns],
        numbers=[column.endswith(_NUMBERED) or any(is_number(row[column]) for row in rows) for column in columns],
        cells=[
            [
                _sign(column, row) + cell(_unit(column, row), _said(column, row), language=language, zone=zone)
                for column in columns
            ]
            for row in rows
        ],
    )


def _sign(column: str, row: Row) -> str:
    return _SIGNS.get(row["cause_kind"], "") if column == "cause" and row["cause"] else ""


def _said(column: str, row: Row) -> object:
    """The value, but for a cause that its kind has told already."""
    return None if column == "cause" and row["cause_kind"] == "none" else row[column]


_NUMBERED: Final = ("_count", "_rate", "_score", "_share", "value")


def is_number(value: object) -> bool:
    """Whether it stands right in a table."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unit(column: str, row: Row) -> str:
    """The name that says a value's unit: a measure's own where one column holds several."""
    is_mixed = column in {"value", "base_value"} and row.get("measure", "").endswith("_rate")
    return row["measure"] if is_mixed else column


def legible(text: str) -> str:
    """Text of X's without control signs and marks that turn the reading direction round; lines stay lines."""
    return "".join(
        sign for sign in text if sign == "\n" or not (unicodedata.category(sign) in {"Cc", "Cs"} or sign in _TURNING)
    )


# What a card says of its tweet, after how much: of one, of several.
_COUNTED: Final = {
    "interaction_count": (("interaction", "interaction"), ("interactions", "interactions")),
    "like_count": (("j'aime", "like"), ("j'aime", "likes")),
    "retweet_count": (("retweet", "repost"), ("retweets", "reposts")),
    "reply_count": (("réponse", "reply"), ("réponses", "replies")),
    "quote_count": (("citation", "quote"), ("citations", "quotes")),
    "impression_count": (("impression", "impression"), ("impressions", "impressions")),
    "video_view_count": (("vue vidéo", "video view"), ("vues vidéo", "video views")),
}
_TURNING: Final = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"}


@dataclass(frozen=True, slots=True)
class Card:
    """A tweet to be read. Links are made from what an id and a handle can be, never from text."""

    row: Row
    language: Language
    zone: str

    @property
    def text(self) -> str:
        return legible(self.row["text"] or self.language.text("(texte retenu par X)", "(text withheld by X)"))

    @property
    def is_long(self) -> bool:
        return len(self.text) > _CLAMP

    @property
    def opening(self) -> str:
        return self.text[:_CLAMP].rstrip() + "…" if self.is_long else self.text

    @property
    def name(self) -> str:
        return legible(self.row["author_name"] or self.handle)

    @property
    def handle(self) -> str:
        return handle(self.row["username"])

    @property
    def link(self) -> str:
        tweet_id, username = str(self.row["tweet_id"]), str(self.row["username"] or "i")
        if not _ID.fullmatch(tweet_id):
            return ""
        return f"https://x.com/{username if _HANDLE.fullmatch(username) else 'i'}/status/{tweet_id}"

    @property
    def moment(self) -> str:
        return self.language.moment(self.row["created_at"], self.zone)

    @property
    def rank(self) -> str:
        """Its place, where it has one."""
        return self.language.number(self.row["interaction_rank"]) if "interaction_rank" in self.row else ""

    @property
    def media(self) -> str:
        """What it shows besides its text."""
        kind = self.row["media_kind"]
        return self.language.media(kind) if kind not in {None, "text"} else ""

    @property
    def counters(self) -> list[tuple[str, str]]:
        known = {name: self.row[name] for name in _COUNTED if self.row.get(name) is not None}
        return [
            (self.language.text(*_COUNTED[name][self.language.is_plural(value)]), self.language.short(value))
            for name, value in known.items()
        ]
