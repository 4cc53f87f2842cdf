# The values of every release, without the password. "if value != null" drops what was not asked for, so that defaults
# stay with the charts and with the S3Proxy's own schema.

locals {
  values = {
    namespace  = yamlencode({ name = var.namespace })
    operator   = yamlencode(local.operator_values)
    basic_auth = yamlencode({ secretName = local.auth_secret_name })
    s3proxy    = yamlencode(local.s3proxy_values)
  }

  # registry/name:tag and registry/name@sha256:… → repository, tag, digest
  images = {
    for program, reference in { operator = var.operator_image, proxy = var.proxy_image } : program => {
      repository                         = regex("^(.+?)(?::[^/:@]+)?(?:@.+)?$", reference)[0]
      tag                                = try(coalesce(regex("^.+?(?::([^/:@]+))?(?:@.+)?$", reference)[0]), "")
      digest                             = try(coalesce(regex("^[^@]+(?:@(.+))?$", reference)[0]), "")
    } if reference != null
  }

  operator_values = {
    for key, value in {
      crds         = { enabled = true, keep = var.keep_crds }
      image        = lookup(local.images, "operator", null)
      proxyImage   = lookup(local.images, "proxy", null)
      nodeSelector = var.architecture == null ? null : { "kubernetes.io/arch" = var.architecture }
    } : key => value if value != null
  }

  s3proxy_values = {
    name = var.name

    serviceAccount = {
      create      = var.credentials.service_account_name != null
      name        = coalesce(var.credentials.service_account_name, var.name)
      annotations = var.credentials.role_arn == null ? {} : { "eks.amazonaws.com/role-arn" = var.credentials.role_arn }
    }

    spec = merge(local.spec, var.s3proxy_spec)
  }

  spec = {
    bucket = {
      for key, value in {
        name           = var.bucket.name
        region         = var.bucket.region
        endpoint       = var.bucket.endpoint
        forcePathStyle = var.bucket.force_path_style
      } : key => value if value != null
    }

    credentials = {
      for key, value in {
        serviceAccountName = var.credentials.service_account_name
        secretRef          = var.credentials.secret_name == null ? null : { name = var.credentials.secret_name }
      } : key => value if value != null
    }

    ingress = {
      for key, value in {
        host      = var.host
        className = var.ingress_class_name
        # Absent means self-signed.
        tls = {
          selfSigned = null
          secretName = { secretName = var.tls.secret_name }
          disabled   = { disabled = true }
        }[var.tls.mode]
      } : key => value if value != null
    }

    auth = {
      basic = {
        for key, value in {
          secretRef = local.with_password ? { name = local.auth_secret_name } : null
          username  = local.with_password ? null : var.auth_user
        } : key => value if value != null
      }
    }

    replicas = var.replicas
  }
}
