"""What an account's venue tells besides prices: rates, chains, calendars, rights."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from crossdock.cli.commands.account.named import account_of, ask, tell
from crossdock.cli.commands.options import AsJson, moment
from crossdock.cli.output import console, emit_json, utc
from crossdock.errors import ConfigError

FUNDING_COLUMNS = ("instrument", "rate", "funding", "interval_s", "mark_price")
FEE_COLUMNS = ("instrument", "maker", "taker")
OPTION_COLUMNS = (
    "instrument",
    "bid",
    "ask",
    "mark",
    "mark_volatility",
    "delta",
    "gamma",
    "theta",
    "vega",
    "rho",
    "open_interest",
)
DAY_COLUMNS = ("date", "opens", "closes", "early_opens", "late_closes")
AUCTION_COLUMNS = ("at", "kind", "price", "quantity", "exchange")
Symbols = Annotated[list[str], typer.Argument(metavar="SYMBOL…")]
FromDay = Annotated[str, typer.Option("--from", metavar="DATE", help="Like 2026-01-31.")]
ToDay = Annotated[str, typer.Option("--to", metavar="DATE", help="Included.")]


def add_to(group: typer.Typer) -> None:
    for command in (funding, fees, options, calendar, auctions, rights, facts):
        group.command()(command)


def funding(
    context: typer.Context,
    symbols: Symbols,
    since: Annotated[
        str, typer.Option("--since", metavar="TIME", help="Past rates, of one symbol.")
    ] = "",
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="Before it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show what longs of perpetuals pay shorts, now or in the past."""
    if since:
        if len(symbols) != 1:
            raise typer.BadParameter("--since takes one symbol")
        rows = ask(
            context,
            "funding_rate_history",
            symbol=symbols[0],
            start_ns=moment("--since", since),
            end_ns=moment("--until", until),
        )
    elif until:
        raise typer.BadParameter("--until goes with --since")
    else:
        rows = ask(context, "funding_rates", symbols=symbols)
    if not as_json:
        rows = [{**row, "funding": utc(row["funding_time_ns"])} for row in rows]
    tell(context, "funding_rates", rows, FUNDING_COLUMNS, as_json=as_json)


def fees(context: typer.Context, symbols: Symbols, as_json: AsJson = False) -> None:
    """Show what this account pays, as fractions of the notional."""
    rows = ask(context, "fee_rates", symbols=symbols)
    tell(context, "fee_rates", rows, FEE_COLUMNS, as_json=as_json)


def options(
    context: typer.Context,
    underlying: Annotated[str, typer.Argument(metavar="ASSET", help="Like BTC.")],
    expiry: Annotated[
        str, typer.Option("--expiry", metavar="TIME", help="Only of this one.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List the options on an asset, with implied volatilities and Greeks."""
    rows = ask(
        context,
        "option_chain",
        underlying=underlying,
        expiry_time_ns=moment("--expiry", expiry),
    )
    if not as_json:
        rows = [{**row, **(row["greeks"] or {})} for row in rows]
    tell(context, "options", rows, OPTION_COLUMNS, as_json=as_json)


def calendar(
    context: typer.Context, start: FromDay, end: ToDay, as_json: AsJson = False
) -> None:
    """List the days on which the market is open, in UTC."""
    rows = ask(context, "trading_days", start=_day("--from", start), end=_day("--to", end))
    if not as_json:
        rows = [
            {
                "date": row["date"],
                "opens": utc(row["open_time_ns"]),
                "closes": utc(row["close_time_ns"]),
                "early_opens": _time(row["early_open_time_ns"]),
                "late_closes": _time(row["late_close_time_ns"]),
            }
            for row in rows
        ]
    tell(context, "trading_days", rows, DAY_COLUMNS, as_json=as_json)


def auctions(
    context: typer.Context,
    symbol: Annotated[str, typer.Argument(help="Like AAPL/USD.")],
    start: FromDay,
    end: ToDay,
    as_json: AsJson = False,
) -> None:
    """List the official prints of an instrument's auctions."""
    rows = ask(
        context,
        "auctions",
        symbol=symbol,
        start=_day("--from", start),
        end=_day("--to", end),
    )
    if not as_json:
        rows = [{**row, "at": row["venue_time_ns"]} for row in rows]
    tell(context, "auctions", rows, AUCTION_COLUMNS, as_json=as_json)


def rights(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what the account's key may do at the venue."""
    told = ask(context, "key_rights")
    if as_json:
        emit_json({"account": account_of(context), **told})
        return
    bound = {True: "yes", False: "no", None: "not told"}[told["is_address_bound"]]
    expires = told["expires_time_ns"]
    console().print(
        f"may {', '.join(told['rights']) or 'do nothing'}; bound to an address: {bound}; "
        f"expires: {'never, or not told' if expires is None else utc(expires)}"
    )


def facts(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what the broker says of the account: equity, buying power, day trades."""
    told = ask(context, "account_facts")
    if as_json:
        emit_json(told)
        return
    for name, value in told.items():
        if value not in (None, "", []):
            console().print(f"{name.replace('_', ' ')}: {_plain(value)}")


def _day(option: str, text: str) -> str:
    """Check a date. Raises ConfigError."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ConfigError(
            f"{option} takes a date like 2026-01-31, got {text!r}", code="bad-argument"
        ) from None


def _time(time_ns: int) -> str:
    return utc(time_ns) if time_ns else ""


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
