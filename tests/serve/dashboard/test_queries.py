"""Every question of every page: what is shown as SQL gives what is shown as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp
from tests.googlesql.judge import Judge
from tests.serve.conftest import Shown
from tests.serve.serving import plain

from arcane.serve.charts import rows_of
from arcane.serve.dashboard import questions
from arcane.serve.dashboard.filters import read
from arcane.serve.dashboard.pages import PAGES, Context, life
from arcane.serve.dashboard.queries import Layer, literal
from arcane.serve.dashboard.questions import Statement
from arcane.serve.language import FRENCH
from arcane.views import inlined
from arcane.warehouse.dialect import statement

FILTERS = (
    "",
    "period=28d&compare=year",
    "kind=original&kind=quote&lang=fr&media=text&media=video&least=3",
    "text=%27%20l%27a%5Cn&author=Leo",
    "exclusions=off&compare=none&tracker=jinx",
)
NAMES = (
    "tracker_name", "first_date", "last_date", "base_first_date", "base_last_date", "from_date", "to_date", "kinds", "lang",
    "media", "author", "text", "least",
)  # fmt: skip


def layer(shown: Shown) -> Layer:
    return Layer({one.name: one for one in shown.app.views()}, "arcane")


@pytest.mark.parametrize("url", FILTERS)
def test_the_sql_that_is_shown_gives_the_table_that_is_shown(shown: Shown, url: str) -> None:
    """Of every panel of every page: `arcane query` with the literals, and the bound question, answer the same rows."""
    filters = read(url, trackers=["arcane", "jinx"], last_day=date(2026, 11, 19))
    context = Context(filters, FRENCH, tracker_count=2)
    (found,) = shown.app.query("select max(tweet_id) as tweet_id from arcane.tweets").rows
    panels = [(page.path, panel) for page in PAGES for panel in page.panels(context)]
    panels += [("life", panel) for panel in life(context, str(found[0]))]
    asked = {}
    for path, panel in panels:
        question = layer(shown).question(panel.statement, filters, **panel.more)
        reader = shown.app.reader()
        bound, written = reader.query(question.sql, question.bound), shown.app.query(question.written)
        assert (bound.columns, plain(bound.rows)) == (written.columns, plain(written.rows)), (path, panel.name)
        assert not [name for name, _ in question.parameters if f"@{name}" in question.written], (path, panel.name)
        asked[path, panel.name] = len(bound.rows)
        reader.close()
    assert asked[("", "volume")] == filters.span.days
    assert asked[("audience", "rhythm")] == 7 * 24


def test_every_question_is_googlesql(shown: Shown, judge: Judge) -> None:
    """Google's own analyzer accepts every question over the tables of the contract, its literals and filters in it."""
    filters = read(
        FILTERS[2] + "&author=Leo&text=l%27a&exclusions=off", trackers=["arcane"], last_day=date(2026, 11, 19)
    )
    context = Context(filters, FRENCH, tracker_count=2)
    views = {one.name: one for one in shown.app.views()}
    filtered = layer(shown)._posted(filters).replace("arcane.posted_tweets", "all_posted_tweets")
    views["all_posted_tweets"] = replace(views["posted_tweets"], name="all_posted_tweets")
    views["posted_tweets"] = replace(
        views["posted_tweets"], sql=filtered.replace("arcane.", ""), reads=frozenset({"all_posted_tweets"})
    )
    values = dict(
        layer(shown).question(Statement(f"select {', '.join(f'@{name}' for name in NAMES)}"), filters).parameters
    )
    panels = [panel for page in PAGES for panel in page.panels(context)] + life(context, "1")
    for sql in {panel.statement.sql for panel in panels}:
        named = {one.name for one in statement(sql).find_all(exp.Table)}
        whole = replace(views["totals"], name="shown", sql=sql, reads=frozenset(named))
        judge.analyse(bound(inlined(whole, views), {**values, "tweet_id": "1", "after": 24}))


def bound(sql: str, values: dict[str, Any]) -> str:
    """The text of every view, with literals in the place of parameters."""
    for name in sorted(values, key=len, reverse=True):
        sql = sql.replace(f"@{name}", literal(values[name]))
    return sql


@pytest.mark.parametrize(
    ("url", "is_counted"), [("", True), ("exclusions=off", True), ("kind=reply", False), ("least=2", False)]
)
def test_no_part_stands_beside_the_count_of_all(shown: Shown, url: str, is_counted: bool) -> None:
    """X's count is asked for and drawn where all tweets are shown; of a part chart, table and file have none of it."""
    filters = read(url, trackers=["arcane", "jinx"], last_day=date(2026, 11, 19))
    context = Context(filters, FRENCH, tracker_count=2)
    panel = next(one for one in PAGES[0].panels(context) if one.name == "volume")
    result = shown.app.query(layer(shown).question(panel.statement, filters).written)
    assert panel.draw is not None
    spec = panel.draw(rows_of(result.columns, result.rows))
    assert ("expected_count" in result.columns, "coverage_rate" in result.columns) == (is_counted, is_counted)
    assert any(one["mark"].get("style") == "expected" for one in spec["layer"]) is is_counted
    assert ("décompte de X, exclusions comprises" in panel.deck) is is_counted


def test_filters_reach_every_figure(shown: Shown) -> None:
    """A narrower question counts what a plain query counts, in totals and in each part."""
    filters = read("kind=reply&lang=fr", trackers=["arcane", "jinx"], last_day=date(2026, 11, 19))
    ((expected,),) = shown.app.query(
        "select count(*) as n from arcane.tweets as t inner join arcane.tracker_tweets as f on f.tweet_id = t.tweet_id "
        "where f.tracker = 'arcane' and t.is_current and t.kind = 'reply' and t.lang = 'fr' "
        f"and t.local_date between '{filters.span.first}' and '{filters.span.last}'"
    ).rows
    question = layer(shown).question(questions.TOTALS, filters)
    totals = shown.app.query(question.written)
    assert expected
    assert dict(zip(totals.columns, totals.rows[0], strict=True))["tweet_count"] == expected


def test_what_no_filter_reaches_is_read_as_it_is_kept(shown: Shown) -> None:
    """The words of a text are the same whatever is filtered: their table is read, the texts are not cut up again."""
    filters = read("lang=fr", trackers=["arcane"], last_day=date(2026, 11, 19))
    sql = layer(shown).question(questions.WORDS, filters).sql
    assert "arcane.tweet_words" in sql
    assert "words_by_day as (" in sql  # those do depend on it
    assert "regexp" not in sql


def test_a_parameter_that_nobody_gave_stays_visible(shown: Shown) -> None:
    """A statement's own parameter is bound only where it is given."""
    filters = read("", trackers=["arcane"], last_day=date(2026, 11, 19))
    question = layer(shown).question(Statement("select tweet_id from tweets where tweet_id = @tweet_id"), filters)
    assert (question.parameters, question.written) == (
        (),
        "select tweet_id from arcane.tweets as tweets where tweet_id = @tweet_id",
    )


@given(st.text(max_size=30))
def test_a_text_survives_as_a_literal(text: str) -> None:
    """Quotes, backslashes, newlines, NUL and signs of any plane are what they were when GoogleSQL reads them again."""
    import sqlglot

    parsed = sqlglot.parse_one(f"select {literal(text)}", read="bigquery")
    assert parsed.expressions[0].this == text
