"""Signatures of messages, https://github.com/standard-webhooks/standard-webhooks (2026-11-21)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from crossdock.errors import ConfigError
from crossdock.toolkit import Secret

ID = "webhook-id"
TIMESTAMP = "webhook-timestamp"
SIGNATURE = "webhook-signature"
REPLAY_WINDOW_S = 300
"""How far from its own clock a receiver should take a timestamp: five minutes each way."""

_PREFIX = "whsec_"
_LEAST, _MOST = 24, 64


class Signer:
    """Signs id, time and body with HMAC-SHA256."""

    def __init__(self, secret: Secret) -> None:
        self._key = _key(secret.reveal())

    def headers(self, message_id: str, time_s: int, body: bytes) -> dict[str, str]:
        """Return what a message is sent with: the same bytes give the same id."""
        signed = f"{message_id}.{time_s}.".encode() + body
        digest = hmac.new(self._key, signed, hashlib.sha256).digest()
        return {
            ID: message_id,
            TIMESTAMP: str(time_s),
            SIGNATURE: f"v1,{base64.b64encode(digest).decode()}",
        }

    def __repr__(self) -> str:
        return "Signer(***)"


def _key(text: str) -> bytes:
    if not text.startswith(_PREFIX):
        if len(text) < _LEAST:
            raise ConfigError(
                f"signing_secret has {len(text)} characters, at least {_LEAST} are needed",
                hint="`openssl rand -base64 32`, with whsec_ in front of it",
            )
        return text.encode()
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ConfigError("signing_secret begins with whsec_, but is no base64") from None
    if not _LEAST <= len(key) <= _MOST:
        raise ConfigError(
            f"signing_secret holds {len(key)} bytes, expected {_LEAST} to {_MOST}"
        )
    return key
