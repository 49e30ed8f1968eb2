"""Deribit's histories are asked for whole, and its book is looked at for gaps."""

import ccxt
import pytest

from crossdock.adapters.venues.ccxt.exchanges.deribit import QUIRKS

NOW_MS = 1_700_000_000_000
DAY_MS = 86_400_000
CHANNEL = "book.BTC-PERPETUAL.100ms"


class Exchange:
    """As much of ccxt's object as the quirks touch."""

    theirs = ccxt.Exchange()
    safe_list = theirs.safe_list
    safe_dict = theirs.safe_dict
    safe_integer = staticmethod(theirs.safe_integer)

    def __init__(self, recent=(), old=()):
        self.recent, self.old = list(recent), list(old)
        self.asked, self.spawned, self.taken = [], [], []
        self.orderbooks = {}

    def milliseconds(self):
        return NOW_MS

    def request_id(self):
        return 7

    def safe_symbol(self, name):
        return name

    def spawn(self, method, *args):
        self.spawned.append((method, *args))

    def handle_order_book(self, client, message):
        self.taken.append(message["params"]["data"]["change_id"])
        self.orderbooks.setdefault("BTC-PERPETUAL", {"nonce": None})

    async def privateGetGetUserTradesByInstrumentAndTime(self, params):
        self.asked.append(params)
        rows = self.old if params.get("historical") else self.recent
        return {"result": {"trades": list(rows)}}


class Client:
    def __init__(self):
        self.subscriptions = {CHANNEL: True}
        self.rejected = []

    def send(self, message):
        raise AssertionError("only handed on")

    def reject(self, error, name):
        self.rejected.append((type(error), name))


def trades(*numbers):
    return [{"trade_id": str(it)} for it in numbers]


async def ask_trades(exchange, since_ms, count=1000):
    QUIRKS.tune(exchange)
    reply = await exchange.privateGetGetUserTradesByInstrumentAndTime(
        {"instrument_name": "BTC-PERPETUAL", "start_timestamp": since_ms, "count": count}
    )
    return [row["trade_id"] for row in reply["result"]["trades"]]


async def test_recent_trades_are_asked_for_with_an_end_and_in_order():
    exchange = Exchange(recent=trades(1, 2))
    assert await ask_trades(exchange, NOW_MS - 1000) == ["1", "2"]
    [asked] = exchange.asked
    assert asked["end_timestamp"] > NOW_MS
    assert asked["sorting"] == "asc"


async def test_trades_of_long_ago_come_before_recent_ones_each_once():
    exchange = Exchange(recent=trades(2, 3), old=trades(1, 2))
    assert await ask_trades(exchange, NOW_MS - 2 * DAY_MS) == ["1", "2", "3"]


async def test_a_full_page_of_old_trades_hides_no_others_behind_recent_ones():
    exchange = Exchange(recent=trades(9), old=trades(1, 2))
    assert await ask_trades(exchange, NOW_MS - 2 * DAY_MS, count=2) == ["1", "2"]
    assert len(exchange.asked) == 1


def test_done_orders_are_asked_for_unfilled_recent_and_old():
    recent, old = QUIRKS.done_lists
    assert recent.params == {"include_unfilled": True, "include_old": True}
    assert old.params == {**recent.params, "historical": True}


def told(kind, change, before=None):
    data = {"type": kind, "instrument_name": "BTC-PERPETUAL", "change_id": change}
    if before is not None:
        data["prev_change_id"] = before
    return {"params": {"channel": CHANNEL, "data": data}}


def test_a_change_that_does_not_join_asks_for_the_book_anew():
    exchange, client = Exchange(), Client()
    QUIRKS.tune(exchange)
    take = exchange.handle_order_book
    for message in (told("snapshot", 5), told("change", 6, 5), told("change", 9, 8)):
        take(client, message)
    assert client.rejected == [(ccxt.ChecksumError, "book|BTC-PERPETUAL|100ms")]
    assert client.subscriptions == {}
    [(send, leave)] = exchange.spawned
    assert send == client.send
    assert leave["params"] == {"channels": [CHANNEL]}
    for message in (told("change", 10, 9), told("snapshot", 11), told("change", 12, 11)):
        take(client, message)
    assert exchange.taken == [5, 6, 11, 12]
    assert exchange.orderbooks["BTC-PERPETUAL"]["nonce"] == 12


@pytest.mark.parametrize(
    ("said", "meant"),
    [("stop_market", "stop"), ("take_limit", "limit_if_touched"), ("limit", "")],
)
def test_order_types_are_read_where_ccxt_loses_them(said, meant):
    assert QUIRKS.order_type({"info": {"order_type": said}}) == meant
