"""Recorded pages → store: other people's archives, and our own.

One API response a line, plain, .gz or .zst: Arcane's archive format, twarc2's JSONL, or bare bodies. Imported
pages are archived like any other, so that a replay finds them; they say nothing about coverage.
"""

from __future__ import annotations

import gzip
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

import msgspec
import zstandard

from arcane.archive.frame import Frame
from arcane.errors import ConfigError, PageError
from arcane.store import Store
from arcane.transform import observed_at_of
from arcane.x import page as pages
from arcane.x.page import Page

_OURS: Final = b'{"arcane":'
_PAGES: Final = {"tweets", "empty", "errors"}
_PARCEL_TWEETS: Final = 10_000
_PARCEL_PAGES: Final = 100

_frames = msgspec.json.Decoder(Frame)


@dataclass(slots=True)
class Report:
    """What became of the lines of one file. ``lines`` counts them by what they were:

    ``imported``; ``known`` (committed before, or twice in the file); ``empty`` (a page with no tweet and no
    time of reading); ``counts``, ``users``, ``refusal``, ``other`` (no pages of tweets); ``broken`` (no JSON).
    """

    path: Path
    lines: Counter[str] = field(default_factory=Counter)
    tweet_count: int = 0
    first_broken: str = ""


def import_file(path: Path, *, store: Store, tracker: str, observed_at: datetime | None) -> Report:
    """Commit the pages of tweets in one file; what is no such page is counted.

    ``observed_at`` is when pages were read that do not tell it themselves; without it such a page counts as
    read when its newest tweet was made, so that it never beats a real reading.

    Raises: ConfigError if the file cannot be read; ArchiveError, WarehouseError.
    """
    report = Report(path)
    chunk: dict[str, tuple[Frame, Page]] = {}
    tweet_count = 0
    for number, line in enumerate(_lines(path), start=1):
        try:
            found = _frame(line, path=path, number=number, tracker=tracker, observed_at=observed_at)
        except PageError as exc:
            report.lines["broken"] += 1
            report.first_broken = report.first_broken or f"line {number}: {exc}"
            continue
        if isinstance(found, str):
            report.lines[found] += 1
            continue
        frame, page = found
        page_hash = frame.page_hash
        if page_hash in chunk:
            report.lines["known"] += 1
            continue
        chunk[page_hash] = frame, page
        tweet_count += len(page.data)
        if len(chunk) >= _PARCEL_PAGES or tweet_count >= _PARCEL_TWEETS:
            _commit(chunk, store=store, tracker=tracker, report=report)
            chunk, tweet_count = {}, 0
    _commit(chunk, store=store, tracker=tracker, report=report)
    return report


def _commit(chunk: dict[str, tuple[Frame, Page]], *, store: Store, tracker: str, report: Report) -> None:
    known = store.warehouse.known_pages(list(chunk)) if chunk else set()
    report.lines["known"] += len(known)
    fresh = [pair for page_hash, pair in chunk.items() if page_hash not in known]
    if not fresh:
        return
    parcel = store.open(tracker=tracker, label="import")
    for frame, page in fresh:
        parcel.add(frame, page)
    parcel.commit()
    report.lines["imported"] += parcel.page_count
    report.tweet_count += parcel.tweet_count
    store.publish(is_due_only=True)


def _frame(
    line: bytes, *, path: Path, number: int, tracker: str, observed_at: datetime | None
) -> tuple[Frame, Page] | str:
    """One line as a frame to archive with its page, or what it is instead."""
    if line.startswith(_OURS):
        try:
            ours = _frames.decode(line)
        except msgspec.DecodeError as exc:
            raise PageError(f"a line of Arcane's archive format is damaged ({exc})") from exc
        return msgspec.structs.replace(ours, start_at=None, end_at=None, served_at=None), pages.page(bytes(ours.body))
    kind = pages.kind(line)
    if kind not in _PAGES:
        return kind
    page = pages.page(line)
    told_at = page.twarc.retrieved_at if page.twarc else None
    read_at = told_at or observed_at or observed_at_of(page)
    if read_at is None:
        return "empty"
    request = {"file": path.name, "line": str(number)}
    return Frame(tracker=tracker, observed_at=read_at.astimezone(UTC), request=request, body=msgspec.Raw(line)), page


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with _opened(path) as file:
            for line in file:
                if stripped := line.strip():
                    yield stripped
    except (OSError, EOFError, zstandard.ZstdError) as exc:
        reason = getattr(exc, "strerror", None) or str(exc)
        raise ConfigError(
            f"{path} cannot be read ({reason}): name a file of recorded pages, plain, .gz or .zst"
        ) from exc


def _opened(path: Path) -> IO[bytes] | gzip.GzipFile:
    if path.suffix == ".gz":
        return gzip.open(path, "rb")
    if path.suffix == ".zst":
        reader = zstandard.ZstdDecompressor().stream_reader(path.open("rb"), read_across_frames=True, closefd=True)
        return io.BufferedReader(reader)
    return path.open("rb")
