"""One account: its cash, its positions, and the cash events that belong to none."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Self

from crossdock.core.ledger.money import Amounts, credit, subtract
from crossdock.core.ledger.position_log import PositionLog
from crossdock.core.ledger.state import AccountState
from crossdock.model import (
    AccountId,
    ContractKind,
    Instrument,
    InstrumentId,
    MarginMode,
    PositionKey,
    PositionSide,
)


class Account:
    """`capital` is what came in or went out and is nobody's gain: deposits, transfers."""

    __slots__ = (
        "_logs",
        "balances",
        "baseline",
        "capital",
        "event_ids",
        "fees",
        "id",
        "income",
    )

    def __init__(self, account: AccountId) -> None:
        self.id = account
        self.balances: Amounts = {}
        self.fees: Amounts = {}
        self.income: Amounts = {}
        self.capital: Amounts = {}
        # A dict for a set that keeps its order, so that snapshots do not vary.
        self.event_ids: dict[str, None] = {}
        self.baseline = False
        self._logs: dict[InstrumentId, list[PositionLog]] = {}

    def logs(self, instrument: InstrumentId | None = None) -> Iterator[PositionLog]:
        if instrument is not None:
            yield from self._logs.get(instrument, ())
            return
        for logs in self._logs.values():
            yield from logs

    def log(
        self, instrument: Instrument, side: PositionSide, margin_mode: MarginMode
    ) -> PositionLog:
        """Return the log of a position, a new one when there is none."""
        logs = self._logs.get(instrument.id)
        if logs is None:
            logs = self._logs[instrument.id] = []
        # Few positions per instrument; comparing them is faster than hashing an enum.
        for log in logs:
            if log.key.position_side is side and log.key.margin_mode is margin_mode:
                return log
        is_spot = instrument.kind is ContractKind.SPOT
        key = PositionKey(
            account=self.id,
            instrument=instrument.id,
            position_side=side,
            margin_mode=margin_mode,
            settle=instrument.quote if is_spot else instrument.settle,
        )
        log = PositionLog(key, instrument)
        logs.append(log)
        return log

    def settle(self, log: PositionLog, cash: Decimal, quantity: Decimal) -> None:
        """Book what a log's cash and quantity have changed by since they were as given."""
        moved = subtract(log.cash(), cash)
        if moved:
            credit(self.balances, log.key.settle, moved)
        if log.instrument.kind is ContractKind.SPOT:
            moved = subtract(log.leg.quantity, quantity)
            if moved:
                credit(self.balances, log.instrument.base, moved)

    def resettle(self, log: PositionLog, flows: Amounts) -> None:
        """Book what a rewritten log's flows differ by from those before."""
        for asset, amount in log.flows().items():
            credit(self.balances, asset, amount)
        for asset, amount in flows.items():
            credit(self.balances, asset, amount.copy_negate())

    def state(self) -> AccountState:
        return AccountState(
            baseline=self.baseline,
            balances=dict(self.balances),
            fees=dict(self.fees),
            income=dict(self.income),
            capital=dict(self.capital),
            event_ids=list(self.event_ids),
        )

    @classmethod
    def from_state(cls, account: AccountId, state: AccountState) -> Self:
        """Return the account without its positions."""
        made = cls(account)
        made.baseline = state.baseline
        made.balances = dict(state.balances)
        made.fees = dict(state.fees)
        made.income = dict(state.income)
        made.capital = dict(state.capital)
        made.event_ids = dict.fromkeys(state.event_ids)
        return made
