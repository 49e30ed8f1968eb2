"""The desk's state as the risk gate reads it."""

from __future__ import annotations

from collections.abc import Container, Mapping
from decimal import Decimal

from crossdock.app.desk.market.markets import Markets
from crossdock.app.desk.risk_view.sizes import Sizes
from crossdock.app.desk.risk_view.standing import Standing
from crossdock.app.gateway import Gateway
from crossdock.app.kernel import Kernel
from crossdock.core.exposure import AccountExposure
from crossdock.core.ledger import Rates
from crossdock.core.risk import (
    NOTHING_OPEN,
    Mark,
    OpenExposure,
    UnderlyingExposure,
    VenueTerms,
)
from crossdock.core.risk.correlation import NOTHING, Correlations, Rows
from crossdock.core.risk.day_trades import US_EQUITY
from crossdock.model import (
    ONE,
    ZERO,
    AccountId,
    Asset,
    ContractKind,
    Instrument,
    InstrumentId,
    OrderRequest,
    PositionSide,
    Side,
    StrategyId,
    venue_of,
)
from crossdock.ports import Can, Lookup

SAMPLE_NS = 1_000_000_000  # between two samples of returns
ROWS_EVERY = 10  # samples between two computations of correlations
FRESH_NS = 100_000_000  # sums are valued anew at most this often


class DeskView:
    """Implements `core.risk.RiskView` over the kernel, the markets and the gateways.

    Prices that sums are valued at are at most a tenth of a second old. What is held and
    what is open is read as it is, for every order.
    """

    def __init__(
        self,
        kernel: Kernel,
        markets: Markets,
        gateways: Mapping[AccountId, Gateway],
        *,
        currency: Asset,
        live: Container[AccountId],
    ) -> None:
        """`live` are the accounts whose orders move real money."""
        self._kernel = kernel
        self._markets = markets
        self._gateways = gateways
        self._currency = currency
        self._live = live
        self._standings: dict[AccountId, Standing] = {}
        self._equities: dict[AccountId, tuple[int, Decimal | None]] = {}
        self._exposures: dict[AccountId, AccountExposure] = {}
        self._terms: dict[tuple[AccountId, InstrumentId], VenueTerms] = {}
        self._terms_of = 0
        self._sizes = Sizes()
        self._rates = Rates({})
        self._marks: Mapping[InstrumentId, Decimal] = {}
        self._valued_ns = -FRESH_NS
        self._valued_listings = 0
        self._measured = Correlations()
        self._correlations: Rows = NOTHING
        self._samples = 0
        self._sampled_ns = -SAMPLE_NS

    # ---- clocks and switches ---------------------------------------------------

    def time_ns(self) -> int:
        return self._kernel.clock.time_ns()

    def monotonic_ns(self) -> int:
        return self._kernel.clock.monotonic_ns()

    def journal_writable(self) -> bool:
        return self._kernel.journal.writable

    def kill_switch(self, account: AccountId) -> str:
        state = self._kernel.state
        return state.killed or state.account(account).killed

    # ---- instruments and prices ------------------------------------------------

    def instrument(self, instrument: InstrumentId) -> Instrument | None:
        return self._kernel.state.instruments.get(instrument)

    def terms(self, account: AccountId, instrument: InstrumentId) -> VenueTerms | None:
        state = self._kernel.state
        if self._terms_of != state.listings:
            self._terms_of = state.listings
            self._terms.clear()
        terms = self._terms.get((account, instrument))
        if terms is None:
            gateway = self._gateways.get(account)
            if gateway is None or venue_of(instrument) != gateway.options.venue:
                return None
            manifest = gateway.manifest
            listed = state.instruments.get(instrument)
            types = manifest.order_types
            if listed is not None and listed.order_types is not None:
                types = types.intersection(listed.order_types)
            terms = self._terms[account, instrument] = VenueTerms(
                order_types=types,
                times_in_force=manifest.times_in_force,
                contingencies=manifest.contingencies,
                most_legs=manifest.most_legs,
                can_look_up=gateway.evidence.lookup is not Lookup.NONE,
                can_replace=Can.REPLACE in manifest.can,
                enforces_reduce_only=manifest.reduce_only,
                day_trade_rule=listed is not None and US_EQUITY in listed.tags,
            )
        return terms

    def mark(self, instrument: InstrumentId) -> Mark | None:
        return self._markets.mark(instrument)

    def worst_price(
        self, instrument: InstrumentId, side: Side, quantity: Decimal
    ) -> Decimal | None:
        return self._markets.worst_price(instrument, side, quantity)

    def rate(self, asset: Asset) -> Decimal | None:
        """Return the middle of any good spot book of the asset against the currency."""
        if asset == self._currency:
            return ONE
        return self.rates().convert(ONE, asset, self._currency)

    def rates(self) -> Rates:
        """Return what spot books say assets are worth, at most a tenth of a second old.

        What is listed, or listed anew, has everything valued at once.
        """
        now, listings = self.monotonic_ns(), self._kernel.state.listings
        if now - self._valued_ns >= FRESH_NS or listings != self._valued_listings:
            self._valued_listings = listings
            self._value(now)
        return self._rates

    def marks(self) -> Mapping[InstrumentId, Decimal]:
        self.rates()
        return self._marks

    def _value(self, now: int) -> None:
        marks: dict[InstrumentId, Decimal] = {}
        rates: dict[tuple[Asset, Asset], Decimal] = {}
        for instrument in self._kernel.state.instruments.values():
            mark = self._markets.mark(instrument.id)
            if mark is None:
                continue
            marks[instrument.id] = mark.price
            if instrument.kind is ContractKind.SPOT and mark.price > 0:
                rates.setdefault((instrument.base, instrument.quote), mark.price)
        self._marks, self._rates, self._valued_ns = marks, Rates(rates), now
        self._standings.clear()
        self._equities.clear()
        for exposure in self._exposures.values():
            exposure.revalue()

    # ---- positions and money ---------------------------------------------------

    def account(self, account: AccountId) -> Standing | None:
        gateway = self._gateways.get(account)
        if gateway is None:
            return None
        state = self._kernel.state
        self.rates()
        moved = state.holdings_moved.get(account, 0)
        standing = self._standings.get(account)
        if standing is None or standing.holdings_moved != moved:
            standing = self._standings[account] = Standing(
                account, gateway, state, self, live=account in self._live, moved=moved
            )
        return standing

    def forget(self, account: AccountId) -> None:
        """Count the account's equity and result anew at the next read."""
        self._standings.pop(account, None)
        self._equities.pop(account, None)

    def drop(self, account: AccountId) -> None:
        """Keep nothing of an account that is let go: it may come back as another's."""
        self.forget(account)
        self._exposures.pop(account, None)
        for key in [key for key in self._terms if key[0] == account]:
            del self._terms[key]

    def equity(self, account: AccountId) -> Decimal | None:
        """Return what the account is worth in the currency, None while a price is missing.

        None also before it was first read: what it holds is then unknown, and not nothing.
        """
        state, rates = self._kernel.state, self.rates()
        moved = state.holdings_moved.get(account, 0)
        known = self._equities.get(account)
        if known is not None and known[0] == moved:
            return known[1]
        worth = None
        if state.account(account).has_baseline:
            worth = state.ledger.worth(account, self._currency, rates, self._marks)
        self._equities[account] = (moved, worth)
        return worth

    def gross_exposure(self, account: AccountId) -> Decimal | None:
        """Return `AccountFacts.gross_exposure`."""
        self.rates()
        return self._exposure(account).gross()

    def _exposure(self, account: AccountId) -> AccountExposure:
        exposure = self._exposures.get(account)
        if exposure is None:
            exposure = self._exposures[account] = AccountExposure(
                self._kernel.state,
                account,
                self._gateways[account].options.venue,
                self._currency,
                self._unit_worth,
            )
        return exposure

    def _unit_worth(self, instrument: Instrument) -> Decimal | None:
        mark, rate = self._markets.mark(instrument.id), self.rate(instrument.settle)
        if mark is None or rate is None:
            return None
        if not mark.price and instrument.kind is ContractKind.INVERSE:
            return None
        return abs(instrument.notional(ONE, mark.price)) * rate

    def position(
        self, account: AccountId, instrument: InstrumentId, position_side: PositionSide
    ) -> Decimal:
        listed = self._kernel.state.instruments.get(instrument)
        if listed is None:
            return ZERO
        return self._exposure(account).held(listed, position_side)

    def open_exposure(
        self, account: AccountId, instrument: InstrumentId, position_side: PositionSide
    ) -> OpenExposure:
        listed = self._kernel.state.instruments.get(instrument)
        if listed is None:
            return NOTHING_OPEN
        return self._exposure(account).open_exposure(listed, position_side)

    def free_cash(self, account: AccountId, asset: Asset) -> Decimal | None:
        """Return the balance less what open orders may take, those not ours included."""
        state = self._kernel.state
        held = state.ledger.balance(account, asset)
        ours = state.reservations.cash(account, asset)
        return held - ours - state.foreign_reservations.cash(account, asset)

    def margin_rate(self, account: AccountId, instrument: InstrumentId) -> Decimal | None:
        listed = self._kernel.state.instruments.get(instrument)
        return None if listed is None else listed.margin_rate

    def underlying_exposure(
        self, account: AccountId, underlying: Asset
    ) -> UnderlyingExposure | None:
        self.rates()
        return self._exposure(account).underlying(underlying)

    def correlations(self, underlying: Asset) -> Mapping[Asset, float]:
        return self._correlations.get(underlying, {})

    def sample_correlations(self) -> None:
        """Take a sample of every underlying's price, at most one a second."""
        now = self.monotonic_ns()
        if now - self._sampled_ns < SAMPLE_NS:
            return
        self._sampled_ns = now
        prices = {}
        for asset in {i.base for i in self._kernel.state.instruments.values()}:
            rate = self.rate(asset)
            if rate is not None:
                prices[asset] = float(rate)
        self._measured.sample(prices)
        self._samples += 1
        if self._samples % ROWS_EVERY == 0:
            self._correlations = self._measured.rows()

    # ---- orders ----------------------------------------------------------------

    def doubts(self, account: AccountId, instrument: InstrumentId, side: Side) -> int:
        return sum(
            order.request.instrument == instrument
            and order.request.side is side
            and bool(order.doubts)
            for order in self._kernel.state.open_orders(account)
        )

    def average_quantity(
        self, account: AccountId, instrument: InstrumentId, strategy: StrategyId
    ) -> Decimal | None:
        return self._sizes.average(account, instrument, strategy)

    def note_order(self, request: OrderRequest) -> None:
        """Remember the size of an order that went out."""
        self._sizes.note(request)

    def open_orders(self) -> int:
        return self._kernel.state.reservations.orders()
