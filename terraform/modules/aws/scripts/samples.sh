#!/bin/sh
# Copies the sample pictures to the bucket (upload) or takes them away again (remove).
#
# Reads from the environment: AWS_ROLE, AWS_REGION, BUCKET, NAMES (one file name per line), SAMPLES_DIR (upload only).
set -eu
. "$(dirname "$0")/aws.sh"

upload() {
  message=$(aws s3 cp "$SAMPLES_DIR/$1" "s3://$BUCKET/$1" --no-progress 2>&1) ||
    fail "Could not copy $1 to the bucket $BUCKET: $(one_line "$message")"
  echo "$message"
}

# A versioned bucket cannot be deleted while any version of an object, or its delete marker, is left in it.
remove() {
  versions=$(aws s3api list-object-versions --bucket "$BUCKET" --prefix "$1" --output text \
    --query "[Versions, DeleteMarkers][] | [?Key=='$1'].VersionId" 2>&1) || {
    case $versions in
    *NoSuchBucket*)
      echo "The bucket $BUCKET is gone already."
      return
      ;;
    *) fail "Could not look up $1 in the bucket $BUCKET: $(one_line "$versions")" ;;
    esac
  }
  for version in $versions; do
    [ "$version" != None ] || continue
    message=$(aws s3api delete-object --bucket "$BUCKET" --key "$1" --version-id "$version" 2>&1) ||
      fail "Could not delete $1 (version $version) from the bucket $BUCKET: $(one_line "$message")"
    echo "delete: s3://$BUCKET/$1"
  done
}

case ${1-} in
upload | remove) action=$1 ;;
*) fail "usage: samples.sh upload|remove" ;;
esac

use_aws_role
printf '%s\n' "$NAMES" | while IFS= read -r name; do
  "$action" "$name"
done
