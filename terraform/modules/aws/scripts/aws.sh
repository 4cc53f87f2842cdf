# Sourced by the provisioners: plain errors, and the AWS CLI working as the role that Terraform works as.

# fail MESSAGE...: prints one message and stops.
fail() {
  printf '\nerror: %s\n' "$*" >&2
  exit 1
}

# use_aws_role: checks that the AWS CLI is there, then assumes $AWS_ROLE for the rest of the script.
use_aws_role() {
  command -v aws >/dev/null 2>&1 || fail "The AWS CLI (aws) was not found on PATH. Install version 2," \
    "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html, then run terraform apply again: it goes on from here."

  # Version 1 of the AWS CLI reads only the latter.
  AWS_DEFAULT_REGION=$AWS_REGION
  export AWS_DEFAULT_REGION

  role_credentials=$(aws sts assume-role --role-arn "$AWS_ROLE" --role-session-name s3proxy-terraform \
    --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text 2>&1) ||
    fail "The AWS CLI could not assume the role $AWS_ROLE (variable aws_role): $(one_line "$role_credentials")"

  AWS_ACCESS_KEY_ID=$(printf '%s' "$role_credentials" | cut -f1)
  AWS_SECRET_ACCESS_KEY=$(printf '%s' "$role_credentials" | cut -f2)
  AWS_SESSION_TOKEN=$(printf '%s' "$role_credentials" | cut -f3)
  export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
  unset AWS_PROFILE role_credentials
}

# one_line TEXT: TEXT with line breaks and runs of blanks as single blanks.
one_line() {
  printf '%s' "$1" | tr -s '[:space:]' ' '
}
