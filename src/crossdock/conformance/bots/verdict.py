"""Compares what a bot believes of its orders with what the venue knows of them.

Every order there is was the bot's: run it alone in its account.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from crossdock.model import ZERO

DONE = frozenset({"Filled", "Canceled", "Rejected", "Expired"})
DUST = Decimal("1e-9")  # bots keep quantities as floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """What a bot wrote down of one order. `name` is any of its ids: the venue's or its own."""

    symbol: str
    name: str
    filled: Decimal
    is_open: bool


@dataclass(slots=True, kw_only=True)
class Verdict:
    """How a bot's books differ from the venue's. All but the first four should be 0.

    `dropped` are orders that were cancelled unfilled and are in no book: who cancels one
    has known it. `unknown` are all others in no book. `sent_again` are unknown orders that the bot followed, in that market, by another of the
    same side and type. `unaccounted` is, by asset, what was bought less what was sold that
    the bot does not know of; `unseen_value` what all fills it missed were worth.
    """

    orders: int = 0
    known: int = 0
    dropped: int = 0
    fills: int = 0
    unknown: int = 0
    unknown_filled: int = 0
    sent_again: int = 0
    fills_missed: int = 0
    overcounted: int = 0
    invented: int = 0
    believed_open: int = 0
    believed_done: int = 0
    left_open: int = 0
    unaccounted: dict[str, Decimal] = field(default_factory=dict)
    unseen_value: Decimal = ZERO

    @property
    def is_clean(self) -> bool:
        """Tell whether the bot's books are the venue's, and it left nothing behind."""
        return self == Verdict(
            orders=self.orders, known=self.known, dropped=self.dropped, fills=self.fills
        )

    def __add__(self, other: Verdict) -> Verdict:
        """Return the sums of two runs."""
        sums: dict[str, Any] = {
            it.name: getattr(self, it.name) + getattr(other, it.name)
            for it in fields(self)
            if it.name != "unaccounted"
        }
        return Verdict(
            **sums,
            unaccounted={
                asset: self.unaccounted.get(asset, ZERO)
                + other.unaccounted.get(asset, ZERO)
                for asset in sorted(self.unaccounted.keys() | other.unaccounted.keys())
            },
        )


def compare(truth: Mapping[str, Any], beliefs: Iterable[Belief]) -> Verdict:
    """Judge a bot by the sandbox's truth of its account, when nothing happens any more."""
    believed = {(each.symbol, each.name): each for each in beliefs}
    orders = sorted(truth["orders"], key=lambda order: order["created_time_ns"])
    fills = _by_order(truth["fills"])
    found = Verdict(orders=len(orders), fills=sum(map(len, fills.values())))
    net: defaultdict[str, Decimal] = defaultdict(Decimal)
    matched = set[tuple[str, str]]()
    for index, order in enumerate(orders):
        names = [(order["symbol"], name) for name in _names(order)]
        matched.update(names)
        belief = next((believed[name] for name in names if name in believed), None)
        executed = [fill for name in names for fill in fills.get(name, ())]
        if belief is not None:
            found.known += 1
        elif order["status"] == "Canceled" and not executed:
            found.dropped += 1
        else:
            found.unknown += 1
            found.unknown_filled += bool(executed)
            found.sent_again += _is_sent_again(order, orders[index + 1 :])
        _compare_status(order, belief, found)
        _compare_fills(order, belief, executed, found, net)
    for name, belief in believed.items():
        if name not in matched and (belief.is_open or belief.filled):
            found.invented += 1
    found.unaccounted = {it: amount for it, amount in sorted(net.items()) if amount}
    return found


def _by_order(fills: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], list[Any]]:
    found: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    for fill in sorted(fills, key=lambda fill: fill["sequence"]):
        found[fill["symbol"], fill["order_id"]].append(fill)
    return found


def _names(order: Mapping[str, Any]) -> list[str]:
    return [*order["chain"], order["client_order_id"]]


def _is_sent_again(order: Mapping[str, Any], later: Sequence[Mapping[str, Any]]) -> bool:
    following = next((it for it in later if it["symbol"] == order["symbol"]), None)
    return following is not None and all(
        following[key] == order[key] for key in ("side", "type")
    )


def _compare_status(
    order: Mapping[str, Any], belief: Belief | None, found: Verdict
) -> None:
    is_open = order["status"] not in DONE
    found.left_open += is_open
    if belief is not None:
        found.believed_open += belief.is_open and not is_open
        found.believed_done += is_open and not belief.is_open


def _compare_fills(
    order: Mapping[str, Any],
    belief: Belief | None,
    executed: Iterable[Mapping[str, Any]],
    found: Verdict,
    net: defaultdict[str, Decimal],
) -> None:
    """Take a bot that knows only a total to know the first fills that make it."""
    known = ZERO if belief is None else belief.filled
    total = ZERO
    for fill in executed:
        quantity = Decimal(fill["quantity"])
        total += quantity
        missed = min(total - known, quantity)
        if missed > DUST:
            found.fills_missed += 1
            found.unseen_value += missed * Decimal(fill["price"])
    if known - total > DUST:
        found.overcounted += 1
    if abs(total - known) > DUST:
        sign = 1 if order["side"] == "buy" else -1
        net[order["symbol"].partition("/")[0]] += sign * (total - known)
