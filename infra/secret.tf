# The container only: the token itself never passes through Terraform or its state (docs/operations.md).
resource "google_secret_manager_secret" "token" {
  secret_id           = "arcane-x-bearer-token"
  deletion_protection = var.deletion_protection

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }
}
