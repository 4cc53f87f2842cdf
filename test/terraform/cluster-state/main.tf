# Stands for the administrator's configuration of the EKS cluster: its state has the outputs of terraform-aws-modules/eks.

terraform {
  backend "s3" {}
}

variable "outputs" {
  type        = map(string)
  description = "What the state says about the cluster."
}

output "cluster_name" {
  value = lookup(var.outputs, "cluster_name", null)
}

output "cluster_endpoint" {
  value = lookup(var.outputs, "cluster_endpoint", null)
}

output "cluster_certificate_authority_data" {
  value = lookup(var.outputs, "cluster_certificate_authority_data", null)
}

output "oidc_provider_arn" {
  value = lookup(var.outputs, "oidc_provider_arn", null)
}
