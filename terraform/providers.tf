provider "aws" {
  region = var.aws_region

  assume_role {
    role_arn     = var.aws_role
    session_name = "s3proxy-terraform"
  }

  default_tags {
    tags = var.tags
  }
}

provider "helm" {
  kubernetes = {
    config_path    = var.kubeconfig_path
    config_context = var.kubeconfig_context

    host                   = local.helm_by_eks ? local.cluster.cluster_endpoint : null
    cluster_ca_certificate = local.helm_by_eks ? base64decode(local.cluster.cluster_certificate_authority_data) : null

    exec = local.helm_by_eks ? {
      api_version = "client.authentication.k8s.io/v1beta1"
      command     = "aws"
      args = [
        "eks", "get-token",
        "--cluster-name", local.cluster.cluster_name,
        "--region", var.aws_region,
        "--role-arn", var.aws_role,
      ]
    } : null
  }
}
