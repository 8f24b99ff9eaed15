"""What a page says instead of itself: by kind of failure, what happened and what to do. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from arcane.errors import AddressError, QueryTooLong, SqlError, WarehouseEmpty, WarehouseError
from arcane.serve.language import Language


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
                    "Le calcul a été arrêté. Choisissez une période plus courte, ou retirez un filtre.",
                    "The calculation was ended. Choose a shorter period, or take a filter back.",
                ),
            )
        case SqlError():
            return (
                say("La requête a été refusée", "The query was refused"),
                say(
                    "Si elle est de vous, corrigez-la sur la page SQL. Sinon, transmettez le détail à qui gère Arcane.",
                    "If it is yours, mend it on the SQL page. If not, send the detail to whoever runs Arcane.",
                ),
            )
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
