"""The data contract: every table and column, once.

What a column is called, holds and means is said here and nowhere else; both warehouses create their
tables from it, the MERGE statements are written from it, the transform fills it and the data dictionary
prints it. It knows neither X nor any warehouse.

A table merges by *groups*: the columns that one reading carries together. The newer reading of a group
wins as a whole; equal times break ties by page hash; a reading that did not carry a group (its time is
NULL) overwrites nothing. Columns outside groups are *facts*: they never change once known, so whichever
reading brings them fills them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pyarrow as pa


class Type(StrEnum):
    """GoogleSQL's names."""

    STRING = "STRING"
    INT64 = "INT64"
    FLOAT64 = "FLOAT64"
    BOOL = "BOOL"
    DATE = "DATE"
    TIMESTAMP = "TIMESTAMP"
    STRINGS = "ARRAY<STRING>"


ARROW = {
    Type.STRING: pa.string(),
    Type.INT64: pa.int64(),
    Type.FLOAT64: pa.float64(),
    Type.BOOL: pa.bool_(),
    Type.DATE: pa.date32(),
    Type.TIMESTAMP: pa.timestamp("us", tz="UTC"),
    Type.STRINGS: pa.list_(pa.string()),
}


class Merge(StrEnum):
    """What a second reading of the same key does to a column outside every group."""

    FACT = "fact"  # fills it if it was unknown
    LEAST = "least"  # lowers it: first_seen_at, and is_current (once superseded, always superseded)


class Span(StrEnum):
    """How much time of its ``bound`` one partition of a table holds."""

    DAY = "DAY"
    MONTH = "MONTH"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: Type
    fr: str
    meaning: str
    sens: str
    merge: Merge = Merge.FACT


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that one reading carries together.

    ``observed_at`` and ``page`` name the columns that hold when and on which page the reading was made;
    ``quality``, where given, a boolean column that outranks time: true beats false.
    """

    observed_at: str
    page: str
    columns: tuple[str, ...]
    quality: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """``key`` is unique; ``bound`` is the column whose constant bounds let a MERGE read few rows.

    A table with a ``bound`` is cut into partitions by it, a ``Span`` of time each.
    """

    name: str
    meaning: str
    sens: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    groups: tuple[Group, ...] = ()
    bound: str | None = None
    span: Span = Span.MONTH
    is_derived: bool = False  # rebuilt by replay from the archive

    @property
    def arrow(self) -> pa.Schema:
        return pa.schema([pa.field(column.name, ARROW[column.type]) for column in self.columns])

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def of(self, rows: Collection[tuple[Any, ...]]) -> pa.Table:
        """Rows in column order as Arrow."""
        schema = self.arrow
        columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
        arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)]
        return pa.Table.from_arrays(arrays, schema=schema)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


S, N, B, D, TS, L = Type.STRING, Type.INT64, Type.BOOL, Type.DATE, Type.TIMESTAMP, Type.STRINGS

_PAGE = "Hash of the archived page that the reading stands on", "Empreinte de la page archivée d'où vient la lecture"

_COUNTERS = (
    Column("like_count", N, "nb_likes", "Likes", "Nombre de j'aime"),
    Column(
        "retweet_count", N, "nb_retweets", "Reposts, quotes not included", "Nombre de retweets, citations non comprises"
    ),
    Column("reply_count", N, "nb_reponses", "Replies", "Nombre de réponses"),
    Column("quote_count", N, "nb_citations", "Quotes", "Nombre de citations"),
    Column(
        "bookmark_count",
        N,
        "nb_favoris",
        "Bookmarks; NULL where X did not say",
        "Nombre de signets ; NULL si X ne le dit pas",
    ),
    Column(
        "impression_count",
        N,
        "nb_impressions",
        "Times the tweet was shown; unknown (0 or NULL) before December 2022",
        "Nombre d'affichages ; inconnu (0 ou NULL) avant décembre 2022",
    ),
)
COUNTERS = tuple(column.name for column in _COUNTERS)

TWEETS = Table(
    name="tweets",
    meaning="One row a tweet, as last read",
    sens="Une ligne par publication, dans sa dernière lecture",
    key=("tweet_id",),
    bound="local_date",
    is_derived=True,
    columns=(
        Column("tweet_id", S, "id_tweet", "X's id, as text", "Identifiant X, en texte"),
        Column(
            "text",
            S,
            "texte",
            "Whole text, unescaped; NULL while X withholds it",
            "Texte complet ; NULL tant que X le retient",
        ),
        Column(
            "is_text_complete",
            B,
            "texte_complet",
            "False where X gave only a cut text or bare fields",
            "Faux si X n'a donné qu'un texte coupé ou des champs réduits",
        ),
        Column(
            "kind",
            S,
            "type",
            "original, reply, quote or retweet",
            "original, reply (réponse), quote (citation) ou retweet",
        ),
        Column(
            "lang",
            S,
            "langue",
            "Language as X guesses it (BCP 47; und: unknown)",
            "Langue devinée par X (BCP 47 ; und : inconnue)",
        ),
        Column("created_at", TS, "cree_le", "When it was posted (UTC)", "Date de publication (UTC)"),
        Column(
            "local_date",
            D,
            "date_locale",
            "Day of posting in the warehouse's time zone",
            "Jour de publication, heure locale",
        ),
        Column(
            "local_hour", N, "heure_locale", "Hour of posting, 0 to 23, local", "Heure de publication, 0 à 23, locale"
        ),
        Column(
            "local_weekday",
            N,
            "jour_semaine",
            "ISO weekday, 1 Monday to 7 Sunday, local",
            "Jour ISO, 1 lundi à 7 dimanche, local",
        ),
        Column("author_id", S, "id_auteur", "X's id of the author", "Identifiant X de l'auteur"),
        Column(
            "conversation_id",
            S,
            "id_conversation",
            "First tweet of the conversation",
            "Première publication de la conversation",
        ),
        Column(
            "in_reply_to_tweet_id", S, "id_tweet_repondu", "Tweet that it answers", "Publication à laquelle elle répond"
        ),
        Column("quoted_tweet_id", S, "id_tweet_cite", "Tweet that it quotes", "Publication citée"),
        Column("retweeted_tweet_id", S, "id_tweet_retweete", "Tweet that it repeats", "Publication relayée"),
        Column(
            "root_tweet_id",
            S,
            "id_tweet_initial",
            "First version, where the tweet was edited",
            "Première version de la publication modifiée",
        ),
        Column(
            "is_current",
            B,
            "version_courante",
            "False once a later edit is known",
            "Faux dès qu'une modification plus récente est connue",
            merge=Merge.LEAST,
        ),
        Column(
            "hashtags",
            L,
            "hashtags",
            "Distinct hashtags: NFKC, case folded, no #",
            "Hashtags distincts : NFKC, minuscules, sans #",
        ),
        Column(
            "mentions",
            L,
            "mentions",
            "Distinct usernames named, lower case, no @",
            "Comptes cités distincts, minuscules, sans @",
        ),
        Column(
            "domains", L, "domaines", "Distinct domains linked, X's own left out", "Domaines liés distincts, hors X"
        ),
        Column(
            "media_kind",
            S,
            "media",
            "First of video, gif, photo, link, text; NULL while unknown",
            "Premier de video, gif, photo, link (lien), text (texte) ; NULL si inconnu",
        ),
        *_COUNTERS,
        Column(
            "video_view_count",
            N,
            "nb_vues_video",
            "Views of its distinct videos; NULL without video. Counts are global to a video: add up table media instead",
            "Vues de ses vidéos distinctes ; NULL sans vidéo. Ne s'additionne pas entre publications : voir la table media",
        ),
        Column("url", S, "lien", "Address on X", "Adresse sur X"),
        Column("metrics_observed_at", TS, "compteurs_lus_le", "When the counters were read", "Lecture des compteurs"),
        Column(
            "content_observed_at",
            TS,
            "contenu_lu_le",
            "When text and entities were read",
            "Lecture du texte et des entités",
        ),
        Column(
            "media_observed_at",
            TS,
            "media_lus_le",
            "When media and video views were read",
            "Lecture des médias et des vues",
        ),
        Column("metrics_page", S, "page_compteurs", *_PAGE),
        Column("content_page", S, "page_contenu", *_PAGE),
        Column("media_page", S, "page_media", *_PAGE),
        Column(
            "first_seen_at",
            TS,
            "vu_la_premiere_fois_le",
            "When Arcane first read it",
            "Première lecture par Arcane",
            merge=Merge.LEAST,
        ),
    ),
    groups=(
        Group("metrics_observed_at", "metrics_page", COUNTERS),
        Group(
            "content_observed_at",
            "content_page",
            ("text", "is_text_complete", "kind", "lang", "hashtags", "mentions", "domains"),
            quality="is_text_complete",
        ),
        Group("media_observed_at", "media_page", ("media_kind", "video_view_count")),
    ),
)

TRACKER_TWEETS = Table(
    name="tracker_tweets",
    meaning="Which tracker found which tweet; outlives the erasure of the tweet's content",
    sens="Quel suivi a trouvé quelle publication ; survit à l'effacement du contenu",
    key=("tracker", "tweet_id"),
    bound="created_at",
    is_derived=True,
    columns=(
        Column("tracker", S, "suivi", "Name of the tracker", "Nom du suivi"),
        Column("tweet_id", S, "id_tweet", "X's id, as text", "Identifiant X, en texte"),
        Column("created_at", TS, "cree_le", "When it was posted (UTC)", "Date de publication (UTC)"),
        Column(
            "first_seen_at",
            TS,
            "vu_la_premiere_fois_le",
            "When the tracker first met it",
            "Première rencontre",
            merge=Merge.LEAST,
        ),
    ),
)

TWEET_SNAPSHOTS = Table(
    name="tweet_snapshots",
    meaning="The counters of a tweet at the newest reading of a UTC hour",
    sens="Compteurs d'une publication à la dernière lecture de l'heure UTC",
    key=("tweet_id", "hour_at"),
    bound="hour_at",
    span=Span.DAY,
    is_derived=True,
    columns=(
        Column("tweet_id", S, "id_tweet", "X's id, as text", "Identifiant X, en texte"),
        Column("hour_at", TS, "heure_lecture", "UTC hour of the reading", "Heure UTC de la lecture"),
        Column("observed_at", TS, "lu_le", "When the counters were read", "Instant de la lecture"),
        Column(
            "age_hours",
            Type.FLOAT64,
            "age_heures",
            "Hours from posting to reading",
            "Heures entre publication et lecture",
        ),
        *_COUNTERS,
        Column("page", S, "page", *_PAGE),
    ),
    groups=(Group("observed_at", "page", ("age_hours", *COUNTERS)),),
)

AUTHORS = Table(
    name="authors",
    meaning="One row an author, as last read",
    sens="Une ligne par auteur, dans sa dernière lecture",
    key=("author_id",),
    is_derived=True,
    columns=(
        Column("author_id", S, "id_auteur", "X's id, as text", "Identifiant X, en texte"),
        Column("username", S, "compte", "Handle, no @", "Nom d'utilisateur, sans @"),
        Column("name", S, "nom", "Display name", "Nom affiché"),
        Column("followers_count", N, "nb_abonnes", "Followers", "Nombre d'abonnés"),
        Column(
            "verified_type",
            S,
            "certification",
            "blue, business, government or none",
            "blue, business, government ou none",
        ),
        Column("observed_at", TS, "lu_le", "When the names were read", "Lecture des noms"),
        Column("page", S, "page", *_PAGE),
        Column("audience_observed_at", TS, "audience_lue_le", "When the followers were counted", "Lecture des abonnés"),
        Column("audience_page", S, "page_audience", *_PAGE),
    ),
    groups=(
        Group("observed_at", "page", ("username", "name")),
        Group("audience_observed_at", "audience_page", ("followers_count", "verified_type")),
    ),
)

MEDIA = Table(
    name="media",
    meaning="One row a photo, video or gif; its views count over every tweet that shows it",
    sens="Une ligne par photo, vidéo ou gif ; ses vues comptent sur toutes les publications qui la montrent",
    key=("media_key",),
    is_derived=True,
    columns=(
        Column("media_key", S, "cle_media", "X's key of the medium", "Clé X du média"),
        Column("kind", S, "type", "photo, video or gif", "photo, video ou gif"),
        Column("duration_s", Type.FLOAT64, "duree_s", "Length of a video in seconds", "Durée d'une vidéo en secondes"),
        Column("view_count", N, "nb_vues", "Views of a video; NULL otherwise", "Vues d'une vidéo ; NULL sinon"),
        Column("observed_at", TS, "lu_le", "When the views were read", "Lecture des vues"),
        Column("page", S, "page", *_PAGE),
    ),
    groups=(Group("observed_at", "page", ("view_count",)),),
)

TWEET_MEDIA = Table(
    name="tweet_media",
    meaning="Which medium hangs on which tweet",
    sens="Quel média accompagne quelle publication",
    key=("tweet_id", "media_key"),
    bound="created_at",
    is_derived=True,
    columns=(
        Column("tweet_id", S, "id_tweet", "X's id, as text", "Identifiant X, en texte"),
        Column("media_key", S, "cle_media", "X's key of the medium", "Clé X du média"),
        Column("created_at", TS, "cree_le", "When the tweet was posted (UTC)", "Date de publication (UTC)"),
    ),
)

MEDIA_SNAPSHOTS = Table(
    name="media_snapshots",
    meaning="The views of a video at the newest reading of a UTC hour",
    sens="Vues d'une vidéo à la dernière lecture de l'heure UTC",
    key=("media_key", "hour_at"),
    bound="hour_at",
    span=Span.DAY,
    is_derived=True,
    columns=(
        Column("media_key", S, "cle_media", "X's key of the medium", "Clé X du média"),
        Column("hour_at", TS, "heure_lecture", "UTC hour of the reading", "Heure UTC de la lecture"),
        Column("observed_at", TS, "lu_le", "When the views were read", "Instant de la lecture"),
        Column("view_count", N, "nb_vues", "Views", "Vues"),
        Column("page", S, "page", *_PAGE),
    ),
    groups=(Group("observed_at", "page", ("view_count",)),),
)

PAGES = Table(
    name="pages",
    meaning="Where each committed page lies in the archive, and whom it names",
    sens="Où chaque page validée se trouve dans l'archive, et qui elle nomme",
    key=("page_hash",),
    columns=(
        Column(
            "page_hash",
            S,
            "empreinte",
            "Hash of tracker, time of reading and body",
            "Empreinte du suivi, de l'instant et du corps",
        ),
        Column("archive_object", S, "objet", "Object of the archive", "Objet de l'archive"),
        Column("frame_offset", N, "position", "Where its frame begins, in bytes", "Début de la trame, en octets"),
        Column("frame_bytes", N, "taille", "Length of its frame, in bytes", "Longueur de la trame, en octets"),
        Column("tracker", S, "suivi", "Name of the tracker", "Nom du suivi"),
        Column("observed_at", TS, "lu_le", "When X gave the page", "Instant de la lecture"),
        Column("tweet_ids", L, "ids_tweets", "Every tweet that the page holds", "Toutes les publications de la page"),
        Column("author_ids", L, "ids_auteurs", "Every author that the page holds", "Tous les auteurs de la page"),
    ),
)

TRACKERS = Table(
    name="trackers",
    meaning="What has been followed, under which query",
    sens="Ce qui est suivi, avec quelle requête",
    key=("name", "query_hash"),
    columns=(
        Column("name", S, "suivi", "Name of the tracker", "Nom du suivi"),
        Column("query_hash", S, "empreinte_requete", "Hash of the query", "Empreinte de la requête"),
        Column("query", S, "requete", "Query sent to X", "Requête envoyée à X"),
        Column(
            "valid_from", TS, "valable_depuis", "First run with this query", "Première exécution", merge=Merge.LEAST
        ),
    ),
)

COVERAGE = Table(
    name="coverage",
    meaning="Stretches of time known to be drained: disjoint, as long as can be; the only truth about completeness",
    sens="Périodes entièrement lues : disjointes et maximales ; seule vérité sur la complétude",
    key=("tracker", "query_hash", "start_at"),
    columns=(
        Column("tracker", S, "suivi", "Name of the tracker", "Nom du suivi"),
        Column("query_hash", S, "empreinte_requete", "Hash of the query", "Empreinte de la requête"),
        Column("start_at", TS, "debut", "First second covered (UTC)", "Première seconde couverte (UTC)"),
        Column("end_at", TS, "fin", "First second not covered any more (UTC)", "Première seconde non couverte (UTC)"),
    ),
)

RUNS = Table(
    name="runs",
    meaning="What was done, when, and why it ended",
    sens="Ce qui a été fait, quand, et pourquoi cela s'est arrêté",
    key=("run_id",),
    columns=(
        Column("run_id", S, "id_execution", "Id of the run", "Identifiant"),
        Column("command", S, "commande", "collect, import or replay", "collect, import ou replay"),
        Column("started_at", TS, "debut", "Start (UTC)", "Début (UTC)"),
        Column("ended_at", TS, "fin", "End (UTC)", "Fin (UTC)"),
        Column(
            "outcome", S, "issue", "complete, or the class of the error that ended it", "complete, ou la cause d'arrêt"
        ),
        Column("exit_code", N, "code_sortie", "Exit code of the command", "Code de sortie"),
        Column("request_count", N, "nb_requetes", "Requests to X", "Requêtes à X"),
        Column("page_count", N, "nb_pages", "Pages committed", "Pages validées"),
        Column(
            "tweet_count", N, "nb_tweets", "Tweets read, repeats included", "Publications lues, répétitions comprises"
        ),
        Column("message", S, "message", "What the person was told", "Message affiché"),
    ),
)

HOURS = Table(
    name="hours",
    meaning="X's own count of each hour of a tracker beside the tweets that it gave; one row an hour, as last judged",
    sens="Décompte de X pour chaque heure d'un suivi, face aux publications qu'il a données ; une ligne par heure, au dernier jugement",
    key=("tracker", "query_hash", "hour_at"),
    bound="hour_at",
    columns=(
        Column("tracker", S, "suivi", "Name of the tracker", "Nom du suivi"),
        Column("query_hash", S, "empreinte_requete", "Hash of the query", "Empreinte de la requête"),
        Column("hour_at", TS, "heure", "Beginning of the hour (UTC)", "Début de l'heure (UTC)"),
        Column(
            "expected_count",
            N,
            "nb_attendus",
            "Tweets that X counts, also those that its search withholds; NULL where it was not asked",
            "Publications comptées par X, y compris celles que sa recherche retient ; NULL s'il n'a pas été interrogé",
        ),
        Column(
            "french_count",
            N,
            "nb_attendus_fr",
            "Of these in French, as X counts; NULL where it was not asked",
            "Dont en français, selon X ; NULL s'il n'a pas été interrogé",
        ),
        Column("counted_at", TS, "compte_le", "When X counted", "Instant du décompte de X"),
        Column(
            "seen_count",
            N,
            "nb_vus",
            "Tweets that were ever read, erased ones included",
            "Publications lues au moins une fois, effacées comprises",
        ),
        Column(
            "status",
            S,
            "etat",
            "complete; partial (to be read again once); settled (read again, nothing came); gap (to be read); "
            "lost (out of reach); counted (only X's count is known)",
            "complete (complète) ; partial (à relire une fois) ; settled (relue sans rien de plus) ; gap (à lire) ; "
            "lost (hors d'atteinte) ; counted (seul le décompte de X est connu)",
        ),
        Column("reread_at", TS, "relue_le", "When it was read a second time", "Instant de la seconde lecture"),
        Column("judged_at", TS, "jugee_le", "When this row was written", "Instant de ce jugement"),
        Column("run_id", S, "id_execution", "Run that wrote it", "Exécution qui l'a écrit"),
    ),
    groups=(
        Group(
            "judged_at",
            "run_id",
            ("expected_count", "french_count", "counted_at", "seen_count", "status", "reread_at"),
        ),
    ),
)

READS = Table(
    name="reads",
    meaning="What X bills: each post and user once a UTC day, each counts request",
    sens="Ce que X facture : chaque post et compte une fois par jour UTC, chaque décompte",
    key=("utc_date", "kind", "id"),
    bound="utc_date",
    span=Span.DAY,
    columns=(
        Column("utc_date", D, "jour_utc", "UTC day of X's own clock", "Jour UTC selon l'horloge de X"),
        Column("kind", S, "type", "post, user, counts_recent or counts_all", "post, user, counts_recent ou counts_all"),
        Column("id", S, "id", "X's id, or that of the request", "Identifiant X, ou celui de la requête"),
        Column("read_at", TS, "lu_le", "First reading of that day", "Première lecture du jour", merge=Merge.LEAST),
        Column(
            "usd",
            Type.FLOAT64,
            "cout_usd",
            "Price in dollars by the settings of that day",
            "Prix en dollars selon les réglages du jour",
        ),
    ),
)

RESERVATIONS = Table(
    name="reservations",
    meaning="Money set aside for requests under way; what a dead run left unsettled stays booked",
    sens="Argent réservé pour les requêtes en cours ; ce qu'une exécution morte n'a pas réglé reste compté",
    key=("reservation_id",),
    columns=(
        Column("reservation_id", S, "id_reservation", "Run and number", "Exécution et numéro"),
        Column("utc_date", D, "jour_utc", "UTC day that it is booked on", "Jour UTC d'imputation"),
        Column("made_at", TS, "faite_le", "When it was made", "Instant de la réservation"),
        Column("usd", Type.FLOAT64, "cout_usd", "Worst case in dollars", "Pire cas en dollars"),
        Column("settled_at", TS, "reglee_le", "When its requests were booked one by one", "Instant du règlement"),
    ),
)

TOMBSTONES = Table(
    name="tombstones",
    meaning="What stays of erased content: its id, and why",
    sens="Ce qui reste d'un contenu effacé : son identifiant et la raison",
    key=("kind", "id"),
    columns=(
        Column("kind", S, "type", "tweet or author", "tweet (publication) ou author (auteur)"),
        Column("id", S, "id", "X's id, as text", "Identifiant X, en texte"),
        Column(
            "reason",
            S,
            "raison",
            "deleted or forgotten (final); protected, suspended or withheld (until a newer live reading)",
            "deleted (supprimé) ou forgotten (oubli demandé), définitifs ; protected, suspended ou withheld, "
            "jusqu'à une lecture plus récente",
        ),
        Column(
            "is_final",
            B,
            "est_definitif",
            "True for deleted and forgotten: no reading brings it back",
            "Vrai pour deleted et forgotten : aucune lecture ne le fait revenir",
        ),
        Column("named_at", TS, "signale_le", "When X or a person said so", "Instant du signalement"),
        Column("named_by", S, "signale_par", "lookup, compliance or forget", "lookup, compliance ou forget"),
        Column(
            "erased_at",
            TS,
            "efface_le",
            "When nothing of it was left in tables and archive; NULL while that is under way",
            "Instant où il n'en restait rien dans les tables et l'archive ; NULL en attendant",
        ),
    ),
    groups=(Group("named_at", "named_by", ("reason", "is_final", "erased_at"), quality="is_final"),),
)

EVENTS = Table(
    name="events",
    meaning="What the analysts know happened, from their own CSV file: drawn on every chart of time",
    sens="Ce que les analystes savent être arrivé, tiré de leur fichier CSV : dessiné sur les graphiques dans le temps",
    key=("local_date", "label"),
    columns=(
        Column("local_date", D, "date_locale", "Day of the event", "Jour de l'événement"),
        Column("label", S, "libelle", "What happened", "Ce qui est arrivé"),
        Column("tracker", S, "suivi", "Tracker that it concerns; NULL: all", "Suivi concerné ; NULL : tous"),
    ),
)

EXCLUSIONS = Table(
    name="exclusions",
    meaning="What the analysts leave out of every count in scope, from their own CSV file",
    sens="Ce que les analystes écartent de tout décompte dans le périmètre, tiré de leur fichier CSV",
    key=("kind", "value"),
    columns=(
        Column(
            "kind",
            S,
            "type",
            "author, domain, word or language",
            "author (auteur), domain (domaine), word (mot) ou language (langue)",
        ),
        Column("value", S, "valeur", "What is left out, in small letters", "Ce qui est écarté, en minuscules"),
        Column("reason", S, "motif", "Why", "Pourquoi"),
        Column(
            "author_id",
            S,
            "id_auteur",
            "Author whom an excluded handle names today; NULL while unknown",
            "Auteur que le compte écarté désigne aujourd'hui ; NULL si inconnu",
        ),
    ),
)

MADE_VIEWS = Table(
    name="made_views",
    meaning="The views that were made here, so that a run makes only what has changed",
    sens="Les vues créées ici, pour ne refaire que celles qui ont changé",
    key=("name",),
    columns=(
        Column("name", S, "nom", "Name of the view", "Nom de la vue"),
        Column(
            "definition",
            S,
            "definition",
            "Hash of its text and of what it reads",
            "Empreinte de son texte et de ce qu'elle lit",
        ),
        Column(
            "grain",
            S,
            "grain",
            "Its key, where its rows are kept in a table (kept_…); NULL where they are not",
            "Sa clé, si ses lignes sont gardées dans une table (kept_…) ; NULL sinon",
        ),
    ),
)

STALE_DAYS = Table(
    name="stale_days",
    meaning="Days whose tweets have changed since the kept views were last filled",
    sens="Jours dont les publications ont changé depuis le dernier remplissage des vues gardées",
    key=("local_date",),
    columns=(Column("local_date", D, "date_locale", "Local day of posting", "Jour local de publication"),),
)

LEASES = Table(
    name="leases",
    meaning="The one row that a run must hold to commit",
    sens="La ligne qu'une exécution doit détenir pour valider",
    key=("name",),
    columns=(
        Column("name", S, "nom", "Always 'writer'", "Toujours « writer »"),
        Column("holder", S, "detenteur", "Process and run that hold it", "Processus et exécution qui la détiennent"),
        Column("fence", N, "jeton", "Grows by one with every holder", "Croît d'un à chaque détenteur"),
        Column(
            "expires_at", TS, "expire_le", "When another run may take it", "Quand une autre exécution peut la prendre"
        ),
    ),
)

SCHEMA_VERSION = Table(
    name="schema_version",
    meaning="One row: the version of these tables and the time zone of their local columns",
    sens="Une ligne : version des tables et fuseau des colonnes locales",
    key=("version",),
    columns=(
        Column("version", N, "version", "Number of the last migration", "Numéro de la dernière migration"),
        Column(
            "time_zone",
            S,
            "fuseau",
            "IANA zone, frozen at the first migration",
            "Fuseau IANA, figé à la première migration",
        ),
    ),
)

DERIVED = (TWEETS, TRACKER_TWEETS, TWEET_SNAPSHOTS, AUTHORS, MEDIA, TWEET_MEDIA, MEDIA_SNAPSHOTS)
ALL = (
    *DERIVED,
    PAGES,
    TRACKERS,
    COVERAGE,
    HOURS,
    RUNS,
    READS,
    RESERVATIONS,
    TOMBSTONES,
    EVENTS,
    EXCLUSIONS,
    MADE_VIEWS,
    STALE_DAYS,
    LEASES,
    SCHEMA_VERSION,
)
BY_NAME = {table.name: table for table in ALL}
