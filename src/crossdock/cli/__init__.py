"""The command line: a thin door over `crossdock.app`."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code (docs/reference/exit-codes.md)."""
    try:
        from crossdock.cli.entry import run

        return run(arguments)
    except KeyboardInterrupt:  # also while the commands are being imported
        from crossdock.cli.exit_codes import ExitCode

        return ExitCode.INTERRUPTED
