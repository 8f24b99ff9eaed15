"""A Cloud Run job: started, and seen to start, by the Cloud Run Admin API v2.

The client library for it brings gRPC, which would cost the function more time to start than these two requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import requests

from arcane import gcp
from arcane.clock import Clock
from arcane.errors import JobError

_TIMEOUT_S: Final = 30
_POLL_S: Final = 2


class Job:
    """``name``: projects/…/locations/…/jobs/…"""

    def __init__(self, name: str, *, endpoint: str, clock: Clock) -> None:
        self._name = name
        self._endpoint = endpoint.rstrip("/")
        self._clock = clock
        self._session = gcp.session(endpoint)

    def start(self, arguments: Sequence[str], *, within_s: float) -> str:
        """Run the job with these arguments and wait until a task of it runs; the name of the execution.

        Raises: JobError if it cannot be started or does not start in time; ConfigError without credentials.
        """
        body = {"overrides": {"containerOverrides": [{"args": list(arguments)}]}}
        operation = self._asked("POST", f"{self._name}:run", body)
        execution = str(operation.get("metadata", {}).get("name", ""))
        if not execution:
            raise JobError(f"Google started {self._name} and did not say which execution: look in Cloud Run")
        until = self._clock.now() + timedelta(seconds=within_s)
        while True:
            state = self._asked("GET", execution)
            if state.get("runningCount") or state.get("succeededCount"):
                return execution
            if state.get("failedCount") or state.get("cancelledCount") or self._clock.now() >= until:
                raise JobError(f"the job {execution} did not start: look at its log in Cloud Run")
            self._clock.sleep(_POLL_S)

    def _asked(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            with gcp.credentials_told():
                answer = self._session.request(method, f"{self._endpoint}/v2/{path}", json=body, timeout=_TIMEOUT_S)
        except requests.exceptions.RequestException as exc:
            raise JobError(f"Cloud Run does not answer for {self._name}") from exc
        if answer.status_code in {401, 403}:
            raise JobError(
                f"Google refuses this account the job {self._name}: give it roles/run.jobsExecutorWithOverrides and "
                "roles/run.viewer on the job"
            )
        if answer.status_code == 404:
            raise JobError(f"there is no job {self._name}: let cloud.job name one")
        try:
            found: dict[str, Any] = answer.json()
        except ValueError as exc:
            raise JobError(f"Cloud Run answered {answer.status_code} for {self._name} with no JSON") from exc
        if not answer.ok:
            raise JobError(f"Cloud Run answered {answer.status_code} for {self._name}")
        return found
