"""Google's own command line on the tables that a collection filled (docs/bigquery.md tells it for a person)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.emulators import Google
from tests.stories import Silent, stage, table

from arcane import tables

BQ = shutil.which("bq")
pytestmark = [
    pytest.mark.bigquery,
    pytest.mark.skipif(BQ is None, reason="bq is not installed (it comes with Google's gcloud command line)"),
]


def test_bq_lists_describes_and_queries(google: Google, tmp_path: Path) -> None:
    """bq ls, show and query see the tables, their layout and their rows."""
    dataset = google.dataset()

    def bq(*words: str) -> Any:
        command = [str(BQ), "--headless", f"--project_id={google.project}", "--format=json", "--location=EU"]
        environ = {**os.environ, "HOME": str(tmp_path), "CLOUDSDK_CONFIG": str(tmp_path / "gcloud")}
        if google.endpoint:
            (tmp_path / "token").write_text("nobody")
            command.append(f"--api={google.endpoint}")
            environ["CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"] = str(tmp_path / "token")
        done = subprocess.run([*command, *words], env=environ, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    with stage(tweets=300) as on:
        app = on.app(tmp_path, warehouse=google.settings(dataset))
        app.collect(progress=Silent())
        listed = {one["tableReference"]["tableId"] for one in bq("ls", "--max_results=100", dataset)}
        assert listed == set(tables.BY_NAME)
        shown = bq("show", f"{dataset}.tweets")
        assert shown["timePartitioning"]["field"] == "local_date"
        assert shown["description"] == tables.TWEETS.sens
        sql = f"select tweet_id, like_count from {dataset}.tweets order by tweet_id"
        rows = bq("query", "--use_legacy_sql=false", "--max_rows=10000", sql)
        known = sorted((row["tweet_id"], str(row["like_count"])) for row in table(app, "tweets"))
        assert [(row["tweet_id"], row["like_count"]) for row in rows] == known
