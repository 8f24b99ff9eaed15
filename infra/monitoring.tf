locals {
  in_job      = "resource.type=\"cloud_run_job\" AND resource.labels.job_name=\"${local.job_name}\""
  in_function = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"arcane\""

  # Arcane's own lines. What Cloud Run says of an answer or an attempt that comes again (a 503, exit code 75) is no news.
  lines = "jsonPayload.message:* AND ((${local.in_function}) OR (${local.in_job}))"
}

resource "google_monitoring_notification_channel" "email" {
  for_each = toset(var.alert_emails)

  display_name = "Arcane: ${each.value}"
  type         = "email"

  labels = {
    email_address = each.value
  }
}

resource "google_logging_metric" "success" {
  name   = "arcane_run_success"
  filter = "${local.lines} AND jsonPayload.message=\"run.ended\" AND jsonPayload.command=(\"run\" OR \"collect\") AND jsonPayload.outcome=\"complete\""

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"
  }
}

# An absence condition ends at 23.5 hours; PromQL looks further back.
resource "google_monitoring_alert_policy" "no_success" {
  display_name          = "Arcane: no complete run in 26 hours"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = [for one in google_monitoring_notification_channel.email : one.id]

  conditions {
    display_name = "no complete run in 26 hours"

    condition_prometheus_query_language {
      query               = "(sum(increase(logging_googleapis_com:user_arcane_run_success[26h])) or vector(0)) < 1"
      duration            = "0s"
      evaluation_interval = "300s"
    }
  }

  documentation {
    content   = "No collection came to its end for 26 hours. docs/operations.md (Alerts) says what to look at."
    mime_type = "text/markdown"
  }

  depends_on = [google_logging_metric.success]
}

resource "google_monitoring_alert_policy" "errors" {
  display_name          = "Arcane: an error in the log"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = [for one in google_monitoring_notification_channel.email : one.id]

  conditions {
    display_name = "severity ERROR or above"

    condition_matched_log {
      filter = "${local.lines} AND severity>=ERROR"
    }
  }

  alert_strategy {
    auto_close = "86400s"

    notification_rate_limit {
      period = "3600s"
    }
  }
}

# After its last attempt, whatever ended it: exit code 75 too, which is no error in the log as long as it may pass.
resource "google_monitoring_alert_policy" "job" {
  display_name          = "Arcane: the job failed after all its attempts"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = [for one in google_monitoring_notification_channel.email : one.id]

  conditions {
    display_name = "a failed execution"

    condition_threshold {
      filter          = "${local.in_job} AND metric.type=\"run.googleapis.com/job/completed_execution_count\" AND metric.labels.result=\"failed\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"

      aggregations {
        alignment_period   = "300s"
        per_series_aligner = "ALIGN_SUM"
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }
}

resource "google_monitoring_alert_policy" "attempts" {
  display_name          = "Arcane: Cloud Scheduler gave up"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = [for one in google_monitoring_notification_channel.email : one.id]

  conditions {
    display_name = "an attempt failed"

    condition_matched_log {
      filter = "resource.type=\"cloud_scheduler_job\" AND resource.labels.job_id=(\"arcane-daily\" OR \"arcane-hourly\" OR \"arcane-compliance\") AND severity>=ERROR"
    }
  }

  alert_strategy {
    auto_close = "86400s"

    notification_rate_limit {
      period = "3600s"
    }
  }
}

resource "google_billing_budget" "month" {
  count = var.billing_account == "" ? 0 : 1

  billing_account = var.billing_account
  display_name    = "Arcane"

  budget_filter {
    projects = ["projects/${var.project_id}"]
  }

  amount {
    specified_amount {
      currency_code = "USD"
      units         = tostring(var.monthly_budget_usd)
    }
  }

  threshold_rules {
    threshold_percent = 0.5
  }

  threshold_rules {
    threshold_percent = 1
    spend_basis       = "FORECASTED_SPEND"
  }

  all_updates_rule {
    monitoring_notification_channels = [for one in google_monitoring_notification_channel.email : one.id]
  }
}
