"""Exit codes, as docs/reference/exit-codes.md promises them."""

from __future__ import annotations

from enum import IntEnum

from crossdock.errors import ConfigError, Error, RiskRefused


class ExitCode(IntEnum):
    OK = 0
    ERROR = 1
    USAGE = 2
    REFUSED = 3
    NOT_RUNNING = 4
    DOUBT = 5
    INTERRUPTED = 130


_BY_CODE = {
    "bad-argument": ExitCode.USAGE,
    "desk-not-running": ExitCode.NOT_RUNNING,
    "desk-silent": ExitCode.NOT_RUNNING,
    "account-away": ExitCode.NOT_RUNNING,
    "journal-damaged": ExitCode.DOUBT,
    "outcome-unknown": ExitCode.DOUBT,
}


def exit_code_of(error: Exception) -> ExitCode:
    """Return the exit code of an error. What nobody foresaw is 1."""
    if not isinstance(error, Error):
        return ExitCode.ERROR
    if found := _BY_CODE.get(error.code):
        return found
    if isinstance(error, ConfigError):
        return ExitCode.USAGE
    return ExitCode.REFUSED if isinstance(error, RiskRefused) else ExitCode.ERROR
