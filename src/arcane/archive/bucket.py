"""The archive in a bucket of Google Cloud Storage.

An object of a bucket cannot grow, so every page is one of its own, ``pending/<name>/<offset>``, as soon as it was
read. Confirming composes them, on Google's side, into the final object: one step that is done or not. What a kill
leaves is then either the pages, or the final object with pages that are already in it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import requests
from google.api_core import exceptions as google_errors
from google.cloud import storage  # type: ignore[attr-defined]
from google.cloud.storage.retry import DEFAULT_RETRY

from arcane import gcp
from arcane.archive.frame import PENDING, SUFFIX, Frame, Kept, by_age, changed, encoded, flat, frames, new_name, unflat
from arcane.errors import ArcaneError, ArchiveAway, ArchiveError

_COMPOSED: Final = 32  # objects that one call may join
_BATCHED: Final = 100  # calls that one request may carry
_JOINING: Final = "joining"
_MAX_SOFT_DELETE_S: Final = 7 * 86_400


class BucketArchive:
    """See ``interface.Archive``. ``url``: ``gs://bucket`` or ``gs://bucket/folder``."""

    def __init__(self, url: str, *, endpoint: str | None = None) -> None:
        parts = urlsplit(url)
        self.name = url.rstrip("/")
        folder = parts.path.strip("/")
        self._folder = f"{folder}/" if folder else ""
        with gcp.credentials_told():
            self._client = storage.Client(None, **gcp.access(endpoint))
        self._bucket = self._client.bucket(parts.netloc)
        self._retry = gcp.patient(DEFAULT_RETRY, endpoint)

    def create(self, *, tracker: str, opened_at: datetime, label: str) -> BucketWriter:
        return BucketWriter(self, new_name(tracker=tracker, opened_at=opened_at, label=label))

    def pending(self) -> list[str]:
        return by_age({unflat(name.split("/")[0]) for name in self._names(f"{PENDING}/")})

    def confirm(self, name: str) -> None:
        parts = self._parts(name)
        if parts and not self._has(name):
            with self._translated():
                self._compose(parts, name)
        self._delete([*parts, *self._names(self._joining(name), is_whole=True)])

    def discard(self, name: str) -> None:
        self._delete(self._parts(name))

    def objects(self) -> list[str]:
        found = (name for name in self._names("") if name.endswith(SUFFIX))
        return by_age({name for name in found if not name.startswith((f"{PENDING}/", f"{_JOINING}/"))})

    def read(self, name: str) -> Iterator[Kept]:
        data = self._download(name)
        is_pending = data is None
        whole = b"".join(self._pages(name)) if data is None else data
        yield from frames(memoryview(whole), name=name, is_pending=is_pending)

    def trim(self, name: str) -> None:
        """A bucket keeps no half page."""

    def rewrite(self, name: str, change: Callable[[Frame], Frame]) -> list[Kept]:
        """A pending object appears whole; its single pages, as they were, stay until it is confirmed."""
        with self._translated():
            found = self._bucket.get_blob(self._folder + name, retry=self._retry)
        generation = found.generation if found else 0
        kept = list(self.read(name))
        new = changed(kept, change)
        if new is None:
            return kept
        data, places = new
        with self._translated():
            self._blob(name).upload_from_string(data, if_generation_match=generation, retry=self._retry)
        return places

    def delete(self, name: str) -> None:
        self._delete([name])

    def check(self) -> str:
        probe = self._blob(f".arcane-doctor-{os.urandom(3).hex()}")
        with self._translated():
            probe.upload_from_string(b"x", retry=self._retry)
            probe.delete(retry=self._retry)
        try:
            with self._translated():
                self._bucket.reload(retry=self._retry)
        except ArchiveError as exc:
            if not isinstance(exc.__cause__, google_errors.Forbidden):
                raise
            return f"{self.name} can be written to; its settings may not be looked at (storage.buckets.get)"
        self._check_erasure()
        ages = [rule["condition"]["age"] for rule in self._bucket.lifecycle_rules if "age" in rule["condition"]]
        kept = f"pages are deleted after {min(ages)} days" if ages else "pages are kept for ever (no lifecycle rule)"
        return f"{self.name} can be written to, lies in {self._bucket.location}; {kept}"

    def put(self, name: str, offset: int, data: bytes) -> None:
        """Keep one page of a pending object. Trying it again writes the same bytes to the same place."""
        with self._translated():
            self._blob(f"{_pending(name)}{offset:012d}").upload_from_string(data, retry=self._retry)

    def _check_erasure(self) -> None:
        """Erasure must be real: nothing may keep or bring back what was deleted."""
        bucket = self._bucket
        kept_s = bucket.soft_delete_policy.retention_duration_seconds or 0
        if bucket.versioning_enabled:
            problem = "keeps old versions: gcloud storage buckets update --no-versioning"
        elif bucket.retention_period:
            problem = "has a retention policy: gcloud storage buckets update --clear-retention-period"
        elif kept_s > _MAX_SOFT_DELETE_S:
            problem = (
                f"can bring deleted pages back for {kept_s // 86_400} days: "
                "gcloud storage buckets update --clear-soft-delete"
            )
        else:
            return
        raise ArchiveError(f"what is erased would live on, since {self.name} {problem} gs://{bucket.name}")

    def _compose(self, parts: list[str], name: str) -> None:
        """Join the parts in their order, by levels of 32; the last call makes ``name`` appear whole."""
        for level in itertools.count():
            if len(parts) <= _COMPOSED:
                break
            joined = []
            for number, group in enumerate(_cut(parts, _COMPOSED)):
                joined.append(f"{self._joining(name)}{level}-{number:06d}")
                self._join(group, joined[-1])
            parts = joined
        self._join(parts, name)

    def _join(self, parts: list[str], name: str) -> None:
        blobs = [self._blob(part) for part in parts]
        self._blob(name).compose(blobs, retry=self._retry)

    def _joining(self, name: str) -> str:
        return f"{_JOINING}/{flat(name)}/"

    def _parts(self, name: str) -> list[str]:
        return self._names(_pending(name), is_whole=True)

    def _pages(self, name: str) -> Iterator[bytes]:
        """The pending pages, one after the other, none missing."""
        end = 0
        parts = self._parts(name)
        for part in parts:
            data = self._download(part)
            if data is None or int(part.rsplit("/", 1)[-1]) != end:
                break
            yield data
            end += len(data)
        else:
            if parts:
                return
        raise ArchiveError(f"the archived object {name} is not whole in {self.name}: restore it from a copy")

    def _names(self, prefix: str, *, is_whole: bool = False) -> list[str]:
        """Names under ``prefix``, sorted; without it unless ``is_whole``."""
        whole = self._folder + prefix
        with self._translated():
            blobs = self._client.list_blobs(
                self._bucket, prefix=whole, fields="items(name),nextPageToken", retry=self._retry
            )
            cut = len(self._folder if is_whole else whole)
            return sorted(blob.name[cut:] for blob in blobs)

    def _has(self, name: str) -> bool:
        with self._translated():
            return bool(self._blob(name).exists(retry=self._retry))

    def _download(self, name: str) -> bytes | None:
        with self._translated():
            try:
                return bytes(self._blob(name).download_as_bytes(retry=self._retry))
            except google_errors.NotFound as exc:
                if "bucket does not exist" in str(exc):
                    raise
                return None

    def _delete(self, names: list[str]) -> None:
        """What is gone already is fine; what stays is met, and dropped, by the next run."""
        for group in _cut(names, _BATCHED):
            with self._translated(), self._client.batch(raise_exception=False):
                for name in group:
                    self._blob(name).delete()

    def _blob(self, name: str) -> storage.Blob:
        return self._bucket.blob(self._folder + name)

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """Google's errors as ours."""
        try:
            with gcp.credentials_told():
                yield
        except ArcaneError:
            raise
        except google_errors.NotFound as exc:
            raise ArchiveError(
                f"the bucket of {self.name} does not exist: make it (docs/archive.md), or let archive.url name another"
            ) from exc
        except (google_errors.Forbidden, google_errors.Unauthorized) as exc:
            raise ArchiveError(
                f"Google refuses this account the archive {self.name}: give it roles/storage.objectUser on the bucket"
            ) from exc
        except google_errors.PreconditionFailed as exc:
            raise ArchiveAway(
                f"an object of {self.name} changed while it was written anew: run the same command again"
            ) from exc
        except (google_errors.TooManyRequests, google_errors.ServerError, google_errors.RetryError) as exc:
            raise self._away() from exc
        except google_errors.GoogleAPICallError as exc:
            raise ArchiveError(f"the archive {self.name} could not do its work: {exc.message}") from exc
        except (requests.exceptions.RequestException, OSError) as exc:
            raise self._away() from exc

    def _away(self) -> ArchiveAway:
        return ArchiveAway(
            f"the archive {self.name} does not answer: run the same command again later; what was read before is kept"
        )


class BucketWriter:
    """See ``interface.Writer``. Every page is durable once it is appended."""

    def __init__(self, archive: BucketArchive, name: str) -> None:
        self.name = name
        self._archive = archive
        self._size = 0

    def __enter__(self) -> BucketWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(self, frame: Frame) -> Kept:
        data = encoded(frame)
        self._archive.put(self.name, self._size, data)
        kept = Kept(frame, self.name, self._size, len(data))
        self._size += len(data)
        return kept

    def close(self) -> None:
        """Nothing is open."""


def _cut(names: list[str], size: int) -> list[list[str]]:
    return [names[start : start + size] for start in range(0, len(names), size)]


def _pending(name: str) -> str:
    return f"{PENDING}/{flat(name)}/"
