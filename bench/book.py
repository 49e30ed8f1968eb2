"""Order book: time per level beside ccxt, cryptofeed and NautilusTrader.

Every contender gets the same levels as strings, fresh from the decoder, and its best bid
and ask are read after each message. One JSON line per row and peer.

    python bench/book.py [levels]
"""

from __future__ import annotations

import gc
import json
import random
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from time import perf_counter_ns

import msgspec

from crossdock.book import OrderBook
from crossdock.model import BookChange, InstrumentId

ID = InstrumentId("BTC/USDT@bench")
ROUNDS = 5
AT_ONCE = 100  # messages decoded ahead, few enough to stay in the processor's cache

Apply = Callable[[BookChange], object]
"""Put a change into a book and read its best bid and ask."""


def level(random_: random.Random, sign: int) -> tuple[str, str]:
    ticks = 6_000_000 + sign * min(int(random_.expovariate(0.05)) + 1, 400)
    gone = random_.random() < 0.25
    quantity = "0.00000000" if gone else f"{random_.random() * 5:.8f}"
    return f"{ticks / 100:.2f}", quantity


def messages(count: int, a_side: int) -> list[bytes]:
    """Encode messages of `a_side` levels a side; 0 means one level on either."""
    random_ = random.Random(7)
    made = []
    for sequence in range(1, count + 1):
        bids = [level(random_, -1) for _ in range(a_side)]
        asks = [level(random_, 1) for _ in range(a_side)]
        if not a_side:
            sign = random_.choice((-1, 1))
            (bids if sign < 0 else asks).append(level(random_, sign))
        change = BookChange(ID, False, bids, asks, sequence, sequence, 0, 0)
        made.append(msgspec.json.encode(change))
    return made


def ours() -> Apply:
    book = OrderBook(ID)
    book.apply(BookChange(ID, True, [], [], 0, 0, 0, 0))

    def apply(change: BookChange) -> object:
        assert book.apply(change)
        return book.best_bid, book.best_ask

    return apply


def ccxt() -> Apply:
    from ccxt.async_support.base.ws.order_book import OrderBook as Peer
    from ccxt.pro import binance

    exchange, book = binance(), Peer({})
    bids, asks = book["bids"], book["asks"]

    def apply(change: BookChange) -> object:
        exchange.handle_deltas(bids, change.bids)
        exchange.handle_deltas(asks, change.asks)
        return bids and bids[0][0], asks and asks[0][0]

    return apply


def cryptofeed() -> Apply:
    from cryptofeed.types import OrderBook as Peer

    book = Peer("BINANCE", "BTC-USDT").book

    def apply(change: BookChange) -> object:
        for side, levels in ((book.bids, change.bids), (book.asks, change.asks)):
            for price_text, quantity_text in levels:
                price, quantity = Decimal(price_text), Decimal(quantity_text)
                if quantity:
                    side[price] = quantity
                elif price in side:
                    del side[price]
        best_bid = book.bids.index(0) if len(book.bids) else None
        best_ask = book.asks.index(0) if len(book.asks) else None
        return best_bid, best_ask

    return apply


def nautilus_trader() -> Apply:
    from nautilus_trader.model.book import OrderBook as Peer
    from nautilus_trader.model.data import BookOrder, OrderBookDelta
    from nautilus_trader.model.enums import BookAction, BookType, OrderSide
    from nautilus_trader.model.identifiers import InstrumentId as PeerId
    from nautilus_trader.model.objects import Price, Quantity

    name = PeerId.from_str("BTCUSDT.BINANCE")
    book = Peer(name, BookType.L2_MBP)

    def apply(change: BookChange) -> object:
        sequence = change.last_sequence
        for side, levels in ((OrderSide.BUY, change.bids), (OrderSide.SELL, change.asks)):
            for price_text, quantity_text in levels:
                quantity = Quantity.from_str(quantity_text)
                order = BookOrder(side, Price.from_str(price_text), quantity, 0)
                action = BookAction.UPDATE if quantity > 0 else BookAction.DELETE
                delta = OrderBookDelta(name, action, order, 0, sequence, 0, 0)
                book.apply_delta(delta)
        return book.best_bid_price(), book.best_ask_price()

    return apply


def batches(raw: list[bytes]) -> Iterator[list[BookChange]]:
    decode = msgspec.json.Decoder(BookChange).decode
    for start in range(0, len(raw), AT_ONCE):
        yield [decode(message) for message in raw[start : start + AT_ONCE]]


def best_ns(make: Callable[[], Apply], raw: list[bytes], levels: int) -> float:
    """Return the least nanoseconds per level over some rounds; decoding is not counted."""
    rounds = []
    for _ in range(ROUNDS):
        apply, spent = make(), 0
        for batch in batches(raw):
            started = perf_counter_ns()
            for change in batch:
                apply(change)
            spent += perf_counter_ns() - started
        rounds.append(spent / levels)
    return min(rounds)


def main() -> None:
    levels = int(sys.argv[1]) if len(sys.argv) > 1 else 40_000
    gc.disable()
    for row, a_side in (("one level a message", 0), ("40 levels a message", 20)):
        a_message = 2 * a_side or 1
        raw = messages(levels // a_message, a_side)
        counted = len(raw) * a_message
        mine = best_ns(ours, raw, counted)
        for peer in (ccxt, cryptofeed, nautilus_trader):
            line = {"bench": "book", "row": row, "unit": "ns/level", "ours": round(mine)}
            try:
                peer()
            except ImportError:
                line |= {"peer": "not installed", "wanted": peer.__name__}
            else:
                theirs = best_ns(peer, raw, counted)
                line |= {
                    "peer": peer.__name__,
                    "theirs": round(theirs),
                    "ratio": round(theirs / mine, 2),
                }
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
