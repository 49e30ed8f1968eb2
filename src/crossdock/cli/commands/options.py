"""Options that several commands share."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Account = Annotated[str, typer.Option("--account", metavar="NAME", help="Which account.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="How many at most.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does this.")]


def whoever(by: str) -> str:
    """Return the name given, else the user of this machine."""
    if by.strip():
        return by.strip()
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown user"
