# From an empty AWS account area to a picture in the browser: the AWS side, then the operator and the first S3Proxy.

locals {
  repository_root = "${path.module}/.."

  image_builds = {
    operator = { repository = "${var.docker_image_name}-operator", dockerfile = "Dockerfile.operator" }
    proxy    = { repository = var.docker_image_name, dockerfile = "Dockerfile.proxy" }
  }

  existing_images = { for name, reference in { operator = var.operator_image, proxy = var.proxy_image } : name => reference if reference != null }
  upload_samples  = coalesce(var.upload_samples, var.existing_bucket == null)
}

module "aws" {
  source = "./modules/aws"

  region   = var.aws_region
  role_arn = var.aws_role

  bucket_prefix            = var.s3_bucket_prefix
  existing_bucket          = var.existing_bucket
  bucket_force_destroy     = var.bucket_force_destroy
  bucket_kms_key_arn       = var.bucket_kms_key_arn
  bucket_versioning        = var.bucket_versioning
  bucket_abort_upload_days = var.bucket_abort_upload_days
  bucket_noncurrent_days   = var.bucket_noncurrent_days
  bucket_expiration_days   = var.bucket_expiration_days
  samples_dir              = local.upload_samples ? "${local.repository_root}/hack/samples" : null

  identity             = var.identity
  namespace            = var.eks_namespace
  service_account_name = var.eks_service_account_name
  oidc_provider_arn    = local.cluster.oidc_provider_arn
  cluster_name         = local.cluster.cluster_name

  images              = { for name, build in local.image_builds : name => build if !contains(keys(local.existing_images), name) }
  image_architecture  = var.image_architecture
  image_build_args    = var.image_build_args
  image_build_options = var.image_build_options
  source_dir          = local.repository_root
}

module "release" {
  source = "./modules/release"
  count  = var.install ? 1 : 0

  namespace        = var.eks_namespace
  create_namespace = var.create_namespace
  operator_chart   = "${local.repository_root}/chart"
  keep_crds        = var.keep_crds

  operator_image = lookup(local.images, "operator", null)
  proxy_image    = lookup(local.images, "proxy", null)
  architecture   = var.image_architecture

  name = var.eks_service_account_name

  bucket = {
    name     = module.aws.bucket_name
    region   = var.aws_region
    endpoint = var.s3_endpoint
  }

  credentials = {
    service_account_name = var.identity == "secret" ? null : var.eks_service_account_name
    role_arn             = var.identity == "irsa" ? module.aws.role_arn : null
    secret_name          = var.credentials_secret_name
  }

  host               = var.s3proxy_hostname
  ingress_class_name = var.ingress_class_name
  tls = {
    mode        = var.tls_mode
    secret_name = var.tls_secret_name
  }

  auth_user     = var.http_auth_user
  auth_password = var.http_auth_pass
  replicas      = var.replicas
}

locals {
  images = merge(module.aws.images, local.existing_images)
}
