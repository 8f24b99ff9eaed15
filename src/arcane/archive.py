"""Raw pages, kept as they came: what X was paid for is never asked for twice.

One object a slice, one zstd frame a page; a frame holds one line of JSON: the request, when it was answered,
the slice it belongs to, and the body byte for byte. An object is written under ``pending/`` and moved to
``<tracker>/<year>/<month>/`` once its rows are committed, so whatever lies in ``pending/`` is what a dead run
left to commit. Knows pages only as bytes, and no warehouse.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import zstandard

from arcane.errors import ArchiveError

SUFFIX: Final = ".jsonl.zst"
_PENDING: Final = "pending"


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """One page with all that is needed to commit it again without X.

    ``start_at`` and ``end_at`` bound the slice that it was read for; without them (an import) the page says
    nothing about coverage. ``request`` is the path with its parameters, or the file a page was imported from.
    """

    arcane: int = 1  # version of this format; first in the line, so that a reader can tell it at a glance
    tracker: str
    observed_at: datetime
    request: dict[str, str] = {}
    query: str = ""
    query_hash: str = ""
    start_at: datetime | None = None
    end_at: datetime | None = None
    body: msgspec.Raw

    @property
    def page_hash(self) -> str:
        """32 hex digits: the same page, read at the same moment for the same tracker, is the same page."""
        digest = blake2b(digest_size=16)
        digest.update(f"{self.tracker}\0{self.observed_at.astimezone(UTC).isoformat()}\0".encode())
        digest.update(self.body)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Kept:
    """A frame and where it lies: object, and bytes from its start."""

    frame: Frame
    archive_object: str
    frame_offset: int
    frame_bytes: int


_decoder = msgspec.json.Decoder(Frame)
_encoder = msgspec.json.Encoder()


class Archive:
    """A folder of objects. Names of objects are paths relative to it."""

    def __init__(self, root: Path) -> None:
        self.name = str(root)
        self._root = root

    def create(self, *, tracker: str, opened_at: datetime, label: str) -> Writer:
        """A new pending object; its name tells tracker, moment and label, and is unique."""
        month = f"{opened_at:%Y/%m}"
        name = f"{tracker}/{month}/{opened_at:%Y%m%dT%H%M%S%f}-{label}-{os.urandom(3).hex()}{SUFFIX}"
        try:
            return Writer(self._pending_path(name), name)
        except OSError as exc:
            raise _unwritable(self._root, exc) from exc

    def pending(self) -> list[str]:
        """Names of the objects that no commit has confirmed, oldest first."""
        folder = self._root / _PENDING
        names = [path.name.replace("~", "/") for path in folder.glob(f"*{SUFFIX}")] if folder.is_dir() else []
        return sorted(names, key=lambda name: name.rsplit("/", 1)[-1])

    def confirm(self, name: str) -> None:
        """Move a committed object out of ``pending/``. Doing it twice does nothing."""
        source, target = self._pending_path(name), self._root / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.exists():
                source.replace(target)
                _sync_folder(target.parent)
        except OSError as exc:
            raise _unwritable(self._root, exc) from exc

    def discard(self, name: str) -> None:
        """Drop a pending object that holds nothing."""
        self._pending_path(name).unlink(missing_ok=True)

    def objects(self) -> list[str]:
        """Names of all confirmed objects, oldest first."""
        if not self._root.is_dir():
            return []
        names = [
            path.relative_to(self._root).as_posix()
            for path in self._root.rglob(f"*{SUFFIX}")
            if path.parent.name != _PENDING
        ]
        return sorted(names, key=lambda name: name.rsplit("/", 1)[-1])

    def read(self, name: str) -> Iterator[Kept]:
        """The frames of an object, in the order written; a last frame cut short by a kill is left out.

        Raises: ArchiveError if the object is missing, or damaged before its end.
        """
        path = self._root / name
        if not path.exists():
            path = self._pending_path(name)
        yield from read_frames(path, name=name)

    def trim(self, name: str) -> None:
        """Cut what a kill left of a half-written last frame off a pending object."""
        end = max((kept.frame_offset + kept.frame_bytes for kept in self.read(name)), default=0)
        path = self._pending_path(name)
        if path.exists() and path.stat().st_size > end:
            os.truncate(path, end)

    def _pending_path(self, name: str) -> Path:
        return self._root / _PENDING / name.replace("/", "~")


class Writer:
    """One pending object, open for appending. A context manager: leaving it makes the object durable."""

    def __init__(self, path: Path, name: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.name = name
        self._path = path
        self._file: BinaryIO = path.open("xb", buffering=0)
        self._size = 0
        self._compressor = zstandard.ZstdCompressor(level=1)

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(self, frame: Frame) -> Kept:
        """Write one page.

        Raises: ArchiveError if it cannot be written whole; the object then ends at the page before.
        """
        data = self._compressor.compress(_encoder.encode(frame) + b"\n")
        try:
            if self._file.write(data) != len(data):
                raise OSError("the disk took only a part of the page")
        except OSError as exc:
            self._file.truncate(self._size)
            raise _unwritable(self._path, exc) from exc
        kept = Kept(frame, self.name, self._size, len(data))
        self._size += len(data)
        return kept

    def close(self) -> None:
        """Make every page written so far survive a power cut.

        Raises: ArchiveError if the disk refuses.
        """
        if self._file.closed:
            return
        try:
            os.fsync(self._file.fileno())
            self._file.close()
            _sync_folder(self._path.parent)
        except OSError as exc:
            raise _unwritable(self._path, exc) from exc


def read_frames(path: Path, *, name: str) -> Iterator[Kept]:
    """Frames of any file in the archive's format.

    Raises: ArchiveError if it is missing, or damaged before its last frame.
    """
    try:
        data = memoryview(path.read_bytes())
    except OSError as exc:
        raise ArchiveError(
            f"the archived object {name} cannot be read ({exc.strerror}): restore it, or run replay without it"
        ) from exc
    decompressor = zstandard.ZstdDecompressor()
    offset = 0
    while offset < len(data):
        stream = decompressor.decompressobj()
        try:
            line = stream.decompress(data[offset:])
        except zstandard.ZstdError as exc:
            raise ArchiveError(
                f"the archived object {name} is damaged at byte {offset}: restore it from a copy"
            ) from exc
        if not stream.eof:
            return  # cut short: the process died while it wrote
        length = len(data) - offset - len(stream.unused_data)
        try:
            frame = _decoder.decode(line)
        except msgspec.DecodeError as exc:
            raise ArchiveError(
                f"the archived object {name} holds no page at byte {offset}: is it Arcane's own?"
            ) from exc
        yield Kept(frame, name, offset, length)
        offset += length


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(path: Path, exc: OSError) -> ArchiveError:
    return ArchiveError(
        f"the archive cannot write to {path} ({exc.strerror or exc}): make room or allow it, then run the same "
        "command again; what was read before is kept"
    )
