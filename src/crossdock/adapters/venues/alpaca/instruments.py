"""What can be traded: stocks, coins and options, and how they step."""

from __future__ import annotations

from decimal import Decimal

from crossdock.adapters.venues.alpaca.stamps import day_time_ns
from crossdock.adapters.venues.alpaca.symbols import CRYPTO, USD, Symbols
from crossdock.adapters.venues.alpaca.wire import (
    WireAsset,
    WireContract,
)
from crossdock.errors import BadPayload
from crossdock.model import (
    Asset,
    ContractKind,
    Instrument,
    InstrumentId,
    OptionRight,
    OrderType,
    TickBand,
    symbol_of,
)

_ACTIVE = "active"
_OPTIONS_CLOSE = "16:00"
_NANO = Decimal("1e-9")
_ONE = Decimal(1)
_CENT = Decimal("0.01")

# The sub-penny rule: https://docs.alpaca.markets/docs/orders-at-alpaca, read 2026-11-21.
_STOCK_TICKS = (
    TickBand(floor=Decimal(0), tick=Decimal("0.0001")),
    TickBand(floor=_ONE, tick=_CENT),
)
_OPTION_TICKS = (TickBand(floor=Decimal(0), tick=_CENT),)

# The lowest tier: https://docs.alpaca.markets/docs/crypto-fees, read 2026-11-21.
_COIN_MAKER, _COIN_TAKER = Decimal("0.0015"), Decimal("0.0025")
_COIN_TYPES = (OrderType.MARKET, OrderType.LIMIT, OrderType.STOP_LIMIT)
_OPTION_TYPES = (OrderType.MARKET, OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT)


def instrument_of(asset: WireAsset, symbols: Symbols) -> Instrument:
    """Return a stock or a pair of coins. Raises BadPayload for what steps by nothing."""
    identity = symbols.id_of(asset.symbol, asset.asset_class)
    try:
        if asset.asset_class == CRYPTO:
            return _pair(asset, identity)
        return _stock(asset, identity)
    except (ValueError, ArithmeticError) as error:
        raise BadPayload(f"asset {asset.symbol}: {error}") from None


def _stock(asset: WireAsset, identity: InstrumentId) -> Instrument:
    flags = ("fractionable", "marginable", "shortable", "easy_to_borrow")
    return Instrument(
        id=identity,
        venue_key=asset.id,
        kind=ContractKind.SPOT,
        base=Asset(symbol_of(identity).partition("/")[0]),
        quote=USD,
        settle=USD,
        tick_table=_STOCK_TICKS,
        quantity_step=_NANO if asset.fractionable else _ONE,
        min_quantity=_NANO if asset.fractionable else _ONE,
        is_trading=asset.tradable and asset.status == _ACTIVE,
        tags=(
            "class:us_equity",
            f"exchange:{asset.exchange}",
            *(flag for flag in flags if getattr(asset, flag)),
            *(asset.attributes or ()),
        ),
    )


def _pair(asset: WireAsset, identity: InstrumentId) -> Instrument:
    base, _, quote = symbol_of(identity).partition("/")
    if asset.price_increment is None or asset.min_trade_increment is None:
        raise ValueError("it has no steps")
    return Instrument(
        id=identity,
        venue_key=asset.id,
        kind=ContractKind.SPOT,
        base=Asset(base),
        quote=Asset(quote),
        settle=Asset(quote),
        tick_table=(TickBand(floor=Decimal(0), tick=asset.price_increment),),
        quantity_step=asset.min_trade_increment,
        min_quantity=asset.min_order_size or Decimal(0),
        maker_fee_rate=_COIN_MAKER,
        taker_fee_rate=_COIN_TAKER,
        is_trading=asset.tradable and asset.status == _ACTIVE,
        order_types=_COIN_TYPES,
        tags=("class:crypto",),
    )


def option_of(contract: WireContract, symbols: Symbols) -> Instrument:
    """Return an option, whose multiplier is the shares that one contract delivers."""
    identity = symbols.id_of(contract.symbol)
    if contract.type not in ("call", "put"):
        raise BadPayload(f"option {contract.symbol} is a {contract.type!r}")
    try:
        return Instrument(
            id=identity,
            venue_key=contract.id,
            kind=ContractKind.OPTION,
            base=Asset(symbol_of(identity).partition("/")[0]),
            quote=USD,
            settle=USD,
            tick_table=_OPTION_TICKS,
            quantity_step=_ONE,
            min_quantity=_ONE,
            multiplier=contract.size,
            expiry_time_ns=day_time_ns(contract.expiration_date, _OPTIONS_CLOSE),
            strike=contract.strike_price,
            right=OptionRight(contract.type),
            is_trading=contract.tradable and contract.status == _ACTIVE,
            order_types=_OPTION_TYPES,
            tags=("class:us_option", f"style:{contract.style}"),
        )
    except (ValueError, ArithmeticError) as error:
        raise BadPayload(f"option {contract.symbol}: {error}") from None
