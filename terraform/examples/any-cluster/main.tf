# The operator and one S3Proxy on any cluster, with any S3-compatible store. Nothing here needs AWS.

terraform {
  required_version = ">= 1.11"

  required_providers {
    helm = {
      source  = "hashicorp/helm"
      version = ">= 3.0"
    }
  }
}

provider "helm" {
  kubernetes = {
    config_path    = var.kubeconfig_path
    config_context = var.kubeconfig_context
  }
}

module "release" {
  source = "../../modules/release"

  namespace        = var.namespace
  create_namespace = var.create_namespace
  operator_chart   = "${path.module}/../../../chart"
  operator_image   = var.operator_image
  proxy_image      = var.proxy_image

  bucket = {
    name             = var.bucket
    region           = var.region
    endpoint         = var.endpoint
    force_path_style = true
  }

  credentials = {
    secret_name = var.credentials_secret_name
  }

  host               = var.host
  ingress_class_name = var.ingress_class_name
  auth_user          = var.auth_user
  auth_password      = var.auth_password
}
