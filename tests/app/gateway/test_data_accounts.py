"""A data account streams a market and nothing else: no keys, no balance, no order."""

import random
from dataclasses import replace

import pytest

from crossdock.app.gateway import GatewayOptions, MarketWatch
from crossdock.app.gateway.connected import Standing
from crossdock.core import records as r
from crossdock.errors import ConfigError, DeskError, Unreachable
from crossdock.ports import Setting
from crossdock.toolkit.health import HealthRegistry
from crossdock.toolkit.retry import Backoff

DATA = 'use = "data"\n'


class Market:
    """A venue to look at: whoever asks it for more finds nothing to ask."""

    def __init__(self, venue):
        self._venue = venue
        self.account, self.clock = venue.account, venue.clock
        self.failure = None

    async def __aenter__(self):
        if self.failure is not None:
            raise self.failure
        return self

    async def __aexit__(self, *_):
        pass

    async def instruments(self):
        return await self._venue.instruments()

    async def watch_market(self, instruments, sink):
        await self._venue.watch_market(instruments, sink)

    def quote(self):
        self._venue.quote()


class Told:
    """A market sink that keeps the books it is told."""

    def __init__(self):
        self.books, self.gaps = [], []

    def book(self, change):
        self.books.append(change)

    def market_gap(self, instruments, reason):
        self.gaps.append(reason)

    def newest_ns(self, instruments):
        return self.books[-1].received_time_ns if self.books else 0


@pytest.fixture
def kernel(toy, clock, journal):
    return toy.kernel(clock, journal)


@pytest.fixture
def sink():
    return Told()


@pytest.fixture
def watch(toy, kernel, venue, sink):
    market = Market(venue)
    made = MarketWatch(
        kernel,
        toy.MANIFEST,
        GatewayOptions(account="eyes", venue="alpha", symbols=("BTC/USDT", "NO/SUCH")),
        lambda: market,
        sink,
        health=HealthRegistry(kernel.clock),
        backoff=lambda: Backoff(random.Random(1), first_s=0.5, most_s=1.0),
    )
    made.market = market
    return made


async def test_it_lists_and_streams_and_asks_for_nothing_else(
    toy, clock, kernel, venue, watch, sink, journal
):
    async with toy.running(watch):
        await toy.until(clock, lambda: bool(sink.books))
        assert watch.ready.is_set()
        assert {call for call, _ in venue.calls} == {"instruments", "watch_market"}
        assert {type(each) for each in journal.records()} == {r.InstrumentListed, r.Alarmed}
        [alarm] = journal.records(r.Alarmed)
        assert (alarm.code, "NO/SUCH" in alarm.words) == ("symbol-not-listed", True)
    assert watch.standing is Standing.CLOSED


async def test_it_comes_back_after_its_venue_was_away_and_says_so_once(
    toy, clock, kernel, watch, sink, journal
):
    watch.market.failure = Unreachable("no route")
    async with toy.running(watch):
        await toy.until(clock, lambda: watch.standing is Standing.AWAY)
        await clock.advance(5)
        assert "no route" in watch.reason
        watch.market.failure = None
        await toy.until(clock, lambda: bool(sink.books))
    assert [a.code for a in journal.records(r.Alarmed)].count("account-away") == 1


async def test_in_a_desk_it_brings_its_market_and_takes_no_order(toy, clock, open_toy_desk):
    trading = toy.Venue(clock)
    other = toy.Venue(clock, "beta", "second")
    async with open_toy_desk(trading, Market(other), text=DATA) as desk:
        assert list(desk.gateways) == ["main"]
        await toy.until(clock, lambda: desk.markets.mark("BTC/USDT@beta") is not None)
        with pytest.raises(DeskError, match="second is a data account") as refused:
            desk.dealing.place(toy.order(account="second", instrument="BTC/USDT@beta"))
        assert refused.value.code == "account-data-only"
        assert 'use = "trade"' in refused.value.hint
        [row] = desk.operations.status()["data_accounts"]
        assert (row["account"], row["standing"]) == ("second", "ready")
    assert {call for call, _ in other.calls} == {"instruments", "watch_market"}


# ---- settings --------------------------------------------------------------------


@pytest.fixture
def keyed(toy):
    return replace(
        toy.MANIFEST,
        real_money=True,
        keys_url="https://example.org/keys",
        settings={
            "url": Setting(help="Address.", default="https://api.example.org"),
            "key": Setting(help="The key.", default=""),
            "key_secret": Setting(help="Its secret.", default=""),
        },
    )


def test_a_data_account_needs_no_keys_and_reaches_the_real_venue_on_paper(
    settings_of, keyed
):
    settings = settings_of(DATA, manifest=keyed)
    assert settings.accounts["main"].use == "data"
    assert settings.live_accounts() == ()


@pytest.mark.parametrize(
    ("keys", "named"),
    [("", "key_secret"), ('key = "k"\n', "key_secret"), ('key_secret = "s"\n', "key")],
)
def test_a_trading_account_without_keys_is_refused_before_anything_connects(
    settings_of, keyed, keys, named
):
    with pytest.raises(ConfigError, match=f"and {named} is empty") as refused:
        settings_of('url = "http://localhost:1"\n' + keys, manifest=keyed)
    assert refused.value.code == "config-keys"
    assert 'use = "data"' in refused.value.hint
    assert "https://example.org/keys" in refused.value.hint


def test_keys_that_have_no_default_may_be_left_out_by_a_data_account_only(
    settings_of, keyed
):
    demanding = replace(
        keyed,
        settings={
            **keyed.settings,
            "key": Setting(help="The key."),
            "key_secret": Setting(help="Its secret."),
            "region": Setting(help="Where."),
        },
    )
    with pytest.raises(ConfigError, match=r"region is missing"):
        settings_of(DATA, manifest=demanding)
    settings = settings_of(DATA + 'region = "eu"\n', manifest=demanding)
    assert settings.accounts["main"].options["key"] == ""
    with pytest.raises(ConfigError, match="key"):
        settings_of('region = "eu"\n', manifest=demanding)


def test_a_test_environment_with_a_real_address_is_refused_in_every_mode(
    settings_of, keyed
):
    manifest = replace(
        keyed,
        settings={**keyed.settings, "environment": Setting(help="Which.", default="live")},
    )
    keys = 'key = "k"\nkey_secret = "s"\nenvironment = "testnet"\n'
    for mode in ("paper", "live"):
        desk = f'[desk]\nmode = "{mode}"\n'
        with pytest.raises(ConfigError, match="is no test address") as refused:
            settings_of(keys + desk, manifest=manifest)
        assert refused.value.code == "config-mode"
