# What the releases are given. The cluster is not asked anything: terraform test

mock_provider "helm" {}

variables {
  namespace      = "s3proxy"
  operator_chart = "./charts/s3proxy"
  host           = "s3proxy.dummy.local"
  bucket         = { name = "photos", region = "eu-west-1" }
  credentials    = { service_account_name = "s3proxy", role_arn = "arn:aws:iam::123456789012:role/s3proxy" }
}

run "smallest" {
  command = plan

  assert {
    condition = yamldecode(output.values.s3proxy) == {
      name = "s3proxy"
      serviceAccount = {
        create      = true
        name        = "s3proxy"
        annotations = { "eks.amazonaws.com/role-arn" = "arn:aws:iam::123456789012:role/s3proxy" }
      }
      spec = {
        bucket      = { name = "photos", region = "eu-west-1" }
        credentials = { serviceAccountName = "s3proxy" }
        ingress     = { host = "s3proxy.dummy.local" }
        auth        = { basic = { username = "s3proxy" } }
        replicas    = 2
      }
    }
    error_message = "Nothing but what was asked for is in the S3Proxy's values."
  }

  assert {
    condition     = length(helm_release.basic_auth) == 0
    error_message = "Without a password there is no release for one."
  }
}

run "store_with_static_keys" {
  command = plan

  variables {
    bucket             = { name = "photos", region = "us-east-1", endpoint = "http://minio.minio.svc:9000", force_path_style = true }
    credentials        = { secret_name = "keys" }
    ingress_class_name = "traefik"
    auth_password      = "s3proxypass"
    create_namespace   = false
    tls                = { mode = "secretName", secret_name = "certificate" }
    s3proxy_spec       = { cache = { maxSize = "64Mi" } }
  }

  assert {
    condition = yamldecode(output.values.s3proxy) == {
      name           = "s3proxy"
      serviceAccount = { create = false, name = "s3proxy", annotations = {} }
      spec = {
        bucket      = { name = "photos", region = "us-east-1", endpoint = "http://minio.minio.svc:9000", forcePathStyle = true }
        credentials = { secretRef = { name = "keys" } }
        ingress     = { host = "s3proxy.dummy.local", className = "traefik", tls = { secretName = "certificate" } }
        auth        = { basic = { secretRef = { name = "s3proxy-basic-auth-source" } } }
        replicas    = 2
        cache       = { maxSize = "64Mi" }
      }
    }
    error_message = "Endpoint, keys, class, password and further fields reach the S3Proxy."
  }

  assert {
    condition     = length(helm_release.namespace) == 0 && length(helm_release.basic_auth) == 1
    error_message = "The namespace is left alone, the password has its release."
  }
}

run "images" {
  command = plan

  variables {
    operator_image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/s3proxy-api-operator:0123456789abcdef"
    proxy_image    = "localhost:5000/team/proxy@sha256:0123"
    architecture   = "arm64"
    keep_crds      = true
  }

  assert {
    condition = yamldecode(output.values.operator) == {
      crds         = { enabled = true, keep = true }
      image        = { repository = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/s3proxy-api-operator", tag = "0123456789abcdef", digest = "" }
      proxyImage   = { repository = "localhost:5000/team/proxy", tag = "", digest = "sha256:0123" }
      nodeSelector = { "kubernetes.io/arch" = "arm64" }
    }
    error_message = "References are taken apart as the operator's chart wants them."
  }
}

run "the_password_is_in_no_values" {
  command = plan

  variables {
    auth_password = "correct horse, battery {staple}"
  }

  assert {
    condition     = !strcontains(jsonencode(output.values), "battery") && !strcontains(jsonencode(output.values), base64encode("correct horse, battery {staple}"))
    error_message = "The password travels outside the values."
  }
}

run "two_sources_of_credentials" {
  command = plan

  variables {
    credentials = { service_account_name = "s3proxy", secret_name = "keys" }
  }

  expect_failures = [var.credentials]
}
