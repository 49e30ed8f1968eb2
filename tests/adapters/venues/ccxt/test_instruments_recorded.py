"""Market lists that exchanges really sent: every market loads, or is refused with a reason."""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from crossdock.adapters.venues.ccxt.instruments import instruments_of
from crossdock.model import ContractKind

DATA = Path(__file__).parents[5] / "shared/data/ccxt"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the recorded collection is not here (../shared/data/ccxt)"
)

FILES = sorted((DATA / "markets").glob("*.json")) if DATA.is_dir() else []

REFUSED = {
    # A stub of the collection: no steps, no end.
    ("binance", "BTC/USDT:USDT-231229"): "step of quantities",
    ("binance", "ETH/USDT:USDT-231229-800-C"): "step of quantities",
    ("bitmex", "BTC/USDT"): "fractions of a coin",
    ("bitmex", "ETH/USDT"): "fractions of a coin",
    ("bitmex", "TRX/USDT"): "fractions of a coin",
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_market_loads_or_is_refused_with_a_reason(file):
    markets = json.loads(file.read_text())
    made, refusals = instruments_of(markets.values(), venue=file.stem)
    listed = Counter(market["symbol"] for market in markets.values())
    told = Counter([it.id.partition("@")[0] for it in made])
    told.update(it.symbol for it in refusals)
    assert told == listed
    assert {(file.stem, it.symbol) for it in refusals} == {
        key for key in REFUSED if key[0] == file.stem
    }
    for refusal in refusals:
        assert REFUSED[file.stem, refusal.symbol] in refusal.reason


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_recorded_steps_sizes_and_assets_come_through_unchanged(file):
    markets = json.loads(file.read_text(), parse_float=str, parse_int=str)
    made, _ = instruments_of(markets.values(), venue=file.stem)
    by_symbol = {market["symbol"]: market for market in markets.values()}
    for it in made:
        market = by_symbol[it.id.partition("@")[0]]
        assert (it.base, it.quote) == (market["base"], market["quote"])
        if file.stem not in ("bitfinex", "hyperliquid"):
            assert it.tick_table[0].tick == Decimal(market["precision"]["price"])
        if file.stem != "bitfinex":
            assert it.quantity_step == Decimal(market["precision"]["amount"])
        if it.kind is ContractKind.SPOT:
            assert it.multiplier == 1
            assert it.settle == it.quote
        elif file.stem not in ("bitmex", "bitstamp", "deribit", "dydx"):
            assert it.multiplier == Decimal(market["contractSize"])
        maximum = market["limits"].get("amount", {}).get("max")
        assert it.max_quantity == (None if maximum is None else Decimal(maximum))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_orders_of_the_least_and_of_odd_sizes_fit_or_say_what_would(file):
    markets = json.loads(file.read_text())
    made, _ = instruments_of(markets.values(), venue=file.stem)
    for it in made:
        least = max(it.min_quantity, it.quantity_step)
        steps = -(-least // it.quantity_step)
        assert it.quantity(steps * it.quantity_step) >= least
        with pytest.raises(ValueError, match="does not fit"):
            it.quantity(steps * it.quantity_step + it.quantity_step / 3)
