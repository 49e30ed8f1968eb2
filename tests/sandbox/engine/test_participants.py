"""Invented markets: two-sided, moving, alike over venues, and the same for the same seed."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest

from crossdock.model import ContractKind
from crossdock.sandbox.market import Participants, PricePath

START_NS = 1_700_000_000 * 10**9
STEP_NS = 20_000_000
SYMBOL = "BTC/USDT"


def play(pit, seconds, start_ns=START_NS, each=lambda: None):
    now_ns = start_ns
    while now_ns < start_ns + seconds * 10**9:
        pit.venue.advance(now_ns)
        each()
        now_ns += STEP_NS
    return now_ns


@pytest.fixture
def lively(open_pit):
    def make(seed=1, symbols=(SYMBOL,), path_seed=3, **more):
        pit = open_pit()
        paths = {symbol: PricePath(60000.0, seed=path_seed) for symbol in symbols}
        pit.venue.attach(Participants(paths, seed=seed, **more))
        return pit

    return make


@pytest.mark.parametrize("symbol", ["BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"])
def test_every_kind_of_market_has_levels_and_trades(lively, symbol):
    pit = lively(symbols=(symbol,))
    tops = []
    play(pit, 20, each=lambda: tops.append(pit.venue.top(symbol)[1:]))
    two_sided = sum(bid is not None and ask is not None for bid, ask in tops)
    assert two_sided > 0.98 * len(tops)
    assert all(bid[0] < ask[0] for bid, ask in tops if bid and ask)
    assert len(set(tops)) > 20
    _, bids, asks = pit.venue.book(symbol, 10)
    assert min(len(bids), len(asks)) >= 4
    times = [trade[5] for trade in pit.ear.trades]
    assert 60 <= len(times) <= 200
    assert max(after - before for before, after in pairwise(times)) < 2 * 10**9
    assert {trade[4].value for trade in pit.ear.trades} == {"buy", "sell"}


def test_same_seeds_play_the_same_market(lively):
    first, second, other = lively(), lively(), lively(seed=2)
    for pit in (first, second, other):
        play(pit, 5)
    assert first.ear.trades == second.ear.trades
    assert first.ear.changes == second.ear.changes
    assert first.ear.trades != other.ear.trades


def test_venues_share_one_path_with_their_offset(open_pit):
    path = PricePath(60000.0, seed=3)
    pits = []
    for offset_bps in (0.0, 30.0):
        pit = open_pit()
        pit.venue.attach(Participants({SYMBOL: path}, seed=1, offset_bps=offset_bps))
        pits.append(pit)
    apart = []
    for step in range(500):
        for pit in pits:
            pit.venue.advance(START_NS + step * STEP_NS)
        bids = [pit.venue.top(SYMBOL)[1] for pit in pits]
        if all(bids):
            apart.append(bids[1][0] / bids[0][0] - 1)
    mean = sum(apart) / len(apart)
    assert Decimal("0.0025") < mean < Decimal("0.0035")


def test_path_does_not_depend_on_how_often_it_is_asked():
    often, seldom = PricePath(100.0, seed=5), PricePath(100.0, seed=5)
    for time_ns in range(0, 10**10, 10**7):
        often.at(time_ns)
    seldom.at(0)
    assert often.at(10**10) == seldom.at(10**10)
    assert often.at(5 * 10**9) == seldom.at(5 * 10**9)
    assert often.at(10**10) != often.at(5 * 10**9)


def test_maker_trades_with_an_order_that_is_too_good(lively):
    pit = lively()
    now_ns = play(pit, 1)
    order = pit.enter("ann", "buy", "0.01", "61000", now_ns=now_ns)
    assert order.status == "Filled"
    worst = pit.enter("ann", "sell", "0.01", "59000", now_ns=now_ns)
    assert worst.status == "Filled"
    assert all(fill.price != 61000 for fill in pit.venue.fills("ann"))


def test_paused_participants_do_nothing_until_resumed(lively):
    pit = lively()
    now_ns = play(pit, 1)
    pit.venue.pause()
    told = len(pit.ear.trades), len(pit.ear.changes)
    now_ns = play(pit, 5, now_ns)
    assert (len(pit.ear.trades), len(pit.ear.changes)) == told
    pit.venue.resume()
    now_ns = play(pit, 1, now_ns)
    assert told[0] < len(pit.ear.trades) < told[0] + 30


def test_participants_go_on_when_the_ticks_change(lively):
    pit = lively()
    now_ns = play(pit, 1)
    pit.venue.tick_change(SYMBOL, ((Decimal(0), Decimal(7)),), now_ns)
    pit.enter("ann", "buy", "0.007", "56000", now_ns=now_ns)
    play(pit, 3, now_ns)
    _, bids, asks = pit.venue.book(SYMBOL, 4)
    assert all(price % 7 == 0 for price, _ in bids + asks)


def test_house_keeps_no_history(lively):
    pit = lively()
    play(pit, 5)
    for name in pit.venue.house_accounts:
        account = pit.venue._floor.accounts[name]
        assert not account.fills
        assert not account.clients
        assert len(account.orders) == len(account.open) < 40
    assert not pit.venue._floor.executions


def test_missing_market_is_said_at_once(open_pit):
    pit = open_pit()
    with pytest.raises(ValueError, match="DOGE"):
        pit.venue.attach(Participants({"DOGE/USDT": PricePath(1.0, seed=1)}, seed=1))


def test_cheap_coins_with_large_minimums_are_quoted(open_pit, spot_market):
    coin = replace(
        spot_market,
        kind=ContractKind.SPOT,
        ticks=((Decimal(0), Decimal("0.00001")),),
        quantity_step=Decimal(10),
        min_quantity=Decimal(500),
        max_quantity=Decimal(10**7),
        min_notional=Decimal(5000),
    )
    pit = open_pit(coin)
    pit.venue.attach(Participants({SYMBOL: PricePath(0.1234, seed=1)}, seed=1))
    play(pit, 3)
    _, bids, asks = pit.venue.book(SYMBOL, 10)
    assert min(len(bids), len(asks)) >= 3
    assert pit.ear.trades
