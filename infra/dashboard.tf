# The place of the dashboard: a Cloud Run service behind Identity-Aware Proxy, once there is a dashboard to serve.
variable "dashboard_enabled" {
  description = "Whether the dashboard is deployed, behind Identity-Aware Proxy. It does not exist yet: only false is taken."
  type        = bool
  default     = false

  validation {
    condition     = !var.dashboard_enabled
    error_message = "The dashboard does not exist yet: leave dashboard_enabled at false."
  }
}
