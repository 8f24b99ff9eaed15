resource "google_cloud_scheduler_job" "daily" {
  name             = "arcane-daily"
  region           = var.region
  description      = "The daily run of Arcane"
  schedule         = var.schedule
  time_zone        = var.time_zone
  attempt_deadline = "1800s"

  retry_config {
    retry_count          = 5
    min_backoff_duration = "120s"
    max_backoff_duration = "1800s"
    max_doublings        = 4
  }

  http_target {
    http_method = "POST"
    uri         = google_cloudfunctions2_function.arcane.service_config[0].uri

    oidc_token {
      service_account_email = google_service_account.invoker.email
      audience              = google_cloudfunctions2_function.arcane.service_config[0].uri
    }
  }
}

# Half an hour from the daily call: neither's attempt (30 minutes at most) reaches into the other's.
resource "google_cloud_scheduler_job" "hourly" {
  count = var.hourly_refresh ? 1 : 0

  name             = "arcane-hourly"
  region           = var.region
  description      = "The hourly run of Arcane"
  schedule         = "${(try(tonumber(split(" ", var.schedule)[0]), 0) + 30) % 60} * * * *"
  time_zone        = var.time_zone
  attempt_deadline = "1800s"

  retry_config {
    retry_count          = 1 # the next hour comes anyway
    min_backoff_duration = "120s"
  }

  http_target {
    http_method = "POST"
    uri         = google_cloudfunctions2_function.arcane.service_config[0].uri

    oidc_token {
      service_account_email = google_service_account.invoker.email
      audience              = google_cloudfunctions2_function.arcane.service_config[0].uri
    }
  }
}

# X's list of what must go. By the job, since X may take hours to answer; the next run of the job goes on with it.
resource "google_cloud_scheduler_job" "compliance" {
  name             = "arcane-compliance"
  region           = var.region
  description      = "The weekly question to X about every stored tweet and author"
  schedule         = var.compliance_schedule
  time_zone        = var.time_zone
  attempt_deadline = "180s"

  retry_config {
    retry_count          = 3
    min_backoff_duration = "300s"
  }

  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/projects/${var.project_id}/locations/${var.region}/jobs/${google_cloud_run_v2_job.arcane.name}:run"
    headers     = { "Content-Type" = "application/json" }

    body = base64encode(jsonencode({
      overrides = {
        taskCount          = 1
        containerOverrides = [{ args = ["compliance"] }]
      }
    }))

    oauth_token {
      service_account_email = google_service_account.invoker.email
    }
  }
}
