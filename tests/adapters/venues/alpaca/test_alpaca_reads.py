"""Reads: units and steps, holdings, facts, prices, and the bodies others recorded."""

import datetime as dt
import json
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest

from crossdock.adapters.venues.alpaca import MANIFEST, stamps, wire
from crossdock.adapters.venues.alpaca.prices import wire as prices
from crossdock.errors import BadPayload, ConfigError, Unavailable
from crossdock.model import (
    AuctionKind,
    ContractKind,
    Liquidity,
    OptionRight,
    OrderType,
    Side,
    symbol_of,
)
from crossdock.ports import PROTOCOL_OF

D = Decimal
STOCK, COIN = "AAPL/USD@alpaca", "BTC/USD@alpaca"
OPTION = "AAPL/USD:USD-251219-150-C@alpaca"
MINUTE_NS = 60_000_000_000


def test_declares_exactly_what_it_implements(alpaca):
    for ability, protocol in PROTOCOL_OF.items():
        assert isinstance(alpaca, protocol) == (ability in MANIFEST.can), ability


async def test_a_stock_steps_by_the_sub_penny_rule_and_billionths_of_a_share(alpaca, make):
    it = (await make.listed(alpaca))[STOCK]
    assert (it.kind, it.base, it.quote, it.settle) == (
        ContractKind.SPOT,
        "AAPL",
        "USD",
        "USD",
    )
    assert it.venue_key == "904837e3-3b76-47ec-b432-046db621571b"
    assert [(b.floor, b.tick) for b in it.tick_table] == [
        (D(0), D("0.0001")),
        (D(1), D("0.01")),
    ]
    assert it.price("290.12") == D("290.12")
    assert it.price("0.1234") == D("0.1234")
    with pytest.raises(ValueError, match="does not fit"):
        it.price("290.123")
    assert it.quantity("0.000000001") == D("1e-9")
    assert it.notional(D("0.5"), D("150.25")) == D("75.125")
    assert {"fractionable", "shortable", "easy_to_borrow", "marginable"} <= set(it.tags)


async def test_a_stock_that_is_not_fractionable_steps_by_whole_shares(alpaca, make):
    it = (await make.listed(alpaca))["LTC.US/USD@alpaca"]
    assert it.quantity_step == D(1)
    with pytest.raises(ValueError, match="does not fit"):
        it.quantity("1.5")


async def test_shares_and_coins_of_one_name_stay_two_things(alpaca, make):
    listed = await make.listed(alpaca)
    assert listed["LTC.US/USD@alpaca"].base == "LTC.US"
    assert listed["LTC/USD@alpaca"].base == "LTC"


async def test_a_coin_steps_as_the_vendor_lists_it(alpaca, make):
    it = (await make.listed(alpaca))[COIN]
    assert (it.tick_at(D(60000)), it.quantity_step) == (D(1), D("1e-9"))
    assert it.min_quantity == D("0.000028257")
    assert it.notional(D("0.001"), D(60000)) == D(60)
    assert OrderType.STOP not in it.order_types


@pytest.mark.parametrize("how", ["underlyings", "position", "order"])
async def test_an_option_stands_for_a_hundred_shares(open_alpaca, vendor, make, how):
    more = {}
    if how == "underlyings":
        more = {"option_underlyings": "AAPL, SPY"}
        page = {"option_contracts": [make.contract], "next_page_token": "more"}
        vendor.say("GET", "/v2/options/contracts", page)
        empty = {"option_contracts": None, "next_page_token": None}
        vendor.say("GET", "/v2/options/contracts", empty, lasting=True)
    else:
        contract = make.contract["symbol"]
        vendor.say("GET", f"/v2/options/contracts/{contract}", make.contract)
        held = {"symbol": contract, "asset_class": "us_option", "qty": "1", "side": "long"}
        order = make.order_body(symbol=contract, asset_class="us_option")
        path, body = ("positions", held) if how == "position" else ("orders", order)
        vendor.say("GET", f"/v2/{path}", [body])
    async with open_alpaca(**more) as alpaca:
        it = (await make.listed(alpaca))[OPTION]
    assert (it.kind, it.multiplier, it.quantity_step) == (
        ContractKind.OPTION,
        D(100),
        D(1),
    )
    assert (it.strike, it.right) == (D(150), OptionRight.CALL)
    assert it.expiry_time_ns == 1_766_178_000_000_000_000  # 16:00 in New York
    assert it.notional(D(2), D("3.15")) == D(630)
    if how == "underlyings":
        asked = [it.query for it in vendor.requests("GET") if "contracts" in it.path]
        assert [it["underlying_symbols"] for it in asked] == ["AAPL", "AAPL", "SPY"]
        assert asked[1]["page_token"] == "more"


async def test_what_the_history_speaks_of_is_listed_though_it_is_gone(alpaca, vendor, make):
    gone = {**make.contract, "class": "us_equity", "symbol": "OLD", "status": "inactive"}
    symbols = ("OLD", "NEVER", "AAPL251219C00150000", "AAPL1251219C00150000")
    rows = [make.fill_body(n, symbol=symbol) for n, symbol in enumerate(symbols)]
    vendor.say("GET", "/v2/account/activities/FILL", rows)
    vendor.say("GET", "/v2/account/activities/FILL", [])
    vendor.say("GET", "/v2/assets/OLD", gone)
    await alpaca.fills_after("")
    listed = await make.listed(alpaca)
    assert not listed["OLD/USD@alpaca"].is_trading
    expired = listed[OPTION]
    assert (expired.multiplier, expired.strike, expired.is_trading) == (
        D(100),
        D(150),
        False,
    )
    # Never heard of, and one whose deliverable its symbol does not tell.
    assert "NEVER/USD@alpaca" not in listed
    assert "AAPL1/USD:USD-251219-150-C@alpaca" not in listed


@pytest.mark.parametrize("broken", [{"price_increment": "0"}, {"price_increment": None}])
async def test_a_coin_that_steps_by_nothing_is_no_instrument(alpaca, vendor, broken):
    coin = {
        "id": "1",
        "class": "crypto",
        "symbol": "X/USD",
        "status": "active",
        "tradable": True,
        "min_trade_increment": "1",
        **broken,
    }
    vendor.say("GET", "/v2/assets", [coin])
    with pytest.raises(BadPayload):
        await alpaca.instruments()


def position(symbol, qty, kind="us_equity", **more):
    side = "short" if qty.startswith("-") else "long"
    return {"symbol": symbol, "asset_class": kind, "qty": qty, "side": side, **more}


ACCOUNT = {
    "id": "e6fe16f3",
    "cash": "-23140.2",
    "equity": "103820.56",
    "currency": "USD",
    "status": "ACTIVE",
    "buying_power": "262113.632",
    "multiplier": "4",
    "shorting_enabled": True,
    "options_trading_level": "2",
}


async def test_shares_and_coins_are_balances_and_options_positions(alpaca, vendor):
    rows = [
        position("AAPL", "5.5", qty_available="2"),
        position("TSLA", "-5", qty_available="-5"),
        position("LTC", "3"),
        position("LTCUSD", "0.25", "crypto"),
        position("AAPL251219C00150000", "-2", "us_option", avg_entry_price="3.15"),
    ]
    vendor.say("GET", "/v2/account", ACCOUNT)
    vendor.say("GET", "/v2/positions", rows)
    found = {it.asset: (it.total, it.held) for it in await alpaca.balances()}
    assert found == {
        "USD": (D("-23140.2"), D(0)),
        "AAPL": (D("5.5"), D("3.5")),
        "TSLA": (D(-5), D(0)),
        "LTC.US": (D(3), D(0)),
        "LTC": (D("0.25"), D(0)),
    }
    vendor.say("GET", "/v2/positions", rows)
    [held] = await alpaca.positions()
    assert (held.key.instrument, held.quantity) == (OPTION, D(-2))
    assert (held.entry_price, held.key.settle) == (D("3.15"), "USD")


async def test_the_vendors_own_count_of_day_trades_is_taken_where_there_is_one(
    alpaca, vendor
):
    old = {"daytrade_count": 3, "daytrading_buying_power": "9", "pattern_day_trader": True}
    vendor.say("GET", "/v2/account", {**ACCOUNT, **old})
    facts = await alpaca.account_facts()
    assert (facts.day_trades, facts.is_pattern_day_trader) == (3, True)
    assert facts.day_trade_buying_power == D(9)


async def test_day_trades_are_counted_from_fills_where_the_vendor_counts_no_more(
    alpaca, vendor, make
):
    days = [f"2026-03-{day}" for day in (9, 10, 11, 12, 13, 16)]
    days = [it.replace("-9", "-09") for it in days]
    calendar = [{"date": it, "open": "09:30", "close": "16:00"} for it in days]
    vendor.say("GET", "/v2/account", {**ACCOUNT, "trading_blocked": True})
    vendor.say("GET", "/v2/calendar", calendar)
    fills = [make.fill_body(1, qty="5"), make.fill_body(2, qty="5", side="sell")]
    vendor.say("GET", "/v2/account/activities/FILL", fills)
    vendor.say("GET", "/v2/account/activities/FILL", [])
    facts = await alpaca.account_facts()
    assert facts.day_trades == 1
    asked = next(it for it in vendor.requests("GET") if it.path.endswith("FILL"))
    assert asked.query["after"] == "2026-03-10T03:59:59Z"  # the fifth last day begins
    assert facts.is_trading_blocked
    assert facts.can_short
    assert (facts.equity, facts.buying_power) == (D("103820.56"), D("262113.632"))
    assert any("counted here" in note for note in facts.notes)


async def test_trading_days_are_told_in_utc_over_the_change_of_clocks(alpaca, vendor):
    rows = [
        {
            "date": "2026-03-06",
            "open": "09:30",
            "close": "16:00",
            "session_open": "0400",
            "session_close": "2000",
        },
        {"date": "2026-03-09", "open": "09:30", "close": "13:00"},
    ]
    vendor.say("GET", "/v2/calendar", rows)
    winter, summer = await alpaca.trading_days(start="2026-03-06", end="2026-03-09")
    assert winter.open_time_ns == 1_772_807_400_000_000_000  # 14:30 UTC
    assert winter.late_close_time_ns - winter.early_open_time_ns == 16 * 60 * MINUTE_NS
    assert summer.open_time_ns == 1_773_063_000_000_000_000  # 13:30 UTC
    assert (summer.early_open_time_ns, summer.late_close_time_ns) == (0, 0)


async def test_server_time_is_the_clocks(alpaca, vendor):
    clock = {"timestamp": "2026-03-16T14:38:01.5-04:00", "is_open": True}
    vendor.say("GET", "/v2/clock", clock)
    assert await alpaca.server_time_ns() == 1_773_686_281_500_000_000


START_NS = 1_773_684_000_000_000_000
START = "2026-03-16T18:00:00Z"


def bar(at, *numbers):
    return dict(zip("tohlcv", (at, *numbers), strict=True)) | {"n": 1, "vw": 1}


@pytest.mark.parametrize(
    ("instrument", "symbol", "path"),
    [
        (STOCK, "AAPL", "/v2/stocks/bars"),
        (COIN, "BTC/USD", "/v1beta3/crypto/us/bars"),
        (OPTION, "AAPL251219C00150000", "/v1beta1/options/bars"),
    ],
)
async def test_bars_are_asked_where_their_instrument_is_kept(
    alpaca, vendor, instrument, symbol, path
):
    rows = [bar(START, 1, 3, 0.5, 2, 10), bar("2026-03-16T18:01:00Z", 2, 2, 2, 2, 0)]
    vendor.say("GET", path, {"bars": {symbol: rows}, "next_page_token": None})
    bars = await alpaca.bars(
        instrument, MINUTE_NS, start_ns=START_NS, end_ns=START_NS + 2 * MINUTE_NS
    )
    assert list(bars.start_time_ns) == [START_NS, START_NS + MINUTE_NS]
    assert (bars.open[0], bars.high[0], bars.low[0], bars.close[0]) == (1, 3, 0.5, 2)
    [asked] = [it for it in vendor.requests("GET") if it.path == path]
    assert asked.query["timeframe"] == "1Min"
    assert asked.query["end"] == "2026-03-16T18:01:59.999999999Z"
    assert ("feed" in asked.query) == (instrument == STOCK)


@pytest.mark.parametrize(
    ("width_s", "word"),
    [
        (60, "1Min"),
        (59 * 60, "59Min"),
        (3600, "1Hour"),
        (23 * 3600, "23Hour"),
        (86_400, "1Day"),
        (7 * 86_400, "1Week"),
        (1, None),
        (61 * 60, None),
        (2 * 86_400, None),
    ],
)
async def test_every_width_is_a_word_of_the_vendors_or_not_to_be_had(
    alpaca, vendor, width_s, word
):
    vendor.say("GET", "/v2/stocks/bars", {"bars": None})
    asking = alpaca.bars(STOCK, width_s * 10**9, start_ns=START_NS, end_ns=START_NS + 1)
    if word is None:
        with pytest.raises(Unavailable):
            await asking
        return
    assert len(await asking) == 0
    assert vendor.requests("GET")[-1].query["timeframe"] == word


@pytest.mark.parametrize(
    "rows",
    [
        [bar(START, 1, 0.5, 2, 1, 1)],
        [bar(START, 1, 1, 1, 1, -1)],
        [bar(START, 1, 1, 1, 1, 1)] * 2,
    ],
)
async def test_a_bar_that_cannot_be_one_is_refused(alpaca, vendor, rows):
    vendor.say("GET", "/v2/stocks/bars", {"bars": {"AAPL": rows}})
    with pytest.raises(BadPayload):
        await alpaca.bars(
            STOCK, MINUTE_NS, start_ns=START_NS, end_ns=START_NS + 9 * MINUTE_NS
        )


async def test_a_bar_that_is_not_closed_yet_is_left_out(alpaca, vendor):
    now_ns = alpaca._clock.time_ns()
    start_ns = now_ns // MINUTE_NS * MINUTE_NS
    at = dt.datetime.fromtimestamp(start_ns // 10**9, dt.UTC)
    row = bar(at.strftime("%Y-%m-%dT%H:%M:%SZ"), 1, 1, 1, 1, 1)
    vendor.say("GET", "/v2/stocks/bars", {"bars": {"AAPL": [row]}})
    asked = await alpaca.bars(
        STOCK, MINUTE_NS, start_ns=start_ns, end_ns=start_ns + MINUTE_NS
    )
    assert len(asked) == 0


async def test_a_delayed_feed_asks_for_nothing_younger_than_its_delay(open_alpaca, vendor):
    vendor.say("GET", "/v2/stocks/trades", {"trades": {}})
    async with open_alpaca(feed="delayed_sip") as alpaca:
        now_ns = alpaca._clock.time_ns()
        await alpaca.trades_between(STOCK, start_ns=now_ns - 10**12, end_ns=now_ns)
    query = vendor.requests("GET")[-1].query
    assert query["feed"] == "sip"
    assert now_ns <= stamps.time_ns(query["end"]) + 15 * MINUTE_NS < now_ns + MINUTE_NS


async def test_sizes_of_quotes_are_shares_though_they_once_were_round_lots(alpaca, vendor):
    row = {"bp": 158.65, "bs": 4, "ap": 159.52, "as": 1}
    rows = [{"t": t, **row} for t in ("2022-03-09T09:00:00.000059Z", START)]
    vendor.say("GET", "/v2/stocks/quotes", {"quotes": {"AAPL": rows}})
    old, new = await alpaca.quotes_between(STOCK, start_ns=0, end_ns=START_NS + 1)
    assert (old.bid_quantity, new.bid_quantity) == (400.0, 4.0)
    assert (old.bid, old.ask) == (158.65, 159.52)
    with pytest.raises(Unavailable):
        await alpaca.quotes_between(OPTION, start_ns=0, end_ns=1)


async def test_past_trades_are_exact(alpaca, vendor):
    row = {"t": "2026-03-16T18:00:00.123456789Z", "x": "D", "p": 161.2958, "s": 100}
    vendor.say("GET", "/v2/stocks/trades", {"trades": {"AAPL": [{**row, "i": 22730}]}})
    [trade] = await alpaca.trades_between(STOCK, start_ns=0, end_ns=START_NS + 10**9)
    assert (trade.price, trade.quantity, trade.trade_id) == (D("161.2958"), D(100), "22730")
    assert trade.venue_time_ns == START_NS + 123_456_789


async def test_auctions_are_paged_to_the_end(alpaca, vendor):
    opening = {"t": "2026-03-16T13:30:01.688322951Z", "x": "Q", "c": "O", "p": 135}
    closing = {**opening, "p": 136.5, "s": 7000, "c": "6"}
    first = {"auctions": {"AAPL": [{"d": "2026-03-16", "o": [opening], "c": []}]}}
    second = {"auctions": {"AAPL": [{"d": "2026-03-16", "o": [], "c": [closing]}]}}
    vendor.say("GET", "/v2/stocks/auctions", {**first, "next_page_token": "more"})
    vendor.say("GET", "/v2/stocks/auctions", {**second, "next_page_token": None})
    one, two = await alpaca.auctions(STOCK, start="2026-03-16", end="2026-03-16")
    assert (one.kind, one.price, one.exchange) == (AuctionKind.OPENING, D(135), "Q")
    assert (two.kind, two.price, two.quantity) == (AuctionKind.CLOSING, D("136.5"), D(7000))
    with pytest.raises(Unavailable):
        await alpaca.auctions(COIN, start="2026-03-16", end="2026-03-16")


async def test_a_chain_has_prices_greeks_and_volatility(alpaca, vendor, bodies):
    body = next(it["body"] for it in bodies if "feed=indicative" in (it["url"] or ""))
    vendor.say("GET", "/v1beta1/options/snapshots/AAPL", {**body, "next_page_token": "2"})
    vendor.say("GET", "/v1beta1/options/snapshots/AAPL", {"snapshots": {}})
    [quote] = await alpaca.option_chain("AAPL")
    assert quote.instrument == "AAPL/USD:USD-240126-50-P@alpaca"
    assert (quote.bid, quote.ask, quote.last) == (D("0.48"), D("0.59"), D("0.52"))
    assert quote.greeks.delta == 0.6742666141545315
    assert quote.mark_volatility == 0.3160291785379539


async def test_a_book_is_a_coins_own_or_what_best_prices_make(alpaca, vendor):
    levels = {"a": [{"p": 3, "s": 1}, {"p": 2.50, "s": 2}], "b": [{"p": 1, "s": 9}]}
    path = "/v1beta3/crypto/us/latest/orderbooks"
    vendor.say("GET", path, {"orderbooks": {"BTC/USD": {"t": START, **levels}}})
    book = await alpaca.book_snapshot(COIN)
    assert book.asks == [("2.5", "2"), ("3", "1")]
    assert book.last_sequence == START_NS
    quote = {"t": START, "bp": 161.1, "bs": 200, "ap": 0, "as": 0}
    vendor.say("GET", "/v2/stocks/quotes/latest", {"quotes": {"AAPL": quote}})
    book = await alpaca.book_snapshot(STOCK)
    assert (book.bids, book.asks) == ([("161.1", "200")], [])
    vendor.say("GET", path, {"orderbooks": {}})
    with pytest.raises(BadPayload):
        await alpaca.book_snapshot(COIN)


RECORDED = [
    ("/v2/account'", wire.WireAccount),
    ("/v2/assets?status=active'", tuple[wire.WireAsset, ...]),
    ("/v2/options/contracts?underlying_symbols=AAPL'", wire.ContractPage),
    ("/v2/orders:by_client_order_id", wire.WireOrder),
    ("/v2/positions'", tuple[wire.WirePosition, ...]),
    ("/stocks/bars?", prices.BarPage),
    ("/options/bars?", prices.BarPage),
    ("/stocks/quotes?", prices.QuotePage),
    ("/crypto/us/quotes?", prices.QuotePage),
    ("/stocks/quotes/latest", prices.LatestQuotes),
    ("/options/quotes/latest", prices.LatestQuotes),
    ("/stocks/trades?", prices.TradePage),
    ("/options/trades?", prices.TradePage),
    ("/options/snapshots?", prices.ChainPage),
]


@pytest.mark.parametrize(("part", "shape"), RECORDED, ids=lambda it: str(it)[:30])
def test_recorded_bodies_fit_the_wire_types(bodies, part, shape):
    fitting = [it["body"] for it in bodies if part in (it["url"] or "")]
    assert fitting
    for body in fitting:
        msgspec.json.decode(json.dumps(body).encode(), type=shape)


def test_recorded_orders_of_every_shape_fit(bodies):
    bodies_of_orders = [
        it["body"]
        for it in bodies
        if isinstance(it["body"], dict) and "client_order_id" in it["body"]
    ]
    assert len(bodies_of_orders) >= 4
    for body in bodies_of_orders:
        order = msgspec.json.decode(json.dumps(body).encode(), type=wire.WireOrder)
        assert order.qty is not None or order.notional is not None


async def ask_time(alpaca, vendor, case):
    vendor.say("GET", "/v2/clock", {"timestamp": START, "is_open": True})
    await alpaca.server_time_ns()


async def ask_markets(alpaca, vendor, case):
    await alpaca.instruments()


async def ask_book(alpaca, vendor, case):
    path = "/v1beta3/crypto/us/latest/orderbooks"
    book = {"t": START, "a": [], "b": []}
    vendor.say("GET", path, {"orderbooks": {"BTC/USD": book}})
    await alpaca.book_snapshot(COIN)


READ_CASES = {
    "fetchTime": ask_time,
    "fetchMarkets": ask_markets,
    "fetchOrderBook": ask_book,
}


@pytest.mark.parametrize("method", READ_CASES)
async def test_reads_of_ccxts_cases_ask_for_the_same(alpaca, vendor, ccxt_cases, method):
    for case in ccxt_cases("request")[method]:
        await READ_CASES[method](alpaca, vendor, case)
        parts = urlsplit(case["url"])
        query = dict(parse_qsl(parts.query))
        assert any(
            it.path == parts.path and it.query == query for it in vendor.requests("GET")
        )


async def test_the_order_of_ccxts_case_is_sent_the_same(alpaca, vendor, make, ccxt_cases):
    [case] = ccxt_cases("request")["createOrder"]
    coin = (await make.listed(alpaca))[COIN]
    vendor.say("POST", "/v2/orders", make.order_body())
    _, _, side, quantity, price = case["input"]
    await alpaca.submit(
        make.order(
            coin,
            side=Side(side),
            quantity=D(str(quantity)),
            limit_price=D(price),
            time_in_force="GTC",
        )
    )
    expected = json.loads(case["output"])
    sent = vendor.requests("POST")[0].body
    assert {**sent, "client_order_id": ""} == {**expected, "client_order_id": ""}


async def test_the_amend_of_ccxts_case_changes_the_same(alpaca, vendor, make, ccxt_cases):
    [case] = ccxt_cases("request")["editOrder"]
    order_id = case["input"][0]
    coin = (await make.listed(alpaca))["LTC/USD@alpaca"]
    before = make.order_body(id=order_id, symbol="LTC/USD", time_in_force="gtc", qty="1")
    after = {**before, "id": "o-2", "replaces": order_id, "qty": "0.2"}
    vendor.say("GET", f"/v2/orders/{order_id}", before)
    vendor.say("PATCH", f"/v2/orders/{order_id}", after)
    await alpaca.replace(make.replace(coin, order_id, quantity="0.2", limit_price="56"))
    [sent] = vendor.requests("PATCH")
    expected = json.loads(case["output"])
    # Left out, both keep what they are.
    assert sent.body == {k: expected[k] for k in ("qty", "limit_price")}
    assert sent.path == urlsplit(case["url"]).path


async def test_the_markets_of_ccxts_case_are_the_same_here(alpaca, vendor, ccxt_cases):
    [case] = ccxt_cases("response")["fetchMarkets"]
    vendor.say("GET", "/v2/assets", case["httpResponse"])
    vendor.say("GET", "/v2/assets", [])
    ours = {symbol_of(it.id): it for it in await alpaca.instruments()}
    for theirs in case["parsedResponse"]:
        it = ours[theirs["symbol"]]
        assert (it.base, it.quote) == (theirs["base"], theirs["quote"])
        assert float(it.quantity_step) == theirs["precision"]["amount"]
        assert float(it.tick_table[0].tick) == theirs["precision"]["price"]
        assert float(it.min_quantity) == theirs["limits"]["amount"]["min"]


async def test_the_fills_of_ccxts_case_are_the_same_here(alpaca, vendor, ccxt_cases):
    [case] = ccxt_cases("response")["fetchMyTrades"]
    vendor.say("GET", "/v2/account/activities/FILL", case["httpResponse"])
    vendor.say("GET", "/v2/account/activities/FILL", [])
    [fill] = (await alpaca.fills_after("")).fills
    [theirs] = case["parsedResponse"]
    assert symbol_of(fill.instrument) == theirs["symbol"]
    assert (fill.side, fill.venue_order_id) == (theirs["side"], theirs["order"])
    assert (float(fill.price), float(fill.quantity)) == (theirs["price"], theirs["amount"])
    assert fill.venue_time_ns // 10**6 == theirs["timestamp"]
    assert fill.liquidity is Liquidity.UNKNOWN


@pytest.mark.parametrize(
    "given", [{"url": "nowhere"}, {"data_url": "ftp://x"}, {"stream_url": "8080"}]
)
async def test_an_address_that_is_none_is_a_setting_to_fix(open_alpaca, given):
    with pytest.raises(ConfigError):
        async with open_alpaca(**given):
            pass


async def test_paper_and_money_have_addresses_of_their_own(open_alpaca):
    hosts = []
    for environment in ("paper", "live"):
        usual = {"url": "", "data_url": "", "stream_url": "", "environment": environment}
        async with open_alpaca(**usual) as adapter:
            hosts.append((adapter._account_url, adapter._stream_url))
    assert hosts == [
        ("wss://paper-api.alpaca.markets/stream", "wss://stream.data.alpaca.markets"),
        ("wss://api.alpaca.markets/stream", "wss://stream.data.alpaca.markets"),
    ]
