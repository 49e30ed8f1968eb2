"""Keys that are derived from the secret key, and what is sealed or signed with them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from crossdock.errors import ConfigError

SHORTEST_KEY = 32
_HEADER = {"alg": "dir", "enc": "A256GCM"}


class Seal:
    """Seals with AES-256-GCM and signs with HMAC-SHA256, by keys of their own."""

    def __init__(self, secret_key: str) -> None:
        if len(secret_key) < SHORTEST_KEY:
            raise ConfigError(
                f"dashboard.secret_key has {len(secret_key)} characters, {SHORTEST_KEY} "
                "are the least",
                code="config-value",
                hint="leave it out and one is made, or take `openssl rand -hex 32`",
            )
        self._key = secret_key.encode()
        sealing = base64.urlsafe_b64encode(self._derived("seal")).rstrip(b"=").decode()
        self._sealing = OctKey.import_key({"kty": "oct", "k": sealing})

    def __repr__(self) -> str:
        return "Seal(***)"

    def encrypt(self, text: str) -> str:
        return jwe.encrypt_compact(_HEADER, text, self._sealing)

    def decrypt(self, sealed: str) -> str:
        """Raise ConfigError for what another key has sealed."""
        try:
            opened = jwe.decrypt_compact(sealed, self._sealing).plaintext or b""
        except (JoseError, ValueError):
            raise ConfigError(
                "what was sealed with another dashboard.secret_key cannot be read",
                code="dashboard-secret-key",
                hint="bring the former key back, or have an administrator reset it",
            ) from None
        return opened.decode()

    def signature(self, purpose: str, text: str) -> str:
        """Return a text that only this key makes of the other, for one purpose."""
        key = self._derived(purpose)
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def _derived(self, purpose: str) -> bytes:
        # HKDF's expand step; the key is uniform already, or as strong as its owner made it.
        info = b"crossdock " + purpose.encode() + b"\x01"
        extracted = hmac.new(b"crossdock", self._key, hashlib.sha256).digest()
        return hmac.new(extracted, info, hashlib.sha256).digest()


def kept_secret_key(database: Path) -> str:
    """Return the key that was made beside a database; make it, for its owner only."""
    path = database.with_suffix(".key")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        if not path.exists():
            descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32) + "\n")
            try:
                os.link(made, path)  # whole or not at all, and the first of two wins
            except FileExistsError:
                pass
            finally:
                made.unlink()
        if path.stat().st_mode & 0o077:
            raise ConfigError(
                f"the dashboard's secret key {path} can be read by others",
                code="config-secret",
                hint=f"run chmod 600 {path}",
            )
        return path.read_text("ascii").strip()
    except OSError as error:
        raise ConfigError(
            f"the dashboard's secret key {path} cannot be kept: {error.strerror}",
            code="config-file",
            hint="set dashboard.secret_key, or dashboard.database to a folder of your own",
        ) from None


def token() -> str:
    """Return 256 random bits as text that an address may hold."""
    return secrets.token_urlsafe(32)


def digest(text: str) -> str:
    """Return what a token is known by where it is kept: it has too many bits to guess."""
    return hashlib.sha256(text.encode()).hexdigest()
