"""The desk's state as the risk gate reads it."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Mapping
from decimal import Decimal
from functools import cached_property

from crossdock.app.desk.markets import Markets
from crossdock.app.gateway import Gateway
from crossdock.app.kernel import Kernel
from crossdock.app.live import first_day_notional
from crossdock.core.exposure import AccountExposure
from crossdock.core.ledger import Rates
from crossdock.core.risk import (
    NOTHING_OPEN,
    Mark,
    OpenExposure,
    UnderlyingExposure,
    VenueTerms,
    day_trades,
)
from crossdock.core.risk.correlation import NOTHING, Correlations, Rows
from crossdock.core.risk.day_trades import US_EQUITY, trading_day
from crossdock.core.state import State
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
USUAL_OF_LAST = 50  # orders that "usual size" is the average of
USUAL_FROM = 5


class Standing:
    """One account's money, as `core.risk.AccountFacts` has it: counted when it is asked for.

    Good until prices are valued anew or the account's holdings move; what changes with
    every order is read as it is.
    """

    def __init__(
        self,
        account: AccountId,
        gateway: Gateway,
        state: State,
        view: DeskView,
        *,
        live: bool,
        moved: int,
    ) -> None:
        self.live = live
        self.holdings_moved = moved
        self._account = account
        self._gateway = gateway
        self._state = state
        self._view = view

    @cached_property
    def equity(self) -> Decimal | None:
        return self._view.equity(self._account)

    @property
    def day_start_equity(self) -> Decimal | None:
        begun = self._state.account(self._account)
        return begun.day_equity if begun.day else None

    @cached_property
    def day_pnl(self) -> Decimal | None:
        """What was paid in or out today is no profit."""
        equity, start = self.equity, self.day_start_equity
        if equity is None or start is None:
            return None
        pnl = equity - start
        for asset, amount in self._state.paid_in(self._account).items():
            rate = self._view.rate(asset)
            if rate is not None:
                pnl -= amount * rate
        return pnl

    @property
    def gross_exposure(self) -> Decimal | None:
        return self._view.gross_exposure(self._account)

    @property
    def open_orders(self) -> int:
        return self._state.reservations.orders(self._account)

    @property
    def day_trades(self) -> int:
        """The broker's count or ours, whichever is larger: its own comes late.

        A broker that counts none for this account does not hold it to the rule.
        """
        today = trading_day(self._view.time_ns())
        ours = day_trades.count(self._state.account(self._account).day_trades, today)
        facts = self._gateway.facts
        if facts is None:
            return ours
        return 0 if facts.day_trades is None else max(ours, facts.day_trades)

    @property
    def day_trade_equity(self) -> Decimal | None:
        facts = self._gateway.facts
        return self.equity if facts is None else facts.equity

    def opened_today(self, instrument: InstrumentId) -> bool:
        opened = self._state.account(self._account).opened_on
        return opened.get(instrument) == trading_day(self._view.time_ns())

    @property
    def first_day_notional(self) -> Decimal | None:
        if not self.live:
            return None
        view = self._view
        return first_day_notional(self._state, self._account, view.time_ns(), view.rate)

    @property
    def quarantine(self) -> str:
        gateway = self._gateway
        if not gateway.ready.is_set():
            return f"{gateway.standing}: {gateway.reason or 'not ready yet'}"
        if gateway.facts is not None and gateway.facts.is_trading_blocked:
            return "the broker has blocked trading in it"
        return self._state.account(self._account).halted or gateway.skewed


class _Sizes:
    """The sizes of the last orders, and their sum."""

    __slots__ = ("_last", "_sum")

    def __init__(self) -> None:
        self._last: deque[Decimal] = deque()
        self._sum = ZERO

    def add(self, quantity: Decimal) -> None:
        self._last.append(quantity)
        self._sum += quantity
        if len(self._last) > USUAL_OF_LAST:
            self._sum -= self._last.popleft()

    @property
    def average(self) -> Decimal | None:
        if len(self._last) < USUAL_FROM:
            return None
        return self._sum / len(self._last)


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
        self._sizes: dict[tuple[AccountId, InstrumentId, StrategyId], _Sizes] = {}
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

    def equity(self, account: AccountId) -> Decimal | None:
        """Return what the account is worth in the currency, None while a price is missing."""
        state, rates = self._kernel.state, self.rates()
        moved = state.holdings_moved.get(account, 0)
        known = self._equities.get(account)
        if known is not None and known[0] == moved:
            return known[1]
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
        sizes = self._sizes.get((account, instrument, strategy))
        return None if sizes is None else sizes.average

    def note_order(self, request: OrderRequest) -> None:
        """Remember the size of an order that went out."""
        key = (request.account, request.instrument, request.strategy)
        sizes = self._sizes.get(key)
        if sizes is None:
            sizes = self._sizes[key] = _Sizes()
        sizes.add(request.quantity)

    def open_orders(self) -> int:
        return self._kernel.state.reservations.orders()
