"""alpaca-py, as it is, reads the face's prices, past and live."""

import datetime as dt

import msgpack
import pytest

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


async def test_stock_stream_tells_quotes_and_trades(desk):
    await desk.hosted.house("buy", "249", "3", "AAPL/USD")
    await desk.hosted.house("sell", "250", "5", "AAPL/USD")
    async with desk.live("Stock", "/v2/iex", quotes="AAPL", trades="AAPL") as heard:
        await heard.until(lambda it: bool(it))
        quote = heard.all[0]
        assert (quote.bid_price, quote.bid_size, quote.ask_price, quote.ask_size) == (
            *(249.0, 3.0, 250.0, 5.0),
        )
        await desk.submit("Market", qty=2)
        await heard.until(lambda it: any(hasattr(each, "price") for each in it))
        [trade] = [it for it in heard.all if hasattr(it, "price")]
        assert (trade.symbol, trade.price, trade.size) == ("AAPL", 250.0, 2.0)
        await heard.until(lambda it: getattr(it[-1], "ask_size", 0) == 3.0)


async def test_coin_stream_begins_with_the_whole_book(desk):
    await desk.hosted.house("buy", "59000", "1", "BTC/USD")
    path = "/v1beta3/crypto/us"
    async with desk.live("Crypto", path, orderbooks="BTC/USD") as heard:
        await heard.until(lambda it: bool(it))
        await desk.hosted.house("sell", "60000", "0.5", "BTC/USD")
        await heard.until(lambda it: len(it) == 2)
    whole, change = heard.all
    assert (whole.reset, [(it.price, it.size) for it in whole.bids]) == (
        *(True, [(59000.0, 1.0)]),
    )
    assert (change.reset, [(it.price, it.size) for it in change.asks]) == (
        *(False, [(60000.0, 0.5)]),
    )


async def test_history_tells_what_was_traded_and_quoted(desk):
    asks = desk.judge.asks
    await desk.hosted.house("buy", "249", "3", "AAPL/USD")
    await desk.hosted.house("sell", "250", "5", "AAPL/USD")
    await desk.submit("Market", qty=2)
    prices = desk.prices()
    trades = await desk.read(
        prices.get_stock_trades, asks.StockTradesRequest(symbol_or_symbols="AAPL")
    )
    [trade] = trades["AAPL"]
    assert (trade.price, trade.size) == (250.0, 2.0)
    latest = asks.StockLatestQuoteRequest(symbol_or_symbols="AAPL")
    quote = (await desk.read(prices.get_stock_latest_quote, latest))["AAPL"]
    assert (quote.bid_price, quote.ask_price, quote.ask_size) == (249.0, 250.0, 3.0)
    quotes = await desk.read(
        prices.get_stock_quotes, asks.StockQuotesRequest(symbol_or_symbols="AAPL")
    )
    assert quotes["AAPL"][-1] == quote
    snapshot = asks.StockSnapshotRequest(symbol_or_symbols="AAPL")
    told = (await desk.read(prices.get_stock_snapshot, snapshot))["AAPL"]
    assert (told.latest_trade.price, told.daily_bar.volume) == (250.0, 2.0)


async def test_bars_of_an_invented_past_come_in_pages_that_join(judge, desk, host_face):
    hosted = await host_face(
        "alpaca", market={"kind": "participants", "prices": {"AAPL/USD": 250}}
    )
    key, secret = "PKSANDBOXALPACA00000", "sandbox-alpaca-secret"
    client = judge.history.StockHistoricalDataClient(key, secret, url_override=hosted.url)
    end = dt.datetime.now(dt.UTC)
    asked = judge.asks.StockBarsRequest(
        symbol_or_symbols=["AAPL", "SPY"],
        timeframe=judge.frames.TimeFrame.Minute,
        start=end - dt.timedelta(hours=5),
        end=end,
    )
    whole = (await desk.read(client.get_stock_bars, asked)).data
    assert whole.keys() == {"AAPL", "SPY"}
    pages, token = {}, None
    while True:
        page = await desk.read(
            client.get,
            "/stocks/bars",
            {
                "symbols": "AAPL,SPY",
                "timeframe": "1Min",
                "start": asked.start.isoformat() + "Z",
                "end": asked.end.isoformat() + "Z",
                "limit": 70,
                "page_token": token,
            },
        )
        for symbol, rows in page["bars"].items():
            pages.setdefault(symbol, []).extend(rows)
        token = page["next_page_token"]
        if token is None:
            break
    for symbol, bars in whole.items():
        assert len(bars) > 200
        assert [it.close for it in bars] == [it["c"] for it in pages[symbol]]
        assert all(it.low <= it.open <= it.high for it in bars)


async def test_coins_prices_need_no_key(desk, judge):
    await desk.hosted.house("buy", "59000", "1", "BTC/USD")
    client = judge.history.CryptoHistoricalDataClient(url_override=desk.hosted.url)
    asked = judge.asks.CryptoLatestOrderbookRequest(symbol_or_symbols="BTC/USD")
    book = (await desk.read(client.get_crypto_latest_orderbook, asked))["BTC/USD"]
    assert [(it.price, it.size) for it in book.bids] == [(59000.0, 1.0)]


@pytest.mark.parametrize("packed", [False, True])
async def test_data_stream_refuses_by_number(call_face, packed):
    _, hosted = await call_face()
    kind = {"Content-Type": "application/msgpack"} if packed else {}
    keys = {"key": "PKJUDGE", "secret": "not-to-be-seen"}

    async def opened():
        socket = await hosted.session.ws_connect(f"{hosted.ws}/v2/iex", headers=kind)

        async def ask(message=None):
            if message is not None and packed:
                await socket.send_bytes(msgpack.packb(message))
            elif message is not None:
                await socket.send_json(message)
            if not packed:
                return (await socket.receive_json())[0]
            return msgpack.unpackb(await socket.receive_bytes())[0]

        assert await ask() == {"T": "success", "msg": "connected"}
        return ask

    first, second = await opened(), await opened()
    subscribe = {"action": "subscribe", "quotes": ["AAPL"]}
    assert (await first(subscribe))["code"] == 401
    assert (await first({"action": "auth", "key": "x", "secret": "y"}))["code"] == 402
    assert (await first({"action": "auth"} | keys))["msg"] == "authenticated"
    assert (await first({"action": "auth"} | keys))["code"] == 403
    assert (await second({"action": "auth"} | keys))["code"] == 406
    assert (await first({"action": "subscribe", "orderbooks": ["AAPL"]}))["code"] == 410
    many = [f"X{number}" for number in range(31)]
    assert (await first({"action": "subscribe", "trades": many}))["code"] == 405
    told = await first(subscribe)
    assert (told["T"], told["quotes"], told["trades"]) == ("subscription", ["AAPL"], [])


async def test_a_bar_is_told_when_its_minute_has_closed(call_face):
    _, hosted = await call_face(still=True)
    keys = {"APCA-API-KEY-ID": "PKJUDGE", "APCA-API-SECRET-KEY": "not-to-be-seen"}
    socket = await hosted.session.ws_connect(f"{hosted.ws}/v2/iex", headers=keys)
    for _ in range(2):
        await socket.receive_json()
    await socket.send_json({"action": "subscribe", "bars": ["TRY"]})
    await socket.receive_json()
    hosted.site.tick()
    for side, account in (("sell", "main"), ("buy", "other")):
        await hosted.act(
            "manual_order",
            account=account,
            symbol="TRY/USD",
            side=side,
            type="limit",
            quantity="1",
            limit_price="100",
        )
    await hosted.clock.advance(61)
    hosted.site.tick()
    [bar] = await socket.receive_json()
    assert (bar["T"], bar["S"], bar["o"], bar["c"], bar["v"]) == ("b", "TRY", 100, 100, 1)
