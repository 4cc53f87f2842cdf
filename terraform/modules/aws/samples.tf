# The sample pictures, copied by the AWS CLI; copied again when one changes, taken away by destroy.

locals {
  sample_names = var.samples_dir == null ? [] : sort(fileset(var.samples_dir, "*.{jpg,png}"))
}

resource "terraform_data" "samples" {
  count = length(local.sample_names) > 0 ? 1 : 0

  triggers_replace = {
    bucket = local.bucket_name
    files  = { for name in local.sample_names : name => filesha256("${var.samples_dir}/${name}") }
  }

  # A destroy-time provisioner sees nothing but the resource itself.
  input = {
    bucket  = local.bucket_name
    region  = var.region
    role    = var.role_arn
    scripts = "${path.module}/scripts"
    names   = join("\n", local.sample_names)
  }

  provisioner "local-exec" {
    command = "sh \"$SCRIPTS/samples.sh\" upload"
    quiet   = true
    environment = {
      SCRIPTS     = self.input.scripts
      AWS_REGION  = self.input.region
      AWS_ROLE    = self.input.role
      BUCKET      = self.input.bucket
      NAMES       = self.input.names
      SAMPLES_DIR = var.samples_dir
    }
  }

  provisioner "local-exec" {
    when    = destroy
    command = "sh \"$SCRIPTS/samples.sh\" remove"
    quiet   = true
    environment = {
      SCRIPTS    = self.output.scripts
      AWS_REGION = self.output.region
      AWS_ROLE   = self.output.role
      BUCKET     = self.output.bucket
      NAMES      = self.output.names
    }
  }

  # Without these the objects would be written before the bucket is closed.
  depends_on = [
    aws_s3_bucket_public_access_block.this,
    aws_s3_bucket_ownership_controls.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_policy.this,
    aws_s3_bucket_versioning.this,
  ]
}
