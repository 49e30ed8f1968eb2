"""Passwords: argon2id, in threads, so that nobody waits for somebody else's."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crossdock.web.problems import Problem

SHORTEST, LONGEST = 12, 256
_AT_ONCE = 2  # each takes 64 MiB


class Passwords:
    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._nobodys = ""  # compared with where there is none: as slow as one that is

    async def hash(self, password: str, name: str = "") -> str:
        """Raise Problem for one that is too easy to guess."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise Problem(
                422,
                "weak-password",
                f"a password has {SHORTEST} to {LONGEST} characters",
                hint="four or five words in a row do well",
            )
        if len(set(password)) < 5 or (name and password.lower().startswith(name.lower())):
            raise Problem(
                422,
                "weak-password",
                "that password is among the first that are guessed",
                hint="four or five words in a row do well",
            )
        async with self._room:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, known: str, password: str) -> bool:
        """Compare with a hash; an empty one takes as long, and never matches."""
        if len(password) > LONGEST:
            return False
        async with self._room:
            if not self._nobodys:
                self._nobodys = await asyncio.to_thread(self._hasher.hash, "nobody")
            return await asyncio.to_thread(self._verify, known, password)

    def _verify(self, known: str, password: str) -> bool:
        try:
            self._hasher.verify(known or self._nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
        return bool(known)

    def is_outdated(self, known: str) -> bool:
        return self._hasher.check_needs_rehash(known)
