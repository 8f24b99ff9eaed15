# Arcane makes its tables itself, from its data contract: only the dataset is here.
resource "google_bigquery_dataset" "arcane" {
  dataset_id                 = var.dataset_id
  location                   = var.dataset_location
  description                = "Arcane : tweets suivis et leurs compteurs"
  delete_contents_on_destroy = !var.deletion_protection

  labels = {
    app = "arcane"
  }
}
