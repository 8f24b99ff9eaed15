"""The archive in a folder.

An object is written under ``pending/`` and moved to ``<tracker>/<year>/<month>/`` once its rows are committed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from arcane.archive.frame import PENDING, SUFFIX, Frame, Kept, by_age, changed, encoded, flat, frames, new_name, unflat
from arcane.errors import ArchiveError


class FolderArchive:
    """See ``interface.Archive``."""

    def __init__(self, root: Path) -> None:
        self.name = str(root)
        self._root = root

    def create(self, *, tracker: str, opened_at: datetime, label: str) -> FolderWriter:
        name = new_name(tracker=tracker, opened_at=opened_at, label=label)
        try:
            return FolderWriter(self._pending_path(name), name)
        except OSError as exc:
            raise _unwritable(self._root, exc) from exc

    def pending(self) -> list[str]:
        folder = self._root / PENDING
        return by_age({unflat(path.name) for path in folder.glob(f"*{SUFFIX}")} if folder.is_dir() else set())

    def confirm(self, name: str) -> None:
        source, target = self._pending_path(name), self._root / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.exists():
                source.replace(target)
                _sync_folder(target.parent)
        except OSError as exc:
            raise _unwritable(self._root, exc) from exc

    def discard(self, name: str) -> None:
        self._pending_path(name).unlink(missing_ok=True)

    def objects(self) -> list[str]:
        if not self._root.is_dir():
            return []
        paths = (path.relative_to(self._root) for path in self._root.rglob(f"*{SUFFIX}"))
        return by_age({path.as_posix() for path in paths if path.parts[0] != PENDING})

    def read(self, name: str) -> Iterator[Kept]:
        path = self._root / name
        is_pending = not path.exists()
        if is_pending:
            path = self._pending_path(name)
        try:
            data = memoryview(path.read_bytes())
        except OSError as exc:
            raise ArchiveError(
                f"the archived object {name} cannot be read ({exc.strerror}): restore it, or run replay without it"
            ) from exc
        yield from frames(data, name=name, is_pending=is_pending)

    def trim(self, name: str) -> None:
        end = max((kept.frame_offset + kept.frame_bytes for kept in self.read(name)), default=0)
        path = self._pending_path(name)
        if path.exists() and path.stat().st_size > end:
            os.truncate(path, end)

    def rewrite(self, name: str, change: Callable[[Frame], Frame]) -> list[Kept]:
        kept = list(self.read(name))
        new = changed(kept, change)
        if new is None:
            return kept
        data, places = new
        path = self._root / name if (self._root / name).exists() else self._pending_path(name)
        beside = path.with_name(path.name + ".new")
        try:
            with beside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
            _sync_folder(path.parent)
        except OSError as exc:
            raise _unwritable(path, exc) from exc
        return places

    def delete(self, name: str) -> None:
        (self._root / name).unlink(missing_ok=True)

    def check(self) -> str:
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            probe = self._root / ".arcane-doctor"
            probe.write_bytes(b"x")
            probe.unlink()
        except OSError as exc:
            raise _unwritable(self._root, exc) from exc
        return f"{self._root} can be written to"

    def _pending_path(self, name: str) -> Path:
        return self._root / PENDING / flat(name)


class FolderWriter:
    """See ``interface.Writer``."""

    def __init__(self, path: Path, name: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.name = name
        self._path = path
        self._file: BinaryIO = path.open("xb", buffering=0)
        self._size = 0

    def __enter__(self) -> FolderWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(self, frame: Frame) -> Kept:
        data = encoded(frame)
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
        if self._file.closed:
            return
        try:
            os.fsync(self._file.fileno())
            self._file.close()
            _sync_folder(self._path.parent)
        except OSError as exc:
            raise _unwritable(self._path, exc) from exc


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
