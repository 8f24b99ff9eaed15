# Raw pages. What is erased must be gone: no versions, no soft delete (docs/archive.md).
resource "google_storage_bucket" "archive" {
  name                        = "${var.project_id}-arcane-raw"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  versioning {
    enabled = false
  }

  soft_delete_policy {
    retention_duration_seconds = 0
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = var.archive_days
    }
  }
}
