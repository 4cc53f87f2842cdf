"""moto's server, taught three things that the AWS provider and the policies rest on.

moto applies a bucket policy's statements without their conditions, so that a policy which denies requests without TLS
denies every request. Here such a statement counts for plain HTTP only, or for no request at all with
ASSUME_TLS=1, where moto stands behind something that is said to end TLS.

moto forgets the tags with which a bucket is created.

moto gives a role to whatever token asks for it, and once policies are enforced to none, because nobody signs such a call. Here the
call needs no signature, and the token's claims have to meet the conditions of the role's trust policy. Not checked are the token's own
signature and its issuer, which for a local cluster is not the provider that the policy names.
"""

import base64
import json
import os
import sys
from urllib.parse import unquote
from xml.etree import ElementTree

from flask import has_request_context, request
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.responses import ActionResult
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.iam.models import iam_backends
from moto.s3.models import FakeBucket, S3Backend
from moto.server import main
from moto.sts.exceptions import STSClientError
from moto.sts.responses import TokenResponse

S3 = "{http://s3.amazonaws.com/doc/2006-03-01/}"


def secure_transport() -> str:
    """The value of aws:SecureTransport for the request at hand."""
    if os.environ.get("ASSUME_TLS") == "1" or not has_request_context():
        return "true"
    return "true" if request.scheme == "https" else "false"


def applies(statement: dict) -> bool:
    """Whether the statement's condition on aws:SecureTransport, if it has one, holds."""
    wanted = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
    return wanted is None or wanted == secure_transport()


def get_permission(bucket: FakeBucket, action: str, resource: str) -> PermissionResult:
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(bucket.policy)
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    policy["Statement"] = [statement for statement in statements if applies(statement)]
    return IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)


create_bucket_without_tags = S3Backend.create_bucket


def create_bucket(backend: S3Backend, *args, **kwargs) -> FakeBucket:
    bucket = create_bucket_without_tags(backend, *args, **kwargs)
    body = request.get_data() if has_request_context() else b""
    if body:
        tags = {tag.findtext(f"{S3}Key"): tag.findtext(f"{S3}Value") for tag in ElementTree.fromstring(body).iter(f"{S3}Tag")}
        if tags:
            backend.put_bucket_tagging(bucket.name, tags)
    return bucket


BY_TOKEN = "AssumeRoleWithWebIdentity"

authenticate_signed = ActionAuthenticatorMixin._authenticate_and_authorize_action


def authenticate(response: ActionAuthenticatorMixin, *args, **kwargs) -> None:
    if not (isinstance(response, TokenResponse) and response._get_action() == BY_TOKEN):
        authenticate_signed(response, *args, **kwargs)


def trusts(role_arn: str, account: str, partition: str, token: str) -> bool:
    """Whether one of the statements of the role's trust policy is met by the claims of the token."""
    _, payload, _ = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    role = iam_backends[account][partition].get_role_by_arn(role_arn)
    statements = json.loads(unquote(role.assume_role_policy_document))["Statement"]
    return any(
        statement["Effect"] == "Allow"
        and statement["Action"] == f"sts:{BY_TOKEN}"
        and all(has(claims, key, wanted) for key, wanted in statement["Condition"]["StringEquals"].items())
        for statement in statements
    )


def has(claims: dict, key: str, wanted: str) -> bool:
    """Whether the claim that a condition's key (ISSUER:NAME) names has that value, or, being a list, holds it."""
    claim = claims.get(key.rpartition(":")[2], [])
    return wanted in (claim if isinstance(claim, list) else [claim])


assume_role_by_any_token = TokenResponse.assume_role_with_web_identity


def assume_role_with_web_identity(response: TokenResponse) -> ActionResult:
    arn, token = response._get_param("RoleArn"), response._get_param("WebIdentityToken")
    if not trusts(arn, response.current_account, response.partition, token):
        raise STSClientError("AccessDenied", f"Not authorized to perform sts:{BY_TOKEN}")
    return assume_role_by_any_token(response)


FakeBucket.get_permission = get_permission
S3Backend.create_bucket = create_bucket
ActionAuthenticatorMixin._authenticate_and_authorize_action = authenticate
TokenResponse.assume_role_with_web_identity = assume_role_with_web_identity
main(sys.argv[1:])
