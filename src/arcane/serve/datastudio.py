"""The address that opens a report of Data Studio on the French views: Google's Linking API. Pure.

A template binds each of ``SOURCES`` under its own name as alias (office/datastudio/README.md says how it is built).
A blank report has one source, which Data Studio calls ``ds0``.

Source: Google's page « Linking API ». An address of ours was never opened against a real project.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, urlencode

from arcane.errors import ConfigError

SOURCES: Final = (
    "data_status",
    "volume_by_day",
    "engagement_by_day",
    "kinds_by_day",
    "media_by_day",
    "languages_by_day",
    "hashtags_by_day",
    "domains_by_day",
    "mentions_by_day",
    "share_of_voice_by_day",
    "tracker_tweets_flat",
)
FIRST: Final = "engagement_by_day"  # on a blank report
_CREATE: Final = "https://lookerstudio.google.com/reporting/create"
_BLANK_ALIAS: Final = "ds0"
_REPORT: Final = re.compile(r"[A-Za-z0-9_-]{10,100}")


def address(
    views: Sequence[str], *, project: str, dataset: str, billing_project: str, name: str, template: str | None
) -> str:
    """Binds ``views`` of ``dataset`` under aliases of their own names; on a blank report (no ``template``) just one.

    Raises: ConfigError if ``template`` is no id, or a blank report is to have several sources.
    """
    if template is not None and not _REPORT.fullmatch(template):
        raise ConfigError(
            f"--report {template!r} is no id of a report: it stands after /reporting/ in the report's address"
        )
    if template is None and len(views) != 1:
        raise ConfigError(
            "a blank report opens on one view: name one with --view, or a template with --report (office/datastudio)"
        )
    asked = {"c.mode": "edit", "r.reportName": name}
    if template is not None:
        asked = {"c.reportId": template, **asked}
    for view in views:
        source = f"ds.{_BLANK_ALIAS if template is None else view}"
        asked |= {
            f"{source}.connector": "bigQuery",
            f"{source}.datasourceName": f"{dataset}.{view}",
            f"{source}.type": "TABLE",
            f"{source}.projectId": project,
            f"{source}.datasetId": dataset,
            f"{source}.tableId": view,
            f"{source}.billingProjectId": billing_project,
            f"{source}.refreshFields": "false" if template is not None else "true",
        }
    return f"{_CREATE}?{urlencode(asked, quote_via=quote)}"
