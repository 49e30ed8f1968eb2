"""Memory of 1,000 order books of 50 levels a side, beside ccxt, cryptofeed and NautilusTrader.

Each contender fills its books from the same snapshots, as strings fresh from the decoder, in
a process of its own, and no book has anything in common with another. What is counted is
the growth of the resident set by the books alone: libraries are loaded and one book has been
made before. One JSON line per peer; a ratio of 2 says the peer needs twice as much.

    python bench/memory.py [--books 1000] [--levels 50]
"""

from __future__ import annotations

import argparse
import gc
import random
import resource
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import msgspec
from _contest import OURS, Contender, Figures, beside, run

from crossdock.book import OrderBook
from crossdock.model import BookChange, InstrumentId

Fill = Callable[[BookChange], object]
"""Make a book, put a snapshot into it, and return it."""

WARM_BOOKS = 3


def ours() -> Fill:
    def fill(change: BookChange) -> object:
        book = OrderBook(change.instrument)
        assert book.apply(change)
        assert book.best_bid < book.best_ask
        return book

    return fill


def ccxt() -> Fill:
    from ccxt.async_support.base.ws.order_book import OrderBook as Peer
    from ccxt.pro import binance

    exchange = binance()

    def fill(change: BookChange) -> object:
        book = Peer({}, 1000)
        exchange.handle_deltas(book["asks"], change.asks)
        exchange.handle_deltas(book["bids"], change.bids)
        assert book["bids"][0][0] < book["asks"][0][0]
        return book

    return fill


def cryptofeed() -> Fill:
    from cryptofeed.types import OrderBook as Peer

    def fill(change: BookChange) -> object:
        book = Peer("BINANCE", change.instrument)
        book.book.bids = {Decimal(price): Decimal(held) for price, held in change.bids}
        book.book.asks = {Decimal(price): Decimal(held) for price, held in change.asks}
        assert book.book.bids.index(0)[0] < book.book.asks.index(0)[0]
        return book

    return fill


def nautilus_trader() -> Fill:
    from nautilus_trader.model.book import OrderBook as Peer
    from nautilus_trader.model.data import BookOrder
    from nautilus_trader.model.enums import BookType, OrderSide
    from nautilus_trader.model.identifiers import InstrumentId as PeerId
    from nautilus_trader.model.objects import Price, Quantity

    def fill(change: BookChange) -> object:
        book = Peer(PeerId.from_str(f"{change.instrument[:-6]}.BENCH"), BookType.L2_MBP)
        for side, levels in ((OrderSide.BUY, change.bids), (OrderSide.SELL, change.asks)):
            for price, held in levels:
                order = BookOrder(side, Price.from_str(price), Quantity.from_str(held), 0)
                book.add(order, 0, 0, change.last_sequence)
        assert book.best_bid_price() < book.best_ask_price()
        return book

    return fill


def snapshot(number: int, levels: int) -> bytes:
    """Encode one book's snapshot; its prices and quantities are its own."""
    chance = random.Random(number)
    middle = chance.randrange(100_000, 9_000_000)

    def side(sign: int) -> list[tuple[str, str]]:
        ticks, made = middle, []
        for _ in range(levels):
            ticks += sign * chance.randrange(1, 4)
            made.append((f"{ticks / 100:.2f}", f"{chance.random() * 5:.8f}"))
        return made

    name = InstrumentId(f"A{number}/USDT@bench")
    change = BookChange(name, True, side(-1), side(1), number, number, 0, 0)
    return msgspec.json.encode(change)


def resident() -> int:
    """Return the bytes of memory in use now; where Linux cannot say, the most so far."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def grown(fill: Fill, books: int, levels: int) -> int:
    decode = msgspec.json.Decoder(BookChange).decode
    kept = [fill(decode(snapshot(books + warm, levels))) for warm in range(WARM_BOOKS)]
    gc.collect()
    before = resident()
    kept += [fill(decode(snapshot(number, levels))) for number in range(books)]
    gc.collect()
    return resident() - before if kept else 0


def contender(fill: Callable[[], Fill]) -> Contender:
    return lambda given: {"mib": grown(fill(), given.books, given.levels) / 2**20}


def lines(given: argparse.Namespace, figures: Figures) -> Iterator[dict[str, object]]:
    row = f"{given.books} books of {given.levels} levels a side"
    for peer in figures:
        if peer != OURS:
            line = {"bench": "memory", "row": row, "unit": "MiB", "peer": peer}
            yield beside(line, figures[OURS], figures[peer], "mib")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--books", type=int, default=1000)
    options.add_argument("--levels", type=int, default=50)
    peers = (ours, ccxt, cryptofeed, nautilus_trader)
    run(options, {each.__name__: contender(each) for each in peers}, lines)


if __name__ == "__main__":
    main()
