"""Signatures, and the window after which the venue refuses what was signed."""

from __future__ import annotations

import hmac

import msgspec

from crossdock.errors import ConfigError
from crossdock.ports import Clock
from crossdock.toolkit import HttpRequest, Secret

STREAM_PATH = "/v1/stream"
_LONGEST_WINDOW_MS = 2000  # the manifest's arrival horizon is made for it

_encode = msgspec.json.Encoder().encode


class Signer:
    """Signs for one key. `window_ms` is the setting, as text."""

    def __init__(self, key: str, secret: Secret, window_ms: str, clock: Clock) -> None:
        if not window_ms.isdecimal() or not 1 <= int(window_ms) <= _LONGEST_WINDOW_MS:
            raise ConfigError(
                f"window_ms is {window_ms!r}, expected 1 to {_LONGEST_WINDOW_MS}",
                hint="orders in doubt are settled by this bound",
            )
        self._key = key
        self._secret = secret
        self._clock = clock
        self.window_ms = int(window_ms)

    def time_ms(self) -> int:
        return self._clock.time_ns() // 1_000_000

    def request(self, request: HttpRequest) -> HttpRequest:
        time = str(self.time_ms())
        signature = self._signature(
            f"{time}{request.method}{request.target}".encode() + request.body
        )
        return request.with_headers(
            X_Key=self._key,
            X_Time=time,
            X_Window=str(self.window_ms),
            X_Signature=signature,
        )

    def auth_frame(self, frame_id: int) -> bytes:
        """Return the frame that opens or renews a connection's session."""
        time = self.time_ms()
        return _encode(
            {
                "op": "auth",
                "id": frame_id,
                "key": self._key,
                "time": time,
                "window": self.window_ms,
                "signature": self._signature(f"{time}AUTH{STREAM_PATH}".encode()),
            }
        )

    def _signature(self, message: bytes) -> str:
        return hmac.digest(self._secret.reveal().encode(), message, "sha256").hex()
