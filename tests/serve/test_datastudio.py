"""The address that Data Studio is opened by: every parameter, and nothing that breaks out of one."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import duckdb
import pytest
from tests.test_cli import arcane, said

from arcane import views
from arcane.errors import ConfigError
from arcane.serve import datastudio

TEMPLATE = "0b2f6e0a-1111-2222-3333-44445555aaaa"
BUILD_SHEET = Path(__file__).parents[2] / "office" / "datastudio" / "README.md"


def told(address: str) -> list[tuple[str, str]]:
    """Its parameters, in order; the rest of it is Google's."""
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "lookerstudio.google.com", "/reporting/create")
    return parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)


def test_blank_report() -> None:
    """Without a template one view is bound, under the alias that Data Studio gives the source of a blank report."""
    address = datastudio.address(
        ["volume_by_day"], project="p-1", dataset="arcane_fr", billing_project="p-2", name="Arcane", template=None
    )
    assert told(address) == [
        ("c.mode", "edit"),
        ("r.reportName", "Arcane"),
        ("ds.ds0.connector", "bigQuery"),
        ("ds.ds0.datasourceName", "arcane_fr.volume_by_day"),
        ("ds.ds0.type", "TABLE"),
        ("ds.ds0.projectId", "p-1"),
        ("ds.ds0.datasetId", "arcane_fr"),
        ("ds.ds0.tableId", "volume_by_day"),
        ("ds.ds0.billingProjectId", "p-2"),
        ("ds.ds0.refreshFields", "true"),
    ]


def test_template() -> None:
    """A template has each view bound under its own name, and keeps the fields that were set up in it."""
    address = datastudio.address(
        ["data_status", "volume_by_day"],
        project="p-1",
        dataset="arcane_fr",
        billing_project="p-1",
        name="Arcane",
        template=TEMPLATE,
    )
    found = dict(told(address))
    assert found["c.reportId"] == TEMPLATE
    assert {key: value for key, value in found.items() if key.endswith((".tableId", ".refreshFields"))} == {
        "ds.data_status.tableId": "data_status",
        "ds.data_status.refreshFields": "false",
        "ds.volume_by_day.tableId": "volume_by_day",
        "ds.volume_by_day.refreshFields": "false",
    }


@pytest.mark.parametrize(
    "name", ["Été & Cie – #Arcane", "a=b&c.mode=view", "50 % + 1 / 2 ?", "« espace\u00a0fine »\n🎬"]
)
def test_names_are_encoded(name: str) -> None:
    """A report's name arrives as it was written and can set no other parameter; no raw sign stands in the address."""
    address = datastudio.address(
        ["volume_by_day"], project="example.com:p", dataset="arcane_fr", billing_project="p", name=name, template=None
    )
    found = told(address)
    assert dict(found)["r.reportName"] == name
    assert dict(found)["ds.ds0.projectId"] == "example.com:p"
    assert [key for key, _ in found].count("c.mode") == 1
    assert address.isascii()
    assert not set(address) & set(" +#\n\"'<>")


def test_refusals() -> None:
    """A template that is no id, and a blank report of several views, are refused with what to do."""
    asked = {"project": "p", "dataset": "arcane_fr", "billing_project": "p", "name": "Arcane"}
    with pytest.raises(ConfigError, match="is no id of a report"):
        datastudio.address(["data_status"], template="https://x", **asked)
    with pytest.raises(ConfigError, match="a blank report opens on one view"):
        datastudio.address(["data_status", "volume_by_day"], template=None, **asked)


def test_sources_are_french_views() -> None:
    """What a template binds are views that office tools can read as they are, and the build sheet has each of them."""
    known = {one.name for one in views.views() if one.has_twin and not one.parameters}
    assert set(datastudio.SOURCES) <= known
    assert datastudio.FIRST in datastudio.SOURCES
    sheet = BUILD_SHEET.read_text("utf-8")
    assert [one for one in datastudio.SOURCES if f"`{one}`" not in sheet] == []


def test_build_sheet_has_every_column() -> None:
    """The build sheet lists the French columns of every view that it binds, in their order, and no others."""
    known = {one.name: [column.fr for column in one.columns] for one in views.views()}
    view = ""
    named: dict[str, list[str]] = {}
    for line in BUILD_SHEET.read_text("utf-8").splitlines():
        if line.startswith("### `"):
            view = line.split("`")[1]
            named[view] = []
        elif line.startswith("## "):
            view = ""
        elif line.startswith("| `") and view:
            named[view].append(line.split("`")[1])
    assert named == {name: known[name] for name in datastudio.SOURCES}


def test_build_sheet_adds_up_what_may_be_added() -> None:
    """Formulas of the build sheet are sums divided by sums of columns that the views named beside them have."""
    known = {one.name: {column.fr for column in one.columns} for one in views.views()}
    lines = [line for line in BUILD_SHEET.read_text("utf-8").splitlines() if line.startswith("| ") and "SUM(" in line]
    assert len(lines) == 5
    for line in lines:
        _, formula, _, sources = (part.strip() for part in line.strip("| ").split(" | "))
        columns = set(re.findall(r"[a-z_]+", formula))
        assert re.sub(r"SUM\((\w+|IF\(\w+ IS NULL, 0, \w+\))\)|[-/` ]", "", formula) == ""
        assert {name for name in re.findall(r"`(\w+)`", sources) if columns - known[name]} == set()
    sheet = BUILD_SHEET.read_text("utf-8")
    added = set(re.findall(r"^\| `(\w+)` \| .* \| Somme \|$", sheet, re.M))
    assert {name for name in added if name.startswith(("taux_", "part_", "id_", "nb_auteurs", "nb_vues"))} == set()


@pytest.mark.parametrize(
    ("name", "rows", "expected"),
    [
        # ten excluded, a day of which nothing is known, an imported day that X did not count
        (
            "Écart au décompte de X",
            "nb_tweets, nb_tweets_bruts, nb_attendus: (90, 100, 103), (null, null, 50), (7, 7, null)",
            53,
        ),
        # a day on which another tracker's interactions are unknown
        ("Part de voix (interactions)", "interactions, interactions_panel: (30, 40), (20, null), (10, 40)", 0.5),
        ("Part de voix (publications)", "nb_tweets, nb_tweets_panel: (30, 40), (null, null), (10, 40)", 0.5),
        # a day of which nothing is measured, and tweets without impressions
        (
            "Taux d'engagement",
            "interactions, interactions_avec_impressions, nb_impressions: (9, 5, 50), (7, null, null), (5, 5, 50)",
            0.1,
        ),
        (
            "Interactions par publication",
            "nb_tweets, nb_tweets_mesures, interactions: (9, 5, 50), (7, 0, null), (5, 5, 50)",
            10,
        ),
    ],
)
def test_formulas_leave_out_what_one_side_does_not_know(name: str, rows: str, expected: float) -> None:
    """A calculated field of the build sheet is right where exclusions, unknown and uncounted days are in the sum."""
    sheet = BUILD_SHEET.read_text("utf-8").replace("\u00a0", " ")
    formula = re.search(rf"^\| {re.escape(name)} \| `([^`]+)` \|", sheet, re.M)
    assert formula is not None
    columns, values = rows.split(": ")
    found = duckdb.sql(f"select {formula[1]} from (values {values}) as days({columns})").fetchall()
    assert found == [(pytest.approx(expected),)]


def test_pages_name_fields_that_there_are() -> None:
    """What a page shows in italics is a field of the source beside it; in bold, a calculated field made for it."""
    sheet = BUILD_SHEET.read_text("utf-8").replace("\u00a0", " ")
    made, pages, fields = (sheet.split(f"\n## {number}. ")[1].split("\n## ")[0] for number in (4, 5, 6))
    shown = {
        block.split("`")[0]: set(re.findall(r"^\| `\w+` \| (.*?) \|", block, re.M))
        for block in fields.split("\n### `")[1:]
    }
    calculated = {row.strip("| ").split(" | ")[0]: row for row in made.splitlines() if "`" in row and row[:2] == "| "}
    by_day = {name for name in shown if name.endswith("_by_day")}
    blocks = re.split(r"\n(?=\n|- |\| )", pages)
    named = [(block, found[1]) for block in blocks if (found := re.search(r"(?:\| |source )`(\w+)`", block))]
    assert len(named) == 18  # the banner and what stands on five pages
    for block, source in named:
        words = block.split(f"`{source}`", 1)[1]
        assert set(re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", words)) <= shown[source]
        for name in re.findall(r"\*\*([^*]+)\*\*", words):
            assert f"`{source}`" in calculated[name] or (
                "toutes les vues par jour" in calculated[name] and source in by_day
            )
    assert set(calculated) == set(re.findall(r"\*\*([^*]+)\*\*", "".join(block.split("`", 2)[2] for block, _ in named)))


def test_command(tmp_path: Path) -> None:
    """The command prints one address from the settings; where it cannot, one sentence says why."""
    google = {"ARCANE_WAREHOUSE__KIND": "bigquery", "ARCANE_WAREHOUSE__PROJECT": "p-1"}
    done = arcane(tmp_path, "datastudio", "--report", TEMPLATE, **google)
    assert (done.returncode, done.stderr) == (0, "")
    bound = [value for key, value in told(done.stdout.strip()) if key.endswith(".tableId")]
    assert bound == list(datastudio.SOURCES)

    blank = arcane(tmp_path, "datastudio", "--view", "tweets_flat", "--billing-project", "p-2", **google)
    assert dict(told(blank.stdout.strip()))["ds.ds0.billingProjectId"] == "p-2"

    here = arcane(tmp_path, "datastudio")
    assert (here.returncode, said(here)) == (
        2,
        "arcane: Data Studio reads BigQuery: set warehouse.kind and warehouse.project, or look at the tables of this "
        "machine with arcane dashboard",
    )
    unknown = arcane(tmp_path, "datastudio", "--view", "totals", **google)
    assert unknown.returncode == 2
    assert said(unknown).startswith("arcane: no view of arcane_fr is called totals: there are ")
