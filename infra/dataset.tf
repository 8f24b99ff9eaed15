# Arcane makes its tables and views itself, from its data contract: only the datasets are here. What is erased stays
# readable as the past for as long as time travel goes back: two days, the least that BigQuery takes.
resource "google_bigquery_dataset" "arcane" {
  dataset_id                 = var.dataset_id
  location                   = var.dataset_location
  description                = "Arcane : tweets suivis et leurs compteurs"
  max_time_travel_hours      = "48"
  delete_contents_on_destroy = !var.deletion_protection

  labels = {
    app = "arcane"
  }
}

resource "google_bigquery_dataset" "views" {
  dataset_id                 = "${var.dataset_id}_fr"
  location                   = var.dataset_location
  description                = "Arcane : vues pour l'analyse"
  max_time_travel_hours      = "48"
  delete_contents_on_destroy = !var.deletion_protection

  labels = {
    app = "arcane"
  }
}
