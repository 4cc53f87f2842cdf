output "values" {
  value       = local.values
  description = "Helm values of each release, as YAML, without the password."
}

output "charts" {
  value       = local.charts
  description = "Chart of each release."
}

output "username_command" {
  value       = "kubectl --namespace ${var.namespace} get secret ${local.secret_expression} --output jsonpath='{.data.username}' | base64 --decode"
  description = "Command that prints the user name for HTTP basic authentication."
  depends_on  = [helm_release.s3proxy]
}

output "password_command" {
  value       = "kubectl --namespace ${var.namespace} get secret ${local.secret_expression} --output jsonpath='{.data.password}' | base64 --decode"
  description = "Command that prints the password for HTTP basic authentication."
  depends_on  = [helm_release.s3proxy]
}

output "ready_command" {
  value       = "kubectl --namespace ${var.namespace} wait s3proxy/${var.name} --for=condition=Ready --timeout=2m"
  description = "Command that waits until the S3Proxy answers."
  depends_on  = [helm_release.s3proxy]
}

locals {
  # The operator chooses the name of a Secret that it generates, and reports it.
  secret_expression = local.with_password ? local.auth_secret_name : "$(kubectl --namespace ${var.namespace} get s3proxy ${var.name} --output jsonpath='{.status.authSecretName}')"
}
