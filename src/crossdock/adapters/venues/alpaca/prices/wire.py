"""What the Market Data API says, over HTTP and in its streams, field for field.

https://docs.alpaca.markets/docs/about-market-data-api, read 2026-11-21. Letters are the
vendor's: `t` time, `p` price, `s` size, `b`/`a` bid and ask, `x` exchange, `c` conditions.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec


class DataBar(msgspec.Struct, frozen=True, gc=False):
    """https://docs.alpaca.markets/reference/stockbars, read 2026-11-21."""

    t: str
    o: float
    h: float
    l: float  # noqa: E741 - the vendor's letter
    c: float
    v: float


class BarPage(msgspec.Struct, frozen=True):
    bars: dict[str, list[DataBar] | None] | None
    next_page_token: str | None = None


class DataQuote(msgspec.Struct, frozen=True, gc=False, rename={"as_": "as"}):
    """https://docs.alpaca.markets/reference/stockquotes-1, read 2026-11-21.

    Sizes of stocks are shares, before 2025-11-03 round lots.
    """

    t: str
    bp: Decimal
    bs: Decimal
    ap: Decimal
    as_: Decimal


class QuotePage(msgspec.Struct, frozen=True):
    quotes: dict[str, list[DataQuote] | None] | None
    next_page_token: str | None = None


class LatestQuotes(msgspec.Struct, frozen=True):
    """https://docs.alpaca.markets/reference/stocklatestquotes-1, read 2026-11-21."""

    quotes: dict[str, DataQuote | None]


class DataTrade(msgspec.Struct, frozen=True, gc=False):
    """https://docs.alpaca.markets/reference/stocktrades-1, read 2026-11-21.

    `tks` is the taker's side, of crypto only; options have no `i`.
    """

    t: str
    p: Decimal
    s: Decimal
    x: str = ""
    i: int | None = None
    tks: str = ""


class TradePage(msgspec.Struct, frozen=True):
    trades: dict[str, list[DataTrade] | None] | None
    next_page_token: str | None = None


class DataLevel(msgspec.Struct, frozen=True, gc=False):
    p: Decimal
    s: Decimal


class DataBook(msgspec.Struct, frozen=True):
    t: str
    b: list[DataLevel]
    a: list[DataLevel]


class LatestBooks(msgspec.Struct, frozen=True):
    """https://docs.alpaca.markets/reference/cryptolatestorderbooks-1, read 2026-11-21."""

    orderbooks: dict[str, DataBook | None]


class DataAuction(msgspec.Struct, frozen=True):
    t: str
    x: str
    p: Decimal
    s: Decimal = Decimal(0)


class AuctionDay(msgspec.Struct, frozen=True):
    d: str
    o: tuple[DataAuction, ...] | None = None
    c: tuple[DataAuction, ...] | None = None


class AuctionPage(msgspec.Struct, frozen=True):
    """https://docs.alpaca.markets/reference/stockauctions-1, read 2026-11-21."""

    auctions: dict[str, tuple[AuctionDay, ...] | None] | None
    next_page_token: str | None = None


class DataGreeks(msgspec.Struct, frozen=True):
    delta: float | None = None
    gamma: float | None = None
    theta: float | None = None
    vega: float | None = None
    rho: float | None = None


class OptionSnapshot(msgspec.Struct, frozen=True, rename="camel"):
    greeks: DataGreeks | None = None
    implied_volatility: float | None = None
    latest_quote: DataQuote | None = None
    latest_trade: DataTrade | None = None


class ChainPage(msgspec.Struct, frozen=True):
    """https://docs.alpaca.markets/reference/optionchain, read 2026-11-21."""

    snapshots: dict[str, OptionSnapshot]
    next_page_token: str | None = None


class Said(msgspec.Struct, frozen=True, tag_field="T", tag="success"):
    """`connected`, then `authenticated`.

    https://docs.alpaca.markets/docs/streaming-market-data, read 2026-11-21.
    """

    msg: str


class Refused(msgspec.Struct, frozen=True, tag_field="T", tag="error"):
    code: int
    msg: str


class Subscribed(msgspec.Struct, frozen=True, tag_field="T", tag="subscription"):
    """The whole of what this connection is subscribed to."""

    trades: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    bars: tuple[str, ...] = ()
    orderbooks: tuple[str, ...] = ()


class StreamQuote(
    msgspec.Struct, frozen=True, gc=False, tag_field="T", tag="q", rename={"as_": "as"}
):
    """https://docs.alpaca.markets/docs/real-time-stock-pricing-data, read 2026-11-21."""

    S: str
    t: str
    bp: Decimal
    bs: Decimal
    ap: Decimal
    as_: Decimal


class StreamTrade(msgspec.Struct, frozen=True, gc=False, tag_field="T", tag="t"):
    S: str
    t: str
    p: Decimal
    s: Decimal
    x: str = ""
    i: int | None = None
    tks: str = ""


class StreamBar(msgspec.Struct, frozen=True, gc=False, tag_field="T", tag="b"):
    S: str
    t: str
    o: float
    h: float
    l: float  # noqa: E741 - the vendor's letter
    c: float
    v: float


class StreamBook(msgspec.Struct, frozen=True, tag_field="T", tag="o"):
    """https://docs.alpaca.markets/docs/real-time-crypto-pricing-data, read 2026-11-21.

    `r` marks the whole book; in others a size of 0 removes a level.
    """

    S: str
    t: str
    b: list[DataLevel]
    a: list[DataLevel]
    r: bool = False


class Correction(msgspec.Struct, frozen=True, tag_field="T", tag="c"):
    """A public trade was corrected; comes unasked with trades."""

    S: str


class Cancellation(msgspec.Struct, frozen=True, tag_field="T", tag="x"):
    """A public trade was taken back; comes unasked with trades."""

    S: str


class PackedQuote(
    msgspec.Struct, frozen=True, gc=False, tag_field="T", tag="q", rename={"as_": "as"}
):
    """As in the options' stream, which is msgpack only; `t` is a timestamp extension.

    https://docs.alpaca.markets/docs/real-time-option-data, read 2026-11-21.
    """

    S: str
    t: datetime
    bp: Decimal
    bs: Decimal
    ap: Decimal
    as_: Decimal


class PackedTrade(msgspec.Struct, frozen=True, gc=False, tag_field="T", tag="t"):
    S: str
    t: datetime
    p: Decimal
    s: Decimal
    x: str = ""


Control = Said | Refused | Subscribed
StreamMessage = (
    Control | StreamQuote | StreamTrade | StreamBar | StreamBook | Correction | Cancellation
)
PackedMessage = Control | PackedQuote | PackedTrade
