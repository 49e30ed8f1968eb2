"""`bench`: benchmarks of a checkout, each beside the peer it is measured against."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from crossdock.cli.commands.options import AsJson
from crossdock.cli.dashboard_process import require_extra
from crossdock.errors import ConfigError

bench = typer.Typer(help="Measure beside the peers, in a checkout.", no_args_is_help=True)
_FOLDER = Path(__file__).parents[4] / "bench"


def add_to(application: typer.Typer) -> None:
    application.add_typer(bench, name="bench")


@bench.command()
def push(
    clients: Annotated[int, typer.Option(help="Listeners.", min=2)] = 200,
    seconds: Annotated[float, typer.Option(help="Measured for so long.", min=1)] = 10.0,
    desk: Annotated[
        bool, typer.Option("--desk/--no-desk", help="A desk's tick to order as well.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Push to 200 Socket.IO clients at 50 updates a second, beside plain python-socketio.

    Prints JSON lines in any case: delays, the server's share of a processor, and a desk's
    tick to order with and without them, as ratios.
    """
    require_extra()
    file = _FOLDER / "push.py"
    if not file.is_file():
        raise ConfigError(
            "benchmarks are in a checkout of Crossdock, which this is not",
            code="config-file",
            hint="clone it, `make bench BENCH=bench/push.py`",
        )
    options = ["--clients", str(clients), "--seconds", str(seconds)]
    if not desk:
        options.append("--no-desk")
    if as_json:
        options.append("--json")
    command = [sys.executable, str(file), *options]
    ran = subprocess.run(command, check=False)  # noqa: S603  our own file
    raise typer.Exit(ran.returncode)
