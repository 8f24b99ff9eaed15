"""What a page says instead of itself: by kind of failure, what happened and what to do. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from arcane.errors import AddressError, QueryTooLong, SqlError, WarehouseEmpty, WarehouseError
from arcane.serve.language import Language

# What DuckDB, sqlglot and BigQuery say of a query → heading and advice, in French and in English; {} is what they name.
_OF_SQL: Final = (
    (
        r"only queries may be run here, and this is (\w+)",
        ("Cette page ne fait que lire", "This page only reads"),
        ("Votre requête commence par {} : commencez-la par SELECT ou WITH.", "Your query is a {}: begin with SELECT or WITH."),
    ),
    (
        r"one statement at a time, please: this has 0",
        ("Il n'y a pas de requête", "There is no query"),
        ("Écrivez-en une qui commence par SELECT ou WITH.", "Write one that begins with SELECT or WITH."),
    ),
    (
        r"one statement at a time, please: this has (\d+)",
        ("Une seule requête à la fois", "One query at a time"),
        ("Il y en a {} : gardez-en une, sans point-virgule au milieu.", "There are {}: keep one, without a semicolon inside."),
    ),
    (
        r"this is not GoogleSQL: .* at line (\d+), column (\d+)|Syntax error: .* at \[(\d+):(\d+)\]",
        ("La requête ne se lit pas", "The query cannot be parsed"),
        (
            "Cela bute ligne {}, colonne {} : un mot, une virgule ou une parenthèse y manque, ou y est de trop.",
            "It stops at line {}, column {}: a word, a comma or a bracket is missing there, or too many.",
        ),
    ),
    (
        r"this is not GoogleSQL",
        ("La requête ne se lit pas", "The query cannot be parsed"),
        ("Vérifiez guillemets, virgules et parenthèses.", "Look at its quotes, commas and brackets."),
    ),
    (
        r"Table with name \"?([^\s\"]+)\"? does not exist|Not found: Table \S*?([^\s.:]+)(?:$|[ ;])",
        ("Table ou vue inconnue", "Unknown table or view"),
        (
            "Rien ne s'appelle « {} » : cherchez le nom juste dans le dictionnaire.",
            "Nothing is called {}: look its name up in the dictionary.",
        ),
    ),
    (
        r"Function with name \"?([^\s\"]+)\"? does not exist|Function not found: (\w+)",
        ("Fonction inconnue", "Unknown function"),
        ("« {} » n'est pas une fonction de GoogleSQL.", "{} is no function of GoogleSQL."),
    ),
    (
        r"Referenced column \"([^\"]+)\" not found|have a column named \"([^\"]+)\"|Unrecognized name: (\w+)|Name (\w+) not found inside",
        ("Colonne inconnue", "Unknown column"),
        (
            "Aucune colonne ne s'appelle « {} » dans ce qui est lu : le dictionnaire donne les colonnes de chaque vue.",
            "No column of what is read is called {}: the dictionary has the columns of each view.",
        ),
    ),
    (
        r"Referenced table \"([^\"]+)\" not found",
        ("Table absente de la requête", "A table that the query does not read"),
        (
            "« {} » est nommé et ne figure pas après FROM ou JOIN.",
            "{} is named and stands neither after FROM nor after JOIN.",
        ),
    ),
    (
        r"column \"?([^\s\"]+)\"? must appear in the GROUP BY|references column (\w+) which is neither grouped",
        ("Une colonne manque dans GROUP BY", "A column is missing in GROUP BY"),
        ("Ajoutez-y « {} », ou mettez-la dans sum(), max()…", "Add {} to it, or put it inside sum(), max() …"),
    ),
    (
        r"Conversion Error|Could not convert|Bad (?:int64|double|date|timestamp|bool) value|Could not cast",
        ("Une valeur n'a pas le type attendu", "A value has not the type that is wanted"),
        ("Vérifiez les conversions (cast) et les dates, comme 2026-11-25.", "Look at casts and at dates, such as 2026-11-25."),
    ),
    (
        r"Permission Error",
        ("Ceci ne peut pas être lu d'ici", "This cannot be read from here"),
        ("Seules les tables et les vues du dictionnaire sont ouvertes.", "Only the dictionary's tables and views are open."),
    ),
    (
        r"means another number on DuckDB",
        ("Cet EXTRACT changerait de sens", "This EXTRACT would change its meaning"),
        (
            "Utilisez local_weekday, ou FORMAT_DATE('%G-W%V', d) pour la semaine.",
            "Use local_weekday, or FORMAT_DATE('%G-W%V', d) for the week.",
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refusal:
    """``detail``: the exact sentence; ``is_translated``: it is in the page's own language."""

    heading: str
    advice: str
    detail: str = ""
    is_translated: bool = True


def refusal(failure: Exception, language: Language) -> Refusal:
    """Of what was raised while a page was made."""
    heading, advice = _said(failure, language)
    if isinstance(failure, AddressError):
        return Refusal(heading, advice, language.text(f"{failure.french}.", f"{failure}."))
    return Refusal(heading, advice, str(failure), is_translated=not language.is_french)


def nowhere(language: Language) -> Refusal:
    """Of an address that no page has."""
    return Refusal(
        language.text("Il n'y a rien à cette adresse", "There is nothing at this address"),
        language.text(
            "La page a pu changer de nom, ou la publication être effacée sur X.",
            "The page may have another name now, or the post was erased on X.",
        ),
    )


def foreign(language: Language) -> Refusal:
    """Of a query that a link of elsewhere brought: it is not run."""
    return Refusal(
        language.text("Cette requête vient d'un autre site", "This query comes from another site"),
        language.text("Relisez-la, puis lancez-la.", "Read it, then run it."),
    )


def _said(failure: Exception, language: Language) -> tuple[str, str]:
    say = language.text
    match failure:
        case QueryTooLong():
            return (
                say("Cela a pris trop de temps", "This took too long"),
                say(
                    "Le calcul a été arrêté. Choisissez une période plus courte, ou retirez un filtre ; dans une requête, "
                    "bornez local_date.",
                    "The calculation was ended. Choose a shorter period, or take a filter back; in a query, put bounds to "
                    "local_date.",
                ),
            )
        case SqlError():
            return _said_of_sql(str(failure), language)
        case WarehouseEmpty():
            return (
                say("Rien n'a encore été lu", "Nothing was read yet"),
                say(
                    "Cette page se remplira à la première lecture : lancez arcane run, ou make demo pour essayer sans compte.",
                    "This page fills with the first reading: start arcane run, or make demo to try without an account.",
                ),
            )
        case WarehouseError():
            return (
                say("Les données ne sont pas joignables", "The data cannot be reached"),
                say(
                    "Rien n'est perdu. Rechargez la page dans une minute ; si cela dure, transmettez le détail à qui gère Arcane.",
                    "Nothing is lost. Load the page again in a minute; if it lasts, send the detail to whoever runs Arcane.",
                ),
            )
        case AddressError():
            return (
                say("Cette adresse ne se comprend pas", "This address makes no sense"),
                say(
                    "Un filtre y vaut quelque chose d'impossible : corrigez-le, ou repartez de la vue d'ensemble.",
                    "A filter in it has a value that cannot be: mend it, or start again from the overview.",
                ),
            )
    return (
        say("Cette page ne peut pas être montrée", "This page cannot be shown"),
        say("Transmettez le détail à qui gère Arcane.", "Send the detail to whoever runs Arcane."),
    )


def _said_of_sql(sentence: str, language: Language) -> tuple[str, str]:
    """By what the engine's sentence says; a name in it is quoted, never taken for more."""
    say = language.text
    for pattern, heading, advice in _OF_SQL:
        found = re.search(pattern, sentence)
        if found:
            return say(*heading), say(*advice).format(*filter(None, found.groups()))
    return (
        say("La requête a été refusée", "The query was refused"),
        say(
            "Si elle est de vous, corrigez-la sur la page SQL. Sinon, transmettez le détail à qui gère Arcane.",
            "If it is yours, mend it on the SQL page. If not, send the detail to whoever runs Arcane.",
        ),
    )
