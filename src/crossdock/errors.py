"""
Every error Crossdock raises. The tree answers one question: may I repeat this?

* Error
  x ConfigError            the user fixes a setting; names file, key, what was expected
    x ExtraMissing         packages are not installed; the hint is the command
  x RiskRefused            our own gate said no; carries every reason
  x DataError              recorded data is wrong; names file, line and what to do
  x JournalError           the journal cannot be read or written; trading stops
  x DeskError              the desk cannot do what was asked, as it stands
  + AdapterError           the other side, or the way to it, failed
    + Transient            repeat later
      - Unreachable        a read got no reply
      - RateLimited        carries retry_after_s
    x AuthFailed           stop until the keys change
    x Rejected             the other side said no; carries its words and code
    x BadPayload           the reply does not parse
    x Unavailable          closed or not offered; carries since when and what instead
    - NotSent              no byte of the write left: may be repeated
    x OutcomeUnknown       a write's fate is in doubt: reconcile, never repeat

`-` may be repeated as it is, `x` may not, `+` ask the subclass. Every error has a
`code`, a short stable word that is a heading on the page `docs/errors.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class Error(Exception):
    """Base of every error in the package.

    `hint` says what to do next; `code` names the heading in `docs/errors.md`.
    """

    default_code: ClassVar[str] = "error"

    def __init__(self, message: str, *, code: str | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class ConfigError(Error):
    """A setting is wrong; the user fixes it."""

    default_code = "config"


class ExtraMissing(ConfigError):
    """A part of Crossdock needs packages that are not installed; the hint is the command."""

    default_code = "extra-missing"


class DataError(Error):
    """Recorded data cannot be used. `file` and `line` (from 1; 0: the whole file) say where."""

    default_code = "data"

    def __init__(
        self, words: str, *, file: str, line: int = 0, code: str | None = None, hint: str
    ) -> None:
        where = f"{file}, line {line}" if line else file
        super().__init__(f"{where}: {words}", code=code, hint=hint)
        self.file = file
        self.line = line


class JournalError(Error):
    """The journal cannot be read, written or locked."""

    default_code = "journal"


class DeskError(Error):
    """The desk cannot do what was asked: unknown order, quarantined account, shut down."""

    default_code = "desk"


class RiskRefused(Error):
    """Our own gate said no. `reasons` holds every reason, as `check: words` pairs.

    `allowed_quantity` is the largest quantity that would pass, as text, or None.
    """

    default_code = "risk-refused"

    def __init__(
        self,
        reasons: Sequence[tuple[str, str]],
        *,
        allowed_quantity: str | None = None,
        hint: str = "",
    ) -> None:
        self.reasons = tuple(reasons)
        self.allowed_quantity = allowed_quantity
        words = "; ".join(f"{check}: {why}" for check, why in self.reasons)
        super().__init__(f"refused by risk: {words}", hint=hint)


class AdapterError(Error):
    """A venue, provider or store failed, or the way to it did."""

    default_code = "adapter"


class Transient(AdapterError):
    """Repeat later."""

    default_code = "transient"


class Unreachable(Transient):
    """A read got no reply."""

    default_code = "unreachable"


class RateLimited(Transient):
    """Too many calls. `retry_after_s` is what the other side asked for, or our estimate.

    On a write it means refused before it was looked at: nothing was accepted.
    """

    default_code = "rate-limited"

    def __init__(self, message: str, *, retry_after_s: float, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class AuthFailed(AdapterError):
    """Keys or session are refused. Stop until they change."""

    default_code = "auth-failed"


class Rejected(AdapterError):
    """The other side said no. `venue_code` and the message are its own words."""

    default_code = "rejected"

    def __init__(self, message: str, *, venue_code: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.venue_code = venue_code


class BadPayload(AdapterError):
    """A reply does not parse."""

    default_code = "bad-payload"


class Unavailable(AdapterError):
    """Closed, or not offered. `since` and `instead` say since when and what to use."""

    default_code = "unavailable"

    def __init__(self, message: str, *, since: str = "", instead: str = "") -> None:
        super().__init__(message, hint=f"use {instead}" if instead else "")
        self.since = since
        self.instead = instead


class NotSent(AdapterError):
    """No byte of the write left this machine: it may be repeated."""

    default_code = "not-sent"


class OutcomeUnknown(AdapterError):
    """A write's fate is in doubt: reconcile, never repeat."""

    default_code = "outcome-unknown"
