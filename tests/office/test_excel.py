"""The VBA modules: their bytes, and their pure parts run under LibreOffice. Excel, ADO and WinHTTP were never run."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from tests.office import bigquery
from tests.stories import NOW

from arcane.app import App
from arcane.serve.dashboard.filters import Span, read
from arcane.serve.extract import Scope, fitting
from arcane.views import views

HERE = Path(__file__).parent
EXCEL = HERE.parents[1] / "office" / "excel"
MODULES = sorted(EXCEL.glob("*.bas"))
SYSTEM_PYTHON = "/usr/bin/python3"
DAY_ZERO = date(1899, 12, 30)
LAST = NOW.date() - timedelta(days=1)
FIRST = LAST - timedelta(days=6)

pytestmark = pytest.mark.office


class Office:
    """LibreOffice with the modules in it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, calls: list[tuple[str, str, list[Any]]], cells: list[list[Any]]) -> dict[str, list[Any]]:
        """What it makes of these calls and cells."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"calls": calls, "cells": cells}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "LibreOffice came to its end"
        found: dict[str, list[Any]] = json.loads(line)
        return found

    def told(self, function: str, *arguments: list[Any], module: str = "Sonde") -> list[Any]:
        """The answer of one function to each list of arguments."""
        results = self.run([(module, function, list(one)) for one in arguments], [])["results"]
        return [one["result"] if isinstance(one, dict) and "result" in one else one for one in results]


@pytest.fixture(scope="module", name="office")
def _office() -> Iterator[Office]:
    has_uno = (
        Path(SYSTEM_PYTHON).exists()
        and not subprocess.run([SYSTEM_PYTHON, "-c", "import uno"], capture_output=True, check=False).returncode
    )
    if shutil.which("soffice") is None or not has_uno:
        pytest.skip("there is no LibreOffice with python3-uno")
    command = [SYSTEM_PYTHON, str(HERE / "libreoffice.py"), *map(str, MODULES), str(HERE / "Sonde.bas")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Office(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_bytes(path: Path) -> None:
    """A module is Windows-1252 with CRLF alone, names itself, and asks Windows and the locale for nothing."""
    raw = path.read_bytes()
    text = raw.decode("cp1252")
    assert text.encode("cp1252") == raw
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert raw.endswith(b"\r\n")
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\xc3\xa9" not in raw, "that is UTF-8"
    assert "é".encode("cp1252") in raw
    lines = text.split("\r\n")
    assert lines[0] == f'Attribute VB_Name = "{path.stem}"'
    assert "Option Explicit" in lines
    code = [re.sub(r"'.*", "", re.sub(r'"[^"]*"', '""', line)) for line in lines]
    forbidden = re.compile(
        r"\b(Declare|New (?!Collection)|PtrSafe|Format\$?\(|CDec|DateValue|TimeValue|IsDate|ADODB\.)", re.I
    )
    assert [line for line in code if forbidden.search(line)] == []
    assert max(map(len, lines)) <= 140
    runs, count = [0], 0
    for line in code:
        count = count + 1 if line.endswith(" _") else 0
        runs.append(count)
    assert max(runs) <= 24, "VBA joins no more lines"


def test_late_binding() -> None:
    """Only Arcane.bas makes objects of Windows, by name, and no variable has the type of one."""
    made = {path.stem: re.findall(r'CreateObject\("([^"]+)"\)', path.read_bytes().decode("cp1252")) for path in MODULES}
    assert made == {
        "Arcane": ["ADODB.Connection", "ADODB.Recordset", "WinHttp.WinHttpRequest.5.1", "ADODB.Stream"],
        "ArcaneFonctions": [],
        "ArcaneTexte": [],
    }
    kinds = {kind for path in MODULES for kind in re.findall(r"\bAs (\w+)", path.read_bytes().decode("cp1252"))}
    assert kinds == {"Variant", "Double", "Long", "Date", "String", "Boolean", "Object", "Collection"}


def test_functions_in_cells(office: Office) -> None:
    """The library works in cells: ranges are summed before they are divided, what is unknown is an error."""
    cells = [
        [10, 1000, "titre"],
        [30, 1000, None],
        [None, None, None],
        [
            "=TAUXENGAGEMENT(A1:A3;B1:B3)",
            "=TAUXENGAGEMENT(3;4)",
            "=TAUXENGAGEMENT(A1:A3;C1:C3)",
            "=EVOLUTIONAGEEGAL(60;20;40;20)",
            "=EVOLUTIONAGEEGAL(60;19;40;20)",
            "=EVOLUTIONAGEEGAL(60;5;40;5;5)",
            "=DATELONGUE(DATE(2026;3;1))",
            "=SEMAINEISO(DATE(2027;1;3))",
        ],
    ]
    shown = office.run([], cells)["texts"][-1]
    assert shown == ["0.02", "0.75", "Error 2042", "0.5", "Error 2042", "0.5", "dimanche 1er mars 2026", "2026-S53"]


def test_dates(office: Office) -> None:
    """Dates are read in one order on every machine, impossible ones are no dates, weeks are ISO's."""
    leap = (date(2028, 2, 29) - DAY_ZERO).days
    assert office.told("Lu", ["2026-11-25"], ["25/11/2026"], ["03/04/2026"], ["29/02/2028"]) == [
        "jour  46351", "jour  46351", f"jour  {(date(2026, 4, 3) - DAY_ZERO).days}", f"jour  {leap}",
    ]  # fmt: skip
    no_days = [
        "2026-02-30", "31/04/2026", "29/02/2026", "32/12/2026", "11/25/2026", "2026-13-05", "2026-00-10", "00/12/2026",
        "2026-1x-05", "1 /12/2026", "25/11/26", "x", "",
    ]  # fmt: skip
    assert office.told("Lu", *[[one] for one in no_days]) == ["#N/A"] * len(no_days)
    days = [date(2026, 11, 25) + timedelta(days=number) for number in range(60)]
    asked = [[float((day - DAY_ZERO).days)] for day in days]
    weeks = office.told("SemaineIso", *asked, module="ArcaneFonctions")
    assert weeks == [f"{day.isocalendar()[0]}-S{day.isocalendar()[1]:02}" for day in days]
    assert office.told("Precedente", [46343, 46349], [46343, 46350], [46343, 46343]) == [
        "46336 46342",
        "46329 46336",
        "46336 46336",
    ]


def test_paris(office: Office) -> None:
    """An hour of UTC is what Python's zone data call it in Paris, around both changes of three years."""
    moments = []
    for year in (2025, 2026, 2027):
        for month in (3, 10):
            last = datetime(year, month, 31, tzinfo=UTC)
            sunday = last - timedelta(days=(last.weekday() + 1) % 7)
            moments += [sunday + timedelta(seconds=second) for second in (0, 3_599, 3_600, 3_601, 86_399)]
            moments += [sunday + timedelta(days=number, hours=12) for number in (-7, -1, 1)]
    asked = [
        [float((one.date() - DAY_ZERO).days), float(one.hour * 3600 + one.minute * 60 + one.second)] for one in moments
    ]
    expected = []
    for one in moments:
        there = one.astimezone(ZoneInfo("Europe/Paris")).replace(tzinfo=None)
        expected.append(str(round((there - datetime.combine(one.date(), datetime.min.time())).total_seconds())))
    assert office.told("Paris", *asked) == expected


def test_csv(office: Office) -> None:
    """Commas, quotes and ends of lines inside of a text are text; French Excel's CSV is read too; broken ones are told."""
    rows = [["id_tweet", "texte"], ["1960000282763198465", 'dit "oui", puis\nnon'], ["", "=1+1"], ["2", "x" * 20_000]]
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    found = office.told(
        "Csv", [out.getvalue()], ["\ufeff" + '"a";"b"\r\n"1,5";"c;d"\r\n'], ["a,b\n1"], ['a\n"x'], ['a\n"x"y\n']
    )
    assert found == [
        "2|" + "|".join(cell for row in rows for cell in row),
        "2|a|b|1,5|c;d",
        "refus : Le CSV a 1 champs à la ligne 2, et 2 titres.",
        "refus : Le CSV s'arrête au milieu d'un texte, ligne 2.",
        "refus : Le CSV est mal formé, ligne 2.",
    ]


def test_values(office: Office) -> None:
    """Fields become values without the machine's language; empty stays empty; what is no number stays text."""
    asked = {
        ("1234.5", "nombre"): "nombre 1234.5",
        ("1234,5", "nombre"): "nombre 1234.5",
        ("-3", "nombre"): "nombre-3",
        ("1.5e-05", "nombre"): "nombre .000015",
        ("", "nombre"): "vide",
        ("12 rue", "nombre"): "texte 12 rue",
        ("true", "booléen"): "booléen -1",
        ("non", "booléen"): "booléen 0",
        ("2026-11-25", "date"): "nombre 46351",
        ("25/11/2026", "date"): "nombre 46351",
        ("2026-07-01T12:00:00Z", "instant"): f"nombre {46204 + 14 / 24:.10f}".rstrip("0"),
        ("01/07/2026 12:00:00", "instant"): "nombre 46204.5",
        ("1960000282763198465", "texte"): "texte 1960000282763198465",
        ("=1+1", "texte"): "texte =1+1",
    }
    found = office.told("Champ", *[list(one) for one in asked])
    for (field, kind), answer, expected in zip(asked, found, asked.values(), strict=True):
        if expected.startswith("nombre") and "." in expected:
            assert float(answer.removeprefix("nombre")) == pytest.approx(float(expected.removeprefix("nombre"))), field
        else:
            assert answer == expected, (field, kind)


def test_kinds_of_columns(office: Office, collected: App) -> None:
    """A column's kind as its French name tells it is the type that every view gives it."""
    kinds = {
        "STRING": "texte", "INTEGER": "nombre", "FLOAT": "nombre", "DATE": "date", "TIMESTAMP": "instant",
        "BOOLEAN": "booléen",
    }  # fmt: skip
    period = f"'arcane', date '{FIRST}', date '{LAST}'"
    base = f", date '{FIRST - timedelta(days=7)}', date '{LAST - timedelta(days=7)}'"
    given = {0: "", 2: f"date '{FIRST}', date '{LAST}'", 3: period, 5: period + base}
    columns: dict[str, str] = {}
    for one in views():
        if one.has_twin:
            call = f"{one.name}({given[len(one.parameters)]})" if one.parameters else one.name
            sql = f"select * from arcane_fr.{call} limit 0"
            for field in bigquery.answer(collected.settings.warehouse.path, sql, [])["fields"]:
                columns[field["name"]] = kinds[field["type"]]
    assert columns.pop("id_etat") == "nombre"  # always 1: as text it harms nobody
    found = office.told("ArcaneGenre", *[[name] for name in columns], module="ArcaneTexte")
    assert dict(zip(columns, found, strict=True)) == columns


def test_power_query_has_the_same_kinds() -> None:
    """The Power Query twin types columns by the same names as the VBA module."""
    vba = (EXCEL / "ArcaneTexte.bas").read_bytes().decode("cp1252")
    rules = vba[vba.index("Public Function ArcaneGenre") : vba.index("Private Function ArcaneCommence")]
    names = set(re.findall(r'"([a-z0-9_ ]+)"', rules)) - {"texte", "nombre", "date", "instant"}
    words = {word for one in names for word in one.split()}
    twin = (EXCEL / "arcane.m").read_text("utf-8")
    genre = twin[twin.index("Genre = ") : twin.index("Vides = ")]
    assert set(re.findall(r'"([a-z0-9_]+)"', genre)) == words


def test_power_query_has_the_rule_of_paris() -> None:
    """The twin's clock, read as the arithmetic that it is, is Python's zone data around both changes of three years."""
    twin = (EXCEL / "arcane.m").read_text("utf-8")
    assert "datetimezone" not in twin.lower(), "that takes the machine's zone for what has none"
    sunday = re.search(r"Date\.AddDays\(Dernier, -Date\.DayOfWeek\(Dernier, Day\.(\w+)\)\)", twin)
    assert sunday is not None
    assert sunday[1] == "Sunday"
    (start, end) = re.findall(r"DernierDimanche\(Date\.Year\(utc\), (\d+)\) & #time\((\d+), 0, 0\)", twin)
    rule = re.search(r"if utc >= Debut and utc < Fin then (\d) else (\d), 0, 0\)", twin)
    assert rule is not None

    def change(year: int, month: str, hour: str) -> datetime:
        last = datetime(year, int(month), 31, int(hour), tzinfo=UTC)
        return last - timedelta(days=(last.weekday() + 1) % 7)

    for year in (2025, 2026, 2027):
        begins, ends = change(year, *start), change(year, *end)
        for moment in (one + timedelta(seconds=near) for one in (begins, ends) for near in (-86_400, -1, 0, 1, 86_400)):
            hours = int(rule[1] if begins <= moment < ends else rule[2])
            assert timedelta(hours=hours) == moment.astimezone(ZoneInfo("Europe/Paris")).utcoffset()


def test_power_query_is_set_up_at_its_top() -> None:
    """DSN, dataset and address stand once, before anything else; the guide names the three."""
    twin = (EXCEL / "arcane.m").read_text("utf-8")
    given = dict(re.findall(r'^    (\w+) = "([^"]*)",$', twin.split("Parametres =")[0], re.M))
    assert given == {"Dsn": "Arcane", "Jeu": "arcane_fr", "Adresse": "http://127.0.0.1:8765"}
    rest = twin.split("Parametres =")[1]
    for name, value in given.items():
        assert f'"{value}"' not in rest.replace('[Name = "Arcane"]', "")
        assert re.search(rf"\b{name}\b", rest)
        assert f"`{name}`" in (EXCEL / "README.md").read_text("utf-8")


def test_sql_runs(office: Office, collected: App) -> None:
    """The query of each way of reading is GoogleSQL that a warehouse answers, and gives that period alone."""
    days = [float((one - DAY_ZERO).days) for one in (FIRST, LAST, FIRST - timedelta(days=7), LAST - timedelta(days=7))]
    asked = [
        ["arcane_fr", "totals", "fonction", "arcane", *days],
        ["arcane_fr", "growth", "fonction et base", "arcane", *days],
        ["arcane_fr", "engagement_by_day", "période", "arcane", *days],
        ["arcane_fr", "data_status", "tout", "arcane", *days],
        ["arcane_fr", "engagement_by_day", "période", "o'brien\\\n' or true --", *days],
    ]
    with contextlib.closing(collected.reader()) as reader:
        found = [reader.query(sql) for sql in office.told("ArcaneSql", *asked, module="ArcaneTexte")]
        (expected,) = reader.query("select * from arcane_fr.totals('arcane', @du, @au)", {"du": FIRST, "au": LAST}).rows
    assert found[0].rows == [expected]
    assert len(found[1].rows) > 3
    assert [row[found[2].columns.index("date_locale")] for row in found[2].rows] == [
        FIRST + timedelta(days=number) for number in range(7)
    ]
    assert len(found[3].rows) == 1
    assert found[4].rows == []


def test_csv_of_the_ten_figures(office: Office, collected: App) -> None:
    """The figures of totals, written as plain CSV and read by the module, are the same figures."""
    with contextlib.closing(collected.reader()) as reader:
        found = reader.query("select * from arcane_fr.totals('arcane', @du, @au)", {"du": FIRST, "au": LAST})
    (row,) = found.rows
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([found.columns, ["" if one is None else one for one in row]])
    parts = office.told("Csv", [out.getvalue()])[0].split("|")
    assert (parts[0], tuple(parts[1 : len(row) + 1])) == (str(len(row)), found.columns)
    kinds = office.told("ArcaneGenre", *[[name] for name in found.columns], module="ArcaneTexte")
    cells = office.told("Champ", *[[cell, kind] for cell, kind in zip(parts[len(row) + 1 :], kinds, strict=True)])
    for value, cell in zip(row, cells, strict=True):
        match value:
            case None:
                assert cell == "vide"
            case bool():
                assert cell == f"booléen {-int(value)}"
            case str():
                assert cell == f"texte {value}"
            case int() | float():
                assert float(cell.removeprefix("nombre")) == pytest.approx(value, rel=1e-12)


def test_refusals(office: Office) -> None:
    """What cannot be asked is refused in French before anything is sent."""
    assert office.told(
        "Sql",
        ["arcane", "totals", "fonction", "a"],
        ["arcane_fr", "x; drop", "tout", "a"],
        ["arcane_fr", "totals", "souvent", "a"],
    ) == [
        "refus : Jeu de données « arcane » : un jeu de vues françaises se termine par _fr, comme arcane_fr.",
        "refus : Vue « x; drop » : un nom de vue s'écrit en minuscules, comme engagement_by_day.",
        "refus : Lecture « souvent » : écrivez période, fonction, fonction et base ou tout.",
    ]
    assert office.told("Connexion", ["", "p-1"], ["DSN=Arcane;Catalog={projet}", "p-1"], ["", "p;UID=x"]) == [
        "Driver={ODBC Driver for BigQuery};Catalog=p-1;OAuthMechanism=1;DefaultStringColumnLength=32767",
        "DSN=Arcane;Catalog=p-1",
        "refus : Projet « p;UID=x » : écrivez l'identifiant du projet Google Cloud, en minuscules.",
    ]
    here = "refus : Adresse « {} » : elle commence par https://, ou par http://127.0.0.1:8765 si le tableau de bord tourne sur cette machine."
    away = ["http://example.com", "http://127.0.0.1.example.com", "http://localhost@example.com", "ftp://127.0.0.1"]
    assert office.told("Adresse", *[[one, "totals", "fonction", "a"] for one in away]) == [
        here.format(one) for one in away
    ]
    query = "/export.csv?view=totals&tracker=%C3%A9%20x%26y%E2%82%AC&from=2026-11-17&to=2026-11-23"
    assert office.told("Adresse", *[[one, "totals", "fonction", "é x&y€"] for one in ("http://127.0.0.1:8765/", "https://tableau.example.fr")]) == [
        "http://127.0.0.1:8765" + query,
        "https://tableau.example.fr" + query,
    ]  # fmt: skip


def test_half_a_base_and_periods_backwards(office: Office) -> None:
    """A base is both days or none, and no period ends before it begins."""
    half = "refus : La période de base n'a qu'un de ses deux jours : remplissez « Base : du » et « Base : au », ou laissez les deux vides."
    assert office.told("BaseDite", ["", ""], ["01/11/2026", "07/11/2026"], ["01/11/2026", ""], ["", "07/11/2026"]) == [
        "booléen 0", "booléen -1", half, half,
    ]  # fmt: skip
    assert office.told("Periode", ["La période", 46351, 46351], ["La période de base", 46351, 46350]) == [
        "bien",
        "refus : La période de base va du 2026-11-25 au 2026-11-24 : le premier jour doit venir avant le dernier.",
    ]


def test_the_base_period_is_in_the_address(office: Office) -> None:
    """Where a function wants a base, the dashboard reads from the address the one that Paramètres say."""
    (address,) = office.told("Adresse", ["http://127.0.0.1:8765", "growth", "fonction et base", "arcane"])
    filters = read(urlsplit(address).query, trackers=["arcane"], last_day=LAST)
    growth = next(one for one in views() if one.name == "growth")
    assert fitting(growth, filters) == Scope(
        "arcane", Span(date(2026, 11, 17), date(2026, 11, 23)), Span(date(2026, 11, 3), date(2026, 11, 9))
    )


def test_messages(office: Office) -> None:
    """What the machine says becomes what happened and what to do, in French, with its own words behind."""
    expected = {
        "[Microsoft][ODBC Driver Manager] Data source name not found and no default driver specified": "Le pilote ODBC pour BigQuery n'est pas installé",
        "[Microsoft][Gestionnaire de pilotes ODBC] Source de données introuvable et nom de pilote non spécifié": "Le pilote ODBC pour BigQuery n'est pas installé",
        "The specified DSN contains an architecture mismatch [IM014]": "Le pilote ODBC et Excel n'ont pas le même nombre de bits",
        "Error: invalid_grant: Token has been expired or revoked.": "Votre connexion à Google a expiré",
        "Access Denied: Dataset p:arcane_fr": "Votre compte n'a pas le droit",
        "Not found: Table p:arcane_fr.totaux": "BigQuery ne connaît pas cette vue",
        "HTTP 401 : log in first": "Le tableau de bord refuse le jeton",
        "HTTP 302 : ": "Le tableau de bord renvoie vers une page de connexion",
        "connexion [-2147012867]": "Le tableau de bord ne répond pas",
        "ActiveX component can't create object [429]": "Windows ne trouve pas ADO ou WinHTTP",
    }  # fmt: skip
    found = office.told("ArcaneMessage", *[[one] for one in expected], module="ArcaneTexte")
    for answer, (words, message) in zip(found, expected.items(), strict=True):
        assert answer.startswith(message)
        assert answer.endswith(f"({words})")
    assert office.told("ArcaneMessage", ["autre chose"], module="ArcaneTexte") == ["autre chose"]


def test_names_of_tables(office: Office) -> None:
    """A tab's table has a name that Excel takes and that stays the same."""
    assert office.told("ArcaneNomTable", ["Données chiffres clés"], ["Données à côté (2)"], module="ArcaneTexte") == [
        "donnees_chiffres_cles",
        "donnees_a_cote__2_",
    ]


def test_the_module_for_excel_compiles(office: Office) -> None:
    """LibreOffice compiles Arcane.bas, which needs Excel to run, and runs what of it does not."""
    assert office.told("ArcaneGenreAdo", [133], [135], [20], [11], [202], module="Arcane") == [
        "date",
        "instant",
        "nombre",
        "booléen",
        "texte",
    ]
