"""A venue in memory that lends, moves, pays and tells, and financing on it."""

import asyncio
from decimal import Decimal
from types import SimpleNamespace

import pytest

from crossdock.app.financing import Financing
from crossdock.errors import DeskError
from crossdock.model import (
    AccountFacts,
    Auction,
    AuctionKind,
    BorrowRate,
    EarnHolding,
    EarnKind,
    EarnOffer,
    FeeRates,
    FundingRate,
    KeyRights,
    Leverage,
    Loan,
    MarginMode,
    Movement,
    MovementKind,
    OptionQuote,
    Right,
    SubAccount,
    TradingDay,
)

D = Decimal


def bank_of(toy):
    """Make a class on the venue that other tests of the application trade on, too."""

    class Bank(toy.Venue):
        """It does what it is asked, and remembers each time it was asked to."""

        def __init__(self, clock, *args, **terms):
            super().__init__(clock, *args, **terms)
            self.wallet = {"spot": self.cash, "funding": {"USDT": D(500)}}
            self.moved = []  # what this venue has carried out
            self.on_move = None  # raises, or returns an awaitable, in place of the answer
            self.chosen = {}
            self.lent = {}
            self.page_of_rates = 2

        # ---- money that moves ---------------------------------------------------

        async def carry_out(self, kind, asset, amount, **more):
            """Do it at the venue, whether or not anybody hears of it."""
            movement = Movement(
                account=self.account,
                kind=kind,
                movement_id=f"t{len(self.moved) + 1}",
                asset=asset,
                amount=amount,
                is_done=True,
                venue_time_ns=self.clock.time_ns(),
                **more,
            )
            self.moved.append(movement)
            source, destination = more.get("source"), more.get("destination")
            if kind is MovementKind.TRANSFER:
                for name, change in ((source, -amount), (destination, amount)):
                    held = self.wallet.setdefault(name, {})
                    held[asset] = held.get(asset, D(0)) + change
            else:
                comes = kind in (MovementKind.BORROW, MovementKind.EARN_REDEEM)
                self.cash[asset] = self.cash.get(asset, D(0)) + (
                    amount if comes else -amount
                )
            return movement

        async def _move(self, kind, asset, amount, deadline_ns, **more):
            self.calls.append((str(kind), (asset, amount, deadline_ns, more)))
            await asyncio.sleep(0)
            if self.on_move is not None:
                answered = await self.on_move(kind, asset, amount, **more)
                if answered is not None:
                    return answered
            return await self.carry_out(kind, asset, amount, **more)

        async def borrow(self, asset, amount, *, instrument=None, deadline_ns):
            kind = MovementKind.BORROW
            return await self._move(kind, asset, amount, deadline_ns)

        async def repay(self, asset, amount, *, instrument=None, deadline_ns):
            return await self._move(MovementKind.REPAY, asset, amount, deadline_ns)

        async def transfer(self, asset, amount, *, source, destination, deadline_ns):
            return await self._move(
                MovementKind.TRANSFER,
                asset,
                amount,
                deadline_ns,
                source=source,
                destination=destination,
            )

        async def earn_subscribe(self, offer, amount, *, deadline_ns):
            kind = MovementKind.EARN_SUBSCRIBE
            return await self._move(kind, offer.asset, amount, deadline_ns)

        async def earn_redeem(self, holding, amount, *, deadline_ns):
            kind = MovementKind.EARN_REDEEM
            return await self._move(kind, holding.asset, amount, deadline_ns)

        def asked_to_move(self):
            return [call for call, _ in self.calls if call in [*MovementKind]]

        # ---- margin -------------------------------------------------------------

        async def leverage(self, instrument):
            await self._read("leverage", instrument)
            value = self.chosen.get(instrument, D(1))
            return Leverage(
                account=self.account, instrument=instrument, long=value, short=value
            )

        async def set_leverage(self, instrument, leverage, *, margin_mode, deadline_ns):
            self.calls.append(("set_leverage", (instrument, leverage, margin_mode)))
            if self.on_move is not None:
                await self.on_move("leverage", instrument, leverage)
            self.chosen[instrument] = leverage

        async def set_margin_mode(self, instrument, mode, *, deadline_ns):
            self.calls.append(("set_margin_mode", (instrument, mode)))

        # ---- reads --------------------------------------------------------------

        def wallets(self):
            return tuple(self.wallet)

        async def transfers_after(self, since_ns):
            await self._read("transfers_after", since_ns)
            return [it for it in self.moved if it.venue_time_ns >= since_ns]

        async def borrow_rates(self, assets):
            return [BorrowRate(asset=it, rate=D("0.0001"), per_s=86_400) for it in assets]

        async def loans(self):
            return [Loan(account=self.account, asset="USDT", principal=D("10.50"))]

        async def sub_accounts(self):
            return [SubAccount(name="hedge", venue_id="7")]

        async def earn_offers(self, asset=None):
            await self._read("earn_offers", asset)
            offer = EarnOffer(
                offer_id="USDT001", kind=EarnKind.SAVINGS, asset="USDT", rate=D("0.04")
            )
            return [offer] if asset in (None, "USDT") else []

        async def earn_holdings(self):
            return [
                EarnHolding(
                    account=self.account,
                    offer_id="USDT001",
                    kind=EarnKind.SAVINGS,
                    asset="USDT",
                    amount=D(50),
                )
            ]

        async def funding_rates(self, instruments):
            return [self._rate(it, self.clock.time_ns()) for it in instruments]

        async def funding_rate_history(self, instrument, *, start_ns, end_ns):
            every = [self._rate(instrument, at) for at in range(0, 100, 8)]
            found = [it for it in every if start_ns <= it.funding_time_ns < end_ns]
            return found[: self.page_of_rates]

        def _rate(self, instrument, at):
            return FundingRate(instrument=instrument, rate=D("1E-4"), funding_time_ns=at)

        async def fee_rates(self, instruments):
            rates = {"maker": D("-0.0001"), "taker": D("0.0005")}
            return [FeeRates(instrument=it, **rates) for it in instruments]

        async def option_chain(self, underlying, *, expiry_time_ns=None):
            await self._read("option_chain", underlying, expiry_time_ns)
            return [OptionQuote(instrument=self.instrument.id, bid=D(1), ask=None)]

        async def trading_days(self, *, start, end):
            return [TradingDay(date=start, open_time_ns=1, close_time_ns=2)]

        async def auctions(self, instrument, *, start, end):
            auction = Auction(
                instrument=instrument,
                kind=AuctionKind.CLOSING,
                price=D(100),
                quantity=D(5),
                exchange="N",
                venue_time_ns=3,
            )
            return [auction]

        async def key_rights(self):
            return KeyRights(rights=frozenset({Right.TRADE, Right.READ}))

        async def account_facts(self):
            return AccountFacts(account=self.account, currency="USD", equity=D(1000))

    return Bank


@pytest.fixture(scope="session")
def bank_class(toy):
    return bank_of(toy)


@pytest.fixture
def bank(bank_class, clock):
    return bank_class(clock)


class Line:
    """A connection that a test plugs in and out."""

    def __init__(self, manifest, options, adapter):
        self.manifest, self.options = manifest, options
        self._adapter = adapter
        self.is_up = True

    @property
    def adapter(self):
        if not self.is_up:
            raise DeskError("main is not connected", code="account-away")
        return self._adapter


@pytest.fixture(scope="session")
def line_class():
    return Line


@pytest.fixture(scope="session")
def made(toy):
    """Put financing on a venue, with a kernel over a journal that may hold something."""

    def make(venue, journal, *, checkpoint=None, manifest=None):
        kernel = toy.kernel(venue.clock, journal, checkpoint=checkpoint)
        kernel.recover()
        options = SimpleNamespace(account=venue.account, venue=venue.name)
        line = Line(manifest or toy.MANIFEST, options, venue)
        evidence = (manifest or toy.MANIFEST).evidence
        financing = Financing(kernel, venue.account, line, evidence)
        financing.kernel, financing.line = kernel, line
        return financing

    return make


@pytest.fixture(scope="session")
def modes():
    return MarginMode
