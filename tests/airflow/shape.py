"""What Airflow makes of orchestration/, as JSON: import errors, and the tasks of each DAG. Run by Airflow's Python."""

from __future__ import annotations

import json
import sys

from airflow.dag_processing.dagbag import DagBag

bag = DagBag(sys.argv[1])
dags = {
    dag.dag_id: {
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "schedule": dag.schedule,
        "zone": str(dag.timezone),
        "tasks": {
            task.task_id: {
                "after": sorted(task.upstream_task_ids),
                "rule": task.trigger_rule.value,
                "retries": task.retries,
                "retry_delay_s": task.retry_delay.total_seconds(),
                "timeout_s": task.execution_timeout.total_seconds(),
                "deferrable": task.deferrable,
            }
            for task in dag.tasks
        },
    }
    for dag in bag.dags.values()
}
print(json.dumps({"errors": bag.import_errors, "dags": dags}))
