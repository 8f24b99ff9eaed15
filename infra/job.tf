# The function's own image, as it was last built.
data "google_cloud_run_v2_service" "function" {
  name     = google_cloudfunctions2_function.arcane.name
  location = var.region
}

# Goes on where the function's attempt ends; backfills and replays by hand.
resource "google_cloud_run_v2_job" "arcane" {
  name                = local.job_name
  location            = var.region
  deletion_protection = var.deletion_protection

  template {
    task_count  = var.job_tasks
    parallelism = var.job_tasks

    template {
      max_retries     = 3 # a task that starts again goes on where it stopped
      timeout         = "86400s"
      service_account = google_service_account.runner.email

      containers {
        image   = data.google_cloud_run_v2_service.function.template[0].containers[0].image
        command = local.command
        args    = ["run"]

        resources {
          limits = {
            cpu    = "1"
            memory = "1Gi"
          }
        }

        dynamic "env" {
          for_each = local.environment
          content {
            name  = env.key
            value = env.value
          }
        }

        volume_mounts {
          name       = "token"
          mount_path = "/secrets/x"
        }
      }

      volumes {
        name = "token"

        secret {
          secret = google_secret_manager_secret.token.secret_id

          items {
            version = var.secret_version
            path    = "token"
          }
        }
      }
    }
  }
}
