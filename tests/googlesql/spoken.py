"""What the program says to BigQuery: SQL, and the types of its parameters."""

from __future__ import annotations

from typing import Any

import pytest
from google.cloud import bigquery


class Spoken:
    """Hears every query job of this process."""

    def __init__(self) -> None:
        self.heard: dict[str, dict[str, str]] = {}

    def listen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        query = bigquery.Client.query

        def heard(client: bigquery.Client, sql: str, *, job_config: bigquery.QueryJobConfig, **named: Any) -> Any:
            if not job_config.dry_run:
                self.heard[sql] = {one.name: _type(one) for one in job_config.query_parameters}
            return query(client, sql, job_config=job_config, **named)

        monkeypatch.setattr(bigquery.Client, "query", heard)


def _type(parameter: Any) -> str:
    if isinstance(parameter, bigquery.ArrayQueryParameter):
        return f"ARRAY<{parameter.array_type}>"
    return str(parameter.type_)
