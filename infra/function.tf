locals {
  job_name = "arcane"

  # Another command in the function's image. Only its launcher finds the Python and the libraries that buildpacks put there.
  command = ["/cnb/lifecycle/launcher", "--", "python", "-m", "arcane.cli"]

  # The same for function, job and dashboard.
  reading = {
    ARCANE_TRACKERS                 = jsonencode([for one in var.trackers : { for key, value in one : key => value if value != null }])
    ARCANE_WAREHOUSE__KIND          = "bigquery"
    ARCANE_WAREHOUSE__PROJECT       = var.project_id
    ARCANE_WAREHOUSE__DATASET       = google_bigquery_dataset.arcane.dataset_id
    ARCANE_WAREHOUSE__LOCATION      = var.dataset_location
    ARCANE_WAREHOUSE__TIME_ZONE     = var.time_zone
    ARCANE_WAREHOUSE__MAX_GB_BILLED = tostring(var.max_gb_billed)
    ARCANE_LOG__FORMAT              = "cloud"
  }

  # The same for function and job. The token comes from a mounted secret, never from a variable.
  environment = merge(local.reading, {
    ARCANE_X__BEARER_TOKEN_FILE        = "/secrets/x/token"
    ARCANE_ARCHIVE__URL                = google_storage_bucket.archive.url
    ARCANE_CLOUD__ATTEMPT_S            = "1800"
    ARCANE_CLOUD__JOB                  = "projects/${var.project_id}/locations/${var.region}/jobs/${local.job_name}"
    ARCANE_REFRESH__IS_HOURLY          = tostring(var.hourly_refresh)
    ARCANE_BUDGET__DAY_USD             = tostring(var.x_day_usd)
    ARCANE_BUDGET__CYCLE_USD           = tostring(var.x_cycle_usd)
    ARCANE_PRICES__ARE_INCLUDES_BILLED = tostring(var.x_bills_includes)
  })
}

resource "google_storage_bucket" "source" {
  name                        = "${var.project_id}-arcane-source"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true
}

resource "google_storage_bucket_object" "package" {
  name   = "arcane-${filesha256(var.package)}.zip"
  bucket = google_storage_bucket.source.name
  source = var.package
}

resource "google_artifact_registry_repository" "images" {
  repository_id = "arcane"
  location      = var.region
  format        = "DOCKER"
}

resource "google_cloudfunctions2_function" "arcane" {
  name        = "arcane"
  location    = var.region
  description = "Reads X and feeds BigQuery, once for each call of Cloud Scheduler"

  build_config {
    runtime           = "python313"
    entry_point       = "run"
    service_account   = google_service_account.builder.id
    docker_repository = google_artifact_registry_repository.images.id

    # A whole image, which the job can run too: with automatic updates Google keeps Python and its system out of it.
    on_deploy_update_policy {}

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.package.name
      }
    }
  }

  service_config {
    available_memory                 = "1Gi"
    available_cpu                    = "1"
    timeout_seconds                  = 1860 # a minute more than Scheduler waits: the function stops by itself before
    min_instance_count               = 0
    max_instance_count               = 2 # one runs, one answers Scheduler that it does
    max_instance_request_concurrency = 1
    ingress_settings                 = "ALLOW_INTERNAL_ONLY"
    service_account_email            = google_service_account.runner.email
    environment_variables            = merge(local.environment, { THREADS = "1" }) # or SIGTERM is not heard

    secret_volumes {
      mount_path = "/secrets/x"
      project_id = var.project_id
      secret     = google_secret_manager_secret.token.secret_id

      versions {
        version = var.secret_version
        path    = "token"
      }
    }
  }

  depends_on = [
    google_artifact_registry_repository_iam_member.builder,
    google_project_iam_member.builder_copies,
    google_project_iam_member.builder_log,
    google_secret_manager_secret_iam_member.runner_token,
    google_storage_bucket_iam_member.builder_source,
  ]
}
