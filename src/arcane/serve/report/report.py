"""``arcane report``: asks, draws and writes one file, which is whole or not there.

The rest of the package is pure; here are the files: the consultant's comments and the logo come in, the report goes
out, written beside its name and renamed.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from arcane.errors import ConfigError
from arcane.serve.dashboard.queries import Layer
from arcane.serve.language import Language
from arcane.serve.report.answers import Asked, answers
from arcane.serve.report.comments import comments
from arcane.serve.report.content import Content, content
from arcane.serve.report.logo import logo
from arcane.serve.report.sections import ASKED, EVOLUTION, TITLES, chosen
from arcane.warehouse.interface import Reader

log = structlog.get_logger()
SUFFIXES: Final = (".html", ".pdf", ".pptx")


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asks for; ``sections``: keys with commas, empty for all."""

    target: Path
    asked: Asked
    language: Language
    sections: str = ""
    logo: Path | None = None
    comments: Path | None = None


def write(order: Order, open_reader: Callable[[], Reader], *, layer: Layer, trackers: Sequence[str]) -> Path:
    """Write the report; what stood at its name is replaced only by a whole one.

    Raises: ConfigError for whatever of the order cannot be; WarehouseError.
    """
    make = _maker(order.target)
    keys = chosen(order.sections)
    if order.sections and EVOLUTION in keys and order.asked.compare == "none":
        raise ConfigError(
            f"--sections {EVOLUTION} is all comparison and --compare none has none: leave one of them out"
        )
    names = {key: order.language.text(*titles) for key, titles in TITLES.items()}
    said = comments(_read(order.comments), names=names) if order.comments is not None else {}
    picture = logo(order.logo) if order.logo is not None else None
    _writable(order.target)
    found = answers(open_reader, order.asked, ASKED, layer=layer, trackers=trackers, language=order.language)
    whole = content(found, layer=layer, keys=keys, comments=said, logo=picture)
    if homeless := sorted(said.keys() - {section.key for section in whole.sections}):
        log.warning("report.comments_left_out", sections=homeless, reason="these sections are not in the report")
    _put(order.target, make(whole))
    return order.target


def _maker(target: Path) -> Callable[[Content], bytes]:
    match target.suffix.lower():
        case ".html":
            return _html
        case ".pdf":
            return _pdf
        case ".pptx":
            return _pptx
    raise ConfigError(f"-o {target}: a report is a file that ends in {', '.join(SUFFIXES)}")


def _html(of: Content) -> bytes:
    from arcane.serve.report.page import page

    return page(of).encode()


def _pdf(of: Content) -> bytes:
    from arcane.serve.report.page import page
    from arcane.serve.report.printing import pdf

    return pdf(page(of))


def _pptx(of: Content) -> bytes:
    try:
        from arcane.serve.report.slides import slides
    except ImportError as exc:
        raise ConfigError(
            "slides cannot be made here: install arcane with its extra, pip install 'arcane[report]'"
        ) from exc
    return slides(of, made_at=of.read_at)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as exc:
        raise ConfigError(f"--commentaires {path} cannot be read ({exc.strerror}): name a Markdown file") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"--commentaires {path} is not written in UTF-8: save it as that") from exc


def _writable(target: Path) -> None:
    """Before a minute is spent on what nobody could keep. Raises: ConfigError."""
    if target.is_dir():
        raise ConfigError(f"-o {target} is a folder: name a file in it")
    if not target.parent.is_dir():
        raise ConfigError(f"-o {target}: there is no folder {target.parent}: make it, or name another")


def _put(target: Path, data: bytes) -> None:
    """All of it or nothing. Raises: ConfigError."""
    beside: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            beside = Path(file.name)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(0o644)
        beside.replace(target)
    except OSError as exc:
        if beside is not None:
            with contextlib.suppress(OSError):
                beside.unlink()
        raise ConfigError(f"-o {target} cannot be written ({exc.strerror}): make room, or name another folder") from exc
