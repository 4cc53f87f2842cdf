output "app_url_example" {
  value       = "${var.tls_mode == "disabled" ? "http" : "https"}://${var.s3proxy_hostname}/1.jpg"
  description = "URL of a sample picture. Change the path to reach other objects."
}

output "bucket_name" {
  value       = module.aws.bucket_name
  description = "Name of the published bucket."
}

output "role_arn" {
  value       = module.aws.role_arn
  description = "ARN of the IAM role with which the proxy reads the bucket; null with identity = secret."
}

output "policy_arn" {
  value       = module.aws.policy_arn
  description = "ARN of the IAM policy that allows reading the bucket and nothing else."
}

output "repository_urls" {
  value       = module.aws.repository_urls
  description = "URLs of the ECR repositories, by program."
}

output "images" {
  value       = local.images
  description = "Image references in use, by program."
}

output "username_command" {
  value       = one(module.release[*].username_command)
  description = "Command that prints the user name for HTTP basic authentication."
}

output "password_command" {
  value       = one(module.release[*].password_command)
  description = "Command that prints the password for HTTP basic authentication."
}

output "ready_command" {
  value       = one(module.release[*].ready_command)
  description = "Command that waits until the S3Proxy answers."
}

output "release_values" {
  value       = one(module.release[*].values)
  description = "Helm values of each release, as YAML, for use with the helm command."
}
