"""`crossdock status` as text: every venue's steps, and what the desk counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from crossdock.cli.output import STYLES, cell, signed, utc


def standing(status: Mapping[str, Any]) -> Group:
    """Return a desk's status for people. Keys that a dead desk lacks are left out."""
    parts: list[RenderableType] = [_head(status), Text()]
    if status["accounts"]:
        parts += [_accounts(status), Text()]
        if any(account["steps"] for account in status["accounts"]):
            parts += [_steps(status), Text(), _streams(status), Text()]
    else:
        parts += [Text("no account: add an [accounts.NAME] table to the settings"), Text()]
    if status.get("data_accounts"):
        parts += [_data_accounts(status), Text()]
    parts.append(_counts(status))
    for strategy in status["strategies"]:
        state = strategy["failed"] or ("running" if strategy["running"] else "not running")
        parts.append(
            Text(f"strategy {strategy['name']} ({strategy['portfolio']}): {state}")
        )
    parts += [
        Text(_left_behind(each), style="yellow") for each in status.get("left_behind", ())
    ]
    parts += [
        Text(f"{utc(alarm['at'])}  {alarm['code']}: {alarm['words']}", style="yellow")
        for alarm in status["alarms"]
    ]
    return Group(*parts)


def _head(status: Mapping[str, Any]) -> Text:
    words = Text(f"desk {status['desk']}", style="bold")
    if status["mode"] == "live":
        words.append(" · ")
        words.append(" LIVE ", style="bold white on red")
    else:
        words.append(f" · {status['mode']}")
    if "uptime_s" in status:
        words.append(f" · up {status['uptime_s']:.0f} s")
    if "pnl" in status:
        words.append(" · P&L ")
        words.append_text(signed(status["pnl"]))
        words.append(f" {status['currency']}")
        if status["pnl_missing_rates"]:
            missing = ", ".join(status["pnl_missing_rates"])
            words.append(f" (without {missing}: no rate)", style="yellow")
    if status["killed"]:
        words.append(f" · kill switch engaged by {status['killed']}", style="bold red")
    journal = status["journal"]
    words.append(f"\njournal {journal['path']} ({journal['durability']})", style="dim")
    if journal.get("writable") is False:
        words.append(" CANNOT BE WRITTEN: no new orders", style="bold red")
    return words


def _left_behind(row: Mapping[str, Any]) -> str:
    stays = [
        f"{row[name]} {words}"
        for name, words in (("open_orders", "open orders"), ("doubts", "doubts"))
        if row[name]
    ]
    stays += [f"{it['quantity']} {it['instrument']}" for it in row["positions"]]
    return f"{row['account']} is not connected; last heard of there: {', '.join(stays)}"


def _plain(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column)
    return table


def _accounts(status: Mapping[str, Any]) -> Table:
    table = _plain(
        "account", "mode", "venue", "adapter", "tier", "standing", "foreign orders", "why"
    )
    for each in status["accounts"]:
        why = each["halted"] or each["killed"] or each["reason"]
        table.add_row(
            each["account"],
            cell("LIVE" if each["mode"] == "live" else each["mode"]),
            each["venue"],
            each["adapter"],
            each["tier"],
            cell("halted" if each["halted"] else each["standing"]),
            str(each["foreign_orders"]),
            cell(why),
        )
    return table


def _data_accounts(status: Mapping[str, Any]) -> Table:
    table = _plain("data account", "venue", "adapter", "standing", "market", "why")
    for each in status["data_accounts"]:
        market = each["streams"]["market"]
        table.add_row(
            each["account"],
            each["venue"],
            each["adapter"],
            cell(each["standing"]),
            Text(market["state"], style=STYLES.get(market["state"], "yellow")),
            cell(each["reason"]),
        )
    return table


def _steps(status: Mapping[str, Any]) -> Table:
    """Return the eight steps of a broker session, one column for each account."""
    accounts = status["accounts"]
    table = _plain("step", *(account["account"] for account in accounts))
    for step in accounts[0]["steps"]:
        table.add_row(step, *(cell(account["steps"].get(step)) for account in accounts))
    return table


def _streams(status: Mapping[str, Any]) -> Table:
    table = _plain(
        "stream",
        "state",
        "message age",
        "heartbeat age",
        "latency",
        "skew",
        "gaps",
        "reconnects",
    )
    for account in status["accounts"]:
        for name, stream in account["streams"].items():
            table.add_row(
                f"{account['account']} {name}",
                Text(stream["state"], style=STYLES.get(stream["state"], "yellow")),
                _seconds(stream["message_age_s"]),
                _seconds(stream["heartbeat_age_s"]),
                "-" if stream["latency_ms"] is None else f"{stream['latency_ms']:.2f} ms",
                _seconds(stream["skew_s"]),
                str(stream["gaps"]),
                str(stream["reconnects"]),
            )
    return table


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f} s"


def _counts(status: Mapping[str, Any]) -> Text:
    words = Text(
        f"orders {status['orders']} (open {status['open_orders']}), fills {status['fills']}; "
        f"accepted {status['accepted']}, rejected {status['rejected']}, failed "
        f"{status['failed']}, refused by risk {status['refused']}\n"
    )
    doubts = status["doubts_open"]
    words.append(f"in doubt {doubts}", style="bold white on red" if doubts else "green")
    if money := status.get("movements_in_doubt"):
        words.append(f"  money in doubt {money}", style="bold white on red")
    if "unexplained_positions" in status:
        unexplained = status["unexplained_positions"]
        words.append(", unexplained positions ")
        words.append(str(unexplained), style="bold red" if unexplained else "green")
    return words
