"""Equity as time goes by, without asking the ledger at every bar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from crossdock.analysis.performance import EquityCurve
from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.model import AccountId, Asset, ContractKind, InstrumentId

_AFFINE = (ContractKind.SPOT, ContractKind.LINEAR)


class EquitySampler:
    """Samples one account. `prices` are the newest the driver played, to be kept by it.

    Between two fills the worth of spot and linear holdings is a straight line in their
    prices, so it is computed in floats from the last exact figure; what is not (an
    inverse contract, another currency) is asked of the ledger each time.
    """

    def __init__(
        self,
        kernel: Kernel,
        account: AccountId,
        currency: Asset,
        equity: Callable[[AccountId], Decimal | None],
        marks: Callable[[], Mapping[InstrumentId, Decimal]],
    ) -> None:
        self.prices: dict[InstrumentId, float] = {}
        self._kernel = kernel
        self._account = account
        self._currency = currency
        self._equity = equity
        self._marks = marks
        self._slopes: dict[InstrumentId, float] = {}
        self._origin = 0.0  # equity with every price at nought, were it a straight line
        self._is_straight = True
        self._is_stale = True
        self._sampled_ns = -1
        self._times: list[int] = []
        self._values: list[float] = []
        self._exposures: list[float] = []
        kernel.bus.subscribe(r.FillRecorded, self._moved)
        kernel.bus.subscribe(r.AccountMoved, self._moved)
        kernel.bus.subscribe(r.BaselineTaken, self._moved)

    def _moved(self, _: object) -> None:
        self._is_stale = True

    def sample(self, time_ns: int) -> None:
        """Take the equity of now. A second sample of one time replaces the first."""
        if self._is_stale or not self._is_straight:
            self._refresh()
        exposure = 0.0
        for instrument, slope in self._slopes.items():
            exposure += slope * self.prices.get(instrument, 0.0)
        if time_ns == self._sampled_ns:
            self._values[-1] = self._origin + exposure
            self._exposures[-1] = exposure
            return
        self._sampled_ns = time_ns
        self._times.append(time_ns)
        self._values.append(self._origin + exposure)
        self._exposures.append(exposure)

    def curve(self) -> EquityCurve:
        return EquityCurve(
            time_ns=self._times, equity=self._values, exposure=self._exposures
        )

    def _refresh(self) -> None:
        worth, marks = self._equity(self._account), self._marks()
        if worth is None:
            return  # a price is missing: what is known of before still holds
        state = self._kernel.state
        self._slopes = {}
        self._is_straight = True
        origin = worth
        for instrument in state.instruments.values():
            held = state.ledger.holding(self._account, instrument)
            mark = marks.get(instrument.id)
            if not held or mark is None:
                continue
            if instrument.kind not in _AFFINE or instrument.settle != self._currency:
                self._is_straight = False
                continue
            slope = held * instrument.multiplier
            origin -= slope * mark
            self._slopes[instrument.id] = float(slope)
        self._origin = float(origin)
        self._is_stale = False
