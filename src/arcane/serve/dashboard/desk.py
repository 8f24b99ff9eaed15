"""Asks the warehouse for the pages: in time, a few at once, and each question once for one state of the data."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from arcane.serve.dashboard.queries import Question
from arcane.warehouse.interface import Reader, Result

_AT_ONCE: Final = 4  # pages under way
_SIDE_BY_SIDE: Final = 4  # questions of one page
_ANSWERS: Final = 1_000
_KEPT_ROWS: Final = 5_000  # a longer answer is a download, and not kept


class Readers:
    """Opens the read side on what was last published, ``at_once`` at most; others wait. Thread-safe."""

    def __init__(self, open_reader: Callable[[], Reader], *, at_once: int) -> None:
        self._open_reader = open_reader
        self._places = threading.BoundedSemaphore(at_once)

    @contextlib.contextmanager
    def one(self) -> Iterator[Reader]:
        """Raises: WarehouseError."""
        with self._places, contextlib.closing(self._open_reader()) as reader:
            yield reader


class Desk:
    """Thread-safe. ``open_reader`` opens the read side.

    Answers are kept by question, for one ``version`` of the data: a new publication is asked anew.
    """

    def __init__(self, open_reader: Callable[[], Reader]) -> None:
        self._readers = Readers(open_reader, at_once=_AT_ONCE)
        self._version = ""
        self._answers: OrderedDict[Question, Result] = OrderedDict()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def seat(self) -> Iterator[Seat]:
        """One page's reader; every question in it sees the same state of the data. Raises: WarehouseError."""
        with self._readers.one() as reader:
            yield Seat(reader, self)

    def kept(self, version: str, question: Question) -> Result | None:
        with self._lock:
            found = self._answers.get(question) if version == self._version else None
            if found is not None:
                self._answers.move_to_end(question)
            return found

    def keep(self, version: str, question: Question, result: Result) -> None:
        """Nothing of an older state stays: what was erased since is gone from here too."""
        if len(result.rows) > _KEPT_ROWS:
            return
        with self._lock:
            if version != self._version:
                self._answers.clear()
                self._version = version
            self._answers[question] = result
            while len(self._answers) > _ANSWERS:
                self._answers.popitem(last=False)


class Seat:
    """A reader for the length of one page."""

    def __init__(self, reader: Reader, desk: Desk) -> None:
        self._reader = reader
        self._desk = desk
        self.version = reader.version()

    def ask(self, question: Question) -> Result:
        """Raises: SqlError, WarehouseError."""
        result = self._desk.kept(self.version, question)
        if result is None:
            result = self._reader.query(question.sql, question.bound, max_rows=question.max_rows)
            self._desk.keep(self.version, question, result)
        return result

    def ask_all(self, questions: Sequence[Question]) -> list[Result]:
        """Side by side, each question once, the answers in their order. Raises: the first error of any."""
        once = list(dict.fromkeys(questions))
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            answers = dict(zip(once, pool.map(self.ask, once), strict=True))
        return [answers[question] for question in questions]
