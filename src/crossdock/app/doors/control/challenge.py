"""How both ends of a control link by TCP prove that they know the same secret.

The desk says `{"desk": "crossdock", "nonce"}`, the other side `{"nonce", "proof"}`, the desk
`{"proof"}`. A proof is HMAC-SHA256 over who proves and both nonces, so that neither what was
heard once nor what the other side said can be said again. The secret itself never travels.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
from typing import Any

from crossdock.errors import DeskError

PATIENCE_S = 5.0
LEAST_SECRET = 16  # characters
_NONCE_BYTES = 32
_LONGEST = 1_024
_DESK, _ASKER = "desk", "asker"


def proof(secret: str, who: str, own_nonce: str, other_nonce: str) -> str:
    """Return what `who` shows to prove that it knows the secret."""
    said = f"{who}\n{own_nonce}\n{other_nonce}".encode()
    return hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()


def new_nonce() -> str:
    return secrets.token_hex(_NONCE_BYTES)


async def admits(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, secret: str
) -> bool:
    """Ask whoever connects to the desk for proof, and give ours. False: it has none."""
    own = new_nonce()
    writer.write(_line({"desk": "crossdock", "nonce": own}))
    try:
        async with asyncio.timeout(PATIENCE_S):
            said = _read(await reader.readline())
    except (TimeoutError, OSError, ValueError):
        return False
    theirs = said.get("nonce", "")
    if not _is_nonce(theirs) or theirs == own:
        return False
    if not _same(said.get("proof"), proof(secret, _ASKER, theirs, own)):
        return False
    writer.write(_line({"proof": proof(secret, _DESK, own, theirs)}))
    return True


async def prove_to_desk(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, secret: str
) -> None:
    """Prove to a desk that we know the secret, and see that it does. Raises DeskError."""
    theirs, own = _nonce_of(_read(await reader.readline())), new_nonce()
    writer.write(_line(_answer(secret, own, theirs)))
    await writer.drain()
    _raise_unless_desk(_read(await reader.readline()), secret, own, theirs)


def _answer(secret: str, own: str, theirs: str) -> dict[str, str]:
    return {"nonce": own, "proof": proof(secret, _ASKER, own, theirs)}


def _nonce_of(greeting: dict[str, Any]) -> str:
    nonce = greeting.get("nonce")
    if greeting.get("desk") != "crossdock" or not _is_nonce(nonce):
        raise DeskError("what answers there is no desk of ours", code="desk-unproven")
    return str(nonce)


def _raise_unless_desk(answer: dict[str, Any], secret: str, own: str, theirs: str) -> None:
    if not answer:
        raise DeskError(
            "the desk does not take our secret",
            code="desk-refused",
            hint="it must be the desk's control_secret",
        )
    if not _same(answer.get("proof"), proof(secret, _DESK, theirs, own)):
        raise DeskError(
            "what answers there does not know the desk's secret", code="desk-unproven"
        )


def _is_nonce(value: object) -> bool:
    return isinstance(value, str) and len(value) == 2 * _NONCE_BYTES and value.isascii()


def _same(given: object, wanted: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode(), wanted.encode())


def _line(said: dict[str, Any]) -> bytes:
    return json.dumps(said).encode() + b"\n"


def _read(line: bytes) -> dict[str, Any]:
    """Return what a line says; nothing when it is none of ours."""
    try:
        said = json.loads(line) if len(line) <= _LONGEST else None
    except ValueError:
        said = None
    return said if isinstance(said, dict) else {}
