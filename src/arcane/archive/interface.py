"""What an archive must do. Names of objects are paths relative to its root, and mean the same in all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from arcane.archive.frame import Frame, Kept


class Writer(Protocol):
    """One pending object, open for appending. A context manager: leaving it makes the object durable."""

    name: str

    def append(self, frame: Frame) -> Kept:
        """Write one page.

        Raises: ArchiveError if it cannot be written whole; the object then ends at the page before.
        """

    def close(self) -> None:
        """Make every page written so far survive. Raises: ArchiveError."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


class Archive(Protocol):
    """A place for raw pages. ``name`` is how a person knows it. Every method raises ArchiveError."""

    name: str

    def create(self, *, tracker: str, opened_at: datetime, label: str) -> Writer:
        """A new pending object."""

    def pending(self) -> list[str]:
        """Names of the objects that no commit has confirmed, oldest first."""

    def confirm(self, name: str) -> None:
        """Make a committed object pending no more. Doing it twice does nothing."""

    def discard(self, name: str) -> None:
        """Drop a pending object that holds nothing."""

    def objects(self) -> list[str]:
        """Names of all confirmed objects, oldest first."""

    def read(self, name: str) -> Iterator[Kept]:
        """The frames of an object, confirmed or pending, in the order written."""

    def trim(self, name: str) -> None:
        """Cut what a kill left of a half-written last frame off a pending object."""

    def rewrite(self, name: str, change: Callable[[Frame], Frame]) -> list[Kept]:
        """Put every frame of an object, confirmed or pending, as ``change`` gives it, in its place: all or nothing.

        Returns where they lie now. An object of which nothing changes is left alone.
        """

    def delete(self, name: str) -> None:
        """Drop a confirmed object. Doing it twice does nothing."""

    def check(self) -> str:
        """What a person wants to know of its state; whatever keeps it from doing its work is raised."""
