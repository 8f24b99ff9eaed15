"""What columns, keys and reasons are called where people read them. French first; the English beside it. Pure."""

from __future__ import annotations

import unicodedata
from typing import Any, Final

from arcane.serve.language import Language

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
    "group_value": ("De ces comptes", "Of these accounts"),
    "total_value": ("En tout", "In all"),
    "share": ("Part", "Share"),
    "label_fr": ("Mesure", "Measure (French)"),
    "measure": ("Mesure", "Measure"),
    "value": ("Période, jours comparés", "Period, days compared"),
    "base_value": ("Comparaison, jours en face", "Base, days compared"),
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
    "period_day_count": ("Jours de la période", "Days of the period"),
    "base_is_whole": ("Jour en face complet", "Whole day compared"),
    "day_count": ("Jours retenus", "Days counted"),
    "duplicate_rank": ("Rang", "Rank"),
    "first_at": ("Première", "First"),
    "last_at": ("Dernière", "Last"),
    "first_username": ("Premier compte", "First account"),
}
# Columns that say in French what another says as a key: readers get the key's word in their own language.
TWINS: Final = frozenset({"label_fr", "measure_fr", "author_group_fr"})
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
SIGNS: Final = {"author": "@", "hashtag": "#"}
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

# Marks that turn the reading direction round.
_TURNING: Final = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"}


def header(column: str, language: Language) -> str:
    """A column as a reader calls it."""
    return language.text(*_HEADERS[column]) if column in _HEADERS else column.replace("_", " ")


def word(column: str, value: str, language: Language) -> str:
    """A column's text as a reader calls it: a key by its name, anything of X's made legible."""
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


def handle(username: Any) -> str:
    """@ and the name, or a dash for an author who is not known."""
    return f"@{username}" if username else "–"


def legible(text: str) -> str:
    """Text of X's without control signs and marks that turn the reading direction round; lines stay lines."""
    return "".join(
        sign for sign in text if sign == "\n" or not (unicodedata.category(sign) in {"Cc", "Cs"} or sign in _TURNING)
    )
