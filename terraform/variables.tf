# ---------------------------------------------------------------------------------------------------------------------
# The variables of vars.tfvars
# ---------------------------------------------------------------------------------------------------------------------

variable "aws_region" {
  type        = string
  description = "AWS region of the bucket and of the image repositories."

  validation {
    condition     = can(regex("^[a-z]{2,3}(-[a-z]+)+-[0-9]+$", var.aws_region))
    error_message = "aws_region is \"${var.aws_region}\", which is no AWS region. Give its code, for example eu-west-1."
  }
}

variable "aws_role" {
  type        = string
  description = "ARN of the IAM role that Terraform and the AWS CLI assume for everything they do in AWS."

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", var.aws_role))
    error_message = "aws_role is \"${var.aws_role}\", which is no IAM role's ARN. Give it in full, for example arn:aws:iam::123456789012:role/deployer: twelve digits for the account, and the role's name in place of the <…> placeholders."
  }
}

variable "s3_bucket_prefix" {
  type        = string
  description = "Start of the new bucket's name; a unique suffix is appended."

  validation {
    condition     = length(var.s3_bucket_prefix) <= 36
    error_message = "s3_bucket_prefix \"${var.s3_bucket_prefix}\" has ${length(var.s3_bucket_prefix)} characters; 36 is the most: S3 bucket names end at 63, and the suffix takes the other 27."
  }

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]*$", var.s3_bucket_prefix)) && !can(regex("^(xn--|sthree-|amzn-s3-demo-)", var.s3_bucket_prefix))
    error_message = "s3_bucket_prefix \"${var.s3_bucket_prefix}\" is not the start of a bucket name: use lower-case letters, digits and hyphens, begin with a letter or digit, and not with xn--, sthree- or amzn-s3-demo-, which S3 reserves."
  }
}

variable "s3proxy_hostname" {
  type        = string
  description = "Host name under which the Ingress publishes the bucket."

  validation {
    condition     = length(var.s3proxy_hostname) <= 253 && can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?([.][a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$", var.s3proxy_hostname)) && !can(regex("^[0-9.]+$", var.s3proxy_hostname))
    error_message = "s3proxy_hostname is \"${var.s3proxy_hostname}\", which is no host name. Give the bare name in lower case, without https:// and a path, and not an address, for example s3proxy.dummy.local."
  }
}

variable "eks_namespace" {
  type        = string
  description = "Kubernetes namespace of the operator and of the first S3Proxy."

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.eks_namespace))
    error_message = "eks_namespace is \"${var.eks_namespace}\", which is no namespace name: use at most 63 lower-case letters, digits and hyphens, with a letter or digit at both ends."
  }
}

variable "eks_service_account_name" {
  type        = string
  description = "Kubernetes service account of the proxy's pods; the only one that may assume the role which reads the bucket. The first S3Proxy gets the same name."

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,50}[a-z0-9])?$", var.eks_service_account_name))
    error_message = "eks_service_account_name is \"${var.eks_service_account_name}\": use at most 52 lower-case letters, digits and hyphens, begin with a letter and end with a letter or digit."
  }
}

variable "docker_image_name" {
  type        = string
  description = "Name of the ECR repository for the proxy's image; the operator's gets -operator appended."

  validation {
    condition     = length(var.docker_image_name) >= 2 && length(var.docker_image_name) <= 247 && can(regex("^[a-z0-9]+([._-][a-z0-9]+)*(/[a-z0-9]+([._-][a-z0-9]+)*)*$", var.docker_image_name))
    error_message = "docker_image_name is \"${var.docker_image_name}\", which is no ECR repository name: use 2 to 247 lower-case letters and digits, with single . _ - or / between them, and no tag."
  }
}

variable "http_auth_user" {
  type        = string
  default     = "s3proxy"
  description = "User name for HTTP basic authentication."

  validation {
    condition     = can(regex("^[!-9;-~]{1,128}$", var.http_auth_user))
    error_message = "http_auth_user must have 1 to 128 printable ASCII characters, without spaces and colons (RFC 7617 splits user and password at the first colon)."
  }
}

variable "http_auth_pass" {
  type        = string
  default     = null
  sensitive   = true
  description = "Password for HTTP basic authentication. Left out, the operator generates one; the output password_command reads it."

  # It is checked where Terraform no longer shows it: a failed validation here would print the value.
}

variable "tags" {
  type        = map(string)
  default     = {}
  description = "Tags for every AWS resource."

  validation {
    condition = length(var.tags) <= 50 && alltrue([
      for key, value in var.tags :
      length(key) >= 1 && length(key) <= 128 && length(value) <= 256 && !startswith(lower(key), "aws:")
    ])
    error_message = "tags may hold at most 50 entries, with keys of 1 to 128 characters that do not begin with aws: and values of at most 256 characters."
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# The cluster (cluster.auto.tfvars)
# ---------------------------------------------------------------------------------------------------------------------

variable "cluster_state_bucket" {
  type        = string
  default     = null
  description = "S3 bucket that holds the Terraform state of the EKS cluster. Needed unless identity is secret and kubeconfig_path is set."
}

variable "cluster_state_key" {
  type        = string
  default     = null
  description = "Key of that state in the bucket, for example eks/terraform.tfstate."

  validation {
    condition     = (var.cluster_state_bucket == null) == (var.cluster_state_key == null)
    error_message = "cluster_state_bucket and cluster_state_key go together: set both or neither."
  }
}

variable "cluster_state_region" {
  type        = string
  default     = null
  description = "AWS region of that bucket; null means aws_region."
}

variable "cluster_state_outputs" {
  type = object({
    cluster_name                       = optional(string, "cluster_name")
    cluster_endpoint                   = optional(string, "cluster_endpoint")
    cluster_certificate_authority_data = optional(string, "cluster_certificate_authority_data")
    oidc_provider_arn                  = optional(string, "oidc_provider_arn")
  })
  default     = {}
  description = "Names of the outputs in that state, where they differ from those of terraform-aws-modules/eks."
}

variable "kubeconfig_path" {
  type        = string
  default     = null
  description = "Kubeconfig file with which Helm reaches the cluster; null uses aws eks get-token with the cluster from the state."

  validation {
    condition     = var.kubeconfig_path == null || try(fileexists(pathexpand(var.kubeconfig_path)), false)
    error_message = "kubeconfig_path names \"${coalesce(var.kubeconfig_path, "-")}\", which does not exist. Give the path of a kubeconfig file."
  }
}

variable "kubeconfig_context" {
  type        = string
  default     = null
  description = "Context in that kubeconfig; null means its current one."
}

# ---------------------------------------------------------------------------------------------------------------------
# The bucket
# ---------------------------------------------------------------------------------------------------------------------

variable "existing_bucket" {
  type        = string
  default     = null
  description = "Name of a bucket that exists already and is published instead of a new one. Nothing in it or about it is changed."

  validation {
    condition     = var.existing_bucket == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.existing_bucket))
    error_message = "existing_bucket is \"${coalesce(var.existing_bucket, "-")}\", which is no bucket name (neither an ARN nor a URL is wanted)."
  }
}

variable "upload_samples" {
  type        = bool
  default     = null
  description = "Copy the sample pictures to the bucket; null copies them to a new bucket and not to an existing one."
}

variable "bucket_force_destroy" {
  type        = bool
  default     = false
  description = "Let destroy delete the bucket even when it holds objects other than the sample pictures."
}

variable "bucket_kms_key_arn" {
  type        = string
  default     = null
  description = "ARN of the KMS key that encrypts the bucket; null uses S3's own keys."

  validation {
    condition     = var.bucket_kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.bucket_kms_key_arn))
    error_message = "bucket_kms_key_arn must be a key's ARN, for example arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab."
  }
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

  validation {
    condition     = var.bucket_abort_upload_days == null || try(var.bucket_abort_upload_days >= 1 && floor(var.bucket_abort_upload_days) == var.bucket_abort_upload_days, false)
    error_message = "bucket_abort_upload_days must be a whole number of at least 1, or null."
  }
}

variable "bucket_noncurrent_days" {
  type        = number
  default     = 30
  description = "Days after which an earlier version is deleted; only with bucket_versioning."

  validation {
    condition     = var.bucket_noncurrent_days >= 1 && floor(var.bucket_noncurrent_days) == var.bucket_noncurrent_days
    error_message = "bucket_noncurrent_days must be a whole number of at least 1."
  }
}

variable "bucket_expiration_days" {
  type        = number
  default     = null
  description = "Days after which an object is deleted; null keeps objects for ever."

  validation {
    condition     = var.bucket_expiration_days == null || try(var.bucket_expiration_days >= 1 && floor(var.bucket_expiration_days) == var.bucket_expiration_days, false)
    error_message = "bucket_expiration_days must be a whole number of at least 1, or null."
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Identity, images
# ---------------------------------------------------------------------------------------------------------------------

variable "identity" {
  type        = string
  default     = "irsa"
  description = "How the proxy's pods get their AWS credentials: irsa (IAM roles for service accounts), pod-identity (EKS Pod Identity) or secret (static keys in credentials_secret_name, for clusters outside EKS)."

  validation {
    condition     = contains(["irsa", "pod-identity", "secret"], var.identity)
    error_message = "identity is \"${var.identity}\"; it must be irsa, pod-identity or secret."
  }

  validation {
    condition     = (var.identity == "secret") == (var.credentials_secret_name != null)
    error_message = "credentials_secret_name goes with identity = \"secret\", and only with it: set both or neither."
  }

  validation {
    condition     = var.identity == "secret" || var.cluster_state_bucket != null
    error_message = "identity = \"${var.identity}\" needs to know the cluster: set cluster_state_bucket and cluster_state_key (see cluster.auto.tfvars.example)."
  }
}

variable "credentials_secret_name" {
  type        = string
  default     = null
  description = "Secret in eks_namespace with the static keys, for identity = secret."
}

variable "operator_image" {
  type        = string
  default     = null
  description = "Reference of an existing operator image; null builds it and pushes it to ECR."
}

variable "proxy_image" {
  type        = string
  default     = null
  description = "Reference of an existing proxy image; null builds it and pushes it to ECR."
}

variable "image_architecture" {
  type        = string
  default     = "amd64"
  description = "Processor architecture of the cluster's nodes, for which the images are built: amd64 or arm64."

  validation {
    condition     = contains(["amd64", "arm64"], var.image_architecture)
    error_message = "image_architecture is \"${var.image_architecture}\"; it must be amd64 or arm64."
  }
}

variable "image_build_args" {
  type        = map(string)
  default     = {}
  description = "Docker build arguments for both images, for example BASE_IMAGE from your own registry. The Dockerfiles list them. A change builds again."

  validation {
    condition     = alltrue([for name, value in var.image_build_args : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", name)) && !strcontains(value, "\n")])
    error_message = "image_build_args maps names of letters, digits and _ to values of one line."
  }
}

variable "image_build_options" {
  type        = list(string)
  default     = []
  description = "Further options of docker build that leave the images as they are, for example --network=host or --secret=id=npmrc,src=/home/me/.npmrc. A change does not build again."

  validation {
    condition     = alltrue([for option in var.image_build_options : can(regex("^--[^\n]+$", option))])
    error_message = "Each of image_build_options is one option in one piece, beginning with --, for example --network=host."
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# The release
# ---------------------------------------------------------------------------------------------------------------------

variable "install" {
  type        = bool
  default     = true
  description = "Install the operator and the first S3Proxy. false prepares the AWS side only, for a cluster that is filled by other means (GitOps)."

  validation {
    condition     = !var.install || var.kubeconfig_path != null || var.cluster_state_bucket != null
    error_message = "No cluster is named: set cluster_state_bucket and cluster_state_key (see cluster.auto.tfvars.example), or kubeconfig_path."
  }
}

variable "create_namespace" {
  type        = bool
  default     = true
  description = "Create eks_namespace and delete it again on destroy; false uses one that exists."
}

variable "ingress_class_name" {
  type        = string
  default     = "nginx"
  description = "Class of the ingress controller that publishes the bucket."
}

variable "tls_mode" {
  type        = string
  default     = "selfSigned"
  description = "Where the Ingress gets its certificate: selfSigned (made and renewed by the operator), secretName (tls_secret_name) or disabled."

  validation {
    condition     = contains(["selfSigned", "secretName", "disabled"], var.tls_mode)
    error_message = "tls_mode is \"${var.tls_mode}\"; it must be selfSigned, secretName or disabled."
  }

  validation {
    condition     = (var.tls_mode == "secretName") == (var.tls_secret_name != null)
    error_message = "tls_secret_name goes with tls_mode = \"secretName\", and only with it: set both or neither."
  }
}

variable "tls_secret_name" {
  type        = string
  default     = null
  description = "Secret of type kubernetes.io/tls in eks_namespace, for tls_mode = secretName."
}

variable "s3_endpoint" {
  type        = string
  default     = null
  description = "URL at which the proxy reaches S3, for example that of a VPC interface endpoint; null uses the region's public one."

  validation {
    condition     = var.s3_endpoint == null || can(regex("^https?://[^/]+/?$", var.s3_endpoint))
    error_message = "s3_endpoint must be a URL without a path, for example https://bucket.vpce-1a2b3c4d-5e6f.s3.eu-west-1.vpce.amazonaws.com."
  }
}

variable "replicas" {
  type        = number
  default     = 2
  description = "Number of proxy pods."

  validation {
    condition     = var.replicas >= 1 && floor(var.replicas) == var.replicas
    error_message = "replicas must be a whole number of at least 1."
  }
}

variable "keep_crds" {
  type        = bool
  default     = false
  description = "Leave the S3Proxy resource type, and with it every S3Proxy of other namespaces, in the cluster on destroy."
}
