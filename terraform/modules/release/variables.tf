variable "namespace" {
  type        = string
  description = "Kubernetes namespace of the operator and of the S3Proxy."
}

variable "create_namespace" {
  type        = bool
  default     = true
  description = "Create the namespace and delete it again on destroy; false uses one that exists."
}

variable "operator_chart" {
  type        = string
  description = "The operator's Helm chart: a directory, an archive or an oci:// reference."
}

variable "operator_values" {
  type        = list(string)
  default     = []
  description = "More values for the operator's chart, as YAML; they win over those of this module."
}

variable "operator_image" {
  type        = string
  default     = null
  description = "Reference of the operator's image; null leaves it to the chart."
}

variable "proxy_image" {
  type        = string
  default     = null
  description = "Reference of the proxy's image; null leaves it to the chart."
}

variable "architecture" {
  type        = string
  default     = null
  description = "Processor architecture of the images, to which the operator is bound: amd64 or arm64; null for images of several architectures."
}

variable "keep_crds" {
  type        = bool
  default     = false
  description = "Leave the S3Proxy resource type, and with it every S3Proxy of other namespaces, in the cluster on destroy."
}

variable "name" {
  type        = string
  default     = "s3proxy"
  description = "Name of the S3Proxy."
}

variable "bucket" {
  type = object({
    name             = string
    region           = string
    endpoint         = optional(string)
    force_path_style = optional(bool)
  })
  description = "The bucket to publish. endpoint is the URL of an S3-compatible store; most of them also want force_path_style."
}

variable "credentials" {
  type = object({
    service_account_name = optional(string)
    role_arn             = optional(string)
    secret_name          = optional(string)
  })
  default     = {}
  description = <<-EOT
    Where the proxy's pods get their S3 credentials. service_account_name: this account is created and used; with role_arn it is
    annotated for IAM roles for service accounts, without it EKS Pod Identity knows it by name. secret_name: a Secret with
    static keys (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) in the namespace.
  EOT

  validation {
    condition     = (var.credentials.service_account_name == null) != (var.credentials.secret_name == null)
    error_message = "credentials needs service_account_name or secret_name, and not both."
  }

  validation {
    condition     = var.credentials.role_arn == null || var.credentials.service_account_name != null
    error_message = "credentials.role_arn goes with credentials.service_account_name."
  }
}

variable "host" {
  type        = string
  description = "Host name under which the Ingress publishes the bucket."
}

variable "ingress_class_name" {
  type        = string
  default     = null
  description = "Class of the ingress controller; null leaves it to the cluster's default class."
}

variable "tls" {
  type = object({
    mode        = optional(string, "selfSigned")
    secret_name = optional(string)
  })
  default     = {}
  description = "Certificate of the Ingress. mode is selfSigned (made by the operator), secretName (with secret_name) or disabled."

  validation {
    condition     = contains(["selfSigned", "secretName", "disabled"], var.tls.mode)
    error_message = "tls.mode is \"${var.tls.mode}\"; it must be selfSigned, secretName or disabled."
  }
}

variable "auth_user" {
  type        = string
  default     = "s3proxy"
  description = "User name for HTTP basic authentication."
}

variable "auth_password" {
  type        = string
  default     = null
  sensitive   = true
  description = "Password for HTTP basic authentication; null has the operator generate one."

  validation {
    condition     = var.auth_password == null || can(regex("^[^\\x00-\\x1f\\x7f]{8,255}$", var.auth_password))
    error_message = "The password (http_auth_pass, auth_password) must have 8 to 255 characters without control characters. Leave it out to have one generated."
  }
}

variable "replicas" {
  type        = number
  default     = 2
  description = "Number of proxy pods."
}

variable "s3proxy_spec" {
  type        = any
  default     = {}
  description = "More fields for the S3Proxy's spec, by block (content, cache, …); they win over those of this module."
}

variable "timeout_seconds" {
  type        = number
  default     = 300
  description = "Seconds that Helm waits for each release."
}
