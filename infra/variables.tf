variable "alert_emails" {
  description = "Who is told when something fails."
  type        = list(string)

  validation {
    condition     = length(var.alert_emails) > 0
    error_message = "At least one address: an alert that nobody gets is none."
  }
}

variable "analysts_group" {
  description = "Google group of the analysts (group@example.com), who may read views and tables. Empty: nobody but you."
  type        = string
  default     = ""
}

variable "analysts_read_tables" {
  description = "Whether the analysts may read the tables themselves, beside the views. The views of arcane_fr need no right on what they read, its functions do: false takes the functions away (docs/operations.md)."
  type        = bool
  default     = true
}

variable "archive_days" {
  description = "Days after which raw pages are deleted. A replay rebuilds from what is left, and refuses if pages are missing."
  type        = number
  default     = 400

  validation {
    condition     = var.archive_days >= 30
    error_message = "Pages are kept for 30 days at least, or a failed week could not be made good."
  }
}

variable "billing_account" {
  description = "Billing account of the budget alert (012345-678901-234567). Empty: no budget."
  type        = string
  default     = ""
}

variable "compliance_schedule" {
  description = "When X is asked, by the job, about every stored tweet and author (cron, in time_zone). Weekly; the price of X's compliance jobs is not known."
  type        = string
  default     = "0 3 * * 0"
}

variable "dashboard_enabled" {
  description = "Whether the dashboard is deployed, behind Identity-Aware Proxy, for the people in dashboard_users. Its API has to be enabled first (docs/operations.md)."
  type        = bool
  default     = false
}

variable "dashboard_users" {
  description = "Who may look at the dashboard, and ask any query of its SQL page: user:…, group:…, domain:… or serviceAccount:…."
  type        = list(string)
  default     = []

  validation {
    condition     = !var.dashboard_enabled || length(var.dashboard_users) > 0
    error_message = "Somebody has to be let in: name them in dashboard_users, or leave dashboard_enabled at false."
  }

  validation {
    condition     = alltrue([for one in var.dashboard_users : can(regex("^(user|group|domain|serviceAccount):[^\\s:]+$", one))])
    error_message = "Each is user:…, group:…, domain:… or serviceAccount:…; the dashboard is never open to everyone."
  }
}

variable "dataset_id" {
  description = "BigQuery dataset of the tables; the views get one of their own, whose name has _fr at its end."
  type        = string
  default     = "arcane"
}

variable "dataset_location" {
  description = "Location of the dataset: EU, or a European region. A dataset cannot move."
  type        = string
  default     = "EU"

  validation {
    condition     = var.dataset_location == "EU" || startswith(var.dataset_location, "europe-")
    error_message = "The dataset must lie in EU or in a European region."
  }
}

variable "deletion_protection" {
  description = "Whether Google refuses to delete the dataset's tables, the bucket's pages and the job by terraform destroy."
  type        = bool
  default     = true
}

variable "hourly_refresh" {
  description = "Whether the function is also called every hour. X bills what is read: a post read again on the same UTC day is free (X calls that a soft guarantee), each reading on a later day costs $0.005; and one request for counts, $0.005, a tracker and hour: about $3.65 a tracker and month."
  type        = bool
  default     = false
}

variable "job_tasks" {
  description = "Tasks of the job when it replays the archive; each takes its share. A collection always runs as one."
  type        = number
  default     = 1
}

variable "max_gb_billed" {
  description = "GiB that one query of Arcane may read before BigQuery refuses it ($6.25 a TiB)."
  type        = number
  default     = 100
}

variable "monthly_budget_usd" {
  description = "Google's bill a month at which you are told. X's own bill is not in it: cap that in X's console."
  type        = number
  default     = 50
}

variable "package" {
  description = "The zip that make package builds."
  type        = string
  default     = "../build/arcane-function.zip"
}

variable "project_id" {
  description = "Google Cloud project that holds everything and pays for it."
  type        = string
}

variable "region" {
  description = "Region of the function, the job and the archive. It lies in the EU, as the dataset does."
  type        = string
  default     = "europe-west1"

  validation {
    condition     = startswith(var.region, "europe-")
    error_message = "The region must be European (europe-…): tweets are personal data."
  }
}

variable "schedule" {
  description = "When the daily run starts (cron, in time_zone)."
  type        = string
  default     = "0 6 * * *"
}

variable "secret_version" {
  description = "Version of the secret with X's bearer token that the function mounts. A mounted 'latest' follows a rotation by itself."
  type        = string
  default     = "latest"
}

variable "time_zone" {
  description = "Time zone of the schedule and of the tables' local columns. Frozen in the tables by the first run."
  type        = string
  default     = "Europe/Paris"
}

variable "trackers" {
  description = "What is followed: a name, and either a hashtag or a query in X's own language. Each post read costs $0.005, and by our books the authors and quoted posts that come along cost too (x_bills_includes)."
  type = list(object({
    name    = string
    hashtag = optional(string)
    query   = optional(string)
  }))
  default = [{ name = "arcane", hashtag = "Arcane" }]

  validation {
    condition     = alltrue([for one in var.trackers : (one.hashtag == null) != (one.query == null)])
    error_message = "Each tracker has either a hashtag or a query."
  }
}

variable "x_bills_includes" {
  description = "Whether our books count authors ($0.010) and quoted posts that come along with a page as billed. X does not say; arcane usage shows it after a day. If true is wrong, the caps below hold too early, never too late."
  type        = bool
  default     = true
}

variable "x_cycle_usd" {
  description = "What may be spent at X in one of its billing cycles, by our books: 30 times x_day_usd. A run that would pass it stops at a commit, says what is missing, and the first run of the next cycle goes on. X's own spending limit, set in X's console, stays the last word."
  type        = number
  default     = 1500

  validation {
    condition     = var.x_cycle_usd > 0
    error_message = "A cap is more than 0: to read nothing, pause the scheduler's jobs."
  }
}

variable "x_day_usd" {
  description = "What may be spent at X on one UTC day, by our books. $50 are about 2,800 tweets with the 1.3 authors each that come along in recorded pages; 10,000 where X bills the posts alone and x_bills_includes is false. A run that would pass it stops at a commit, says what is missing, and the first run of the next day goes on; X's search keeps seven days."
  type        = number
  default     = 50

  validation {
    condition     = var.x_day_usd > 0
    error_message = "A cap is more than 0: to read nothing, pause the scheduler's jobs."
  }
}
