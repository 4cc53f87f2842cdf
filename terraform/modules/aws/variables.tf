# The root module validates what a person types; this module trusts its caller.

variable "bucket_prefix" {
  type        = string
  description = "Start of the new bucket's name; AWS appends a unique suffix. Not used with existing_bucket."
}

variable "existing_bucket" {
  type        = string
  default     = null
  description = "Name of a bucket that exists already. It is read, never changed; null creates one."
}

variable "bucket_force_destroy" {
  type        = bool
  default     = false
  description = "Delete the bucket on destroy even while it holds objects that this module did not put there."
}

variable "bucket_kms_key_arn" {
  type        = string
  default     = null
  description = "ARN of the KMS key that encrypts the bucket (SSE-KMS); null uses S3's own keys (SSE-S3). With existing_bucket, the key the role must be able to decrypt with."
}

variable "bucket_versioning" {
  type        = bool
  default     = false
  description = "Keep earlier versions of each object."
}

variable "bucket_abort_upload_days" {
  type        = number
  default     = 7
  description = "Days after which an unfinished multipart upload is deleted; null keeps its parts, and their cost, for ever."
}

variable "bucket_noncurrent_days" {
  type        = number
  default     = 30
  description = "Days after which an earlier version is deleted; only with bucket_versioning."
}

variable "bucket_expiration_days" {
  type        = number
  default     = null
  description = "Days after which an object is deleted; null keeps objects for ever."
}

variable "identity" {
  type        = string
  description = "How pods get the role: irsa, pod-identity, or secret (no role: static keys in a Secret)."
}

variable "namespace" {
  type        = string
  description = "Kubernetes namespace of the service account that may assume the role."
}

variable "service_account_name" {
  type        = string
  description = "Kubernetes service account that may assume the role."
}

variable "oidc_provider_arn" {
  type        = string
  default     = null
  description = "ARN of the cluster's IAM OIDC provider; needed for irsa."
}

variable "cluster_name" {
  type        = string
  default     = null
  description = "Name of the EKS cluster; needed for pod-identity."
}

variable "images" {
  type = map(object({
    repository = string
    dockerfile = string
  }))
  description = "Images to build and push, by program (operator, proxy): the ECR repository to create, and the Dockerfile in source_dir."
}

variable "image_architecture" {
  type        = string
  default     = "amd64"
  description = "Processor architecture of the images: amd64 or arm64."
}

variable "image_build_args" {
  type        = map(string)
  default     = {}
  description = "Docker build arguments for both images, for example another base image."
}

variable "image_build_options" {
  type        = list(string)
  default     = []
  description = "Further options of docker build that leave the images as they are, for example a network or a secret."
}

variable "source_dir" {
  type        = string
  description = "Directory with the Dockerfiles and the programs' sources; Docker's build context."
}

variable "samples_dir" {
  type        = string
  default     = null
  description = "Directory whose *.jpg and *.png files are copied to the bucket; null copies none."
}

variable "region" {
  type        = string
  description = "AWS region for the AWS CLI calls."
}

variable "role_arn" {
  type        = string
  description = "ARN of the role that the AWS CLI calls assume, the same one the provider assumes."
}
