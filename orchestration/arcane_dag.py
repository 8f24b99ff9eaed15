"""Arcane's day under Airflow (3.1 or later): collect → refresh → check for each tracker, by one Cloud Run job.

Airflow only says when and in which order; what is missing, Arcane finds by itself, so that a day without Airflow leaves
nothing to catch up. What it needs to know is in the Airflow Variable ``arcane`` (docs/airflow.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pendulum
from airflow.providers.google.cloud.operators.cloud_run import CloudRunExecuteJobOperator
from airflow.sdk import DAG, TaskGroup, Variable

_VARIABLE: Final = "arcane"
# What Cloud Run gives one attempt, and what Airflow waits for Cloud Run's own attempts (infra/job.tf: 1 + 3).
_ATTEMPT: Final = timedelta(hours=3)
_STEP: Final = 4 * _ATTEMPT + timedelta(hours=1)
# The occurrence of a command ends with the day's own time, the same in every attempt. The time comes last and is always
# as long: no occurrence then begins like another's, whatever the trackers are called.
_DUE: Final = "{{ (dag_run.logical_date or dag_run.run_after) | ts_nodash }}"


@dataclass(frozen=True, slots=True)
class Settings:
    """The Airflow Variable ``arcane``, as JSON. ``trackers``: names that the job's own settings know, in order."""

    project_id: str
    trackers: list[str]
    region: str = "europe-west1"
    job_name: str = "arcane"
    schedule: str | None = "0 6 * * *"
    time_zone: str = "Europe/Paris"


def _settings() -> Settings:
    found: Any = Variable.get(_VARIABLE, default={}, deserialize_json=True)
    try:
        return Settings(**found)
    except TypeError as exc:
        raise ValueError(
            f"the Airflow Variable {_VARIABLE!r} ({str(exc).removeprefix('Settings.__init__() ')}) should be JSON like "
            '{"project_id": "my-project", "trackers": ["arcane"]}: docs/airflow.md tells every key'
        ) from exc


_SET: Final = _settings()


def _step(name: str, arguments: list[str], **options: Any) -> CloudRunExecuteJobOperator:
    """``arcane`` with these arguments, as one execution of the job.

    Airflow's own setting operators.default_deferrable says whether a triggerer waits for it, or a worker.
    """
    return CloudRunExecuteJobOperator(
        task_id=name,
        project_id=_SET.project_id,
        region=_SET.region,
        job_name=_SET.job_name,
        overrides={
            "container_overrides": [{"args": arguments}],
            "task_count": 1,
            "timeout": {"seconds": int(_ATTEMPT.total_seconds())},
        },
        **options,
    )


# Trackers one after another: Arcane has one writer, and a second one would only be turned away. A chain and no pool: a
# deferred task gives its slot back, so that a pool of one would let two write, and a pool is one thing more to set up.
# A tracker that fails does not cost the others their day (all_done); its check, which nothing waits for, is then never
# reached, and that fails the run.
with DAG(
    dag_id="arcane",
    description="Collect, refresh and check each tracker, by a Cloud Run job",
    doc_md=__doc__,
    schedule=_SET.schedule,
    start_date=pendulum.datetime(2026, 1, 1, tz=_SET.time_zone),
    catchup=False,  # a run reads all that coverage lacks, as far back as X goes: one run makes good every missed one
    max_active_runs=1,
    default_args={
        # Exit code 75 means: the same again later. 15 minutes are X's rate-limit window, and a dead run's lease.
        "retries": 3,
        "retry_delay": timedelta(minutes=15),
        "execution_timeout": _STEP,
    },
    tags=["arcane"],
):
    before: CloudRunExecuteJobOperator | None = None
    for tracker in _SET.trackers:
        chosen = ["--tracker", tracker, "--occurrence"]
        with TaskGroup(tracker):
            collect = _step(
                "collect", ["collect", *chosen, f"airflow-collect-{tracker}-{_DUE}"], trigger_rule="all_done"
            )
            refresh = _step("refresh", ["refresh", *chosen, f"airflow-refresh-{tracker}-{_DUE}"])
            collect >> refresh >> _step("check", ["check"], retries=1)
        if before is not None:
            before >> collect
        before = refresh
