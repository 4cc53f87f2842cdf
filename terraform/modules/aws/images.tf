# One ECR repository per program, and the image built from this repository's sources.
#
# An image's tag is the hash of everything that goes into it: a changed source file is a new tag, hence a new build and
# a new rollout; an unchanged one is the same tag, hence nothing to do. Tags are immutable, so a tag always means the same bytes.

locals {
  # What a Dockerfile copies from its context: COPY lines without --from. .dockerignore leaves the tests out.
  image_sources = {
    for name, image in var.images : name => flatten([
      for copy in regexall("(?m)^COPY[ \\t]+((?:[^-\\s]\\S*[ \\t]+)+)\\S+[ \\t]*$", file("${var.source_dir}/${image.dockerfile}")) :
      compact(split(" ", copy[0]))
    ])
  }

  image_files = {
    for name, image in var.images : name => sort(distinct(flatten([
      image.dockerfile,
      fileset(var.source_dir, ".dockerignore"),
      [for source in local.image_sources[name] : [
        for file in setunion(fileset(var.source_dir, source), fileset(var.source_dir, "${source}/**")) : file if !endswith(file, ".test.ts")
      ]],
    ])))
  }

  image_tags = {
    for name, files in local.image_files : name => substr(sha256(jsonencode({
      architecture = var.image_architecture
      build_args   = var.image_build_args
      files        = { for file in files : file => filesha256("${var.source_dir}/${file}") }
    })), 0, 16)
  }

  image_builds = {
    for name, image in var.images : name => {
      repository = aws_ecr_repository.this[name].name
      reference  = "${aws_ecr_repository.this[name].repository_url}:${local.image_tags[name]}"
      dockerfile = image.dockerfile
    }
  }
}

resource "aws_ecr_repository" "this" {
  for_each             = var.images
  name                 = each.value.repository
  image_tag_mutability = "IMMUTABLE"

  # The images can be built again from the sources at any time.
  force_delete = true

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  for_each   = var.images
  repository = aws_ecr_repository.this[each.key].name

  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Untagged images go after a day"
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 1 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "Keep the ten newest images"
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 10 }
        action       = { type = "expire" }
      },
    ]
  })
}

# Samples, operator image and proxy image come one after the other: a missing tool is then reported once, and the
# second build finds the first one's layers in Docker's cache.
resource "terraform_data" "operator_image" {
  count            = contains(keys(var.images), "operator") ? 1 : 0
  input            = local.image_builds["operator"].reference
  triggers_replace = local.image_builds["operator"]

  provisioner "local-exec" {
    command     = "sh \"$SCRIPTS/push-image.sh\""
    quiet       = true
    environment = merge(local.image_environment, { for key, value in local.image_builds["operator"] : upper(key) => value })
  }

  depends_on = [terraform_data.samples, aws_ecr_lifecycle_policy.this]
}

resource "terraform_data" "proxy_image" {
  count            = contains(keys(var.images), "proxy") ? 1 : 0
  input            = local.image_builds["proxy"].reference
  triggers_replace = local.image_builds["proxy"]

  provisioner "local-exec" {
    command     = "sh \"$SCRIPTS/push-image.sh\""
    quiet       = true
    environment = merge(local.image_environment, { for key, value in local.image_builds["proxy"] : upper(key) => value })
  }

  depends_on = [terraform_data.operator_image, terraform_data.samples, aws_ecr_lifecycle_policy.this]
}

locals {
  image_environment = {
    SCRIPTS      = "${path.module}/scripts"
    AWS_REGION   = var.region
    AWS_ROLE     = var.role_arn
    ARCHITECTURE = var.image_architecture
    SOURCE_DIR   = var.source_dir

    # One option per line.
    BUILD_OPTIONS = join("\n", concat([for name, value in var.image_build_args : "--build-arg=${name}=${value}"], var.image_build_options))
  }
}
