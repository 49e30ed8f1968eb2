"""OKX, version 5 of its WebSocket: books, books5, bbo-tbt, trades and tickers.

https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-order-book-channel (read
2026-11-21)

A change of `books` names the one before it (prevSeqId, seqId), and that is checked. When
nothing changes for a while the last number is told again, without levels; after
maintenance numbers may begin lower, in a change that still names the last one.

The checksum, a CRC32 over 25 levels a side, is checked where there is one. Since 2026 OKX
sends 0 in its place (seen on all of 1,175 messages: https://github.com/ccxt/ccxt/pull/30299,
2026-09-06), which stands for none.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from math import nan
from zlib import crc32

import msgspec

from crossdock.model import (
    ZERO,
    ContractKind,
    Instrument,
    InstrumentId,
    Level,
    OptionRight,
    Quote,
    Side,
    TickBand,
    Trade,
    instrument_id,
)
from crossdock.ports import MarketEvent
from crossdock.toolkit.decoders.checked import CheckedBook
from crossdock.toolkit.decoders.contract import BookDecoder, asset, path_of

_CHECKED = 25  # levels a side that the checksum covers
_SIGNED = 1 << 32
_HEAD = b'{"arg":{"channel":"'
_OF_SESSION = frozenset(
    {
        *("subscribe", "unsubscribe", "error", "notice", "login"),
        *("channel-conn-count", "channel-conn-count-error", "pong"),
    }
)
_UNUSED = frozenset(
    {
        *("books50-l2-tbt", "books-l2-tbt", "books-rpi", "trades-all", "instruments"),
        *("mark-price", "index-tickers", "funding-rate", "price-limit", "open-interest"),
        *("status", "estimated-price", "opt-summary", "liquidation-orders"),
    }
)


class _Row(msgspec.Struct, array_like=True, gc=False):
    """A level; a number that was retired and the count of orders follow."""

    price: str
    quantity: str


class _Argument(msgspec.Struct):
    channel: str
    inst_id: str = msgspec.field(name="instId", default="")


class _Book(msgspec.Struct, rename="camel"):
    asks: list[_Row]
    bids: list[_Row]
    ts: str
    seq_id: int | None = None
    prev_seq_id: int | None = None
    checksum: int | None = None


class _Trade(msgspec.Struct, rename="camel"):
    inst_id: str
    trade_id: str
    px: Decimal
    sz: Decimal
    side: str  # the taker's
    ts: str


class _Ticker(msgspec.Struct, rename="camel"):
    inst_id: str
    bid_px: str
    bid_sz: str
    ask_px: str
    ask_sz: str
    ts: str


class _OfBook(msgspec.Struct):
    arg: _Argument
    data: list[_Book]
    action: str = "snapshot"  # books5 and bbo-tbt are pictures, and do not say so


class _OfTrades(msgspec.Struct):
    data: list[_Trade]


class _OfTickers(msgspec.Struct):
    data: list[_Ticker]


class _Envelope(msgspec.Struct):
    arg: _Argument = msgspec.field(default_factory=lambda: _Argument(""))
    event: str = ""


class _Listed(msgspec.Struct, rename="camel"):
    inst_id: str
    inst_type: str
    tick_sz: Decimal
    lot_sz: Decimal
    min_sz: Decimal = ZERO
    base_ccy: str = ""  # this and the next: spot only
    quote_ccy: str = ""
    settle_ccy: str = ""
    ct_val: str = ""
    ct_mult: str = ""
    ct_type: str = ""
    exp_time: str = ""
    stk: str = ""
    opt_type: str = ""


class _ListedReply(msgspec.Struct):
    data: list[_Listed]


_PONG = _Envelope(event="pong")  # the one answer that is no JSON

_envelope = msgspec.json.Decoder(_Envelope).decode
_book = msgspec.json.Decoder(_OfBook).decode
_trades = msgspec.json.Decoder(_OfTrades).decode
_tickers = msgspec.json.Decoder(_OfTickers).decode
_listed_reply = msgspec.json.Decoder(_ListedReply).decode


class Okx(BookDecoder["_OkxBook"]):
    """Trades, best prices and books. `books5` counts only where `books` is not told."""

    def __init__(self, venue: str = "okx") -> None:
        super().__init__(venue, _OkxBook)

    def decode(self, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        # The channel stands first: reading it saves parsing the message twice.
        if raw.startswith(_HEAD):
            channel = raw[len(_HEAD) : raw.find(b'"', len(_HEAD))].decode()
        else:
            message = _PONG if raw == b"pong" else _envelope(raw)
            if message.event in _OF_SESSION:
                self.tally.passed_over += 1
                return []
            channel = message.arg.channel
        if channel in ("books", "books5"):
            return self._on_books(_book(raw), channel, received_time_ns)
        if channel == "bbo-tbt":
            return self._on_best(_book(raw), received_time_ns)
        if channel == "trades":
            return self._on_trades(_trades(raw).data, received_time_ns)
        if channel == "tickers":
            return self._on_tickers(_tickers(raw).data, received_time_ns)
        if channel in _UNUSED or channel.startswith("candle"):
            self.tally.passed_over += 1
        else:
            self.tally.undecoded += 1
        return []

    def rest(self, url: str, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        if not path_of(url).endswith("/public/instruments"):
            return super().rest(url, raw, received_time_ns)
        self.tally.used += 1
        self.markets.add(
            listed
            for each in _listed_reply(raw).data
            if (listed := self._listed(each)) is not None
        )
        return []

    def symbol_of(self, key: str) -> str:
        """Read an instId: BTC-USDT-SWAP is BTC/USDT:USDT, BTC-USD-SWAP is BTC/USD:BTC."""
        base, _, rest = key.partition("-")
        quote, is_contract, ends = rest.partition("-")
        pair = f"{asset(base)}/{asset(quote)}"
        if not is_contract:
            return pair if quote else key
        settle = asset(base) if quote == "USD" else asset(quote)
        return f"{pair}:{settle}" + ("" if ends == "SWAP" else f"-{ends}")

    def _on_books(
        self, message: _OfBook, channel: str, received_time_ns: int
    ) -> list[MarketEvent]:
        book = self._book(message.arg.inst_id)
        if channel == "books":
            book.is_followed = True
        elif book.is_followed:
            self.tally.passed_over += 1
            return []
        is_snapshot = message.action == "snapshot"
        events: list[MarketEvent] = []
        is_used = False
        for wire in message.data:
            if is_snapshot or book.standing:
                is_used = True
                checksum = wire.checksum if book.checks or is_snapshot else None
                events += book.take(wire, is_snapshot, received_time_ns)
                if checksum:
                    self.tally.checksums += 1
                    self.tally.checksum_failures += book.has_failed
        self.tally.used += is_used
        self.tally.passed_over += not is_used
        return events

    def _on_best(self, message: _OfBook, received_time_ns: int) -> list[MarketEvent]:
        self.tally.used += 1
        instrument = self.markets[message.arg.inst_id]
        return [
            Quote(
                instrument,
                *_best(wire.bids),
                *_best(wire.asks),
                int(wire.ts) * 1_000_000,
                received_time_ns,
            )
            for wire in message.data
        ]

    def _on_trades(
        self, told: Iterable[_Trade], received_time_ns: int
    ) -> list[MarketEvent]:
        self.tally.used += 1
        return [
            Trade(
                self.markets[wire.inst_id],
                wire.trade_id,
                wire.px,
                wire.sz,
                Side.BUY if wire.side == "buy" else Side.SELL,
                int(wire.ts) * 1_000_000,
                received_time_ns,
            )
            for wire in told
        ]

    def _on_tickers(
        self, told: Iterable[_Ticker], received_time_ns: int
    ) -> list[MarketEvent]:
        self.tally.used += 1
        return [
            Quote(
                self.markets[wire.inst_id],
                float(wire.bid_px or nan),
                float(wire.bid_sz or 0),
                float(wire.ask_px or nan),
                float(wire.ask_sz or 0),
                int(wire.ts) * 1_000_000,
                received_time_ns,
            )
            for wire in told
        ]

    def _listed(self, each: _Listed) -> Instrument | None:
        symbol = self.symbol_of(each.inst_id)
        pair, _, rest = symbol.partition(":")
        base, _, quote = pair.partition("/")
        settle = asset(each.settle_ccy or rest.partition("-")[0] or quote)
        kind = _kind_of(each)
        if kind is None or not quote or each.tick_sz <= 0 or each.lot_sz <= 0:
            return None
        multiplier = Decimal(each.ct_val or 1) * Decimal(each.ct_mult or 1)
        is_option = kind is ContractKind.OPTION
        return Instrument(
            id=instrument_id(symbol, self.venue),
            venue_key=each.inst_id,
            kind=kind,
            base=asset(base),
            quote=asset(quote),
            settle=settle,
            multiplier=multiplier,
            tick_table=(TickBand(floor=ZERO, tick=each.tick_sz),),
            quantity_step=each.lot_sz,
            min_quantity=each.min_sz,
            expiry_time_ns=int(each.exp_time) * 1_000_000 if each.exp_time else None,
            strike=Decimal(each.stk) if is_option and each.stk else None,
            right=_RIGHTS.get(each.opt_type) if is_option else None,
        )


_RIGHTS = {"C": OptionRight.CALL, "P": OptionRight.PUT}


class _OkxBook(CheckedBook):
    """Keeps a copy to check only while the venue sends checksums."""

    def __init__(self, instrument: InstrumentId) -> None:
        super().__init__(instrument)
        self.is_followed = False  # by the channel `books`
        self.checks = False
        self.has_failed = False

    def take(
        self, wire: _Book, is_snapshot: bool, received_time_ns: int
    ) -> list[MarketEvent]:
        self.has_failed = False
        if is_snapshot:
            self.checks = bool(wire.checksum)
        elif wire.prev_seq_id is not None:
            gap = self.break_before(wire.prev_seq_id, received_time_ns)
            if gap is not None:
                return gap
            if wire.seq_id == wire.prev_seq_id and not wire.bids and not wire.asks:
                return []  # nothing changed, and nothing was lost
        bids = [(row.price, row.quantity) for row in wire.bids]
        asks = [(row.price, row.quantity) for row in wire.asks]
        time_ns = int(wire.ts) * 1_000_000
        if not self.checks:
            make = self.snapshot if is_snapshot else self.change
            return [make(bids, asks, time_ns, received_time_ns, number=wire.seq_id)]
        events = self.check(
            bids,
            asks,
            time_ns,
            received_time_ns,
            is_snapshot=is_snapshot,
            number=wire.seq_id,
            checksum=wire.checksum or None,
        )
        self.has_failed = not self.standing
        return events

    def agrees(self, checksum: int) -> bool:
        asks = [level for _, level in self.asks.best(_CHECKED)]
        bids = [level for _, level in self.bids.best(_CHECKED)]
        return book_checksum(asks, bids) == checksum


def book_checksum(asks: list[Level], bids: list[Level]) -> int:
    """Return OKX's signed CRC32: bid and ask in turns, best first, each `price:quantity`.

    Where one side is shorter the other goes on alone.
    """
    parts: list[str] = []
    for index in range(min(_CHECKED, max(len(asks), len(bids)))):
        if index < len(bids):
            parts += bids[index]
        if index < len(asks):
            parts += asks[index]
    unsigned = crc32(":".join(parts).encode())
    return unsigned - _SIGNED if unsigned >= _SIGNED // 2 else unsigned


def _best(rows: list[_Row]) -> tuple[float, float]:
    return (float(rows[0].price), float(rows[0].quantity)) if rows else (nan, 0.0)


def _kind_of(each: _Listed) -> ContractKind | None:
    if each.inst_type in ("SPOT", "MARGIN"):
        return ContractKind.SPOT
    if each.inst_type == "OPTION":
        return ContractKind.OPTION
    if each.inst_type in ("SWAP", "FUTURES"):
        return ContractKind.INVERSE if each.ct_type == "inverse" else ContractKind.LINEAR
    return None
