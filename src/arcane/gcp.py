"""What every client of Google Cloud needs: who we are, and for how long a call is tried again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Final

import google.auth
import requests
from google.api_core.retry import Retry
from google.auth import exceptions as auth_errors
from google.auth.credentials import AnonymousCredentials
from google.auth.transport.requests import AuthorizedSession

from arcane.errors import ConfigError

_PATIENCE_S: Final = 300
_LOCAL_PATIENCE_S: Final = 5  # an emulator's 500 stays one: waiting for it to heal would hide it


def is_local(endpoint: str | None) -> bool:
    """Whether an endpoint is an emulator on this machine, which gets no credentials."""
    return endpoint is not None and endpoint.startswith("http://")


def access(endpoint: str | None) -> dict[str, Any]:
    """Arguments of a client. Without ``credentials`` it finds those of this machine (ADC)."""
    found: dict[str, Any] = {"client_options": {"api_endpoint": endpoint} if endpoint else {}}
    if is_local(endpoint):
        found["credentials"] = AnonymousCredentials()  # type: ignore[no-untyped-call]
    return found


def session(endpoint: str) -> requests.Session:
    """HTTP to one of Google's APIs that Arcane speaks without a client of its own. Raises: ConfigError."""
    if is_local(endpoint):
        return requests.Session()
    with credentials_told():
        credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    return AuthorizedSession(credentials)  # type: ignore[no-untyped-call]


def patient(retry: Retry, endpoint: str | None) -> Retry:
    """``retry``, for as long as it makes sense there."""
    return retry.with_timeout(_LOCAL_PATIENCE_S if is_local(endpoint) else _PATIENCE_S)


@contextlib.contextmanager
def credentials_told() -> Iterator[None]:
    """Google's complaints about credentials as one sentence. Raises: ConfigError."""
    try:
        yield
    except auth_errors.DefaultCredentialsError as exc:
        raise ConfigError(
            "no Google credentials were found: run gcloud auth application-default login, or let "
            "GOOGLE_APPLICATION_CREDENTIALS name a key file (in Google Cloud the service account is found by itself)"
        ) from exc
    except auth_errors.GoogleAuthError as exc:
        raise ConfigError(
            "the Google credentials of this machine do not work any more: run gcloud auth application-default login"
        ) from exc
