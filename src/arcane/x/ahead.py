"""One step ahead: the next page is fetched while the last is used. Knows nothing of pages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, each made while the one before it is used, in one thread.

    An error comes out after the items that were made before it. Leaving early waits a second for the item being
    made, no longer: it may be asleep for a quarter of an hour, and Ctrl+C must not be.
    """
    end = object()
    asks: SimpleQueue[bool] = SimpleQueue()
    made: SimpleQueue[tuple[T | object, BaseException | None]] = SimpleQueue()

    def work() -> None:
        while asks.get():
            try:
                made.put((next(items, end), None))
            except BaseException as exc:
                made.put((end, exc))

    worker = threading.Thread(target=work, name="ahead", daemon=True)
    worker.start()
    try:
        asks.put(True)
        while True:
            item, error = made.get()
            if error is not None:
                raise error
            if item is end:
                return
            asks.put(True)
            yield item  # type: ignore[misc]
    finally:
        asks.put(False)
        worker.join(1)
