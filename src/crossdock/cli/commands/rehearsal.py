"""What `buy --dry-run` prints."""

from __future__ import annotations

from typing import Any

from crossdock.cli.output import console


def show_rehearsal(told: dict[str, Any]) -> None:
    """Print whether an order would pass, what it would cost, and why not."""
    out = console()
    price = told["price"] or "market"
    order = f"{told['side']} {told['quantity']} {told['instrument']} at {price}"
    live = "LIVE  " if told["live"] else ""
    verdict = "would pass" if told["passes"] else "would be refused"
    out.print(f"{live}{order} on {told['account']}: {verdict}", soft_wrap=True)
    for check, words in told["reasons"]:
        out.print(f"  {check}: {words}", soft_wrap=True)
    if told["allowed_quantity"]:
        out.print(f"  at most {told['allowed_quantity']} would pass")
    for label, value, unit in (
        ("worth", told["notional"], told["currency"]),
        ("fee", told["fee"], told["fee_currency"]),
        ("position after", told["position_after"], ""),
        ("left to trade with", told["buying_power_after"], told["buying_power_asset"]),
    ):
        if value is not None:
            out.print(f"  {label}: {value} {unit or ''}".rstrip())
