"""Codes from an authenticator app (TOTP, RFC 6238): six digits, each good once."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass

import pyotp
import segno

from crossdock.web.identity.sealing import Seal
from crossdock.web.identity.users import Users
from crossdock.web.problems import Problem

STEP_S = 30
SECOND_NS = 1_000_000_000
_LATE_STEPS = 1  # a clock may be half a minute off, either way


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSecret:
    """A secret to scan or type. `svg` is its QR code. It counts once a code proves it."""

    secret: str
    address: str
    svg: str

    def __repr__(self) -> str:
        return "NewSecret(***)"


class Codes:
    def __init__(self, users: Users, seal: Seal, now_ns: Callable[[], int]) -> None:
        self._users = users
        self._seal = seal
        self._now_ns = now_ns

    def new_secret(self, name: str) -> NewSecret:
        secret = pyotp.random_base32()
        address = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="Crossdock")
        svg = segno.make(address, error="m").svg_inline(scale=4, dark="#000", light="#fff")
        return NewSecret(secret=secret, address=address, svg=svg)

    def keep(self, name: str, secret: str, code: str) -> None:
        """Begin to ask for codes. Raises Problem unless this one proves the secret."""
        try:
            step = self._step_of(secret, code)
        except ValueError:  # no base32
            step = None
        if step is None or len(secret) < 16:
            raise Problem(
                422,
                "wrong-code",
                "the code does not belong to this secret",
                hint="check the clock of the device that shows it",
            )
        self._users.set_totp(name, self._seal.encrypt(secret))
        self._users.use_totp_step(name, step)

    def check(self, name: str, code: str) -> bool:
        """Tell whether a code is right and was not used before. Uses it up."""
        secret = self._seal.decrypt(self._users.totp_of(name))
        step = self._step_of(secret, code)
        return step is not None and self._users.use_totp_step(name, step)

    def _step_of(self, secret: str, code: str) -> int | None:
        totp = pyotp.TOTP(secret, interval=STEP_S)
        now = self._now_ns() // SECOND_NS // STEP_S
        given = code.replace(" ", "")
        found = None
        for step in range(now - _LATE_STEPS, now + _LATE_STEPS + 1):
            if hmac.compare_digest(
                totp.generate_otp(step), given.encode("ascii", "replace").decode()
            ):
                found = step
        return found
