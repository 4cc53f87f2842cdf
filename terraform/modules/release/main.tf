# Four releases, each resting on the one before: the namespace, the operator with its resource type, the password, the
# S3Proxy. Helm waits until the resource type is established and the operator is ready; destroy goes the other way
# round, so that the S3Proxy is gone before the operator is. See docs/adr/0011.

locals {
  charts = {
    namespace  = "${path.module}/charts/namespace"
    operator   = var.operator_chart
    basic_auth = "${path.module}/charts/basic-auth"
    s3proxy    = "${path.module}/charts/s3proxy"
  }

  # Helm's provider does not notice a changed template in a chart directory. As part of the description it does.
  chart_descriptions = {
    for name, chart in local.charts : name => (
      fileexists("${chart}/Chart.yaml")
      ? "Terraform, chart ${substr(sha256(jsonencode({ for file in fileset(chart, "**") : file => filesha256("${chart}/${file}") })), 0, 12)}"
      : "Terraform"
    )
  }

  with_password    = nonsensitive(var.auth_password != null)
  auth_secret_name = "${var.name}-basic-auth-source"
}

resource "helm_release" "namespace" {
  count = var.create_namespace ? 1 : 0
  name  = "${var.namespace}-namespace"
  chart = local.charts.namespace

  # A release cannot be kept in the namespace that it creates.
  namespace   = "default"
  values      = [local.values.namespace]
  description = local.chart_descriptions.namespace
  timeout     = var.timeout_seconds
  wait        = true
}

resource "helm_release" "operator" {
  name        = "s3proxy-operator"
  namespace   = var.namespace
  chart       = local.charts.operator
  values      = concat([local.values.operator], var.operator_values)
  description = local.chart_descriptions.operator
  timeout     = var.timeout_seconds
  wait        = true
  depends_on  = [helm_release.namespace]
}

# Helm takes a write-only value only with a number greater than the last one. This number is the time of the plan
# that first saw the present password. Four hexadecimal digits of the hash tell a new password from the old one, and are of no use
# to somebody who reads the state: one in 65,536 of all passwords shares them.
resource "terraform_data" "password_revision" {
  count            = local.with_password ? 1 : 0
  input            = tonumber(formatdate("YYYYMMDDhhmmss", plantimestamp()))
  triggers_replace = [var.auth_user, substr(sha256(var.auth_password), 0, 4)]

  lifecycle {
    ignore_changes = [input]
  }
}

resource "helm_release" "basic_auth" {
  count       = local.with_password ? 1 : 0
  name        = "${var.name}-basic-auth"
  namespace   = var.namespace
  chart       = local.charts.basic_auth
  values      = [local.values.basic_auth]
  description = "Terraform"
  timeout     = var.timeout_seconds
  wait        = true

  set_wo_revision = terraform_data.password_revision[0].output
  set_wo = [
    { name = "usernameBase64", value = base64encode(var.auth_user), type = "string" },
    { name = "passwordBase64", value = base64encode(var.auth_password), type = "string" },
  ]

  # An upgrade for any other reason would leave the write-only values out.
  lifecycle {
    replace_triggered_by = [terraform_data.password_chart]
  }

  depends_on = [helm_release.namespace]
}

resource "terraform_data" "password_chart" {
  triggers_replace = [local.chart_descriptions.basic_auth, local.values.basic_auth]
}

resource "helm_release" "s3proxy" {
  name        = var.name
  namespace   = var.namespace
  chart       = local.charts.s3proxy
  values      = [local.values.s3proxy]
  description = local.chart_descriptions.s3proxy
  timeout     = var.timeout_seconds
  wait        = true
  depends_on  = [helm_release.operator, helm_release.basic_auth]
}
