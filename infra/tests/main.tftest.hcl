mock_provider "google" {
  mock_resource "google_service_account" {
    defaults = {
      id     = "projects/demo/serviceAccounts/sa@demo.iam.gserviceaccount.com"
      email  = "sa@demo.iam.gserviceaccount.com"
      member = "serviceAccount:sa@demo.iam.gserviceaccount.com"
    }
  }

  mock_resource "google_storage_bucket" {
    defaults = {
      url            = "gs://demo-arcane-raw"
      project_number = 123
    }
  }

  mock_resource "google_cloudfunctions2_function" {
    defaults = {
      service_config = {
        uri = "https://arcane-abc-ew.a.run.app"
      }
    }
  }

  mock_data "google_cloud_run_v2_service" {
    defaults = {
      template = [{
        containers = [{
          image = "europe-west1-docker.pkg.dev/demo/arcane/arcane:1"
        }]
      }]
    }
  }
}

variables {
  project_id   = "demo"
  alert_emails = ["data@example.com"]
  package      = "main.tf.zip"
}

run "three_hashtags" {
  command = plan

  variables {
    trackers = [
      { name = "arcane", hashtag = "Arcane" },
      { name = "two", hashtag = "Two" },
      { name = "launch", query = "(#Launch OR #Lancement) lang:fr" },
    ]
  }

  assert {
    condition     = length(jsondecode(local.environment.ARCANE_TRACKERS)) == 3
    error_message = "the function does not follow the three"
  }

  assert {
    condition     = keys(jsondecode(local.environment.ARCANE_TRACKERS)[2]) == ["name", "query"]
    error_message = "a tracker carries what was not set"
  }
}

run "applied" {
  command = apply

  assert {
    condition     = google_cloud_scheduler_job.daily.http_target[0].oidc_token[0].service_account_email == "sa@demo.iam.gserviceaccount.com"
    error_message = "Scheduler does not say who it is"
  }

  assert {
    condition     = google_cloud_run_v2_job.arcane.template[0].template[0].containers[0].image == "europe-west1-docker.pkg.dev/demo/arcane/arcane:1"
    error_message = "the job does not run the function's image"
  }

  assert {
    condition     = local.environment.ARCANE_CLOUD__JOB == "projects/demo/locations/europe-west1/jobs/${google_cloud_run_v2_job.arcane.name}"
    error_message = "the function would start another job"
  }
}

run "hourly" {
  command = apply

  variables {
    hourly_refresh = true
  }

  assert {
    condition     = google_cloud_scheduler_job.hourly[0].http_target[0].oidc_token[0] == google_cloud_scheduler_job.daily.http_target[0].oidc_token[0]
    error_message = "the hourly call does not say who it is"
  }
}

run "no_region_outside_europe" {
  command = plan

  variables {
    region = "us-central1"
  }

  expect_failures = [var.region]
}

run "an_alert_reaches_somebody" {
  command = plan

  variables {
    alert_emails = []
  }

  expect_failures = [var.alert_emails]
}

run "no_dashboard_unless_asked" {
  command = apply

  assert {
    condition     = length(google_cloud_run_v2_service.dashboard) == 0 && output.dashboard_uri == null
    error_message = "the dashboard is there and nobody asked for it"
  }
}

run "dashboard" {
  command = apply

  variables {
    dashboard_enabled = true
    dashboard_users   = ["group:analysts@example.com", "user:client@example.com"]
  }

  assert {
    condition     = output.dashboard_uri == google_cloud_run_v2_service.dashboard[0].uri
    error_message = "nobody is told where it is"
  }

  assert {
    condition     = google_cloud_run_v2_service.dashboard[0].template[0].containers[0].image == google_cloud_run_v2_job.arcane.template[0].template[0].containers[0].image
    error_message = "the dashboard is of another version than what feeds it"
  }

  assert {
    condition     = google_cloud_run_v2_service_iam_member.dashboard_proxy[0].member == "serviceAccount:service-123@gcp-sa-iap.iam.gserviceaccount.com"
    error_message = "the proxy may not call the dashboard, or somebody else may"
  }

  assert {
    condition     = keys(google_iap_web_cloud_run_service_iam_member.dashboard_users) == ["group:analysts@example.com", "user:client@example.com"]
    error_message = "the proxy lets others in than those named"
  }
}

run "a_dashboard_lets_somebody_in" {
  command = plan

  variables {
    dashboard_enabled = true
  }

  expect_failures = [var.dashboard_users]
}

run "a_dashboard_is_not_open_to_everyone" {
  command = plan

  variables {
    dashboard_enabled = true
    dashboard_users   = ["group:analysts@example.com", "allUsers"]
  }

  expect_failures = [var.dashboard_users]
}

run "nor_to_everyone_with_an_account" {
  command = plan

  variables {
    dashboard_enabled = true
    dashboard_users   = ["allAuthenticatedUsers"]
  }

  expect_failures = [var.dashboard_users]
}

run "a_cap_is_more_than_nothing" {
  command = plan

  variables {
    x_day_usd   = 0
    x_cycle_usd = -1
  }

  expect_failures = [var.x_day_usd, var.x_cycle_usd]
}

run "a_tracker_says_one_thing" {
  command = plan

  variables {
    trackers = [{ name = "both", hashtag = "A", query = "b" }]
  }

  expect_failures = [var.trackers]
}
