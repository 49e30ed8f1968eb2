"""Signatures of calls and of logins.

https://www.okx.com/docs-v5/en/#overview-rest-authentication-signature and
https://www.okx.com/docs-v5/en/#overview-websocket-login, read 2026-11-21.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crossdock.sandbox.faces.keys import Holder, Window
from crossdock.sandbox.faces.okx.refusals import Said
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.host import SECOND_NS, Host

_GOOD_FOR_NS = 30 * SECOND_NS
_LOGIN = "GET/users/self/verify"
_HEADERS = (
    ("OK-ACCESS-KEY", "50103"),
    ("OK-ACCESS-PASSPHRASE", "50104"),
    ("OK-ACCESS-SIGN", "50106"),
    ("OK-ACCESS-TIMESTAMP", "50107"),
)


def signature(secret: bytes, text: str) -> str:
    return base64.b64encode(hmac.digest(secret, text.encode(), "sha256")).decode()


def verify(
    host: Host, headers: Mapping[str, str], method: str, target: str, body: bytes
) -> tuple[Holder, Window]:
    """Return who signed a call, and until when it is good. Raises Refusal."""
    values = []
    for name, number in _HEADERS:
        value = headers.get(name)
        if not value:
            raise Said(number, f'Request header "{name}" cannot be empty.')
        values.append(value)
    key, passphrase, signed, stamp = values
    window = _window(host, _time_ns(stamp))
    window.check(host.now_ns(), host.clock.time_ns())
    holder = _holder(host, key)
    if not hmac.compare_digest(passphrase.encode(), holder.passphrase.encode()):
        raise Said("50105", 'Request header "OK-ACCESS-PASSPHRASE" incorrect.')
    text = f"{stamp}{method}{target}{body.decode('utf-8', 'replace')}"
    _check(holder, text, signed, Refusal("bad_signature", "Invalid Sign"))
    return holder, window


def log_in(host: Host, fields: Mapping[str, Any]) -> Holder:
    """Return whose login this is. Raises Refusal with the numbers of WebSockets."""
    stamp = str(fields.get("timestamp", ""))
    if not stamp.isascii() or not stamp.isdigit():
        raise Said("60004", "Invalid timestamp")
    window = _window(host, int(stamp) * SECOND_NS)
    if not window.from_ns <= host.now_ns() <= window.until_ns:
        raise Said("60006", "Timestamp request expired")
    holder = host.keys.find(str(fields.get("apiKey", "")))
    if holder is None or holder.is_revoked:
        raise Said("60005", "Invalid apiKey")
    passphrase = str(fields.get("passphrase", ""))
    if not hmac.compare_digest(passphrase.encode(), holder.passphrase.encode()):
        raise Said("60024", "Wrong passphrase")
    text = f"{stamp}{_LOGIN}"
    _check(holder, text, str(fields.get("sign", "")), Said("60007", "Invalid sign"))
    return holder


def _holder(host: Host, key: str) -> Holder:
    holder = host.keys.find(key)
    if holder is None:
        raise Refusal("bad_key", "no such key")
    return holder


def _check(holder: Holder, text: str, signed: str, refusal: Refusal) -> None:
    expected = signature(holder.secret, text)
    if not hmac.compare_digest(expected.encode(), signed.encode()):
        raise refusal


def _window(host: Host, time_ns: int) -> Window:
    return Window(
        from_ns=time_ns - _GOOD_FOR_NS,
        until_ns=time_ns + _GOOD_FOR_NS,
        received_ns=host.clock.time_ns(),
        width_ns=_GOOD_FOR_NS,
        words="Timestamp request expired",
    )


def _time_ns(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Said("50112", "Invalid OK-ACCESS-TIMESTAMP") from None
    if moment.tzinfo is None:
        raise Said("50112", "Invalid OK-ACCESS-TIMESTAMP")
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * SECOND_NS + since.microseconds * 1000
