"""What a page says instead of itself."""

from __future__ import annotations

import pytest

from arcane.errors import (
    AddressError,
    ConfigError,
    QueryTooLong,
    SqlError,
    WarehouseAway,
    WarehouseEmpty,
    WarehouseError,
)
from arcane.serve.dashboard.refusals import refusal
from arcane.serve.language import ENGLISH, FRENCH


@pytest.mark.parametrize(
    ("failure", "french", "english"),
    [
        (QueryTooLong("ended"), "Cela a pris trop de temps", "This took too long"),
        (SqlError("no"), "La requête a été refusée", "The query was refused"),
        (WarehouseAway("gone"), "Les données ne sont pas joignables", "The data cannot be reached"),
        (WarehouseError("broken"), "Les données ne sont pas joignables", "The data cannot be reached"),
        (WarehouseEmpty("empty"), "Rien n’a encore été lu", "Nothing was read yet"),
        (AddressError("non", "no"), "Cette adresse ne se comprend pas", "This address makes no sense"),
        (ConfigError("no key"), "Cette page ne peut pas être montrée", "This page cannot be shown"),
    ],
)
def test_each_kind_of_failure_has_its_heading(failure: Exception, french: str, english: str) -> None:
    """What happened is told by kind, in the page's language."""
    assert (refusal(failure, FRENCH).heading, refusal(failure, ENGLISH).heading) == (french, english)


def test_the_exact_sentence_stands_below_and_says_its_language() -> None:
    """An English sentence on a French page is marked as English; one that has a French twin is French."""
    told = refusal(SqlError("the query cannot be run: x"), FRENCH)
    assert (told.detail, told.is_translated) == ("the query cannot be run: x", False)
    assert refusal(SqlError("x"), ENGLISH).is_translated
    address = AddressError("« least » n'est pas un nombre entier", "least is no whole number")
    told = refusal(address, FRENCH)
    assert (told.detail, told.is_translated) == ("«\u00a0least\u00a0» n’est pas un nombre entier.", True)
    assert refusal(address, ENGLISH).detail == "least is no whole number."


@pytest.mark.parametrize(
    ("sentence", "heading", "advice"),
    [
        ("the query cannot be run: BigQuery: Unrecognized name: lik_count; Did you mean like_count? at [1:8]", "Colonne inconnue", "lik_count"),
        ("the query cannot be run: Not found: Table p-1:arcane.twets was not found in location EU", "Table ou vue inconnue", "twets"),
        ("the query cannot be run: Syntax error: Unexpected keyword FROM at [3:7]", "La requête ne se lit pas", "ligne 3, colonne 7"),
        ("the query cannot be run: Function not found: foo at [1:8]", "Fonction inconnue", "foo"),
    ],
)  # fmt: skip
def test_bigquery_is_understood_like_duckdb(sentence: str, heading: str, advice: str) -> None:
    """What BigQuery says of a query leads to the same words as what DuckDB says."""
    told = refusal(SqlError(sentence), FRENCH)
    assert (told.heading, advice in told.advice) == (heading, True), told.advice
