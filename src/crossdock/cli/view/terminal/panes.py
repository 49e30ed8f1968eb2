"""What each tab shows of the desk's pictures, as rows of a grid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from rich.text import Text

from crossdock.cli.output import STYLES
from crossdock.cli.view.terminal.pictures import Pictures, is_open

Rows = list[tuple[str, Sequence[object]]]
LADDER_DEPTH = 8  # of each side: both fit 24 lines
_GOOD, _BAD, _CARE = "green", "bold red", "yellow"
_COLUMNS = {
    "orders": "account, symbol, side, >quantity, >price, status, >filled, strategy",
    "books": "instrument, >bid, >ask, >last",
    "ladder": ", >price, >quantity, venues",
    "positions": "account, what, >quantity, >entry, >mark, >realized, >unrealized, whose",
    "fills": "at, account, instrument, side, >quantity, >price, >fee, kind",
    "strategies": "name, kind, state, >P&L, >today, >trades, >orders, symbols",
    "limits": "limit, scope, >value, >used, unit, state, by",
    "streams": "account, stream, state, >latency, >again, words",
    "journal": ">#, at, kind, account, words",
}
COLUMNS = {name: columns.split(", ") for name, columns in _COLUMNS.items()}
"""The columns of each grid, in the order of its rows' cells; see `Grid`."""


def clock(time_ns: int | None) -> str:
    if not time_ns:
        return "-"
    return datetime.fromtimestamp(time_ns / 1e9, UTC).strftime("%H:%M:%S")


def amount(value: Any) -> Text:
    """Return an amount with its sign in words of colour; `-` where it is not known."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return Text("-", style="dim")
    style = _GOOD if number > 0 else "red" if number < 0 else ""
    return Text(f"{number:+,.2f}" if number else "0.00", style=style)


def word(value: Any) -> Text:
    return Text(
        "-" if value in (None, "") else str(value), style=STYLES.get(str(value), "")
    )


def banner(pictures: Pictures, connected: bool, problem: str) -> Text:
    """Return the line that is always in sight: live or paper comes first."""
    status = pictures.whole("status")
    if not status:
        return Text(f" {problem or 'connecting'} ", style="bold white on red")
    is_live = status["mode"] == "live"
    text = Text()
    text.append(
        " LIVE " if is_live else " PAPER ",
        "bold white on red" if is_live else "bold black on green",
    )
    text.append(f" {status['desk']} ", "bold")
    if not connected:
        text.append(f" {problem or 'away'} ", "bold white on red")
    if status["killed"]:
        text.append(" KILLED ", "bold white on red")
    text.append("  P&L ")
    text.append_text(amount(status["pnl"]))
    text.append(f" {status['currency']}  orders {status['open_orders']}  doubts ")
    doubts = status["doubts_open"]
    text.append(str(doubts), "bold white on red" if doubts else _GOOD)
    return text


def overview(pictures: Pictures) -> Text:
    portfolio, status = pictures.whole("portfolio"), pictures.whole("status")
    text = Text()
    for name, label in (("equity", "Equity"), ("day_pnl", "Today"), ("pnl", "P&L")):
        text.append(f"{label} ")
        text.append_text(amount(portfolio.get(name)))
        text.append("   ")
    exposure = portfolio.get("exposure") or {}
    text.append("Gross ")
    text.append_text(amount(exposure.get("gross")))
    text.append("   Net ")
    text.append_text(amount(exposure.get("net")))
    text.append("\n\n")
    for account in status.get("accounts", ()):
        text.append(f"{account['account']:<14}", "bold")
        trouble = account["halted"] or account["killed"] or account["reason"]
        text.append(f"{account['mode']:<6}")
        text.append(
            f"{account['standing']:<11}", _GOOD if account["standing"] == "ready" else _BAD
        )
        text.append(f"{trouble}\n" if trouble else "\n", _BAD)
    text.append("\nNeeds attention\n", "bold")
    lines = [
        f"doubt of {each['kind']} {each['account']} {each['instrument']}"
        + (", needs a person" if each["needs_person"] else "")
        for each in pictures.rows("doubts")
    ]
    lines += [
        f"{clock(a['at'])} {a['code']}: {a['words']}" for a in pictures.rows("alerts")
    ]
    text.append("\n".join(lines[:12]) or "nothing", _CARE if lines else "dim")
    return text


def orders(pictures: Pictures, in_hand: str = "") -> Rows:
    """Return what is open first, each part newest first.

    The order that somebody has in hand keeps its place when it ends: the cursor does not
    go down among the others with it, nor does another order come under the cursor.
    """
    newest = sorted(
        pictures.rows("orders"),
        key=lambda row: (
            is_open(row) or row["order_id"] == in_hand,
            row.get("created_time_ns") or 0,
        ),
        reverse=True,
    )
    return [
        (
            row["order_id"],
            (
                row["account"],
                row.get("symbol") or row.get("instrument"),
                word(row["side"]),
                row["quantity"],
                row.get("limit_price") or row["type"],
                word(row["status"]),
                row["cumulative_quantity"],
                row.get("strategy") or "",
            ),
        )
        for row in newest
    ]


def books(pictures: Pictures) -> Rows:
    return [
        (
            row["instrument"],
            (
                row["instrument"],
                Text(row["bid"] or "-", style="green")
                if row["ready"]
                else Text("gap", style=_CARE),
                Text(row["ask"] or "-", style="red") if row["ready"] else "",
                row["last"] or "-",
            ),
        )
        for row in pictures.rows("books")
    ]


def ladder(pictures: Pictures, symbol: str) -> Rows:
    told = pictures.whole(f"ladder:{symbol}")
    own = {each["price"]: each["side"] for each in told.get("own", ())}
    asks = list(reversed(told.get("asks", [])[:LADDER_DEPTH]))
    rows: Rows = []
    for side, style, levels in (
        ("ask", "red", asks),
        ("bid", "green", told.get("bids", [])[:LADDER_DEPTH]),
    ):
        for level in levels:
            price, quantity, venues = level[0], level[1], level[2]
            mark = "●" if price in own else ""
            cells = (mark, Text(str(price), style=style), quantity, ", ".join(venues))
            rows.append((f"{side}{price}", cells))
    return rows


def positions(pictures: Pictures) -> Rows:
    found: Rows = []
    for number, row in enumerate(pictures.rows("positions")):
        if "asset" in row:
            cells: Sequence[object] = (
                row["account"],
                row["asset"],
                row["total"],
                "",
                "",
                "",
                "",
                "balance",
            )
        else:
            whose = f"{row['portfolio']} {row['strategy'] or ''}".strip()
            cells = (
                row["account"],
                row["instrument"],
                row["quantity"],
                row["entry_price"] or "-",
                row["mark"] or "-",
                amount(row["realized_pnl"]),
                amount(row["unrealized_pnl"]),
                whose,
            )
        found.append((str(number), cells))
    return found


def fills(pictures: Pictures) -> Rows:
    return [
        (
            "|".join(
                (
                    row["account"],
                    row["instrument"],
                    row["venue_order_id"],
                    row["execution_id"],
                )
            ),
            (
                clock(row["at"]),
                row["account"],
                row["instrument"],
                word(row["side"]),
                row["quantity"],
                row["price"],
                ", ".join(
                    filter(None, (f"{row['fee']} {row['fee_asset']}", row.get("more_fees")))
                ),
                row["kind"],
            ),
        )
        for row in pictures.rows("fills")
    ]


def strategies(pictures: Pictures) -> Rows:
    styles = {"running": _GOOD, "paused": _CARE, "failed": _BAD}
    return [
        (
            row["name"],
            (
                row["name"],
                row["kind"],
                Text(row["state"], style=styles.get(row["state"], "")),
                amount(row["pnl"]),
                amount(row["day_pnl"]),
                row["trades"],
                row["orders"],
                row["failed"] or ", ".join(row["symbols"]),
            ),
        )
        for row in pictures.rows("strategies")
    ]


def limits(pictures: Pictures) -> Rows:
    return [
        (
            f"{row['name']} {row['scope']}",
            (
                row["name"],
                row["scope"],
                row["value"],
                "-" if row["used"] is None else row["used"],
                row["unit"],
                Text("breached", style=_BAD)
                if row["breached"]
                else Text("ok", style=_GOOD),
                row["by"],
            ),
        )
        for row in pictures.whole("risk").get("limits", ())
    ]


def streams(pictures: Pictures) -> Rows:
    status = pictures.whole("status")
    accounts = [*status.get("accounts", ()), *status.get("data_accounts", ())]
    return [row for account in accounts for row in _streams_of(account)]


def _streams_of(account: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[object]]]:
    name, standing = account["account"], account["standing"]
    style = _GOOD if standing == "ready" else _BAD
    yield (
        name,
        (name, account["venue"], Text(standing, style=style), "", "", account["reason"]),
    )
    for stream, told in account["streams"].items():
        latency = told["latency_ms"]
        good = told["state"] == "ok"
        yield (
            f"{name} {stream}",
            (
                "",
                stream,
                Text(told["state"], style=_GOOD if good else _BAD),
                "-" if latency is None else f"{latency:.1f} ms",
                told["reconnects"],
                told["words"],
            ),
        )


def journal(entries: Sequence[Mapping[str, Any]]) -> Rows:
    return [
        (
            str(row["sequence"]),
            (
                row["sequence"],
                clock(row["at"]),
                row["kind"],
                row["account"] or "",
                row["words"],
            ),
        )
        for row in entries
    ]
