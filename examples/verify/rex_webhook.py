"""Verifies webhooks of Rex. Standard library only: copy this file."""

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from typing import Any, Iterator, Mapping, Optional, Sequence, Union


class WebhookError(Exception):
    """Names the check that failed: no_signature, bad_header, too_old, too_early, wrong_signature or bad_body."""

    def __init__(self, failure: str) -> None:
        super().__init__(failure)
        self.failure = failure


def verify_webhook(
    body: bytes,
    headers: Mapping[str, str],
    secret: Union[str, Sequence[str]],
    tolerance_seconds: int = 300,
    now: Optional[float] = None,
) -> Any:
    """Returns the event of a webhook. `body` is the raw body. Give all secrets that hold while you rotate them."""
    secrets = [secret] if isinstance(secret, str) else list(secret)
    names = {name.lower(): value for name, value in headers.items()}
    families = list(_signed_headers(names))
    if not families:
        raise WebhookError("no_signature")
    errors = [_check(family, body, secrets, tolerance_seconds, now or time.time()) for family in families]
    if None not in errors:
        raise WebhookError(errors[0])
    try:
        return json.loads(body)
    except ValueError:
        raise WebhookError("bad_body") from None


def _signed_headers(headers: Mapping[str, str]) -> Iterator[Any]:
    """Yields (time, prefix of the signed bytes, signatures, function from a secret to its key) of each header family."""
    rex = headers.get("x-rex-signature")
    if rex is not None:
        match = re.fullmatch(r"t=([0-9]{1,12}),(.+)", rex)
        found = re.findall(r"(?:^|(?<=,))v1n?=([0-9a-f]{64})(?=,|$)", match[2]) if match else []
        yield (match[1], f"{match[1]}.", [bytes.fromhex(one) for one in found], str.encode) if found else None
    standard = headers.get("webhook-signature")
    if standard is not None:
        at = headers.get("webhook-timestamp", "")
        found = re.findall(r"(?:^|(?<= ))v1,([A-Za-z0-9+/]{43}=)(?= |$)", standard)
        is_read = found and re.fullmatch(r"[0-9]{1,12}", at)
        prefix = f"{headers.get('webhook-id', '')}.{at}."
        yield (at, prefix, [base64.b64decode(one) for one in found], _standard_key) if is_read else None


def _check(family: Any, body: bytes, secrets: Sequence[str], tolerance: int, now: float) -> Optional[str]:
    """Returns the check that fails."""
    if family is None:
        return "bad_header"
    at, prefix, signatures, key_of = family
    keys = [key for key in map(key_of, secrets) if key]
    expected = [hmac.new(key, prefix.encode() + body, hashlib.sha256).digest() for key in keys]
    if not any(hmac.compare_digest(one, signature) for one in expected for signature in signatures):
        return "wrong_signature"
    age = now - int(at)
    if age > tolerance:
        return "too_old"
    return "too_early" if age < -tolerance else None


def _standard_key(secret: str) -> Optional[bytes]:
    """Returns the key of a secret of Standard Webhooks."""
    if not secret.startswith("whsec_"):
        return None
    try:
        return base64.b64decode(secret[len("whsec_") :], validate=True)
    except binascii.Error:
        return None
