"""Options that several commands share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from crossdock.app.user_name import user_name
from crossdock.errors import ConfigError

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Account = Annotated[str, typer.Option("--account", metavar="NAME", help="Which account.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="How many at most.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does this.")]
SymbolHint = Annotated[
    str, typer.Option("--symbol", help="Like BTC/USDT, where the file is silent.")
]
VenueHint = Annotated[str, typer.Option("--venue", help="Whose prices these are.")]
TimeframeHint = Annotated[str, typer.Option("--timeframe", help="Like 1m or 1d.")]
TimezoneHint = Annotated[
    str, typer.Option("--timezone", help="Of times that name none, like Europe/London.")
]


def whoever(by: str) -> str:
    """Return the name given, else the user of this machine."""
    return by.strip() or user_name()


def moment(option: str, text: str) -> int | None:
    """Return UTC nanoseconds of a time somebody typed, None of nothing.

    Times without a zone are UTC. Raises ConfigError.
    """
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(
            f"{option} takes a time like 2020-01-31 or 2020-01-31T09:30, got {text!r}",
            code="bad-argument",
        ) from None
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    return int(time.timestamp()) * 1_000_000_000 + time.microsecond * 1_000
