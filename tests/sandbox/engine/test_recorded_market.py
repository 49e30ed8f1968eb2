"""A recorded market played into a venue: small recordings written here."""

import gzip
import json
from decimal import Decimal

import pytest

from crossdock.sandbox.engine import Venue, VenueSpec
from crossdock.sandbox.market import RecordedMarket, recorded_spec

MS = 10**6
ACCOUNT = {"USDT": Decimal(10**6), "AAA": Decimal(10**6)}


def snapshot(time_ms, last, bids, asks):
    return time_ms, {"lastUpdateId": last, "bids": bids, "asks": asks}


def depth(time_ms, first, last, bids=(), asks=(), symbol="AAAUSDT"):
    data = {"e": "depthUpdate", "s": symbol, "U": first, "u": last, "b": bids, "a": asks}
    return time_ms, {"stream": f"{symbol.lower()}@depth@100ms", "data": data}


def trade(time_ms, number, price, quantity, side="buy", symbol="AAAUSDT"):
    data = {
        "e": "trade",
        "s": symbol,
        "t": number,
        "p": price,
        "q": quantity,
        "m": side == "sell",
    }
    return time_ms, {"stream": f"{symbol.lower()}@trade", "data": data}


START = snapshot(
    0,
    100,
    [["10.00", "5"], ["9.99", "7"], ["9.90", "1.5"]],
    [["10.02", "4"], ["10.03", "6"], ["10.50", "0.5"]],
)
HELLO = depth(0, 101, 101)


@pytest.fixture
def record(tmp_path):
    def write(*lines, name="market.txt"):
        text = "".join(
            line
            if isinstance(line, str)
            else f"{line[0] * MS + 77} {json.dumps(line[1])}\n"
            for line in lines
        )
        path = tmp_path / name
        if name.endswith(".gz"):
            path.write_bytes(gzip.compress(text.encode()))
        else:
            path.write_text(text)
        return path

    return write


class Player:
    """Plays a recording against a clock of its own."""

    def __init__(self, pit, path, **options):
        spec = recorded_spec(path)
        self.market = RecordedMarket(path, spec, **options)
        self.ear = pit.ear
        self.venue = Venue(VenueSpec(name="rec", markets=(spec,)), self.ear, seed=1)
        self.venue.attach(self.market)
        for name in ("ann", "bob"):
            self.venue.open_account(name, ACCOUNT)
        self.symbol = spec.symbol
        self.form = pit.form
        self.now_ns = 10**18
        self.to(0)

    def to(self, time_ms):
        """Advance to a time of the recording, in steps of at most half a second."""
        end_ns = 10**18 + time_ms * MS
        while self.now_ns < end_ns:
            self.now_ns = min(end_ns, self.now_ns + 500 * MS)
            self.venue.advance(self.now_ns)
        self.venue.advance(self.now_ns)

    def enter(self, account, side, quantity, price=None):
        form = self.form(side, quantity, price, symbol=self.symbol)
        return self.venue.submit(account, form, self.now_ns)

    def book(self):
        _, bids, asks = self.venue.book(self.symbol, 20)
        return tuple(
            [(f"{p.normalize():f}", f"{q.normalize():f}") for p, q in side]
            for side in (bids, asks)
        )


@pytest.fixture
def play(pit, record):
    def make(*lines, name="market.txt", **options):
        return Player(pit, record(*lines, name=name), **options)

    return make


@pytest.mark.parametrize("name", ["plain.txt", "zipped.gz", "zipped-without-suffix"])
def test_plain_and_gzip_recordings_are_read(play, record, name):
    if name == "zipped-without-suffix":
        path = record(HELLO, START, name="x.gz")
        path.rename(path.with_name(name))
        spec = recorded_spec(path.with_name(name))
    else:
        spec = recorded_spec(record(HELLO, START, name=name))
    assert (spec.symbol, spec.base, spec.quote, spec.key) == (
        "AAA/USDT",
        "AAA",
        "USDT",
        "AAAUSDT",
    )
    assert spec.ticks == ((0, Decimal("0.01")),)
    assert spec.quantity_step == spec.min_quantity == Decimal("0.5")


@pytest.mark.parametrize(
    ("prices", "quantities", "tick", "step"),
    [
        (["0.00012300", "0.00012650"], ["1000", "2500"], "5E-7", "500"),
        (["26838.00", "26841.00"], ["1.25", "3"], "3", "0.25"),
        (["100000", "100500"], ["1", "2"], "500", "1"),
        (["12.50"], ["3.1"], "0.1", "0.1"),
    ],
)
def test_tick_and_lot_come_from_the_numbers(record, prices, quantities, tick, step):
    levels = [[p, quantities[n % len(quantities)]] for n, p in enumerate(prices)]
    spec = recorded_spec(record(depth(0, 1, 2, levels)))
    assert spec.ticks[0][1] == Decimal(tick)
    assert spec.quantity_step == Decimal(step)


@pytest.mark.parametrize(
    ("key", "symbol"),
    [
        ("BTCUSDT", "BTC/USDT"),
        ("ETHBTC", "ETH/BTC"),
        ("USDTTRY", "USDT/TRY"),
        ("1000XUSDC", "1000X/USDC"),
        ("XFDUSD", "X/FDUSD"),
    ],
)
def test_symbol_comes_from_the_stream(record, key, symbol):
    path = record(trade(0, 1, "5", "1", symbol=key))
    assert recorded_spec(path).symbol == symbol


def test_unusual_quote_asset_is_asked_for(record):
    path = record(trade(0, 1, "5", "1", symbol="AAAQQQ"))
    with pytest.raises(ValueError, match="BASE/QUOTE"):
        recorded_spec(path)
    assert recorded_spec(path, symbol="AAA/QQQ").quote == "QQQ"


def test_snapshot_and_changes_join_without_repeating_any(play):
    player = play(
        depth(0, 95, 99, [["10.01", "9"]]),  # older than the snapshot: in it already
        depth(0, 100, 102, [["10.00", "6"]]),  # spans it: applied after it
        START,
        depth(5, 103, 104, [["9.99", "0"]], [["10.02", "3"]]),
        depth(5, 103, 104, [["9.99", "8"]]),  # the same once more
    )
    player.to(5)
    assert player.book() == (
        [("10", "6"), ("9.9", "1.5")],
        [("10.02", "3"), ("10.03", "6"), ("10.5", "0.5")],
    )
    assert player.market.gaps == 0


def test_dropped_message_is_a_gap_and_the_next_one_counts(play):
    player = play(
        HELLO,
        START,
        # Update 102 to 110 is missing: it took the bid at 10.00 away.
        depth(5, 111, 111, [], [["10.00", "2"], ["10.01", "1"]]),
        depth(6, 112, 112, [["9.98", "3"]]),
    )
    player.to(6)
    bids, asks = player.book()
    assert player.market.gaps == 1
    assert bids[0] == ("9.99", "7")
    assert asks[:2] == [("10", "2"), ("10.01", "1")]


def test_recording_without_a_snapshot_goes_by_its_changes(play):
    changes = [depth(n, n, n, [["9.99", str(n)]], [["10.02", "2"]]) for n in range(1, 130)]
    player = play(*changes)
    player.to(130)
    assert player.book() == ([("9.99", "129")], [("10.02", "2")])


def test_later_snapshot_replaces_the_book_unless_it_is_older(play):
    player = play(
        HELLO,
        START,
        depth(1, 101, 120, [["9.98", "2"]]),
        snapshot(2, 110, [["1", "1"]], [["20", "1"]]),
        snapshot(3, 130, [["9", "2"]], [["11", "2"]]),
    )
    player.to(2)
    assert player.book()[0][2] == ("9.98", "2")
    player.to(3)
    assert player.book() == ([("9", "2")], [("11", "2")])


def test_taken_level_stays_taken_until_the_recording_sets_it(play):
    player = play(
        HELLO,
        START,
        depth(5, 102, 102, [], [["10.50", "1"]]),
        depth(6, 103, 103, [], [["10.02", "4"]]),
    )
    order = player.enter("ann", "buy", "6", "10.03")
    assert [(f.price, f.quantity) for f in player.venue.fills("ann")] == [
        (Decimal("10.02"), 4),
        (Decimal("10.03"), 2),
    ]
    assert order.status == "Filled"
    player.to(5)
    assert player.book()[1] == [("10.03", "4"), ("10.5", "1")]
    player.to(6)
    assert player.book()[1] == [("10.02", "4"), ("10.03", "4"), ("10.5", "1")]


QUEUE = [
    # trades at 10.00 after ann's bid for 2 joined behind 5, and what she got
    ([("5", "sell")], "0"),
    ([("5.5", "sell")], "0.5"),
    ([("3", "sell"), ("2", "sell"), ("1", "sell")], "1"),
    ([("90", "sell")], "2"),
    ([("90", "buy")], "0"),
]


@pytest.mark.parametrize(("trades", "filled"), QUEUE)
def test_resting_order_waits_for_the_queue_ahead(play, trades, filled):
    player = play(
        HELLO,
        START,
        *(
            trade(5, n, "10.00", quantity, side)
            for n, (quantity, side) in enumerate(trades)
        ),
    )
    order = player.enter("ann", "buy", "2", "10.00")
    player.to(5)
    assert order.cumulative_quantity == Decimal(filled)
    assert {fill.liquidity.value for fill in player.venue.fills("ann")} <= {"maker"}


def test_trade_leaves_the_recorded_quantity_to_the_recording(play):
    player = play(HELLO, START, trade(5, 1, "10.00", "3", "sell"))
    player.enter("ann", "buy", "2", "10.00")
    player.to(5)
    assert player.book()[0][0] == ("10", "7")


def test_queue_ahead_shrinks_only_when_it_must_and_never_grows(play):
    player = play(
        HELLO,
        START,
        depth(5, 102, 102, [["10.00", "9"]]),  # 4 more, behind
        depth(6, 103, 103, [["10.00", "6"]]),  # 3 less, from behind
        depth(7, 104, 104, [["10.00", "2"]]),  # only 2 left, all ahead
        trade(8, 1, "10.00", "3", "sell"),
    )
    order = player.enter("ann", "buy", "2", "10.00")
    player.to(7)
    assert order.cumulative_quantity == 0
    player.to(8)
    assert order.cumulative_quantity == 1


def test_trade_through_the_price_fills_at_the_recorded_price(play):
    player = play(HELLO, START, trade(5, 1, "9.98", "1.5", "sell"))
    order = player.enter("ann", "buy", "2", "10.01")
    player.to(5)
    (fill,) = player.venue.fills("ann")
    assert (fill.price, fill.quantity) == (Decimal("9.98"), Decimal("1.5"))
    assert order.status == "PartiallyFilled"


def test_recorded_book_that_crosses_an_order_fills_it(play):
    player = play(HELLO, START, depth(5, 102, 102, [["10.02", "1"]], [["10.00", "1.5"]]))
    first = player.enter("ann", "buy", "1", "10.01")
    second = player.enter("bob", "buy", "1", "10.01")
    player.to(5)
    assert (first.cumulative_quantity, second.cumulative_quantity) == (1, Decimal("0.5"))
    assert player.venue.fills("ann")[0].price == 10
    bids, asks = player.book()
    # What the orders took is gone from the level, until it is set again.
    assert bids[0] == ("10.01", "0.5")
    assert ("10", "1.5") not in asks


def test_recorded_trade_wakes_a_stop(play):
    player = play(HELLO, START, trade(5, 1, "9.95", "1", "sell"))
    form = player.form("sell", "1", symbol=player.symbol, stop="9.95")
    order = player.venue.submit("ann", form, player.now_ns)
    player.to(5)
    assert order.status == "Filled"
    assert player.venue.fills("ann")[0].price == 10


def test_tape_shows_recorded_trades_as_they_were(play):
    player = play(
        HELLO, START, trade(5, 41, "10.00", "3", "sell"), trade(9, 42, "10.02", "1")
    )
    player.to(8)
    assert [t[:5] for t in player.ear.trades] == [("AAA/USDT", "41", 10, 3, "sell")]
    player.to(9)
    assert player.ear.trades[-1][1:5] == ("42", Decimal("10.02"), 1, "buy")


@pytest.mark.parametrize(("speed", "at_ms"), [(1.0, 400), (10.0, 40), (0.5, 800)])
def test_speed_is_a_factor_of_real_time(play, speed, at_ms):
    player = play(HELLO, START, trade(400, 1, "10", "1"), speed=speed)
    player.to(at_ms - 1)
    assert not player.ear.trades
    player.to(at_ms)
    assert len(player.ear.trades) == 1


def test_recording_stops_at_its_end(play):
    player = play(HELLO, START, trade(5, 1, "10", "1"))
    player.to(5000)
    assert player.market.is_over
    assert player.market.rounds == 1
    assert len(player.ear.trades) == 1
    assert player.book()[0][0] == ("10", "5")


def test_loop_begins_again_with_fresh_trade_ids(play):
    player = play(
        HELLO,
        START,
        depth(4, 102, 102, [["10.00", "0"]]),
        trade(5, 1, "10", "1"),
        loop=True,
    )
    order = player.enter("ann", "buy", "1", "9.99")
    player.enter("ann", "buy", "4", "10.03")
    for time_ms in range(1, 30):
        player.to(time_ms)
    ids = [t[1] for t in player.ear.trades if not t[1].startswith("T")]
    assert len(set(ids)) == len(ids) == player.market.rounds
    assert ids[:2] == ["1", "1-1"]
    assert order.status == "New"


def test_pause_is_not_played_after_it(play):
    player = play(HELLO, START, *(trade(n * 1000, n, "10", "1") for n in range(1, 60)))
    player.venue.pause()
    player.now_ns += 50 * 10**9
    player.venue.advance(player.now_ns)
    player.venue.resume()
    player.venue.advance(player.now_ns)
    assert len(player.ear.trades) <= 1


BROKEN = [
    ("not a line at all\n", "time"),
    ('12 {"stream":"x","data":{"e":"depthUpdate","s":"A"\n', "12|JSON|truncated"),
    ('12 {"stream":"x","data":{"e":"depthUpdate","s":"AAAUSDT","b":[],"a":[]}}\n', "U"),
    ('12 {"stream":"x","data":{"e":"trade","s":"AAAUSDT","t":1,"p":"1","q":"2"}}\n', "`m`"),
    (
        '12 {"stream":"x","data":{"e":"trade","s":"A","t":1,"p":"one","q":"2","m":true}}\n',
        "number",
    ),
    (
        '12 {"stream":"x","data":{"e":"trade","s":"A","t":1,"p":"-1","q":"2","m":true}}\n',
        "-1",
    ),
    ('12 {"lastUpdateId":5,"bids":[["1"]],"asks":[]}\n', "bids"),
    ('12 {"something":"else"}\n', "lastUpdateId"),
    ("12 \xff\n", "."),
]


@pytest.mark.parametrize(("line", "words"), BROKEN)
def test_broken_line_names_its_file_line_and_cure(play, record, line, words):
    path = record(HELLO, START, line)
    with pytest.raises(ValueError, match=words) as error:
        recorded_spec(path)
    assert f"{path}:3: " in str(error.value)
    assert "remove the line or record again" in str(error.value)


def test_broken_line_is_met_only_when_it_is_reached(pit, record):
    good = record(HELLO, START)
    spec = recorded_spec(good)
    bad = record(HELLO, START, trade(900, 1, "10", "1"), "rubbish\n", name="bad.txt")
    venue = Venue(VenueSpec(name="rec", markets=(spec,)), pit.ear, seed=1)
    venue.attach(RecordedMarket(bad, spec))
    venue.advance(0)
    venue.advance(800 * MS)
    with pytest.raises(ValueError, match=r"bad\.txt:4: "):
        venue.advance(1000 * MS)


def test_cut_off_gzip_says_so(record, tmp_path):
    whole = record(HELLO, START, *(trade(n, n, "10", "1") for n in range(99)), name="a.gz")
    cut = tmp_path / "cut.gz"
    cut.write_bytes(whole.read_bytes()[:-40])
    with pytest.raises(ValueError, match="damaged after line"):
        recorded_spec(cut)


def test_empty_recording_says_what_to_record(record):
    with pytest.raises(ValueError, match="SYMBOL@trade"):
        recorded_spec(record(START))
