output "add_token" {
  description = "How the token gets in: run this, paste the token, end with Ctrl+D."
  value       = "gcloud secrets versions add ${google_secret_manager_secret.token.secret_id} --project=${var.project_id} --data-file=-"
}

output "archive" {
  description = "Where the raw pages are."
  value       = google_storage_bucket.archive.url
}

output "dashboard_uri" {
  description = "Where the dashboard is; null without one."
  value       = one(google_cloud_run_v2_service.dashboard[*].uri)
}

output "dataset" {
  description = "Where the tables are."
  value       = "${var.project_id}.${google_bigquery_dataset.arcane.dataset_id}"
}

output "function_uri" {
  description = "Address that Cloud Scheduler calls; nobody else may."
  value       = google_cloudfunctions2_function.arcane.service_config[0].uri
}
