"""What a coin costs does not matter: the same walk at other prices earns the same."""

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest

from crossdock.adapters.feeds.recorded.feed import RecordedFiles
from crossdock.app.replay import backtest

EXPONENTS = (-14, -9, -6, 0, 3)
_COLUMNS = ("open", "high", "low", "close")


def times(bars, exponent):
    """Multiply as exactly as a float can."""
    scaled = {
        name: [float(f"{value}e{exponent}") for value in getattr(bars, name)]
        for name in _COLUMNS
    }
    return replace(bars, **scaled)


def told(run):
    [instrument] = run.instruments.values()
    return instrument.tick_table[0].tick, len(run.fills), float(run.pnl)


def replayed_bars(bars, tmp_path):
    return backtest("sma_cross", bars)


def replayed_csv(bars, tmp_path, written=repr):
    rows = [
        ",".join(
            [str(bar.start_time_ns), *(written(getattr(bar, c)) for c in _COLUMNS), "1.5"]
        )
        for bar in bars
    ]
    path = tmp_path / "BTC_USDT.csv"
    path.write_text("\n".join(["time,open,high,low,close,volume", *rows]))
    return backtest("sma_cross", path)


def replayed_plain_csv(bars, tmp_path):
    return replayed_csv(bars, tmp_path, lambda price: format(Decimal(repr(price)), "f"))


def replayed_feather(bars, tmp_path):
    frame = pl.DataFrame(
        {"date": bars.start_time_ns, **{name: getattr(bars, name) for name in _COLUMNS}}
    )
    path = tmp_path / "BTC_USDT.feather"
    frame.with_columns(pl.lit(1.5).alias("volume")).write_ipc(path)
    return backtest("sma_cross", path)


@pytest.mark.parametrize(
    "way", [replayed_bars, replayed_csv, replayed_plain_csv, replayed_feather]
)
def test_prices_of_any_size_earn_the_same(walk, tmp_path, way):
    bars = walk(300)
    tick, fills, pnl = told(way(bars, tmp_path))
    assert (tick, fills > 5) == (Decimal("0.01"), True)
    for exponent in EXPONENTS:
        found = told(way(times(bars, exponent), tmp_path))
        assert found[0] == min(Decimal(1), Decimal("0.01").scaleb(exponent))
        assert found[1:] == (fills, pytest.approx(pnl, rel=1e-4))


def test_noise_of_floats_makes_no_finer_tick(walk):
    bars = walk(50)
    noisy = replace(
        bars,
        **{name: [value * 7.3 / 1e5 for value in getattr(bars, name)] for name in _COLUMNS},
    )
    assert told(backtest("sma_cross", noisy))[0] >= Decimal("1e-11")


def test_trades_at_tiny_prices_keep_them(tmp_path):
    path = tmp_path / "SHIB_BTC-trades.feather"
    pl.DataFrame(
        {"timestamp": [1_700_000_000_000, 1_700_000_001_000]}
        | {"price": [1.23456e-11, 1.24e-11], "amount": [1000.0, 0.1 + 0.2]}
    ).write_ipc(path)
    first, second = RecordedFiles().open(str(path)).events()
    assert first.price == Decimal("0.0000000000123456")
    assert second.quantity == Decimal("0.3")
