"""moto's server, taught two things that the AWS provider and the bucket's policy rest on.

moto applies a bucket policy's statements without their conditions, so that a policy which denies requests without TLS
denies every request. Here such a statement counts for plain HTTP only, or for no request at all with
ASSUME_TLS=1, where moto stands behind something that is said to end TLS.

moto forgets the tags with which a bucket is created.
"""

import json
import os
import sys
from xml.etree import ElementTree

from flask import has_request_context, request
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket, S3Backend
from moto.server import main

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


FakeBucket.get_permission = get_permission
S3Backend.create_bucket = create_bucket
main(sys.argv[1:])
