variable "kubeconfig_path" {
  type        = string
  default     = "~/.kube/config"
  description = "Kubeconfig file of the cluster."
}

variable "kubeconfig_context" {
  type        = string
  default     = null
  description = "Context in it; null means its current one."
}

variable "namespace" {
  type        = string
  default     = "s3proxy"
  description = "Namespace of the operator and of the S3Proxy."
}

variable "create_namespace" {
  type        = bool
  default     = false
  description = "Create the namespace. It has to exist before, with the Secret credentials_secret_name in it, so the default is false."
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

variable "bucket" {
  type        = string
  description = "Name of the bucket to publish."
}

variable "region" {
  type        = string
  default     = "us-east-1"
  description = "Region for the request signatures; most S3-compatible stores take us-east-1."
}

variable "endpoint" {
  type        = string
  description = "URL of the store as the cluster's pods reach it, for example http://minio.minio.svc:9000."

  validation {
    condition     = can(regex("^https?://[^/]+/?$", var.endpoint))
    error_message = "endpoint is \"${var.endpoint}\"; it must be a URL without a path, for example http://minio.minio.svc:9000."
  }
}

variable "credentials_secret_name" {
  type        = string
  description = "Secret with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the namespace."
}

variable "host" {
  type        = string
  default     = "s3proxy.dummy.local"
  description = "Host name under which the Ingress publishes the bucket."
}

variable "ingress_class_name" {
  type        = string
  default     = null
  description = "Class of the ingress controller; null leaves it to the cluster's default class."
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
}
