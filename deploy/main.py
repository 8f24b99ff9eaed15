"""The entry point that Google Cloud builds: functions-framework finds `run` here."""

from typing import Any

import functions_framework

from arcane.cloud import handle


@functions_framework.http
def run(request: Any) -> Any:
    """One request, one run."""
    return handle(request)
