"""Runs a command, and turns whatever goes wrong into two lines and an exit code."""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from collections.abc import Sequence

import typer
from typer.exceptions import Exit, TyperException

from crossdock.cli import failures
from crossdock.cli.commands import application
from crossdock.cli.exit_codes import ExitCode

_WITH_VALUE = ("--settings", "--set")
_ALONE = ("--debug",)
_PASSED_ON = "sandbox"  # what follows it is another program's


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Raises nothing."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    given = global_options_first(given)
    as_json = "--json" in given
    debug = "--debug" in given
    if "" not in sys.path:
        # A strategy lies in the folder one works in. Last: it hides nothing installed.
        sys.path.append("")
    try:
        code = typer.main.get_command(application).main(
            args=given, prog_name="crossdock", standalone_mode=False
        )
        sys.stdout.flush()
    except Exit as ended:
        return ended.exit_code
    except BrokenPipeError:
        # Whoever read our output has left; Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.ERROR
    except (KeyboardInterrupt, typer.Abort, asyncio.CancelledError):
        return ExitCode.INTERRUPTED
    except TyperException as error:
        return failures.tell_usage(error, as_json=as_json)
    except Exception as error:  # noqa: BLE001  the last line of defence
        if debug:
            traceback.print_exc()
        return failures.tell(error, as_json=as_json)
    return code if isinstance(code, int) else ExitCode.OK


def global_options_first(arguments: list[str]) -> list[str]:
    """Move options that every command has to the front, wherever they were written."""
    front: list[str] = []
    rest: list[str] = []
    left = iter(arguments)
    for argument in left:
        name = argument.partition("=")[0]
        if argument == "--" or (argument == _PASSED_ON and not rest):
            rest += [argument, *left]
        elif argument in _WITH_VALUE:
            front += [argument, *([value] if (value := next(left, None)) else [])]
        elif name in _WITH_VALUE or argument in _ALONE:
            front.append(argument)
        else:
            rest.append(argument)
    return front + rest
