"""Raw depth message to best bid and ask: decoded, put into the book, read.

Every contender is given the same bytes of 40 levels, shaped as the venue sends them, and
does all that it does with them: parse, check what it checks, keep the book. Each peer runs
its own handler of that venue. One JSON line per venue and peer.

    python bench/depth.py [messages]

Checksums are computed by us and by cryptofeed; ccxt leaves them out, by default or always.
cryptofeed reads version 1 of Kraken only. OKX sends none since 2026; the row that has one
is of before.
"""

from __future__ import annotations

import gc
import json
import random
import sys
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from time import perf_counter_ns
from types import SimpleNamespace
from typing import Any

import msgspec

from crossdock.book import OrderBook
from crossdock.model import BookChange, InstrumentId
from crossdock.toolkit.decoders import Binance, Decoder, Kraken, Okx
from crossdock.toolkit.decoders.kraken import book_checksum as kraken_checksum
from crossdock.toolkit.decoders.okx import book_checksum as okx_checksum

ROUNDS = 9
A_SIDE = 20
DEPTH = 100  # of Kraken's book
Level = tuple[str, str]
Take = Callable[[bytes], object]
"""Take one message and return the best bid and ask after it."""


class Tape:
    """A book that changes, and what its venue would say of it."""

    def __init__(self) -> None:
        self._random = random.Random(7)
        self.sides: tuple[dict[str, str], dict[str, str]] = ({}, {})
        self.number = 0

    def change(self) -> tuple[list[Level], list[Level]]:
        """Change some levels a side and return them."""
        self.number += 1
        told = ({}, {})
        for side, sign, changed in zip(self.sides, (-1, 1), told, strict=True):
            while len(changed) < A_SIDE:
                price, quantity = self._level(sign)
                if price in changed or (quantity == "0" and price not in side):
                    continue
                changed[price] = quantity
            side.update(changed)
            for price in [price for price, quantity in side.items() if quantity == "0"]:
                del side[price]
        return list(told[0].items()), list(told[1].items())

    def cut(self, depth: int) -> None:
        for side, levels in zip(self.sides, self.best(), strict=True):
            for price, _ in levels[depth:]:
                del side[price]

    def best(self) -> tuple[list[Level], list[Level]]:
        bids, asks = (sorted(side.items(), key=_price) for side in self.sides)
        return bids[::-1], asks

    def _level(self, sign: int) -> Level:
        ticks = 6_000_000 + sign * min(int(self._random.expovariate(0.05)) + 1, 400)
        gone = self._random.random() < 0.25
        quantity = "0" if gone else f"{self._random.randrange(1, 500_000_000) / 1e8:.8f}"
        return f"{ticks / 100:.2f}", quantity


def _price(level: Level) -> float:
    return float(level[0])


def binance_tape(count: int) -> list[bytes]:
    tape, made = Tape(), []
    for _ in range(count + 1):
        bids, asks = tape.change()
        n = tape.number
        data = {"e": "depthUpdate", "E": 1_700_000_000_000 + n, "s": "BTCUSDT"}
        data |= {"U": n, "u": n, "b": bids, "a": asks}
        made.append(_bytes({"stream": "btcusdt@depth@100ms", "data": data}))
    snapshot = json.loads(made[0])["data"]
    first = {"lastUpdateId": 1, "bids": snapshot["b"], "asks": snapshot["a"]}
    return [_bytes(first), *made[1:]]


def kraken_tape(count: int) -> list[bytes]:
    tape, made = Tape(), []
    for _ in range(count + 1):
        told = tape.change()
        tape.cut(DEPTH)
        bids, asks = tape.best()
        checksum = kraken_checksum(asks[:10], bids[:10], (2, 8))
        sides = [
            "[" + ",".join(f'{{"price":{p},"qty":{q}}}' for p, q in side) + "]"
            for side in ((bids, asks) if not made else told)
        ]
        kind = "update" if made else "snapshot"
        made.append(
            (
                f'{{"channel":"book","type":"{kind}","data":[{{"symbol":"BTC/USD","bids":'
                f'{sides[0]},"asks":{sides[1]},"checksum":{checksum},'
                '"timestamp":"2023-11-14T22:13:20.000000Z"}]}'
            ).encode()
        )
    return made


def okx_tape(count: int, *, has_checksum: bool) -> list[bytes]:
    tape, made = Tape(), []
    for _ in range(count + 1):
        told = tape.change()
        bids, asks = tape.best()
        rows = [[(p, q, "0", "4") for p, q in side] for side in told]
        data = {"asks": rows[1], "bids": rows[0], "ts": "1700000000000"}
        data["checksum"] = okx_checksum(asks, bids) if has_checksum else 0
        data |= {"prevSeqId": tape.number - 1 if made else -1, "seqId": tape.number}
        arg = {"channel": "books", "instId": "BTC-USDT"}
        action = "update" if made else "snapshot"
        made.append(_bytes({"arg": arg, "action": action, "data": [data]}))
    return made


def _bytes(message: object) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode()


def ours(new_decoder: Callable[[], Decoder]) -> Take:
    decoder, book = new_decoder(), OrderBook(InstrumentId("BTC/USDT@bench"))

    def take(raw: bytes) -> object:
        for event in decoder.decode(raw, 0):
            assert isinstance(event, BookChange)
            assert book.apply(event)
        return book.best_bid, book.best_ask

    return take


def ccxt(name: str) -> Take:
    import ccxt.pro
    import orjson

    exchange = getattr(ccxt.pro, name)()
    client = SimpleNamespace(
        url="wss://stream.binance.com:9443/ws/spot",
        subscriptions={},
        resolve=lambda *_: None,
        reject=_raise,
    )
    if name == "binance":
        exchange.orderbooks["BTCUSDT"] = exchange.order_book({}, 1000)

    def take(raw: bytes) -> object:
        message = orjson.loads(raw)
        if "lastUpdateId" in message:
            snapshot = exchange.parse_order_book(message, "BTCUSDT")
            snapshot["nonce"] = message["lastUpdateId"]
            exchange.orderbooks["BTCUSDT"].reset(snapshot)
        else:
            told = message["data"] if name == "binance" else message
            exchange.handle_order_book(client, told)
        [book] = exchange.orderbooks.values()
        return book["bids"][0][0], book["asks"][0][0]

    return take


def _raise(error: Exception, *_: object) -> None:
    raise error


def cryptofeed(name: str) -> Take:
    from cryptofeed import exchanges
    from cryptofeed.types import OrderBook as Peer
    from yapic import json as parser

    kind = getattr(exchanges, {"binance": "Binance", "okx": "OKX"}[name])
    feed: Any = kind.__new__(kind)  # its constructor asks the venue for its markets
    feed.exchange_symbol_to_std_symbol = lambda name: name
    feed.callbacks, feed.cross_check, feed.max_depth = defaultdict(list), False, 0
    feed.checksum_validation = name == "okx"
    feed._l2_book, feed.last_update_id, feed.forced = {}, {}, {}

    def take(raw: bytes) -> object:
        message = parser.loads(raw, parse_float=Decimal)
        if "lastUpdateId" in message:
            feed._l2_book["BTCUSDT"] = Peer(
                "BINANCE",
                "BTCUSDT",
                bids={Decimal(p): Decimal(q) for p, q in message["bids"]},
                asks={Decimal(p): Decimal(q) for p, q in message["asks"]},
            )
            feed.last_update_id["BTCUSDT"] = message["lastUpdateId"]
        elif name == "binance":
            _run(feed._book(message["data"], "BTCUSDT", 0.0))
        else:
            _run(feed._book(message, 0.0))
        [book] = feed._l2_book.values()
        return book.book.bids.index(0), book.book.asks.index(0)

    return take


def _run(coroutine: Any) -> None:
    """Run what never waits, without a loop."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise RuntimeError("it waits for something")


def best_ns(makers: list[Callable[[], Take]], tape: list[bytes]) -> list[float]:
    """Return each contender's least nanoseconds a message, the snapshot not counted.

    They take turns, so that a busy machine is busy for all of them.
    """
    least = [float("inf")] * len(makers)
    for _ in range(ROUNDS):
        for index, make in enumerate(makers):
            take = make()
            take(tape[0])
            started = perf_counter_ns()
            for raw in tape[1:]:
                take(raw)
            spent = (perf_counter_ns() - started) / (len(tape) - 1)
            least[index] = min(least[index], spent)
    return least


def is_installed(make: Callable[[], Take]) -> bool:
    try:
        make()
    except ImportError:
        return False
    return True


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    gc.disable()
    rows: list[tuple[str, list[bytes], Callable[[], Decoder], dict[str, Any]]] = [
        ("binance", binance_tape(count), Binance, {"ccxt": ccxt, "cryptofeed": cryptofeed}),
        ("kraken, with CRC32", kraken_tape(count), Kraken, {"ccxt": ccxt}),
        ("okx", okx_tape(count, has_checksum=False), Okx, {"ccxt": ccxt}),
        (
            "okx, with CRC32",
            okx_tape(count, has_checksum=True),
            Okx,
            {"ccxt": ccxt, "cryptofeed": cryptofeed},
        ),
    ]
    parse = msgspec.json.Decoder().decode
    for row, tape, new_decoder, peers in rows:
        makers = {
            name: partial(make, row.partition(",")[0]) for name, make in peers.items()
        }
        found = {name: make for name, make in makers.items() if is_installed(make)}
        mine, parsing, *theirs = best_ns(
            [partial(ours, new_decoder), lambda: parse, *found.values()], tape
        )
        line = {"bench": "depth", "row": row, "unit": "ns/message", "ours": round(mine)}
        line["json_alone"] = round(parsing)
        for name in makers.keys() - found.keys():
            print(json.dumps(line | {"peer": "not installed", "wanted": name}), flush=True)
        for name, spent in zip(found, theirs, strict=True):
            ratio = round(spent / mine, 2)
            told = {"peer": name, "theirs": round(spent), "ratio": ratio}
            print(json.dumps(line | told), flush=True)


if __name__ == "__main__":
    main()
