"""infra/ before Google sees it: Terraform with the google provider's true schema, and our own rules on the plan."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from arcane.cli import app
from arcane.config import PriceSettings, load
from arcane.serve.dashboard.security import Gate

ROOT = Path(__file__).parent.parent.parent
ENVIRONMENT = ROOT / ".infra"
TERRAFORM = shutil.which("terraform")
VERSION = "8.7.0"
pytestmark = [
    pytest.mark.infra,
    pytest.mark.skipif(
        TERRAFORM is None or not (ENVIRONMENT / "ready").exists(), reason="wants terraform and make .infra/ready"
    ),
]
# Every right that the plan may hold: on what, which, whose. docs/operations.md gives the reasons.
RIGHTS = {
    ("google_project_iam_member", "roles/bigquery.jobUser", "runner"),
    ("google_bigquery_dataset_access", "WRITER", "runner"),
    ("google_bigquery_dataset_access", "VIEWS", "views"),
    ("google_bigquery_dataset_iam_member", "roles/bigquery.dataEditor", "runner"),
    ("google_storage_bucket_iam_member", "roles/storage.objectUser", "runner"),
    ("google_storage_bucket_iam_member", "roles/storage.bucketViewer", "runner"),
    ("google_secret_manager_secret_iam_member", "roles/secretmanager.secretAccessor", "runner"),
    ("google_cloud_run_v2_job_iam_member", "roles/run.jobsExecutorWithOverrides", "runner"),
    ("google_cloud_run_v2_job_iam_member", "roles/run.viewer", "runner"),
    ("google_cloud_run_v2_service_iam_member", "roles/run.invoker", "invoker"),
    ("google_cloud_run_v2_job_iam_member", "roles/run.jobsExecutorWithOverrides", "invoker"),
    ("google_project_iam_member", "roles/logging.logWriter", "builder"),
    ("google_artifact_registry_repository_iam_member", "roles/artifactregistry.writer", "builder"),
    ("google_storage_bucket_iam_member", "roles/storage.objectViewer", "builder"),
    ("google_project_iam_member", "roles/storage.objectAdmin", "builder"),
    ("google_bigquery_dataset_iam_member", "roles/bigquery.dataViewer", "analysts"),
    ("google_bigquery_dataset_access", "READER", "analysts"),
    ("google_project_iam_member", "roles/bigquery.jobUser", "analysts"),
    ("google_project_iam_member", "roles/bigquery.jobUser", "dashboard"),
    ("google_bigquery_dataset_access", "READER", "dashboard"),
    ("google_bigquery_dataset_iam_member", "roles/bigquery.dataViewer", "dashboard"),
    ("google_cloud_run_v2_service_iam_member", "roles/run.invoker", "iap_agent"),
    ("google_iap_web_cloud_run_service_iam_member", "roles/iap.httpsResourceAccessor", "dashboard_users"),
}
# Which of Google's services a resource is made by, told by how its type begins.
SERVICES = {
    "google_artifact_registry_": "artifactregistry",
    "google_bigquery_": "bigquery",
    "google_billing_": "billingbudgets",
    "google_cloud_run_": "run",
    "google_cloud_scheduler_": "cloudscheduler",
    "google_cloudfunctions2_": "cloudfunctions",
    "google_iap_": "iap",
    "google_logging_": "logging",
    "google_monitoring_": "monitoring",
    "google_project_iam_": "cloudresourcemanager",
    "google_secret_manager_": "secretmanager",
    "google_service_account": "iam",
    "google_storage_": "storage",
}
COMMAND = ["/cnb/lifecycle/launcher", "--", "python", "-m", "arcane.cli"]
USERS = ["group:analysts@example.com", "user:client@example.com"]
EXAMPLES = sorted(path.name for path in (ROOT / "infra").glob("*.tfvars.example"))


class Workspace:
    """A copy of infra/ with a mirror of the provider."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "infra"
        shutil.copytree(ROOT / "infra", self.folder, ignore=shutil.ignore_patterns(".terraform*", "*.tfvars"))
        (self.folder / "main.tf.zip").write_bytes(b"a zip")
        (folder / "build").mkdir()
        (folder / "build" / "arcane-function.zip").write_bytes(b"where make package puts it")
        mirror = folder / "mirror/registry.terraform.io/hashicorp/google" / VERSION / "linux_amd64"
        mirror.mkdir(parents=True)
        program = mirror / f"terraform-provider-google_v{VERSION}"
        python, provider = ENVIRONMENT / "bin/python", ROOT / "tests/infra/provider.py"
        program.write_text(f'#!/bin/sh\nGOOGLE_SCHEMA="{ENVIRONMENT}/schema.json" exec "{python}" "{provider}" "$@"\n')
        program.chmod(0o755)
        include = 'include = ["registry.terraform.io/hashicorp/*"]'
        (folder / "terraform.rc").write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{folder}/mirror"\n    {include}\n  }}\n}}\n'
            "disable_checkpoint = true\n"
        )
        self._environ = {**os.environ, "TF_CLI_CONFIG_FILE": str(folder / "terraform.rc"), "TF_IN_AUTOMATION": "1"}
        self.terraform("init", "-input=false")

    def terraform(self, *words: str, fails: bool = False) -> str:
        done = subprocess.run(
            [str(TERRAFORM), words[0], "-no-color", *words[1:]],
            cwd=self.folder, env=self._environ, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def plan(self, **variables: Any) -> dict[str, Any]:
        whole = {"project_id": "demo", "alert_emails": ["data@example.com"], "package": "main.tf.zip", **variables}
        (self.folder / "terraform.tfvars.json").write_text(json.dumps(whole))
        return self.planned()

    def plan_of_example(self, name: str) -> dict[str, Any]:
        """As somebody plans who copied it to terraform.tfvars and set nothing else."""
        (self.folder / "terraform.tfvars.json").unlink(missing_ok=True)
        copied = self.folder / "terraform.tfvars"
        shutil.copyfile(self.folder / name, copied)
        try:
            return self.planned()
        finally:
            copied.unlink()

    def planned(self) -> dict[str, Any]:
        self.terraform("plan", "-input=false", "-out=plan.bin")
        found: dict[str, Any] = json.loads(self.terraform("show", "-json", "plan.bin").splitlines()[-1])
        return found


@pytest.fixture(scope="module", name="workspace")
def _workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("terraform"))


@pytest.fixture(scope="module", name="plan")
def _plan(workspace: Workspace) -> dict[str, Any]:
    return workspace.plan(analysts_group="analysts@example.com", billing_account="012345-678901-234567")


@pytest.fixture(scope="module", name="shown")
def _shown(workspace: Workspace) -> dict[str, Any]:
    """The plan with the dashboard, for a group and a person."""
    return workspace.plan(dashboard_enabled=True, dashboard_users=USERS)


def resources(plan: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    found = plan["planned_values"]["root_module"]["resources"]
    return {one["name"]: one["values"] for one in found if one["type"] == kind and one["mode"] == "managed"}


def test_terraform_takes_it(workspace: Workspace) -> None:
    """Formatted, valid against google 8.7.0, and its own tests pass with a mocked Google."""
    workspace.terraform("fmt", "-check", "-recursive")
    assert "The configuration is valid" in workspace.terraform("validate")
    assert "0 failed" in workspace.terraform("test")


@pytest.mark.parametrize(
    ("file", "right", "wrong", "told"),
    [
        ("scheduler.tf", "attempt_deadline", "atempt_deadline", 'Did you mean "attempt_deadline"?'),
        ("dataset.tf", "google_bigquery_dataset", "google_bigquery_datset", 'Did you mean "google_bigquery_dataset"?'),
        ("function.tf", "timeout_seconds                  = 1860", 'timeout_seconds = "soon"', "a number is required"),
        ("archive.tf", "name                        =", "labels = {}\n  # ", '"name" is required'),
        ("outputs.tf", "service_config[0].uri", "service_config[0].url", "url"),
        ("job.tf", "volume_mounts {", "volume_mount {", "volume_mount"),
    ],
)
def test_what_is_wrong_is_found(workspace: Workspace, file: str, right: str, wrong: str, told: str) -> None:
    """A planted error of each kind: argument, type of resource, type of value, missing, reference, block."""
    path = workspace.folder / file
    whole = path.read_text()
    assert right in whole
    try:
        path.write_text(whole.replace(right, wrong, 1))
        assert told in " ".join(workspace.terraform("validate", fails=True).split())
    finally:
        path.write_text(whole)


def test_the_plan_holds_these_rights_and_no_other(plan: dict[str, Any]) -> None:
    """Bound on the resource wherever Google knows it there; nothing is public; nobody is an owner or editor."""
    found = set()
    for one in plan["configuration"]["root_module"]["resources"]:
        if "_iam_" in one["type"]:
            assert one["type"].endswith("_iam_member"), "an authoritative binding would take others' rights away"
            role = one["expressions"]["role"]["constant_value"]
            found.add((one["type"], role, whose(one["expressions"]["member"])))
        elif one["type"] == "google_bigquery_dataset_access":
            granted = one["expressions"]
            if "dataset" in granted:
                (authorized,) = granted["dataset"]
                (role,) = authorized["target_types"]["constant_value"]
                found.add((one["type"], role, whose(authorized["dataset"][0]["dataset_id"])))
            else:
                member = granted.get("user_by_email") or granted["group_by_email"]
                found.add((one["type"], granted["role"]["constant_value"], whose(member)))
    assert found == RIGHTS
    assert buckets_of_the_whole_project(plan) == []
    for sign in ("allUsers", "allAuthenticatedUsers", "special_group", '"access"'):
        assert sign not in json.dumps(plan["configuration"])


def buckets_of_the_whole_project(plan: dict[str, Any]) -> list[str]:
    """Rights of Cloud Storage on the project that no condition narrows to buckets whose name begins so."""
    rights = resources(plan, "google_project_iam_member")
    narrowed = re.compile(r'resource\.name\.startsWith\("projects/_/buckets/[a-z0-9-]{8,}"\)')
    return [
        name
        for name, right in rights.items()
        if right["role"].startswith("roles/storage.")
        and not any(narrowed.fullmatch(one["expression"]) for one in right["condition"])
    ]


@pytest.mark.parametrize(
    "written", ['resource.name.startsWith(\\"projects/_/buckets/\\")', 'resource.type == \\"storage\\"', "true", None]
)
def test_a_right_on_every_bucket_is_found(workspace: Workspace, written: str | None) -> None:
    """A condition that narrows nothing, and none at all, fail the rule that the plan is held to."""
    path = workspace.folder / "accounts.tf"
    whole = path.read_text()
    condition = r"\n  condition \{.*?\n  \}\n"
    planted = "" if written is None else f'\n  condition {{\n    title = "t"\n    expression = "{written}"\n  }}\n'
    changed, count = re.subn(condition, lambda _: planted, whole, flags=re.DOTALL)
    assert count == 1
    try:
        path.write_text(changed)
        assert buckets_of_the_whole_project(workspace.plan()) == ["builder_copies"]
    finally:
        path.write_text(whole)


def services(plan: dict[str, Any]) -> set[str]:
    types = {one["type"] for one in plan["planned_values"]["root_module"]["resources"] if one["mode"] == "managed"}
    return {next(service for start, service in SERVICES.items() if kind.startswith(start)) for kind in types}


def test_a_new_project_has_what_terraform_asks_for(plan: dict[str, Any], shown: dict[str, Any]) -> None:
    """The services that docs/operations.md enables are those of the resources, with the dashboard one more; budgets
    hear which project asks."""
    page = (ROOT / "docs" / "operations.md").read_text()
    enabled = re.findall(r"(\w+)\.googleapis\.com", page.split("gcloud services enable", 1)[1].split("make package")[0])
    assert sorted(enabled) == sorted(services(plan) | {"cloudbuild"})
    more = re.findall(r"(\w+)\.googleapis\.com", page.split("gcloud services enable", 2)[2].split("terraform")[0])
    assert set(more) == services(shown) - services(plan)
    provider = plan["configuration"]["provider_config"]["google"]["expressions"]
    assert provider["user_project_override"] == {"constant_value": True}
    assert provider["billing_project"] == {"references": ["var.project_id"]}


@pytest.mark.parametrize("page", ["operations.md", "compliance.md", "airflow.md"])
def test_commands_of_the_docs_say_where(page: str) -> None:
    """Each names the project, and a job of Cloud Run its region, one of Scheduler its location."""
    text = (ROOT / "docs" / page).read_text().replace(" \\\n", " ")
    commands = re.findall(r"(?:`|^ {4,})((?:gcloud|bq) [^`\n]+)", text, re.MULTILINE)
    told = [one for one in commands if not one.startswith(("gcloud auth", "gcloud storage"))]
    assert len(told) >= 1
    needs = {"gcloud run": "--region=", "gcloud scheduler": "--location=", "gcloud": "--project=", "bq": "my-project"}
    assert [one for one in told for start, word in needs.items() if one.startswith(start) and word not in one] == []


def whose(expression: dict[str, Any]) -> str:
    first: str = expression["references"][0]
    return {"var.analysts_group": "analysts", "each.value": "dashboard_users"}.get(first, re.split(r"[.\[]", first)[1])


def test_the_docs_give_the_reason_of_each_right_and_of_no_other() -> None:
    """The table of rights in docs/operations.md, row by row, is the list that the plan is held to."""
    section = (ROOT / "docs" / "operations.md").read_text().split("## Rights\n", 1)[1].split("\n## ", 1)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:2] == "| "]
    told = [(what.strip("`"), who) for who, what, *_ in rows[1:]]
    assert sorted(told) == sorted((role, who) for _, role, who in RIGHTS)
    assert all(on and why for _, _, on, why in rows)


def test_analysts_read_the_views_and_the_tables_only_as_long_as_they_are_told_to(workspace: Workspace) -> None:
    """Without a group nobody; with one the views, and the tables beside them while analysts_read_tables says so."""

    def granted(**variables: Any) -> set[str]:
        found = workspace.plan(**variables)["planned_values"]["root_module"]["resources"]
        return {one["name"] for one in found if "analysts" in one["name"]}

    group = "analysts@example.com"
    assert granted() == set()
    assert granted(analysts_group=group) == {"analysts_views", "analysts_tables", "analysts_jobs"}
    assert granted(analysts_group=group, analysts_read_tables=False) == {"analysts_views", "analysts_jobs"}


def test_variables_and_outputs_are_described_and_in_order() -> None:
    """Alphabetical, so that one is found; each says what it is, in a sentence."""
    for file, kind in (("variables.tf", "variable"), ("outputs.tf", "output")):
        text = (ROOT / "infra" / file).read_text()
        blocks = re.findall(rf'^{kind} "(\w+)" \{{\n(.*?)^\}}', text, re.MULTILINE | re.DOTALL)
        names = [name for name, _ in blocks]
        assert names == sorted(names) != []
        undescribed = [name for name, body in blocks if not re.match(r'  description = ".+\."\n', body)]
        assert undescribed == []


def test_the_caps_are_told_in_tweets_at_todays_prices(workspace: Workspace, tmp_path: Path) -> None:
    """What $50 buy, with the authors of recorded pages and without; x_bills_includes decides which of both is booked."""
    text = (ROOT / "infra" / "variables.tf").read_text()
    cost = (ROOT / "docs" / "bigquery-cost.md").read_text()
    (authors,) = re.findall(r"^\| authors \| ([\d.]+) \|", cost, re.MULTILINE)
    prices = PriceSettings()
    dear, cheap = 50 / (prices.post_usd + float(authors) * prices.user_usd), 50 / prices.post_usd
    assert f"$50 are about {round(dear, -2):,.0f} tweets with the {float(authors):g} authors each" in text
    assert f"{cheap:,.0f} where X bills the posts alone" in text
    assert f"${prices.post_usd:g}, and by our books" in text
    assert f"authors (${prices.user_usd:.3f})" in text
    settings = load(directory=tmp_path, environ=environment(workspace.plan(x_bills_includes=False), tmp_path)).settings
    assert settings.prices == PriceSettings(are_includes_billed=False)


@pytest.mark.parametrize(("example", "tracker_count"), [("terraform.tfvars.example", 1), ("three-trackers.tfvars.example", 3)])  # fmt: skip
def test_an_example_is_planned_as_it_is_copied(workspace: Workspace, tmp_path: Path, example: str, tracker_count: int) -> None:  # fmt: skip
    """Copied to terraform.tfvars with nothing else set, beside the zip that make package builds."""
    assert example in EXAMPLES
    settings = load(directory=tmp_path, environ=environment(workspace.plan_of_example(example), tmp_path)).settings
    assert len(settings.trackers) == tracker_count
    assert settings.refresh.is_hourly == (tracker_count == 3)


def test_every_example_is_planned() -> None:
    """There are two."""
    assert EXAMPLES == ["terraform.tfvars.example", "three-trackers.tfvars.example"]


def environment(plan: dict[str, Any], folder: Path) -> dict[str, str]:
    """The function's, with what Google adds when it applies the plan: the archive's address and the mounted token."""
    (function,) = resources(plan, "google_cloudfunctions2_function").values()
    token = folder / "token"
    token.write_text("t")
    variables: dict[str, str] = function["service_config"][0]["environment_variables"]
    return {"ARCANE_ARCHIVE__URL": "gs://demo-arcane-raw", **variables, "ARCANE_X__BEARER_TOKEN_FILE": str(token)}


def test_everything_lies_in_europe(plan: dict[str, Any]) -> None:
    """Dataset, buckets, secret, images, function, job and scheduler."""
    places = {}
    for one in plan["planned_values"]["root_module"]["resources"]:
        for key in ("location", "region"):
            if one["mode"] == "managed" and isinstance(one["values"].get(key), str):
                places[one["address"]] = one["values"][key]
    assert len(places) >= 8
    assert {place for place in places.values() if place != "EU" and not place.startswith("europe-")} == set()
    (secret,) = resources(plan, "google_secret_manager_secret").values()
    assert secret["replication"][0]["user_managed"][0]["replicas"][0]["location"].startswith("europe-")


def test_nothing_is_deleted_by_mistake_and_erasure_is_real(plan: dict[str, Any], workspace: Workspace) -> None:
    """Protected unless told otherwise; the archive keeps no versions and no deleted pages, and ages out."""
    datasets = resources(plan, "google_bigquery_dataset")
    (job,) = resources(plan, "google_cloud_run_v2_job").values()
    (secret,) = resources(plan, "google_secret_manager_secret").values()
    buckets = resources(plan, "google_storage_bucket")
    archive = buckets["archive"]
    assert {name: one["dataset_id"] for name, one in datasets.items()} == {"arcane": "arcane", "views": "arcane_fr"}
    for dataset in datasets.values():
        assert (dataset["delete_contents_on_destroy"], dataset["max_time_travel_hours"]) == (False, "48")
    assert (job["deletion_protection"], secret["deletion_protection"]) == (True, True)
    assert archive["force_destroy"] is False
    assert archive["versioning"][0]["enabled"] is False
    assert archive["soft_delete_policy"][0]["retention_duration_seconds"] == 0
    assert archive["lifecycle_rule"][0]["condition"][0]["age"] == 400
    for bucket in buckets.values():
        assert (bucket["public_access_prevention"], bucket["uniform_bucket_level_access"]) == ("enforced", True)
    loose = workspace.plan(deletion_protection=False)
    assert resources(loose, "google_storage_bucket")["archive"]["force_destroy"] is True


def test_the_function_is_called_as_it_expects(plan: dict[str, Any], tmp_path: Path) -> None:
    """By Scheduler alone, with time to answer; its environment is settings that Arcane takes, and holds no token."""
    (function,) = resources(plan, "google_cloudfunctions2_function").values()
    service = function["service_config"][0]
    daily = resources(plan, "google_cloud_scheduler_job")["daily"]
    assert service["ingress_settings"] == "ALLOW_INTERNAL_ONLY"
    assert (service["max_instance_request_concurrency"], service["environment_variables"]["THREADS"]) == (1, "1")
    assert function["build_config"][0]["runtime"] == "python313"
    assert (daily["schedule"], daily["time_zone"], daily["attempt_deadline"]) == ("0 6 * * *", "Europe/Paris", "1800s")
    assert daily["retry_config"][0]["retry_count"] > 0
    assert daily["http_target"][0]["http_method"] == "POST"
    environ = environment(plan, tmp_path)
    settings = load(directory=tmp_path, environ=environ).settings
    assert f"{settings.cloud.attempt_s}s" == daily["attempt_deadline"]
    assert service["timeout_seconds"] > settings.cloud.attempt_s
    assert (settings.warehouse.kind, settings.warehouse.project, settings.trackers[0].hashtag) == ("bigquery", "demo", "Arcane")  # fmt: skip
    assert (settings.budget.day_usd, settings.budget.cycle_usd, settings.refresh.is_hourly) == (50, 30 * 50, False)
    assert settings.prices == PriceSettings()
    assert "ARCANE_X__BEARER_TOKEN" not in environ
    (job,) = resources(plan, "google_cloud_run_v2_job").values()
    container = job["template"][0]["template"][0]["containers"][0]
    assert container["command"] == COMMAND
    assert {one["name"] for one in container["env"]} == set(environ) - {"THREADS"}
    assert settings.cloud.job == f"projects/demo/locations/{job['location']}/jobs/{job['name']}"


def test_the_dashboard_is_there_when_asked_for_and_not_before(workspace: Workspace, shown: dict[str, Any]) -> None:
    """It adds its service, its account and its rights, and takes or changes nothing that is there without it."""

    def made(plan: dict[str, Any]) -> dict[str, dict[str, Any]]:
        return {one["address"]: one["values"] for one in plan["planned_values"]["root_module"]["resources"]}

    before, after = made(workspace.plan()), made(shown)
    assert set(after) - set(before) == {
        "google_bigquery_dataset_access.dashboard[0]",
        "google_bigquery_dataset_iam_member.dashboard_views[0]",
        "google_cloud_run_v2_service.dashboard[0]",
        "google_cloud_run_v2_service_iam_member.dashboard_proxy[0]",
        *(f'google_iap_web_cloud_run_service_iam_member.dashboard_users["{one}"]' for one in USERS),
        "google_project_iam_member.dashboard_jobs[0]",
        "google_service_account.dashboard[0]",
    }
    assert {address: after.get(address) for address in before} == before


def test_nobody_reaches_the_dashboard_but_through_the_proxy(shown: dict[str, Any]) -> None:
    """The proxy stands before every way in; it alone may call; it lets in whom the variable names, on this service."""
    (service,) = resources(shown, "google_cloud_run_v2_service").values()
    assert (service["iap_enabled"], service["ingress"], service["invoker_iam_disabled"]) == (True, "INGRESS_TRAFFIC_ALL", None)  # fmt: skip
    callers = [one for one in shown["configuration"]["root_module"]["resources"] if one["type"].startswith("google_cloud_run_v2_service_iam")]  # fmt: skip
    of_it = {one["name"]: whose(one["expressions"]["member"]) for one in callers if "dashboard" in json.dumps(one["expressions"]["name"])}  # fmt: skip
    assert of_it == {"dashboard_proxy": "iap_agent"}
    found = shown["planned_values"]["root_module"]["resources"]
    let_in = [one["values"] for one in found if one["type"].startswith("google_iap_")]
    assert sorted(one["member"] for one in let_in) == USERS
    assert {(one["cloud_run_service_name"], one["location"], one["role"]) for one in let_in} == {
        (service["name"], service["location"], "roles/iap.httpsResourceAccessor")
    }


def test_the_dashboard_starts_with_what_it_is_given(shown: dict[str, Any], tmp_path: Path) -> None:
    """Settings that Arcane takes, behind a locked gate, on the port that is called; no token, bucket or secret; asleep
    when nobody looks."""
    (service,) = resources(shown, "google_cloud_run_v2_service").values()
    (template,) = service["template"]
    (container,) = template["containers"]
    environ = {one["name"]: one["value"] for one in container["env"]}
    settings = load(directory=tmp_path, environ=environ).settings
    asked, warehouse = settings.dashboard, settings.warehouse
    assert Gate(asked.host, identity_header=asked.identity_header).is_locked
    assert (asked.host, asked.identity_header, asked.token) == ("0.0.0.0", "X-Goog-Authenticated-User-Email", None)
    assert asked.port == container["ports"][0]["container_port"]
    assert (warehouse.kind, warehouse.project, warehouse.dataset) == ("bigquery", "demo", "arcane")
    assert [one.hashtag for one in settings.trackers] == ["Arcane"]
    told = {name.removeprefix("ARCANE_").split("__")[0] for name in environ}
    assert told == {"TRACKERS", "WAREHOUSE", "LOG", "DASHBOARD"}
    assert (template["volumes"], container["volume_mounts"]) == ([], [])
    assert (container["command"], container["args"]) == (COMMAND, ["dashboard"])
    assert "dashboard" in {command.callback.__name__ for command in app.registered_commands if command.callback}
    assert (template["scaling"][0]["min_instance_count"], template["scaling"][0]["max_instance_count"]) == (0, 1)
    assert container["resources"][0]["cpu_idle"] is True


@pytest.mark.parametrize(
    ("daily", "hourly"),
    [("0 6 * * *", "30 * * * *"), ("45 5 * * 1-5", "15 * * * *"), ("*/20 6 * * *", "30 * * * *")],
)
def test_the_hourly_call_keeps_out_of_the_daily_ones_way(workspace: Workspace, tmp_path: Path, daily: str, hourly: str) -> None:  # fmt: skip
    """Half an hour away from it, to the same function in the same name, with fewer retries; the function knows."""
    plan = workspace.plan(hourly_refresh=True, schedule=daily)
    jobs = resources(plan, "google_cloud_scheduler_job")
    assert {name: (job["name"], job["schedule"]) for name, job in jobs.items() if name != "compliance"} == {
        "daily": ("arcane-daily", daily), "hourly": ("arcane-hourly", hourly),
    }  # fmt: skip
    assert jobs["hourly"]["attempt_deadline"] == jobs["daily"]["attempt_deadline"] == "1800s"
    assert jobs["hourly"]["retry_config"][0]["retry_count"] < jobs["daily"]["retry_config"][0]["retry_count"]
    configured = plan["configuration"]["root_module"]["resources"]
    targets = [
        one["expressions"]["http_target"]
        for one in configured
        if one["type"] == "google_cloud_scheduler_job" and one["name"] != "compliance"
    ]
    assert len(targets) == 2
    assert targets[0] == targets[1]
    assert load(directory=tmp_path, environ=environment(plan, tmp_path)).settings.refresh.is_hourly is True


def test_x_is_asked_every_week_what_must_go(plan: dict[str, Any]) -> None:
    """Scheduler starts the job itself, with a command that Arcane has, by Google's own API and not by the function."""
    weekly = resources(plan, "google_cloud_scheduler_job")["compliance"]
    (target,) = weekly["http_target"]
    assert weekly["schedule"] == "0 3 * * 0"
    assert target["uri"] == "https://run.googleapis.com/v2/projects/demo/locations/europe-west1/jobs/arcane:run"
    overrides = json.loads(base64.b64decode(target["body"]))["overrides"]
    assert overrides == {"taskCount": 1, "containerOverrides": [{"args": ["compliance"]}]}
    assert "compliance" in {command.name for command in app.registered_commands if command.name} | {
        command.callback.__name__ for command in app.registered_commands if command.callback
    }


def test_somebody_is_told(workspace: Workspace, plan: dict[str, Any]) -> None:
    """No success in 26 hours, an error, a failed attempt, a failed job, the bill; each to every address."""
    alerts = resources(plan, "google_monitoring_alert_policy")
    assert set(alerts) == {"no_success", "errors", "attempts", "job"}
    filters = {
        name: (alert["conditions"][0]["condition_matched_log"] or alert["conditions"][0]["condition_threshold"])[0][
            "filter"
        ]
        for name, alert in alerts.items()
        if name != "no_success"
    }
    for job in resources(workspace.plan(hourly_refresh=True), "google_cloud_scheduler_job").values():
        assert f'"{job["name"]}"' in filters["attempts"]
    in_job = 'resource.type="cloud_run_job" AND resource.labels.job_name="arcane"'
    in_function = 'resource.type="cloud_run_revision" AND resource.labels.service_name="arcane"'
    assert filters["errors"] == f"jsonPayload.message:* AND (({in_function}) OR ({in_job})) AND severity>=ERROR"
    failed = 'metric.type="run.googleapis.com/job/completed_execution_count" AND metric.labels.result="failed"'
    assert filters["job"] == f"{in_job} AND {failed}"
    query = alerts["no_success"]["conditions"][0]["condition_prometheus_query_language"][0]["query"]
    assert "user_arcane_run_success[26h]" in query
    (metric,) = resources(plan, "google_logging_metric").values()
    assert (metric["name"], 'jsonPayload.message="run.ended"' in metric["filter"]) == ("arcane_run_success", True)
    (budget,) = resources(plan, "google_billing_budget").values()
    assert [rule["threshold_percent"] for rule in budget["threshold_rules"]] == [0.5, 1]
    for one in plan["configuration"]["root_module"]["resources"]:
        if one["type"] == "google_monitoring_alert_policy":
            references = one["expressions"]["notification_channels"]["references"]
            assert "google_monitoring_notification_channel.email" in references
