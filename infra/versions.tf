terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 8.0, < 9.0"
    }
  }
}

provider "google" {
  project = var.project_id
  region  = var.region

  # With gcloud's login of a person, the API of budgets wants to know which project asks.
  user_project_override = true
  billing_project       = var.project_id

  default_labels = {
    app = "arcane"
  }
}
