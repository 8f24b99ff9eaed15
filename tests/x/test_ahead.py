"""One step ahead, in a thread."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator

import pytest

from arcane import errors
from arcane.x.ahead import ahead


def test_ahead_gives_the_same_items() -> None:
    """Order and number stay, also of nothing at all."""
    assert (list(ahead(iter(range(5)))), list(ahead(iter(())))) == ([0, 1, 2, 3, 4], [])


def test_ahead_makes_the_next_item_while_one_is_used() -> None:
    """One step, no more, and in a thread of its own."""
    made: list[int] = []
    is_made = [threading.Event() for _ in range(4)]

    def items() -> Iterator[int]:
        for number in range(4):
            made.append(number)
            is_made[number].set()
            yield number

    coming = ahead(items())
    assert next(coming) == 0
    assert is_made[1].wait(5)
    assert (made, is_made[2].wait(0.05)) == ([0, 1], False)
    coming.close()  # type: ignore[attr-defined]


def test_ahead_tells_an_error_after_the_items_before_it() -> None:
    """No item that was fetched is lost to what follows it."""

    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise errors.PageError("third")

    coming = ahead(items())
    assert next(coming) == 1
    time.sleep(0.05)  # the error is there before the second item is asked for
    assert next(coming) == 2
    with pytest.raises(errors.PageError, match="third"):
        next(coming)


def test_leaving_ahead_leaves_no_thread() -> None:
    """An endless source stops with its reader."""
    coming = ahead(itertools.count())
    assert [next(coming), next(coming)] == [0, 1]
    coming.close()  # type: ignore[attr-defined]
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("ahead")] == []


def test_leaving_ahead_does_not_wait_for_a_sleeper() -> None:
    """An item that is asleep for a quarter of an hour must not hold Ctrl+C up."""
    asleep = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        asleep.wait(60)

    coming = ahead(items())
    assert next(coming) == 1
    started = time.monotonic()
    coming.close()  # type: ignore[attr-defined]
    assert time.monotonic() - started < 10
    asleep.set()
