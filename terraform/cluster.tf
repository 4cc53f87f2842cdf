# What the administrator's Terraform state says about the EKS cluster.

locals {
  read_state = var.cluster_state_bucket != null
  state_url  = local.read_state ? "s3://${var.cluster_state_bucket}/${var.cluster_state_key}" : ""

  # Which facts are needed depends on what is asked for.
  needed_outputs = {
    for fact, name in var.cluster_state_outputs : fact => name
    if(
      fact == "oidc_provider_arn" ? var.identity == "irsa" :
      fact == "cluster_name" ? var.identity == "pod-identity" || local.install_by_eks :
      local.install_by_eks
    )
  }

  install_by_eks = var.install && var.kubeconfig_path == null
  cluster        = { for fact, name in var.cluster_state_outputs : fact => try(data.terraform_remote_state.cluster[0].outputs[name], null) }

  # With install = false too: there may be releases to take away, and Helm's provider forgets those of a cluster that it cannot find.
  helm_by_eks = var.kubeconfig_path == null && alltrue([
    for fact in ["cluster_name", "cluster_endpoint", "cluster_certificate_authority_data"] : local.cluster[fact] != null
  ])
}

# Only to be able to say where a state was looked for: the error of the data source below does not.
data "aws_s3_objects" "cluster_state" {
  count    = local.read_state ? 1 : 0
  region   = coalesce(var.cluster_state_region, var.aws_region)
  bucket   = var.cluster_state_bucket
  prefix   = var.cluster_state_key
  max_keys = 1
}

data "terraform_remote_state" "cluster" {
  count   = local.read_state ? 1 : 0
  backend = "s3"

  config = {
    bucket = var.cluster_state_bucket
    key    = var.cluster_state_key
    region = coalesce(var.cluster_state_region, var.aws_region)

    assume_role = {
      role_arn     = var.aws_role
      session_name = "s3proxy-terraform"
    }
  }

  lifecycle {
    precondition {
      condition     = contains(data.aws_s3_objects.cluster_state[0].keys, var.cluster_state_key)
      error_message = "There is no Terraform state of the cluster at ${local.state_url}. Check cluster_state_bucket, cluster_state_key and cluster_state_region, and that the cluster's configuration was applied with that backend."
    }

    postcondition {
      condition     = length(setsubtract(values(local.needed_outputs), keys(self.outputs))) == 0
      error_message = "The cluster's state at ${local.state_url} lacks the output ${join(", ", setsubtract(values(local.needed_outputs), keys(self.outputs)))}; its outputs are: ${join(", ", keys(self.outputs))}. Add it to the cluster's configuration, or give its name there in cluster_state_outputs."
    }
  }
}
