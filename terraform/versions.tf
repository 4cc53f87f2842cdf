terraform {
  # 1.11 brought write-only arguments: they keep the password out of the state (docs/adr/0012).
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }

    helm = {
      source  = "hashicorp/helm"
      version = ">= 3.0"
    }
  }
}
