"""Errors, told: two lines for people on stderr, or one JSON object on stdout."""

from __future__ import annotations

import json
import re
import sys

from typer.exceptions import TyperException

from crossdock.cli.exit_codes import ExitCode, exit_code_of
from crossdock.errors import Error, RiskRefused

PAGE = "docs/errors.md"
_USAGE = "usage"
_NUMBER = re.compile(r"-[\d.]+")
_COMMAND = re.compile(r"(?:pip|crossdock) ")  # is pasted as it stands


def tell(error: Exception, *, as_json: bool) -> ExitCode:
    """Print an error and return its exit code. Never a traceback."""
    if isinstance(error, Error):
        told = {
            "type": type(error).__name__,
            "code": error.code,
            "message": error.message,
            "hint": error.hint,
        }
        if isinstance(error, RiskRefused):
            told["reasons"] = [list(reason) for reason in error.reasons]  # type: ignore[assignment]
            told["allowed_quantity"] = error.allowed_quantity  # type: ignore[assignment]
            if error.allowed_quantity is not None and not error.hint:
                told["hint"] = f"a quantity of {error.allowed_quantity} would pass"
    elif isinstance(error, OSError) and error.filename is not None:
        told = {
            "type": type(error).__name__,
            "code": "file-failed",
            "message": f"{error.filename}: {error.strerror}",
            "hint": "check the path, the disk's free space and who owns the folder",
        }
    else:
        words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        told = {
            "type": type(error).__name__,
            "code": "internal",
            "message": words,
            "hint": "run it again with --debug for the traceback, and report it",
        }
    _print(told, as_json=as_json)
    return exit_code_of(error)


def tell_usage(error: TyperException, *, as_json: bool) -> ExitCode:
    """Print what is wrong with a command line."""
    context = getattr(error, "ctx", None)
    message = error.format_message().strip()
    hint = f"see `{context.command_path} --help`" if context else "see `crossdock --help`"
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stdout.write(message + "\n")
        return ExitCode.USAGE
    option = getattr(error, "option_name", "")
    possible = getattr(error, "possibilities", None)
    if option and _NUMBER.match(option):
        message = f"a quantity is positive, and a side is `buy` or `sell`; got {option}"
    elif option and possible:
        message = f"there is no option {option}"
        hint = f"did you mean {' or '.join(sorted(possible))}?"
    elif found := re.fullmatch(r"(No such command .+)\. Did you mean (.+)\?", message):
        message, hint = found[1], f"did you mean {found[2]}?"
    told = {"type": "UsageError", "code": _USAGE, "message": message, "hint": hint}
    _print(told, as_json=as_json)
    return ExitCode.USAGE


def _print(told: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps({"error": told}) + "\n")
        sys.stdout.flush()
        return
    message = told["message"].rstrip(".")
    hint = told["hint"].rstrip(".")
    if _COMMAND.match(hint):
        advice = f". Type: {hint}"
    elif hint:
        end = "" if hint.endswith(("?", "!")) else "."
        advice = f". {hint[0].upper()}{hint[1:]}{end}"
    else:
        advice = "" if message.endswith(("?", "!")) else "."
    sys.stderr.write(f"error: {message}{advice}\n  {told['code']}: {PAGE}#{told['code']}\n")
    sys.stderr.flush()
