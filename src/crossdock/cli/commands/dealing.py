"""`buy`, `sell`, `amend` and `cancel`."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from crossdock.cli.commands.options import Account, AsJson
from crossdock.cli.commands.rehearsal import show_rehearsal
from crossdock.cli.exit_codes import ExitCode
from crossdock.cli.invocation import Invocation, invocation_of
from crossdock.cli.output import console, emit_json
from crossdock.errors import Rejected
from crossdock.model import OrderStatus, TimeInForce

LOOK_EVERY_S = 0.05
_RECENT = 1000
_UNANSWERED = {"Journaled", "Sent", "Unknown"}

Symbol = Annotated[str, typer.Argument(help="BTC/USDT, or BTC/USDT@venue.")]
Quantity = Annotated[str, typer.Argument(help="In base for spot, else in contracts.")]
OrderId = Annotated[str, typer.Argument(metavar="ORDER", help="Any id the order has.")]
LimitPrice = Annotated[str | None, typer.Option("--limit", metavar="PRICE")]
StopPrice = Annotated[str | None, typer.Option("--stop", metavar="PRICE")]
IfTouched = Annotated[
    str | None,
    typer.Option("--if-touched", metavar="PRICE", help="Wait until the price comes to it."),
]
TrailAmount = Annotated[
    str | None,
    typer.Option("--trail-amount", metavar="QUOTE", help="A stop that far behind."),
]
TrailPercent = Annotated[
    str | None,
    typer.Option("--trail-percent", metavar="PERCENT", help="A stop that far behind."),
]
TakeProfit = Annotated[
    str | None,
    typer.Option(
        "--take-profit", metavar="PRICE", help="An exit the venue holds, at a limit."
    ),
]
StopLoss = Annotated[
    str | None,
    typer.Option(
        "--stop-loss", metavar="PRICE[:LIMIT]", help="An exit the venue holds, at a stop."
    ),
]
Oco = Annotated[
    bool,
    typer.Option("--oco", help="This limit order is an exit, --stop-loss the other one."),
]
Tif = Annotated[TimeInForce, typer.Option("--tif", help="How long it stays.")]
ExpireS = Annotated[
    float | None, typer.Option("--expire-s", min=0.001, help="Seconds, for GTD.")
]
PostOnly = Annotated[bool, typer.Option("--post-only", help="Never take liquidity.")]
ReduceOnly = Annotated[bool, typer.Option("--reduce-only", help="Never open a position.")]
Portfolio = Annotated[str, typer.Option("--portfolio", help="Whose money.")]
ApprovedBy = Annotated[
    str, typer.Option("--approved-by", metavar="NAME", help="Who approves a large order.")
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Only tell whether it would pass, and send nothing."),
]
WaitS = Annotated[
    float, typer.Option("--wait-s", min=0, help="How long to wait for the venue's word.")
]


def add_to(application: typer.Typer) -> None:
    for command in (buy, sell, amend, cancel):
        application.command()(command)


def buy(
    context: typer.Context,
    symbol: Symbol,
    quantity: Quantity,
    limit: LimitPrice = None,
    stop: StopPrice = None,
    if_touched: IfTouched = None,
    trail_amount: TrailAmount = None,
    trail_percent: TrailPercent = None,
    take_profit: TakeProfit = None,
    stop_loss: StopLoss = None,
    oco: Oco = False,
    account: Account = "",
    tif: Tif = TimeInForce.GTC,
    expire_s: ExpireS = None,
    post_only: PostOnly = False,
    reduce_only: ReduceOnly = False,
    portfolio: Portfolio = "main",
    approved_by: ApprovedBy = "",
    dry_run: DryRun = False,
    wait_s: WaitS = 5.0,
    as_json: AsJson = False,
) -> None:
    """Buy: at market, or at a price, with exits that the venue holds."""
    prices = _prices(
        limit, stop, if_touched, trail_amount, trail_percent, take_profit, stop_loss
    )
    terms = {
        **prices,
        "oco": oco,
        **_terms(account, tif, expire_s, post_only, reduce_only, portfolio, approved_by),
    }
    if dry_run:
        _rehearse(context, "buy", symbol, quantity, terms, as_json=as_json)
        return
    _place(context, "buy", symbol, quantity, terms, wait_s=wait_s, as_json=as_json)


def sell(
    context: typer.Context,
    symbol: Symbol,
    quantity: Quantity,
    limit: LimitPrice = None,
    stop: StopPrice = None,
    if_touched: IfTouched = None,
    trail_amount: TrailAmount = None,
    trail_percent: TrailPercent = None,
    take_profit: TakeProfit = None,
    stop_loss: StopLoss = None,
    oco: Oco = False,
    account: Account = "",
    tif: Tif = TimeInForce.GTC,
    expire_s: ExpireS = None,
    post_only: PostOnly = False,
    reduce_only: ReduceOnly = False,
    portfolio: Portfolio = "main",
    approved_by: ApprovedBy = "",
    dry_run: DryRun = False,
    wait_s: WaitS = 5.0,
    as_json: AsJson = False,
) -> None:
    """Sell: at market, or at a price, with exits that the venue holds."""
    prices = _prices(
        limit, stop, if_touched, trail_amount, trail_percent, take_profit, stop_loss
    )
    terms = {
        **prices,
        "oco": oco,
        **_terms(account, tif, expire_s, post_only, reduce_only, portfolio, approved_by),
    }
    if dry_run:
        _rehearse(context, "sell", symbol, quantity, terms, as_json=as_json)
        return
    _place(context, "sell", symbol, quantity, terms, wait_s=wait_s, as_json=as_json)


def _prices(
    limit: str | None,
    stop: str | None,
    if_touched: str | None,
    trail_amount: str | None,
    trail_percent: str | None,
    take_profit: str | None,
    stop_loss: str | None,
) -> dict[str, Any]:
    return {
        "limit": limit,
        "stop": stop,
        "if_touched": if_touched,
        "trail_amount": trail_amount,
        "trail_percent": trail_percent,
        "take_profit": take_profit,
        "stop_loss": stop_loss,
    }


def _terms(
    account: str,
    tif: TimeInForce,
    expire_s: float | None,
    post_only: bool,
    reduce_only: bool,
    portfolio: str,
    approved_by: str,
) -> dict[str, Any]:
    expires = None if expire_s is None else time.time_ns() + int(expire_s * 1e9)
    return {
        "account": account,
        "time_in_force": tif.value,
        "expire_time_ns": expires,
        "post_only": post_only,
        "reduce_only": reduce_only,
        "portfolio": portfolio,
        "approved_by": approved_by,
    }


def _place(
    context: typer.Context,
    side: str,
    symbol: str,
    quantity: str,
    terms: dict[str, Any],
    *,
    wait_s: float,
    as_json: bool,
) -> None:
    invocation = invocation_of(context)
    order = invocation.ask(
        "place", side=side, symbol=symbol, quantity=quantity, **terms, door="cli"
    )
    _tell(invocation, _answered(invocation, order, wait_s), as_json=as_json)


def _rehearse(
    context: typer.Context,
    side: str,
    symbol: str,
    quantity: str,
    terms: dict[str, Any],
    *,
    as_json: bool,
) -> None:
    told = invocation_of(context).ask(
        "dry_run", side=side, symbol=symbol, quantity=quantity, **terms, door="cli"
    )
    if as_json:
        emit_json(told)
    else:
        show_rehearsal(told)
    if not told["passes"]:
        raise typer.Exit(ExitCode.REFUSED)


def amend(
    context: typer.Context,
    order: OrderId,
    quantity: Annotated[str | None, typer.Option("--quantity", metavar="TOTAL")] = None,
    limit: LimitPrice = None,
    stop: StopPrice = None,
    wait_s: WaitS = 5.0,
    as_json: AsJson = False,
) -> None:
    """Change a resting order without giving it up. A quantity is the new total."""
    if quantity is None and limit is None and stop is None:
        raise typer.BadParameter("say what changes: --quantity, --limit or --stop")
    invocation = invocation_of(context)
    amended = invocation.ask(
        "amend", order=order, quantity=quantity, limit=limit, stop=stop
    )
    _tell(invocation, _answered(invocation, amended, wait_s), as_json=as_json)


def cancel(
    context: typer.Context, order: OrderId, wait_s: WaitS = 5.0, as_json: AsJson = False
) -> None:
    """Cancel one order."""
    invocation = invocation_of(context)
    canceled = invocation.ask("cancel", order=order)
    _tell(invocation, _answered(invocation, canceled, wait_s), as_json=as_json)


def _answered(invocation: Invocation, order: dict[str, Any], wait_s: float) -> Any:
    """Return the order once the venue's word changed it, or as it is when time is up."""
    end_s = time.monotonic() + wait_s
    sent_ns = order["updated_time_ns"]
    while time.monotonic() < end_s:
        for each in invocation.ask("orders", all=True, limit=_RECENT):
            if each["order_id"] == order["order_id"]:
                order = each
        if order["updated_time_ns"] != sent_ns and order["status"] not in _UNANSWERED:
            break
        time.sleep(LOOK_EVERY_S)
    return order


def _tell(invocation: Invocation, order: dict[str, Any], *, as_json: bool) -> None:
    """Print an order. Raises Rejected when the venue refused it; exits 5 while in doubt."""
    if order["status"] == OrderStatus.REJECTED:
        raise Rejected(
            f"{order['account']} refused order {order['order_id']}: {order['reason']}",
            hint="nothing was accepted",
        )
    is_live = order["account"] in invocation.settings().live_accounts()
    if as_json:
        emit_json({**order, "mode": "live" if is_live else "paper"})
    else:
        price = order["limit_price"] or order["stop_price"] or _trail(order) or "market"
        console().print(
            ("LIVE  " if is_live else "")
            + f"{order['order_id']}  {order['side']} {order['quantity']} "
            f"{order['instrument']} at {price}: {order['status']}, filled "
            f"{order['cumulative_quantity']}"
            + (f" at {order['average_price']}" if order["average_price"] else ""),
            soft_wrap=True,
        )
    if order["status"] == "Unknown":
        raise typer.Exit(ExitCode.DOUBT)


def _trail(order: dict[str, Any]) -> str:
    if order["trail_percent"]:
        return f"a trail of {order['trail_percent']} %"
    return f"a trail of {order['trail_amount']}" if order["trail_amount"] else ""
