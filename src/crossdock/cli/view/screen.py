"""One look at a desk, laid out for a terminal of any size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.layout import Layout
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from crossdock.app.demo import Look, Recovery
from crossdock.cli.output import cell, signed

WIDE = 110
_ROOM = 2  # a panel's own two lines
_HEAD = 3
_NOTICE = 2
_STATES = {"ok": "green", "quiet": "yellow"}


def screen(
    look: Look,
    size: tuple[int, int],
    *,
    keys: str = "",
    notice: str = "",
    recovery: Recovery | None = None,
) -> Layout:
    """Return the whole view for (columns, lines). What does not fit is left out."""
    columns, lines = size
    body = max(lines - _HEAD - 1, 6)
    root = Layout()
    parts = [Layout(_head(look.status), size=_HEAD)]
    if recovery is not None:
        height = min(len(recovery.rows) + 2 + _ROOM, max(body // 2, 6))
        parts.append(Layout(_recovery(recovery, height, columns), size=height))
        body -= height
    if notice:
        body -= _NOTICE
    parts.append(_wide(look, body) if columns >= WIDE else _narrow(look, body))
    if notice:
        parts.append(Layout(Text(f" {notice}", style="yellow"), size=_NOTICE))
    parts.append(Layout(_foot(look.status, keys), size=1))
    root.split_column(*parts)
    return root


def _wide(look: Look, lines: int) -> Layout:
    """Books above streams on the left, orders above fills on the right."""
    books = 2 * len({_symbol(book) for book in look.books}) + 1 + _ROOM
    left, right = Layout(ratio=9), Layout(ratio=10)
    books = min(books, max(lines - 5, 4))
    left.split_column(
        Layout(_panel("Books", _books(look.books)), size=books),
        Layout(_panel("Venues and strategies", _streams(look.status))),
    )
    upper = max(lines * 11 // 20, 4)
    right.split_column(
        Layout(_panel("Open orders", _orders(look.orders, upper - _ROOM - 1)), size=upper),
        Layout(_panel("Last fills", _fills(look.fills, lines - upper - _ROOM - 1))),
    )
    body = Layout()
    body.split_row(left, right)
    return body


def _narrow(look: Look, lines: int) -> Layout:
    body = Layout()
    upper = max(lines // 2, 4)
    body.split_column(
        Layout(_panel("Open orders", _orders(look.orders, upper - _ROOM - 1)), size=upper),
        Layout(_panel("Last fills", _fills(look.fills, lines - upper - _ROOM - 1))),
    )
    return body


def _panel(title: str, content: RenderableType, style: str = "dim") -> Panel:
    return Panel(content, title=f"[bold]{title}[/]", title_align="left", border_style=style)


def _table(*columns: str, right: Sequence[str] = ()) -> Table:
    table = Table(box=None, expand=True, pad_edge=False, header_style="dim")
    for column in columns:
        justify = "right" if column in right else "left"
        table.add_column(column, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    return table


def _head(status: Mapping[str, Any]) -> Panel:
    doubts = status["doubts_open"]
    unexplained = status["unexplained_positions"]
    words = Text("  ").join(
        [
            Text.assemble("P&L ", signed(status["pnl"]), f" {status['currency']}"),
            Text(f"orders {status['orders']}"),
            Text(f"fills {status['fills']}"),
            Text(f"refused by risk {status['refused']}"),
            Text(f"in doubt {doubts}", style="bold white on red" if doubts else "green"),
            Text(
                f"unexplained positions {unexplained}",
                style="bold white on red" if unexplained else "green",
            ),
        ]
    )
    words.no_wrap = True
    title = f"[bold]crossdock[/] {status['desk']} · {_mode(status)}"
    title += f" · up {status['uptime_s']:.0f} s"
    if status["killed"]:
        title += " · [bold red]kill switch engaged[/]"
    return Panel(words, title=title, title_align="left", border_style=_border(status))


def _mode(status: Mapping[str, Any]) -> str:
    """Return the mode as it cannot be overlooked where real money moves."""
    mode = str(status["mode"])
    return "[bold white on red] LIVE [/]" if mode == "live" else mode


def _border(status: Mapping[str, Any]) -> str:
    return "red" if status["mode"] == "live" else "cyan"


def _symbol(book: Mapping[str, Any]) -> str:
    return str(book["instrument"]).partition("@")[0]


def _books(books: Sequence[Mapping[str, Any]]) -> Table:
    """Return two rows for each symbol, its bids and its asks, one column for each venue."""
    venues = sorted({str(book["instrument"]).partition("@")[2] for book in books})
    table = _table("", "", *venues, right=venues)
    at = {book["instrument"]: book for book in books}
    for symbol in sorted({_symbol(book) for book in books}):
        for side, style in (("bid", "green"), ("ask", "red")):
            name = Text(symbol if side == "bid" else "", style="bold")
            prices = [_price(at.get(f"{symbol}@{venue}"), side, style) for venue in venues]
            table.add_row(name, Text(side, style="dim"), *prices)
    return table


def _price(book: Mapping[str, Any] | None, side: str, style: str) -> Text:
    if book is None:
        return Text("-", style="dim")
    return Text(book[side], style=style) if book["ready"] else Text("gap", style="yellow")


def _streams(status: Mapping[str, Any]) -> Group:
    table = _table("venue", "standing", "market", "account", "orders", "latency")
    for account in status["accounts"]:
        streams = account["streams"]
        latency = (streams.get("account") or {}).get("latency_ms")
        table.add_row(
            Text(account["venue"], style="bold"),
            cell("halted" if account["halted"] else account["standing"]),
            *(_health(streams.get(name)) for name in ("market", "account", "orders")),
            Text("-" if latency is None else f"{latency:.1f} ms"),
        )
    strategies = Text("\n")
    for each in status["strategies"]:
        state = each["failed"] or ("running" if each["running"] else "stopped")
        style = "bold red" if each["failed"] else "green" if each["running"] else "dim"
        strategies.append(f"{each['name']} ", style="bold")
        strategies.append(f"{state}  ", style=style)
    counts = Text(
        f"accepted {status['accepted']}  rejected {status['rejected']}  doubts met "
        f"{status['doubts_opened']}, ended by evidence "
        f"{status['doubts_resolved_live'] + status['doubts_resolved_absent']}"
    )
    alarms = Text()
    for alarm in reversed(status["alarms"][-3:]):
        alarms.append(f"\n{alarm['code']}: {alarm['words']}", style="yellow")
    return Group(table, strategies, counts, alarms)


def _health(stream: Mapping[str, Any] | None) -> Text:
    if stream is None:
        return Text("-", style="dim")
    state = str(stream["state"])
    age = stream["message_age_s"]
    words = state if age is None else f"{state} {age:.1f} s"
    return Text(words, style=_STATES.get(state, "bold red"))


def _orders(orders: Sequence[Mapping[str, Any]], room: int) -> Table:
    table = _table(
        "instrument",
        "side",
        "quantity",
        "price",
        "status",
        "filled",
        right=("quantity", "price", "filled"),
    )
    # Those in doubt first: they are what a person must not miss.
    for order in sorted(orders, key=lambda each: not each["in_doubt"])[: max(room, 1)]:
        table.add_row(
            Text(order["instrument"]),
            cell(order["side"]),
            Text(order["quantity"]),
            Text(order["limit_price"] or order["stop_price"] or "market"),
            cell(order["status"]),
            Text(order["cumulative_quantity"]),
        )
    return table


def _fills(fills: Sequence[Mapping[str, Any]], room: int) -> Table:
    table = _table(
        "instrument",
        "side",
        "quantity",
        "price",
        "fee",
        "as",
        right=("quantity", "price", "fee"),
    )
    for fill in fills[: max(room, 1)]:
        table.add_row(
            Text(fill["instrument"]),
            cell(fill["side"]),
            Text(fill["quantity"]),
            Text(fill["price"]),
            Text(_fees(fill)),
            Text(fill["liquidity"], style="dim"),
        )
    return table


def _recovery(recovery: Recovery, height: int, columns: int) -> Panel:
    killed = "killed from outside:" if recovery.from_outside else "SIGKILL of"
    title = f"{killed} process {recovery.process_before}"
    if recovery.process_after:
        title += f", back as {recovery.process_after}"
    told = Text(recovery.phase, style="bold yellow")
    style = "yellow"
    if recovery.rows:
        words = (
            f"{len(recovery.rows)} orders were open, {recovery.in_flight} of them with a "
            f"write in flight; {recovery.agreed} agree with the venue's own truth"
        )
        told = Text(words)
        if recovery.is_complete and recovery.phase == "settled":
            told.append(f", after {recovery.seconds:.1f} s", style="bold green")
            style = "green"
        else:
            told.append(f" ({recovery.phase})", style="yellow")
    wide = columns >= WIDE
    table = _table(
        "instrument",
        "side",
        "quantity",
        *(["price"] if wide else []),
        "at the kill",
        "desk now",
        "venue's truth",
        "",
        right=("quantity", "price"),
    )
    shown = recovery.rows[: max(height - 4, 1)]
    for row in shown:
        flight = f", {'+'.join(row.in_flight)} unanswered" if row.in_flight else ""
        cells = [
            Text(row.instrument),
            cell(row.side),
            Text(row.quantity),
            *([Text(row.price)] if wide else []),
            Text(row.at_kill + flight, style="bold yellow" if flight else ""),
            cell(row.desk),
            cell(row.venue),
            Text("agree", style="green") if row.agrees else Text("…", style="yellow"),
        ]
        table.add_row(*cells)
    return _panel(title, Group(told, table), style)


def _foot(status: Mapping[str, Any], keys: str) -> Text:
    lag = f"loop lag {status['loop_lag_ms']:.1f} ms · {status['market_messages']} market messages"
    foot = Text(f" {keys}   {lag}" if keys else f" {lag}", style="dim")
    foot.no_wrap = True
    return foot


def _fees(fill: Mapping[str, Any]) -> str:
    more = fill.get("more_fees")
    first = f"{_short(fill['fee'])} {fill['fee_asset']}"
    return f"{first}, {more}" if more else first


def _short(number: str) -> str:
    """Cut a long fee for the eye; the journal holds all of it."""
    whole, point, places = number.partition(".")
    return f"{whole}.{places[:6]}" if point else whole
