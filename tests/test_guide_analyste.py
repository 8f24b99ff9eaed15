"""docs/guide-analyste.md: its results are what its queries give, its SQL is GoogleSQL, its questions are whole."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from tests.googlesql.judge import Judge

from arcane.tables import Column, Table, Type
from arcane.views import view

pytestmark = pytest.mark.timeout(300)  # the first one lives through two weeks of daily runs
DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "guide-analyste.md").read_text(encoding="utf-8")
DICTIONARY = (DOCS / "data-dictionary.md").read_text(encoding="utf-8")
CALLED = re.compile(r"\barcane_fr\.(\w+)(?:\((?:[^()]|\([^()]*\))*\))?")
ROW = re.compile(r"^\| `(\w+)` \| `\w+` \| ([\w<>]+) \|", re.MULTILINE)


def sections(page: str) -> dict[str, str]:
    """Title of the second level → what stands below it."""
    _, *parts = re.split(r"^## ", page, flags=re.MULTILINE)
    return {part.split("\n", 1)[0]: part.split("\n", 1)[1] for part in parts}


QUESTIONS = {title: text for title, text in sections(PAGE).items() if title[0].isdigit()}
QUERIES = {
    f"{title} ({number})": sql
    for title, text in sections(PAGE).items()
    for number, sql in enumerate(re.findall(r"```sql\n(.*?)```", text, re.DOTALL), start=1)
}


@pytest.fixture(scope="module", name="written")
def _written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The page as make guide would write it."""
    target = tmp_path_factory.mktemp("guide") / "guide.md"
    subprocess.run([sys.executable, str(DOCS / "guide_analyste.py"), str(target)], check=True)
    return sections(target.read_text(encoding="utf-8"))


@pytest.mark.parametrize("title", sections(PAGE))
def test_results_are_those_of_the_queries(title: str, written: dict[str, str]) -> None:
    """Every query, run again on the same made-up world, gives what the page shows."""
    assert written[title] == sections(PAGE)[title]


def test_there_are_twenty_questions() -> None:
    """Numbered from 1 to 20, in order."""
    assert [int(title.split(".")[0]) for title in QUESTIONS] == list(range(1, 21))


@pytest.mark.parametrize("title", QUESTIONS)
def test_a_question_is_whole(title: str) -> None:
    """What the client says, a query with its result, what may be concluded and what may not."""
    parts = ("> «", "```sql\n", "<!-- résultat -->\n| ", "**Ce que l'on peut conclure.** ")
    parts += ("**Ce qu'il ne faut pas conclure.** ",)
    found = [QUESTIONS[title].find(part) for part in parts]
    assert (-1 not in found, found) == (True, sorted(found))


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_googlesql_over_french_names(name: str, judge: Judge) -> None:
    """Google's own analyzer takes it, with the names and types that the dictionary gives; it reads arcane_fr alone."""
    own = {cte.alias for cte in sqlglot.parse_one(QUERIES[name], read="bigquery").find_all(exp.CTE)}
    read = {one for one in re.findall(r"(?:from|join) ([\w.]+)", QUERIES[name]) if one not in own}
    assert {one.split(".")[0] for one in read} <= {"arcane_fr"}
    called = set(CALLED.findall(QUERIES[name]))
    content = {one: (described(one), list[dict[str, object]]()) for one in called}
    judge.rows(CALLED.sub(r"\1", QUERIES[name]), content)


def described(name: str) -> Table:
    """The French columns of a view or function, as the dictionary has them."""
    (section,) = re.findall(rf"^### {name}\n(.*?)(?=^### |\Z)", DICTIONARY, re.MULTILINE | re.DOTALL)
    columns = tuple(Column(fr, Type(kind), fr, fr, fr) for fr, kind in ROW.findall(section))
    return Table(name, name, name, (), columns)


def test_the_view_of_ones_own_is_a_view() -> None:
    """The example of the last section joins Arcane's views as it stands."""
    text = PAGE.split("**Ajouter une vue.**")[1].split("```text\n")[1].split("```")[0]
    own = view("part_du_francais", text.strip())
    assert (own.key, [one.fr for one in own.columns]) == (
        ("tracker", "local_date"),
        ["suivi", "date_locale", "part_francais"],
    )
    assert own.reads == {"languages_by_day"}
