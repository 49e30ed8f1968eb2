"""The second factor of a key at Kraken: a password beside each private call.

https://docs.kraken.com/exchange/guides/rest/authentication: `otp` in the payload, and
https://support.kraken.com/articles/360000714526 (2026-11-22): the key asks for a password that
stays, or for the digits of an authenticator app, at every private call; without it the call
is refused with EAPI:Invalid signature. WebSockets are let in by a token, asked for by one.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from typing import Any

from crossdock.errors import ConfigError

_STEP_S = 30
_DIGITS = 6


def ask_with_otp(exchange: Any) -> None:
    """Sign the password into what is private, where the key has one. Raises ConfigError."""
    password, setup_key = exchange.password, exchange.twofa
    if not password and not setup_key:
        return
    if password and setup_key:
        raise ConfigError(
            "otp_password_secret and otp_setup_key_secret are both set: keep one of them"
        )
    seed = _seed(setup_key) if setup_key else b""
    sign = exchange.sign

    def signed(
        path: str,
        api: Any,
        method: str,
        params: Mapping[str, Any],
        *args: Any,
    ) -> Any:
        if "private" in api:
            now_s = exchange.milliseconds() // 1000
            params = {**params, "otp": password or one_time(seed, now_s)}
        return sign(path, api, method, params, *args)

    exchange.sign = signed


def one_time(seed: bytes, now_s: int) -> str:
    """Return the digits an authenticator app shows: RFC 6238 by SHA-1, every 30 seconds."""
    digest = hmac.digest(seed, (now_s // _STEP_S).to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**_DIGITS).zfill(_DIGITS)


def _seed(setup_key: str) -> bytes:
    """Read the key that an authenticator app is set up with."""
    letters = "".join(setup_key.split()).upper().rstrip("=")
    try:
        return base64.b32decode(letters + "=" * (-len(letters) % 8))
    except binascii.Error:
        pass
    # Outside of `except`: the error hangs on to nothing.
    raise ConfigError(
        "otp_setup_key_secret is no setup key",
        hint="it has letters and the digits 2 to 7; a password goes to otp_password_secret",
    )
