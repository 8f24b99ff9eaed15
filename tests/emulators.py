"""Emulators of Google Cloud: BigQuery as a process, or a real project where the environment names one; buckets."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from gcp_storage_emulator.server import RequestHandler, create_server
from google.cloud import bigquery
from google.cloud.storage import Client as CloudStorage

from arcane import gcp
from arcane.warehouse.bigquery import BigQueryReader, BigQueryWarehouse, connect

EMULATOR = Path(__file__).parent.parent / ".emulator"
SERVE = Path(__file__).parent / "emulator" / "serve.py"
PROJECT = os.environ.get("ARCANE_TEST_BIGQUERY_PROJECT")


@dataclass
class Google:
    """Where BigQuery answers; ``endpoint`` None: Google's own."""

    endpoint: str | None
    project: str
    datasets: list[str] = field(default_factory=list)

    def client(self) -> bigquery.Client:
        return connect(project=self.project, location="EU", endpoint=self.endpoint)

    def dataset(self) -> str:
        """A new name; the dataset is deleted at the end."""
        self.datasets.append(f"arcane_test_{uuid.uuid4().hex[:12]}")
        return self.datasets[-1]

    def warehouse(self, dataset: str, **changes: Any) -> BigQueryWarehouse:
        options: dict[str, Any] = {"location": "EU", "time_zone": "Europe/Paris", **changes}
        return BigQueryWarehouse(self.client(), dataset=dataset, **options)

    def reader(self, dataset: str) -> BigQueryReader:
        return BigQueryReader(self.client(), dataset=dataset)

    def settings(self, dataset: str) -> dict[str, Any]:
        return {"kind": "bigquery", "dataset": dataset, "project": self.project, "endpoint": self.endpoint}

    def clean(self) -> None:
        """Delete every dataset so far, its views' with it: what lies about makes the emulator slow."""
        client = self.client()
        while self.datasets:
            name = self.datasets.pop()
            for dataset in (name, f"{name}_fr"):
                client.delete_dataset(dataset, delete_contents=True, not_found_ok=True)
        client.close()


@contextlib.contextmanager
def google() -> Iterator[Google]:
    if PROJECT:
        real = Google(None, PROJECT)
        try:
            yield real
        finally:
            real.clean()
        return
    if not (EMULATOR / "ready").exists():
        told = "BigQuery's emulator is not set up (it wants Python 3.13): make .emulator/ready"
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)
    port, grpc_port = _free_port(), _free_port()
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("wb") as log:
        command = [str(EMULATOR / "bin" / "python"), str(SERVE), "--host", "127.0.0.1", "--project", "test"]
        command += ["--port", str(port), "--grpc-port", str(grpc_port), "--data-dir", f"{folder}/data"]
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{port}/bigquery/v2/projects/test/datasets", process)
            yield Google(f"http://127.0.0.1:{port}", "test")
        finally:
            process.kill()
            process.wait()


@dataclass
class Bucket:
    """An empty folder of a bucket that exists."""

    endpoint: str
    url: str


@contextlib.contextmanager
def storage() -> Iterator[str]:
    """The endpoint of an emulated Cloud Storage."""
    port = _free_port()
    RequestHandler.disable_nagle_algorithm = True  # it sends head and body apart: 40 ms a request
    server = create_server("127.0.0.1", port, in_memory=True)
    server.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()


def new_bucket(endpoint: str) -> Bucket:
    name = f"arcane-{uuid.uuid4().hex[:12]}"
    client = CloudStorage("test", **gcp.access(endpoint))
    client.create_bucket(name)
    client.close()
    return Bucket(endpoint, f"gs://{name}/raw")


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=5).close()
            return
        assert process.poll() is None, "BigQuery's emulator ended at once"
        time.sleep(0.1)
    raise AssertionError("BigQuery's emulator does not answer")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
