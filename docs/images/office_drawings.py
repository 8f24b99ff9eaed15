"""The drawings of the guides for spreadsheets and Data Studio: what no screenshot can be taken of here.

    make pictures     writes each of DRAWINGS beside this file

Edit what stands in capitals; the rest turns it into SVG. Units are those of the view box, 1000 wide.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

WIDTH: Final = 1000
FONT: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
INK: Final = "#1d3b5a"
SOFT: Final = "#5c5953"
RULE: Final = "#b9b4a7"
PAPER: Final = "#f4f1e9"
BLUE: Final = "#2f5d8a"
PALE: Final = "#dfe8f1"
OCHRE: Final = "#cf8a2c"
GREEN: Final = "#3d9487"

# name, what it reads through, what it is for
TOOLS: Final = (
    ("Google Sheets, menu « Arcane »", "un script lit BigQuery", "des onglets « Données … » chaque matin"),
    ("Feuille connectée", "Sheets interroge BigQuery", "des millions de lignes, rien n'est copié"),
    ("Data Studio", "une source par vue", "un rapport à partager"),
    ("Excel : macros, Power Query", "ODBC, ou une adresse CSV", "travailler dans un classeur"),
    ("Navigateur", "arcane dashboard", "regarder, télécharger XLSX et CSV"),
    ("Fichiers", "arcane export", "envoyer, archiver, recharger"),
)
# tab, who writes it, what is in it
TABS: Final = (
    ("Paramètres", "vous", "projet, suivi, dates ; une ligne par onglet à remplir"),
    ("Données état", "Arcane", "data_status : jusqu'où tout est lu"),
    ("Données chiffres clés", "Arcane", "totals : les dix chiffres de la période"),
    ("Données évolution", "Arcane", "growth : face à la période précédente, à âge égal"),
    ("Données par jour", "Arcane", "engagement_by_day : ce qu'ont recueilli les publications du jour"),
    ("Données volume", "Arcane", "volume_by_day : publications, et décompte de X"),
    ("Données hashtags", "Arcane", "top_hashtags : les hashtags associés"),
    ("Données publications", "Arcane", "tracker_tweets_flat : une ligne par publication"),
    ("Mon analyse", "vous", "vos formules et vos tableaux croisés lisent les onglets « Données … »"),
)
# « Paramètres » of Sheets, filled for one week: its cells, row by row
CELLS: Final = (
    ("Arcane : paramètres", "", ""),
    ("Projet Google Cloud", "mon-projet", ""),
    ("Jeu de données", "arcane_fr", ""),
    ("Suivi", "arcane", ""),
    ("Du", "18/11/2026", ""),
    ("Au", "24/11/2026", ""),
    ("Base : du (vide = période précédente)", "", ""),
    ("Base : au (vide = période précédente)", "", ""),
    ("Courriel en cas d'échec (vide = le vôtre)", "", ""),
    ("", "", ""),
    ("Onglet", "Vue", "Lecture"),
    ("Données état", "data_status", "tout"),
    ("Données chiffres clés", "totals", "fonction"),
    ("Données évolution", "growth", "fonction et base"),
    ("Données par jour", "engagement_by_day", "période"),
    ("Données volume", "volume_by_day", "période"),
    ("Données hashtags", "top_hashtags", "fonction"),
    ("Données publications", "tracker_tweets_flat", "période"),
)
# first and last row, what to do there
NOTES: Final = (
    (2, 4, ("à remplir une fois",)),
    (5, 6, ("=AUJOURDHUI()-7 et -1 :", "la fenêtre glisse seule")),
    (7, 9, ("vides : la période d'avant,", "et votre adresse")),
    (11, 18, ("une ligne par onglet", "qu'Arcane remplit :", "ôtez, ajoutez, renommez")),
)
# entry of the menu, what it does; none: a line
MENU: Final = (
    ("Préparer les paramètres", "crée l'onglet « Paramètres », une fois"),
    ("Actualiser", "remplit maintenant chaque onglet de la liste"),
    ("Arrêter l'actualisation en cours", "les onglets finis restent à jour"),
    None,
    ("Actualiser chaque matin", "entre 7 h et 8 h, un courriel en cas d'échec"),
    ("Ne plus actualiser chaque matin", "ôte ce rendez-vous"),
    None,
    ("Feuille connectée de la ligne choisie", "Sheets interroge BigQuery, rien n'est copié"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """An element of a page of the report: where it stands, in twelfths of the width and in rows, and its words."""

    column: int
    row: int
    columns: int
    rows: int
    kind: str
    name: str


HEAD: Final = (
    Part(0, 0, 6, 1, "table", "Bandeau d'état"),
    Part(6, 0, 3, 1, "filter", "Suivi"),
    Part(9, 0, 3, 1, "filter", "Plage de dates"),
)
HEAD_OF_ALL: Final = (Part(0, 0, 9, 1, "table", "Bandeau d'état"), Part(9, 0, 3, 1, "filter", "Plage de dates"))
PAGES: Final = (
    (
        "1. Vue d'ensemble",
        (
            *HEAD,
            *(
                Part(2 * place, 1, 2, 1, "tile", name)
                for place, name in enumerate(
                    ("Publications", "J'aime", "Retweets", "Interactions", "Impressions", "Taux d'eng.")
                )
            ),
            Part(0, 2, 3, 1, "tile", "Couverture"),
            Part(3, 2, 4, 1, "tile", "Interactions par publication"),
            Part(7, 2, 5, 1, "tile", "Écart au décompte de X"),
            Part(0, 3, 6, 3, "line", "Publications par jour"),
            Part(6, 3, 6, 3, "bars", "Interactions par jour"),
        ),
    ),
    (
        "2. Formats et langues",
        (
            *HEAD,
            Part(0, 1, 6, 2, "bars", "Par média"),
            Part(6, 1, 6, 2, "bars", "Taux par média"),
            Part(0, 3, 6, 3, "bars", "Par type"),
            Part(6, 3, 6, 3, "bars", "Par langue"),
        ),
    ),
    (
        "3. Sujets",
        (
            *HEAD,
            Part(0, 1, 4, 5, "table", "Hashtags"),
            Part(4, 1, 4, 5, "table", "Domaines"),
            Part(8, 1, 4, 5, "table", "Comptes cités"),
        ),
    ),
    (
        "4. Part de voix",
        (
            *HEAD_OF_ALL,
            Part(0, 1, 5, 3, "bars", "Part par suivi"),
            Part(5, 1, 7, 3, "line", "Part par jour"),
            Part(0, 4, 12, 2, "table", "Tableau des suivis"),
        ),
    ),
    ("5. Verbatims", (*HEAD, Part(0, 1, 12, 5, "table", "Date, auteur, texte, lien, interactions, impressions"))),
)


def text(
    x: float, y: float, words: str, *, size: float = 14, bold: bool = False, fill: str = INK, at: str = "start"
) -> str:
    weight = ' font-weight="600"' if bold else ""
    shown = escape(words.replace("'", "’"))
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}"{weight} fill="{fill}" text-anchor="{at}">{shown}</text>'


def box(x: float, y: float, width: float, height: float, *, fill: str = "#ffffff", edge: str = RULE) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="5" fill="{fill}" stroke="{edge}"/>'


def arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" stroke="{SOFT}" stroke-width="1.5" marker-end="url(#head)"/>'


def drawing(parts: Sequence[str], *, height: int, title: str) -> str:
    """``title``: what a screen reader says."""
    head = (
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        f'orient="auto"><path d="M0 0L8 4L0 8z" fill="{SOFT}"/></marker></defs>'
    )
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" font-family="{FONT}">',
            f"<title>{escape(title.replace(chr(39), '’'))}</title>",
            head,
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            *parts,
            "</svg>\n",
        )
    )


def way() -> str:
    """From the tables to each tool."""
    parts = [
        box(20, 90, 200, 84, fill=PAPER),
        text(120, 124, "BigQuery", size=17, bold=True, at="middle"),
        text(120, 148, "dans Google Cloud", fill=SOFT, at="middle"),
        box(20, 330, 200, 84, fill=PAPER),
        text(120, 364, "DuckDB", size=17, bold=True, at="middle"),
        text(120, 388, "un fichier, sur un poste", fill=SOFT, at="middle"),
        box(276, 190, 218, 124, fill=PALE, edge=BLUE),
        text(385, 226, "arcane_fr", size=17, bold=True, at="middle"),
        text(385, 252, "les vues et fonctions,", fill=SOFT, at="middle"),
        text(385, 272, "sous leurs noms français :", fill=SOFT, at="middle"),
        text(385, 292, "les mêmes chiffres partout", fill=SOFT, at="middle"),
        arrow(220, 150, 276, 210),
        arrow(220, 354, 276, 294),
    ]
    for number, (name, through, use) in enumerate(TOOLS):
        y = 14 + 82 * number
        is_anywhere = number >= 3
        parts += [
            box(590, y, 390, 68, edge=GREEN if is_anywhere else BLUE),
            text(606, y + 28, name, size=16, bold=True),
            text(606, y + 51, f"{through} ; {use}" if len(through + use) < 56 else use, size=13, fill=SOFT),
            arrow(494, 252, 590, y + 34),
        ]
    parts += [
        box(20, 478, 16, 16, edge=BLUE),
        text(46, 491, "depuis BigQuery seulement", size=13, fill=SOFT),
        box(250, 478, 16, 16, edge=GREEN),
        text(276, 491, "depuis BigQuery ou DuckDB", size=13, fill=SOFT),
    ]
    return drawing(parts, height=512, title="Les données vont des vues arcane_fr vers chaque outil")


def tabs() -> str:
    """Whose each tab of a spreadsheet is."""
    parts = [
        text(20, 30, "Onglet", bold=True),
        text(262, 30, "Écrit par", bold=True),
        text(372, 30, "Ce qu'on y trouve", bold=True),
    ]
    for number, (name, by, what) in enumerate(TABS):
        y = 44 + 40 * number
        is_ours = by == "Arcane"
        parts += [
            box(20, y, 220, 32, fill=PALE if is_ours else PAPER, edge=BLUE if is_ours else OCHRE),
            text(32, y + 21, name, bold=not is_ours),
            text(262, y + 21, by, fill=BLUE if is_ours else OCHRE, bold=True),
            text(372, y + 21, what, fill=SOFT),
        ]
    return drawing(
        parts, height=44 + 40 * len(TABS) + 8, title="Les onglets du classeur : les vôtres, et ceux qu'Arcane remplit"
    )


def settings() -> str:
    """The tab that an analyst fills, as a spreadsheet shows it."""
    high, left, widths = 26, 50, (330, 190, 160)
    edges = [left, left + widths[0], left + widths[0] + widths[1]]
    end = edges[-1] + widths[-1]
    parts = [
        text(x + width / 2, 24, letter, size=12, fill=SOFT, at="middle")
        for x, width, letter in zip(edges, widths, "ABC", strict=True)
    ]
    for number, cells in enumerate(CELLS, start=1):
        y = 10 + high * number
        is_yours = 2 <= number <= 9
        parts.append(text(left - 14, y + 18, str(number), size=12, fill=SOFT, at="end"))
        for place, (x, width, cell) in enumerate(zip(edges, widths, cells, strict=True)):
            is_filled = is_yours and place == 1
            fill = PAPER if is_filled else PALE if number == 11 else "#ffffff"
            parts.append(
                f'<rect x="{x}" y="{y}" width="{width}" height="{high}" fill="{fill}" '
                f'stroke="{OCHRE if is_filled else RULE}"/>'
            )
            if cell:
                parts.append(text(x + 8, y + 18, cell, size=13, bold=number in {1, 11}))
    for first, last, words in NOTES:
        top, bottom = 14 + high * first, 6 + high * (last + 1)
        parts.append(f'<path d="M{end + 8} {top}h8V{bottom}h-8" fill="none" stroke="{OCHRE if first < 11 else BLUE}"/>')
        middle = (top + bottom) / 2 + 5 - 9 * (len(words) - 1)
        parts += [text(end + 28, middle + 18 * place, line, size=13, fill=SOFT) for place, line in enumerate(words)]
    return drawing(
        parts,
        height=10 + high * (len(CELLS) + 1) + 14,
        title="L'onglet « Paramètres » rempli : huit lignes à vous, puis une ligne par onglet à remplir",
    )


def menu() -> str:
    """What « Arcane » opens, and what each entry does."""
    parts = [box(20, 14, 960, 36, fill=PAPER)]
    for place, name in enumerate(("Fichier", "Édition", "…", "Extensions", "Aide")):
        parts.append(text(40 + 96 * place, 37, name, fill=SOFT))
    parts += [box(512, 18, 84, 28, fill=PALE, edge=BLUE), text(554, 37, "Arcane", bold=True, at="middle")]
    y, drawn = 62, []
    for entry in MENU:
        if entry is None:
            drawn.append(f'<path d="M512 {y + 6}H820" stroke="{RULE}"/>')
            y += 12
            continue
        name, does = entry
        drawn += [
            text(528, y + 21, name),
            text(496, y + 21, does, size=13, fill=SOFT, at="end"),
        ]
        y += 32
    return drawing(
        [*parts, box(512, 54, 308, y - 46), *drawn], height=y + 22, title="Le menu « Arcane » de Google Sheets"
    )


def pages() -> str:
    """The report, page by page."""
    parts: list[str] = []
    wide, high, unit = 470, 318, 38
    for number, (name, drawn) in enumerate(PAGES):
        x, y = 15 + (wide + 30) * (number % 2), 34 + (high + 20) * (number // 2)
        parts += [text(x, y - 10, name, size=15, bold=True), box(x, y, wide, unit * 6 + 42, fill=PAPER)]
        for one in drawn:
            left, top = x + 8 + one.column * (wide - 12) / 12, y + 10 + one.row * (unit + 4)
            parts += part(one, left, top, one.columns * (wide - 12) / 12 - 4, one.rows * (unit + 4) - 4)
    return drawing(
        parts, height=34 + 3 * (high + 20) - 20, title="La disposition des cinq pages du rapport Data Studio"
    )


def part(one: Part, x: float, y: float, width: float, height: float) -> list[str]:
    """A sketch of what stands there: bars, a line, the rows of a table."""
    drawn = [box(x, y, width, height, edge=OCHRE if one.kind == "filter" else RULE)]
    words = text(x + 6, y + 15, one.name, size=11 if one.kind != "tile" else 10, bold=one.kind != "tile")
    floor, top = y + height - 8, y + 26
    match one.kind:
        case "tile":
            drawn.append(
                f'<rect x="{x + 6:g}" y="{y + 22:g}" width="{min(width - 12, 34):g}" height="8" fill="{BLUE}"/>'
            )
        case "bars":
            for place, share in enumerate((0.9, 0.55, 0.7, 0.4, 0.3, 0.2)):
                step, tall = (width - 16) / 6, (floor - top) * share
                drawn.append(
                    f'<rect x="{x + 8 + place * step:g}" y="{floor - tall:g}" width="{step * 0.7:g}" height="{tall:g}" fill="{OCHRE if place > 3 and one.name.startswith("Inter") else BLUE}"/>'
                )
        case "line":
            shares = (0.3, 0.45, 0.35, 0.8, 0.5, 0.6, 0.4)
            dots = " ".join(
                f"{x + 8 + place * (width - 16) / 6:g},{floor - (floor - top) * share:g}"
                for place, share in enumerate(shares)
            )
            drawn.append(f'<polyline points="{dots}" fill="none" stroke="{BLUE}" stroke-width="2"/>')
        case "table" if height > 50:
            lines = range(int((floor - top) // 14))
            drawn += [
                f'<path d="M{x + 8:g} {top + 6 + 14 * line:g}H{x + width - 8:g}" stroke="{RULE}"/>' for line in lines
            ]
    return [*drawn, words]


DRAWINGS: Final = {
    "office-way.svg": way,
    "office-tabs.svg": tabs,
    "sheets-menu.svg": menu,
    "sheets-parametres.svg": settings,
    "datastudio-pages.svg": pages,
}


def main(folder: Path) -> None:
    for name, draw in DRAWINGS.items():
        (folder / name).write_text(draw(), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
