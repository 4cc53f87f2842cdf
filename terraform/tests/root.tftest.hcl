# What each setting makes Terraform plan. No provider is asked anything: terraform test

mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_data "aws_s3_objects" {
    defaults = { keys = ["eks/terraform.tfstate"] }
  }

  mock_resource "aws_s3_bucket" {
    defaults = { id = "s3proxy-bucket-1", arn = "arn:aws:s3:::s3proxy-bucket-1" }
  }

  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/s3proxy" }
  }
}

mock_provider "helm" {}

override_data {
  target = data.terraform_remote_state.cluster
  values = {
    outputs = {
      cluster_name                       = "demo"
      cluster_endpoint                   = "https://demo.example"
      cluster_certificate_authority_data = "LS0t"
      oidc_provider_arn                  = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC"
    }
  }
}

variables {
  aws_region               = "eu-west-1"
  aws_role                 = "arn:aws:iam::123456789012:role/deployer"
  s3_bucket_prefix         = "s3proxy-bucket"
  s3proxy_hostname         = "s3proxy.dummy.local"
  eks_namespace            = "s3proxy"
  eks_service_account_name = "s3proxy"
  docker_image_name        = "s3proxy-api"
  http_auth_user           = "s3proxy"
  http_auth_pass           = "s3proxypass"
  cluster_state_bucket     = "terraform-state"
  cluster_state_key        = "eks/terraform.tfstate"
}

run "everything_by_default" {
  command = plan

  assert {
    condition     = output.app_url_example == "https://s3proxy.dummy.local/1.jpg"
    error_message = "The example URL is that of the vars file."
  }

  assert {
    condition     = length(module.release) == 1
    error_message = "The operator and the first S3Proxy are installed."
  }

  assert {
    condition     = toset(keys(output.repository_urls)) == toset(["operator", "proxy"])
    error_message = "There is a repository for each image."
  }

  assert {
    condition     = strcontains(output.password_command, "get secret s3proxy-basic-auth-source")
    error_message = "A given password is read from its own Secret."
  }
}

run "password_left_out" {
  command = plan

  variables {
    http_auth_pass = null
  }

  assert {
    condition     = strcontains(output.password_command, ".status.authSecretName")
    error_message = "A generated password is read from the Secret that the operator reports."
  }
}

run "aws_side_only" {
  command = plan

  variables {
    install = false
  }

  assert {
    condition     = length(module.release) == 0 && output.password_command == null
    error_message = "install = false leaves the cluster alone."
  }
}

run "images_that_exist" {
  command = plan

  variables {
    operator_image = "registry.example/operator:1"
    proxy_image    = "registry.example:5000/team/proxy@sha256:0123"
  }

  assert {
    condition     = length(output.repository_urls) == 0
    error_message = "Existing images need no repository."
  }

  assert {
    condition     = output.images == { operator = "registry.example/operator:1", proxy = "registry.example:5000/team/proxy@sha256:0123" }
    error_message = "Existing images are used as they are."
  }
}

run "any_cluster_with_static_keys" {
  command = plan

  variables {
    identity                = "secret"
    credentials_secret_name = "keys"
    kubeconfig_path         = "tests/root.tftest.hcl"
    cluster_state_bucket    = null
    cluster_state_key       = null
  }

  assert {
    condition     = output.role_arn == null
    error_message = "Static keys need no role."
  }
}

run "plain_http" {
  command = plan

  variables {
    tls_mode = "disabled"
  }

  assert {
    condition     = output.app_url_example == "http://s3proxy.dummy.local/1.jpg"
    error_message = "Without TLS the URL says http."
  }
}

run "state_is_missing" {
  command = plan

  variables {
    cluster_state_key = "somewhere/else"
  }

  expect_failures = [data.terraform_remote_state.cluster]
}

run "state_lacks_an_output" {
  command = plan

  variables {
    cluster_state_outputs = { oidc_provider_arn = "oidc_arn" }
  }

  expect_failures = [data.terraform_remote_state.cluster]
}

run "placeholders_left_in_the_role" {
  command = plan

  variables {
    aws_role = "arn:aws:iam::<aws-account-number>:role/<role-name>"
  }

  expect_failures = [var.aws_role]
}

run "prefix_too_long" {
  command = plan

  variables {
    s3_bucket_prefix = "a-prefix-that-is-a-little-bit-too-long"
  }

  expect_failures = [var.s3_bucket_prefix]
}

run "host_with_a_scheme" {
  command = plan

  variables {
    s3proxy_hostname = "https://s3proxy.dummy.local"
  }

  expect_failures = [var.s3proxy_hostname]
}
