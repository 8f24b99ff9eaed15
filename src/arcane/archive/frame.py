"""The format: a frame is one line of JSON, compressed by itself, so that any page can be read without the others.

The line holds the request, when it was answered, the slice it belongs to, and the body byte for byte.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final

import msgspec
import zstandard

from arcane.errors import ArchiveError

SUFFIX: Final = ".jsonl.zst"
PENDING: Final = "pending"


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """One page with all that is needed to commit it again without X.

    ``start_at`` and ``end_at`` bound the slice that it was read for; without them (an import) the page says
    nothing about coverage. ``request`` is the path with its parameters, or the file a page was imported from.
    ``served_at`` is X's own clock, by which it bills; without it nothing was paid. ``was`` is the hash of the page
    before something was erased from it: rows refer to it by that for ever.
    """

    arcane: int = 1  # version of this format; first in the line, so that a reader can tell it at a glance
    tracker: str
    observed_at: datetime
    served_at: datetime | None = None
    request: dict[str, str] = {}
    query: str = ""
    query_hash: str = ""
    start_at: datetime | None = None
    end_at: datetime | None = None
    was: str = ""
    body: msgspec.Raw

    @property
    def page_hash(self) -> str:
        """32 hex digits: the same page, read at the same moment for the same tracker, is the same page."""
        if self.was:
            return self.was
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
_compressor = zstandard.ZstdCompressor(level=1)


def encoded(frame: Frame) -> bytes:
    return _compressor.compress(_encoder.encode(frame) + b"\n")


def frames(data: memoryview, *, name: str, is_pending: bool) -> Iterator[Kept]:
    """The frames of the object ``name``; of one that is pending, a last frame cut short by a kill is left out.

    Raises: ArchiveError if it is damaged.
    """
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
        if not stream.eof and is_pending:
            return  # cut short: the process died while it wrote
        if not stream.eof:
            raise ArchiveError(f"the archived object {name} is cut short at byte {offset}: restore it from a copy")
        length = len(data) - offset - len(stream.unused_data)
        try:
            frame = _decoder.decode(line)
        except msgspec.DecodeError as exc:
            raise ArchiveError(
                f"the archived object {name} holds no page at byte {offset}: is it Arcane's own?"
            ) from exc
        yield Kept(frame, name, offset, length)
        offset += length


def changed(kept: list[Kept], change: Callable[[Frame], Frame]) -> tuple[bytes, list[Kept]] | None:
    """The bytes of an object with its frames changed, and where each lies in them; None if none changes."""
    new = [change(one.frame) for one in kept]
    if all(one.frame is frame for one, frame in zip(kept, new, strict=True)):
        return None
    parts: list[bytes] = []
    places: list[Kept] = []
    offset = 0
    for one, frame in zip(kept, new, strict=True):
        parts.append(encoded(frame))
        places.append(Kept(frame, one.archive_object, offset, len(parts[-1])))
        offset += len(parts[-1])
    return b"".join(parts), places


def new_name(*, tracker: str, opened_at: datetime, label: str) -> str:
    """A name for an object that tells tracker, moment and label, and is unique."""
    return f"{tracker}/{opened_at:%Y/%m}/{opened_at:%Y%m%dT%H%M%S%f}-{label}-{os.urandom(3).hex()}{SUFFIX}"


def by_age(names: set[str]) -> list[str]:
    """Names of objects, oldest first, whatever their trackers."""
    return sorted(names, key=lambda name: name.rsplit("/", 1)[-1])


def flat(name: str) -> str:
    """The name of a pending object: one level deep."""
    return name.replace("/", "~")


def unflat(name: str) -> str:
    return name.replace("~", "/")
