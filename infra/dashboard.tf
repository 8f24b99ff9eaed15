# Google's own account of the proxy in this project; the bucket knows the project's number.
locals {
  iap_agent = "serviceAccount:service-${google_storage_bucket.source.project_number}@gcp-sa-iap.iam.gserviceaccount.com"
}

# The function's image with another command: one build, one version. google_cloud_run_v2_service has a build_config, but
# builds nothing by it.
resource "google_cloud_run_v2_service" "dashboard" {
  count = var.dashboard_enabled ? 1 : 0

  name                = "arcane-dashboard"
  location            = var.region
  description         = "Shows what is in BigQuery to whoever Identity-Aware Proxy lets in"
  ingress             = "INGRESS_TRAFFIC_ALL" # the proxy stands before every way in
  iap_enabled         = true
  deletion_protection = false # it keeps nothing

  template {
    service_account = google_service_account.dashboard[0].email

    scaling {
      min_instance_count = 0
      max_instance_count = 1 # answers are kept in memory: a second instance would ask BigQuery again
    }

    containers {
      image   = data.google_cloud_run_v2_service.function.template[0].containers[0].image
      command = local.command
      args    = ["dashboard"]

      ports {
        container_port = 8080
      }

      resources {
        cpu_idle          = true # paid for requests alone
        startup_cpu_boost = true

        limits = {
          cpu    = "1"
          memory = "1Gi" # files are made whole in memory before they are sent
        }
      }

      dynamic "env" {
        for_each = merge(local.reading, {
          ARCANE_DASHBOARD__HOST            = "0.0.0.0"
          ARCANE_DASHBOARD__PORT            = "8080"
          ARCANE_DASHBOARD__IDENTITY_HEADER = "X-Goog-Authenticated-User-Email"
        })

        content {
          name  = env.key
          value = env.value
        }
      }
    }
  }

  depends_on = [
    google_bigquery_dataset_access.dashboard,
    google_bigquery_dataset_iam_member.dashboard_views,
    google_project_iam_member.dashboard_jobs,
  ]
}
