#!/bin/sh
# Builds one image and pushes it to its ECR repository, unless that very tag is there already.
#
# Reads from the environment: AWS_ROLE, AWS_REGION, REPOSITORY (name), REFERENCE (registry/name:tag), DOCKERFILE, SOURCE_DIR,
# ARCHITECTURE (amd64 or arm64), BUILD_OPTIONS (of docker build, one per line). Docker's own settings (DOCKER_HOST, contexts) are honoured.
set -eu
. "$(dirname "$0")/aws.sh"

again="then run terraform apply again: it goes on from here."

use_aws_role

tag=${REFERENCE##*:}
if aws ecr describe-images --repository-name "$REPOSITORY" --image-ids "imageTag=$tag" >/dev/null 2>&1; then
  echo "$REFERENCE is in the repository already."
  exit 0
fi

command -v docker >/dev/null 2>&1 || fail "Docker (docker) was not found on PATH. Install Docker Engine," \
  "https://docs.docker.com/engine/install/, $again To use images that exist already, set operator_image and proxy_image instead."

message=$(docker version --format '{{.Server.Version}}' 2>&1 >/dev/null) ||
  fail "Docker is installed but its daemon does not answer: $(one_line "$message") Start it (for example: systemctl start docker)" \
    "or set DOCKER_HOST, $again"

set --
while IFS= read -r option; do
  [ -z "$option" ] || set -- "$@" "$option"
done <<OPTIONS
${BUILD_OPTIONS-}
OPTIONS

# BuildKit is every present Docker's own choice; Docker 20.10 has it but must be told.
DOCKER_BUILDKIT=${DOCKER_BUILDKIT:-1}
export DOCKER_BUILDKIT

docker build --platform "linux/$ARCHITECTURE" --file "$SOURCE_DIR/$DOCKERFILE" --tag "$REFERENCE" "$@" "$SOURCE_DIR" ||
  fail "Docker could not build $DOCKERFILE; its own message stands above. Mend it, $again"

# The login goes to a directory of its own and is gone with it. That directory has no contexts, so the daemon's address is fixed first.
DOCKER_HOST=${DOCKER_HOST:-$(docker context inspect --format '{{.Endpoints.docker.Host}}')}
DOCKER_CONFIG=$(mktemp -d)
export DOCKER_HOST DOCKER_CONFIG
unset DOCKER_CONTEXT
trap 'rm -rf "$DOCKER_CONFIG"' EXIT

registry=${REFERENCE%%/*}
password=$(aws ecr get-login-password 2>&1) || fail "ECR gave no login: $(one_line "$password")"
message=$(printf '%s' "$password" | docker login --username AWS --password-stdin "$registry" 2>&1) ||
  fail "The registry $registry refused the login: $(one_line "$message") Mend it, $again"

docker push "$REFERENCE" ||
  fail "The registry refused the push of $REFERENCE; its own message stands above. Check that the role $AWS_ROLE may push" \
    "to the repository $REPOSITORY, $again"
echo "Pushed $REFERENCE"
