"""The recorded market against a real recording of Binance's ETHUSDT."""

import gzip
import json
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from crossdock.model import OrderType, Side, TimeInForce
from crossdock.sandbox.engine import OrderForm, Venue, VenueSpec
from crossdock.sandbox.market import RecordedMarket, recorded_spec

REAL = (
    Path(__file__).parents[3]
    / "../shared/data/hftbacktest/examples/spot/ethusdt_20240808.gz"
)
pytestmark = pytest.mark.skipif(
    not REAL.exists(), reason="needs ../shared/data/hftbacktest, which is not shipped"
)
SYMBOL = "ETH/USDT"
STEP_NS = 10_000_000
START_NS = 10**18


@pytest.fixture(scope="module")
def messages():
    with gzip.open(REAL, "rt") as lines:
        return [json.loads(line.split(" ", 1)[1]) for line in lines]


@pytest.fixture(scope="module")
def recorded_prices(messages):
    """Every price that stood in the recording, in a book or as a trade."""
    prices = set()
    for message in messages:
        data = message.get("data", message)
        for side in ("bids", "asks", "b", "a"):
            levels = data.get(side, [])
            if isinstance(levels, list):
                prices.update(Decimal(p) for p, q in levels if Decimal(q))
        if data.get("e") == "trade":
            prices.add(Decimal(data["p"]))
    return prices


def open_venue(ear, path=REAL, **options):
    spec = recorded_spec(path)
    venue = Venue(VenueSpec(name="binance", markets=(spec,)), ear, seed=1)
    market = RecordedMarket(path, spec, **options)
    venue.attach(market)
    venue.open_account("ann", {spec.quote: Decimal(10**7), spec.base: Decimal(10**4)})
    return venue, market


def test_spec_is_what_binance_had():
    spec = recorded_spec(REAL)
    assert (spec.symbol, spec.key) == (SYMBOL, "ETHUSDT")
    assert spec.ticks == ((0, Decimal("0.01")),)
    assert spec.quantity_step == Decimal("0.0001")


def test_best_prices_equal_the_ticker_of_the_same_update(pit, messages):
    tickers = {}
    for message in messages:
        if message.get("stream", "").endswith("@bookTicker"):
            data = message["data"]
            tickers[data["u"]] = tuple(Decimal(data[key]) for key in "bBaA")
    ends = {m["data"]["u"] for m in messages if m.get("data", {}).get("e") == "depthUpdate"}
    venue, market = open_venue(pit.ear)
    now_ns, checked, last = START_NS, 0, None
    while now_ns < START_NS + 120 * 10**9:
        venue.advance(now_ns)
        now_ns += STEP_NS
        update = market._round.last
        if update != last and update in ends and update in tickers:
            bid, ask = venue.top(SYMBOL)[1:]
            assert (*bid, *ask) == tickers[update], update
            checked += 1
        last = update
    assert checked > 100
    assert market.gaps == 0


def trade_at_random(venue, now_ns, random, number):
    _, bid, ask = venue.top(SYMBOL)
    if bid is None or ask is None:
        return
    side = random.choice(list(Side))
    near = bid if side is Side.BUY else ask
    tick = Decimal("0.01")
    price = near[0] + side.sign * tick * random.choice([-5, -2, -1, 0, 0, 1, 3, 500])
    form = OrderForm(
        client_order_id=f"c-{number}",
        symbol=SYMBOL,
        side=side,
        type=OrderType.LIMIT,
        quantity=Decimal(random.randrange(1, 50000)) / 10000,
        limit_price=price,
        time_in_force=random.choice([TimeInForce.GTC, TimeInForce.GTC, TimeInForce.IOC]),
    )
    venue.submit("ann", form, now_ns)
    for order in venue.open_orders("ann")[:-20]:
        venue.cancel("ann", order.id, now_ns)


def test_every_fill_has_a_price_that_stood_in_the_recording(pit, recorded_prices):
    venue, _ = open_venue(pit.ear)
    random = Random(5)
    for step in range(6000):
        now_ns = START_NS + step * STEP_NS
        venue.advance(now_ns)
        if step % 10 == 0:
            trade_at_random(venue, now_ns, random, step)
        bid, ask = venue.top(SYMBOL)[1:]
        assert bid is None or ask is None or bid[0] < ask[0]
    fills = venue.fills("ann")
    assert {fill.liquidity.value for fill in fills} == {"maker", "taker"}
    assert len(fills) > 100
    assert {fill.price for fill in fills} <= recorded_prices
    for fill in fills:
        order = venue.find("ann", order_id=fill.order_id)
        assert (order.limit_price - fill.price) * order.side.sign >= 0


def mutated(path, messages, *, seed, drop):
    """Write the recording with another symbol and scale, and depth messages missing."""
    random = Random(seed)

    def scaled(levels):
        return [[str(Decimal(p) * 7), str(Decimal(q) * 1000)] for p, q in levels]

    with path.open("w") as file:
        for number, message in enumerate(messages[:9000]):
            data = dict(message.get("data", message))
            if data.get("e") == "depthUpdate" and random.random() < drop:
                continue
            for side in ("b", "a", "bids", "asks"):
                if isinstance(data.get(side), list):
                    data[side] = scaled(data[side])
            if data.get("e") == "trade":
                (data["p"], data["q"]), *_ = scaled([[data["p"], data["q"]]])
            if "s" in data:
                data["s"] = "ZZZTRY"
            whole = {**message, "data": data} if "data" in message else data
            file.write(f"{number * 10_000_000} {json.dumps(whole)}\n")


@pytest.mark.parametrize("drop", [0.0, 0.2, 0.9])
def test_renamed_rescaled_and_holed_recording_plays(pit, messages, tmp_path, drop):
    path = tmp_path / "other.txt"
    mutated(path, messages, seed=3, drop=drop)
    spec = recorded_spec(path)
    assert (spec.symbol, spec.ticks[0][1]) == ("ZZZ/TRY", Decimal("0.07"))
    assert spec.quantity_step == Decimal("0.1")
    venue, market = open_venue(pit.ear, path, speed=50.0)
    now_ns, number = START_NS, 0
    while not market.is_over:
        now_ns += STEP_NS
        venue.advance(now_ns)
        _, bid, ask = venue.top("ZZZ/TRY")
        assert bid is None or ask is None or bid[0] < ask[0]
        number += 1
        if number % 50 == 0 and ask:
            form = pit.form("buy", "0.5", str(ask[0]), symbol="ZZZ/TRY")
            assert venue.submit("ann", form, now_ns).cumulative_quantity > 0
    assert (market.gaps > 0) == (drop > 0)
    assert len(pit.ear.trades) > 500


def test_same_recording_plays_the_same_twice(open_pit):
    told = []
    for pit in (open_pit(), open_pit()):
        venue, _ = open_venue(pit.ear, speed=20.0)
        for step in range(100):
            venue.advance(START_NS + step * STEP_NS)
        told.append((pit.ear.trades, pit.ear.changes, pit.ear.books))
    assert told[0] == told[1]
