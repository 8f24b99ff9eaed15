# Every right there is. docs/operations.md gives the reason of each; a test holds the plan to this list.

resource "google_service_account" "runner" {
  account_id   = "arcane-runner"
  display_name = "Arcane: reads X, writes BigQuery and the archive"
}

resource "google_service_account" "invoker" {
  account_id   = "arcane-invoker"
  display_name = "Arcane: lets Cloud Scheduler call the function"
}

resource "google_service_account" "builder" {
  account_id   = "arcane-builder"
  display_name = "Arcane: builds the function's image"
}

resource "google_service_account" "dashboard" {
  count = var.dashboard_enabled ? 1 : 0

  account_id   = "arcane-dashboard"
  display_name = "Arcane: reads BigQuery for the dashboard"
}

# Starting query and load jobs is a right that BigQuery knows on projects only.
resource "google_project_iam_member" "runner_jobs" {
  project = var.project_id
  role    = "roles/bigquery.jobUser"
  member  = google_service_account.runner.member
}

# Rights on the tables are access entries: google_bigquery_dataset_iam_member would take the views' away at each apply.
# They go by their old names: WRITER is roles/bigquery.dataEditor, READER is roles/bigquery.dataViewer.
resource "google_bigquery_dataset_access" "runner" {
  dataset_id    = google_bigquery_dataset.arcane.dataset_id
  role          = "WRITER"
  user_by_email = google_service_account.runner.email
}

# Who may read a view needs no right on the tables that it reads.
resource "google_bigquery_dataset_access" "views" {
  dataset_id = google_bigquery_dataset.arcane.dataset_id

  dataset {
    target_types = ["VIEWS"]

    dataset {
      project_id = var.project_id
      dataset_id = google_bigquery_dataset.views.dataset_id
    }
  }
}

resource "google_bigquery_dataset_iam_member" "runner_views" {
  dataset_id = google_bigquery_dataset.views.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_service_account.runner.member
}

resource "google_storage_bucket_iam_member" "runner_archive" {
  bucket = google_storage_bucket.archive.name
  role   = "roles/storage.objectUser"
  member = google_service_account.runner.member
}

resource "google_storage_bucket_iam_member" "runner_archive_settings" {
  bucket = google_storage_bucket.archive.name
  role   = "roles/storage.bucketViewer"
  member = google_service_account.runner.member
}

resource "google_secret_manager_secret_iam_member" "runner_token" {
  secret_id = google_secret_manager_secret.token.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.runner.member
}

resource "google_cloud_run_v2_job_iam_member" "runner_job" {
  name     = google_cloud_run_v2_job.arcane.name
  location = var.region
  role     = "roles/run.jobsExecutorWithOverrides"
  member   = google_service_account.runner.member
}

resource "google_cloud_run_v2_job_iam_member" "runner_job_state" {
  name     = google_cloud_run_v2_job.arcane.name
  location = var.region
  role     = "roles/run.viewer"
  member   = google_service_account.runner.member
}

resource "google_cloud_run_v2_service_iam_member" "invoker" {
  name     = google_cloudfunctions2_function.arcane.name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.invoker.member
}

resource "google_cloud_run_v2_job_iam_member" "invoker_job" {
  name     = google_cloud_run_v2_job.arcane.name
  location = var.region
  role     = "roles/run.jobsExecutorWithOverrides"
  member   = google_service_account.invoker.member
}

# Cloud Build writes its log, reads the source and pushes the image.
resource "google_project_iam_member" "builder_log" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = google_service_account.builder.member
}

resource "google_artifact_registry_repository_iam_member" "builder" {
  repository = google_artifact_registry_repository.images.name
  location   = var.region
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.builder.member
}

resource "google_storage_bucket_iam_member" "builder_source" {
  bucket = google_storage_bucket.source.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.builder.member
}

# Google copies the zip into a bucket of its own making, which no apply knows: only a condition can name it.
resource "google_project_iam_member" "builder_copies" {
  project = var.project_id
  role    = "roles/storage.objectAdmin"
  member  = google_service_account.builder.member

  condition {
    title       = "arcane-function-sources"
    description = "The buckets of Cloud Functions' sources, and no other"
    expression  = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-\")"
  }
}

resource "google_bigquery_dataset_iam_member" "analysts_views" {
  count = var.analysts_group == "" ? 0 : 1

  dataset_id = google_bigquery_dataset.views.dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = "group:${var.analysts_group}"
}

resource "google_bigquery_dataset_access" "analysts_tables" {
  count = var.analysts_group != "" && var.analysts_read_tables ? 1 : 0

  dataset_id     = google_bigquery_dataset.arcane.dataset_id
  role           = "READER"
  group_by_email = var.analysts_group
}

resource "google_project_iam_member" "analysts_jobs" {
  count = var.analysts_group == "" ? 0 : 1

  project = var.project_id
  role    = "roles/bigquery.jobUser"
  member  = "group:${var.analysts_group}"
}

# The dashboard reads tables and views, and nothing else.
resource "google_project_iam_member" "dashboard_jobs" {
  count = var.dashboard_enabled ? 1 : 0

  project = var.project_id
  role    = "roles/bigquery.jobUser"
  member  = google_service_account.dashboard[0].member
}

resource "google_bigquery_dataset_access" "dashboard" {
  count = var.dashboard_enabled ? 1 : 0

  dataset_id    = google_bigquery_dataset.arcane.dataset_id
  role          = "READER"
  user_by_email = google_service_account.dashboard[0].email
}

resource "google_bigquery_dataset_iam_member" "dashboard_views" {
  count = var.dashboard_enabled ? 1 : 0

  dataset_id = google_bigquery_dataset.views.dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = google_service_account.dashboard[0].member
}

# Nobody calls the dashboard but the proxy, and the proxy lets nobody in but these.
resource "google_cloud_run_v2_service_iam_member" "dashboard_proxy" {
  count = var.dashboard_enabled ? 1 : 0

  name     = google_cloud_run_v2_service.dashboard[0].name
  location = var.region
  role     = "roles/run.invoker"
  member   = local.iap_agent
}

resource "google_iap_web_cloud_run_service_iam_member" "dashboard_users" {
  for_each = toset(var.dashboard_enabled ? var.dashboard_users : [])

  cloud_run_service_name = google_cloud_run_v2_service.dashboard[0].name
  location               = var.region
  role                   = "roles/iap.httpsResourceAccessor"
  member                 = each.value
}
