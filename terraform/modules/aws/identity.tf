# What the proxy's pods may do in AWS: read this bucket. Who may do it: one service account of one cluster.

locals {
  create_role = var.identity != "secret"

  # arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC → oidc.eks.eu-west-1.amazonaws.com/id/ABC
  oidc_issuer = var.oidc_provider_arn == null ? "" : replace(var.oidc_provider_arn, "/^.*:oidc-provider//", "")

  # A role name has 64 characters; AWS appends 26 of its own to a prefix.
  name_prefix = "${substr("${var.namespace}-${var.service_account_name}", 0, 37)}-"
}

data "aws_caller_identity" "this" {
  count = var.identity == "pod-identity" ? 1 : 0
}

data "aws_partition" "this" {
  count = var.identity == "pod-identity" ? 1 : 0
}

# ListBucket is what makes S3 answer 404, not 403, for a key that does not exist.
data "aws_iam_policy_document" "read_bucket" {
  statement {
    sid       = "ListBucket"
    actions   = ["s3:ListBucket"]
    resources = [local.bucket_arn]
  }

  statement {
    sid       = "GetObject"
    actions   = ["s3:GetObject"]
    resources = ["${local.bucket_arn}/*"]
  }

  dynamic "statement" {
    for_each = var.bucket_kms_key_arn == null ? [] : [var.bucket_kms_key_arn]

    content {
      sid       = "DecryptObjects"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${var.region}.amazonaws.com"]
      }
    }
  }
}

data "aws_iam_policy_document" "trust_irsa" {
  count = var.identity == "irsa" ? 1 : 0

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [var.oidc_provider_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.oidc_issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.oidc_issuer}:sub"
      values   = ["system:serviceaccount:${var.namespace}:${var.service_account_name}"]
    }
  }
}

# EKS Pod Identity sends the pod's namespace and service account as session tags.
data "aws_iam_policy_document" "trust_pod_identity" {
  count = var.identity == "pod-identity" ? 1 : 0

  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this[0].account_id]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/eks-cluster-arn"
      values = [
        "arn:${data.aws_partition.this[0].partition}:eks:${var.region}:${data.aws_caller_identity.this[0].account_id}:cluster/${var.cluster_name}",
      ]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/kubernetes-namespace"
      values   = [var.namespace]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/kubernetes-service-account"
      values   = [var.service_account_name]
    }
  }
}

# The policy exists in every mode: with static keys it is what the administrator attaches to their user.
resource "aws_iam_policy" "read_bucket" {
  name_prefix = local.name_prefix
  description = "Read the bucket ${local.bucket_name} (S3Proxy)"
  policy      = data.aws_iam_policy_document.read_bucket.json
}

resource "aws_iam_role" "this" {
  count       = local.create_role ? 1 : 0
  name_prefix = local.name_prefix
  description = "Pods of ${var.namespace}/${var.service_account_name} read the bucket ${local.bucket_name} (S3Proxy)"

  assume_role_policy = (
    var.identity == "irsa"
    ? data.aws_iam_policy_document.trust_irsa[0].json
    : data.aws_iam_policy_document.trust_pod_identity[0].json
  )
}

resource "aws_iam_role_policy_attachment" "this" {
  count      = local.create_role ? 1 : 0
  role       = aws_iam_role.this[0].name
  policy_arn = aws_iam_policy.read_bucket.arn
}

resource "aws_eks_pod_identity_association" "this" {
  count           = var.identity == "pod-identity" ? 1 : 0
  cluster_name    = var.cluster_name
  namespace       = var.namespace
  service_account = var.service_account_name
  role_arn        = aws_iam_role.this[0].arn
}
