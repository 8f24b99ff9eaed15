"""The consultant's own words, from a Markdown file: a heading names the section, what follows stands in it. Pure.

Kept simple: paragraphs, bold, italics, lists and links to http, https or mailto. Anything else, HTML above all, stays
the text that it is.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from arcane.errors import ConfigError
from arcane.serve.dashboard.wording import legible

_SCHEMES: Final = ("https://", "http://", "mailto:")


@dataclass(frozen=True, slots=True)
class Comment:
    """``html``: escaped; ``paragraphs``: of runs (text, is bold), a list's points with a bullet."""

    html: str
    paragraphs: tuple[tuple[tuple[str, bool], ...], ...]


def comments(text: str, *, names: Mapping[str, str]) -> dict[str, Comment]:
    """Section's key → what is said there; ``names``: key → title, either may be a heading.

    Raises: ConfigError naming a heading that is no section, or a text before the first.
    """
    parser = _parser()
    known = {_folded(name): key for key, title in names.items() for name in (key, title)}
    found: dict[str, list[Token]] = {}
    into: list[Token] | None = None
    tokens = parser.parse(legible(text))
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token.type == "heading_open" and token.level == 0:
            heading = tokens[place + 1].content.strip()
            key = known.get(_folded(heading))
            if key is None:
                raise ConfigError(
                    f"--commentaires: no section is called {heading!r}; headings may be {', '.join(names)}"
                )
            into = found.setdefault(key, [])
            place += 3
            continue
        if into is None:
            raise ConfigError(
                "--commentaires: the file must begin with a heading that names a section, as in '## volume'"
            )
        into.append(token)
        place += 1
    return {
        key: Comment(parser.renderer.render(said, parser.options, {}), _paragraphs(said))
        for key, said in found.items()
        if said
    }


def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"html": False}).enable(["heading", "emphasis", "list", "link", "newline", "escape"])
    parser.validateLink = lambda url: url.lower().startswith(_SCHEMES)  # type: ignore[method-assign]
    return parser


def _paragraphs(tokens: Sequence[Token]) -> tuple[tuple[tuple[str, bool], ...], ...]:
    found: list[tuple[tuple[str, bool], ...]] = []
    is_point = False
    for token in tokens:
        if token.type == "list_item_open":
            is_point = True
        elif token.type == "list_item_close":
            is_point = False
        elif token.type == "inline":
            runs = _runs(token.children or [])
            found.append((("• ", False), *runs) if is_point else tuple(runs))
            is_point = False
    return tuple(found)


def _runs(tokens: Sequence[Token]) -> list[tuple[str, bool]]:
    runs: list[tuple[str, bool]] = []
    depth = 0
    for token in tokens:
        match token.type:
            case "strong_open":
                depth += 1
            case "strong_close":
                depth -= 1
            case "softbreak" | "hardbreak":
                runs.append((" ", depth > 0))
            case "text" | "text_special":
                runs.append((token.content, depth > 0))
    return [run for run in runs if run[0]]


def _folded(name: str) -> str:
    """Small letters without accents, spaces and hyphens alike."""
    bare = unicodedata.normalize("NFKD", name.replace("’", "'")).casefold()
    return "-".join("".join(sign for sign in bare if not unicodedata.combining(sign)).replace("-", " ").split())
