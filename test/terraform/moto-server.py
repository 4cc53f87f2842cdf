"""moto's server, taught one thing: a bucket policy's condition on aws:SecureTransport.

moto applies a bucket policy's statements without their conditions, so that a policy which denies requests without TLS
denies every request. Here such a statement counts for plain HTTP only, or for no request at all with
ASSUME_TLS=1, where moto stands behind something that is said to end TLS.
"""

import json
import os
import sys

from flask import has_request_context, request
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket
from moto.server import main


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


FakeBucket.get_permission = get_permission
main(sys.argv[1:])
