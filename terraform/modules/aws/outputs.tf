output "bucket_name" {
  value       = local.bucket_name
  description = "Name of the bucket, new or existing."
}

output "bucket_arn" {
  value       = local.bucket_arn
  description = "ARN of the bucket."
}

output "policy_arn" {
  value       = aws_iam_policy.read_bucket.arn
  description = "ARN of the policy that allows reading the bucket and nothing else."

  # Whoever uses the policy or the role needs the attachment to be there.
  depends_on = [aws_iam_role_policy_attachment.this, aws_eks_pod_identity_association.this]
}

output "role_arn" {
  value       = one(aws_iam_role.this[*].arn)
  description = "ARN of the role that the proxy's pods assume; null with identity = secret."
  depends_on  = [aws_iam_role_policy_attachment.this, aws_eks_pod_identity_association.this]
}

output "repository_urls" {
  value       = { for name, repository in aws_ecr_repository.this : name => repository.repository_url }
  description = "URL of each ECR repository, by program name."
}

output "images" {
  value = merge(
    { for image in terraform_data.operator_image : "operator" => image.output },
    { for image in terraform_data.proxy_image : "proxy" => image.output },
  )
  description = "Reference of each pushed image, by program name; known once it is pushed."
}
