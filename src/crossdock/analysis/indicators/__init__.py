"""Indicators, each defined once: fed bar by bar, or run over whole columns.

    from crossdock.analysis import indicators as ta

    average = ta.sma(20).stream()
    average.update(bar)             # a float, or None while it warms up
    ta.macd(12, 26, 9).over(bars)   # numpy arrays, with the same floats
    ta.ema(9, source=ta.rsi(14))    # an indicator of an indicator

`CATALOGUE` tells them all.
"""

from crossdock.analysis.indicators.averages import (
    dema,
    ema,
    hma,
    kama,
    rma,
    sma,
    tema,
    vwma,
    wma,
)
from crossdock.analysis.indicators.catalogue import (
    CATALOGUE,
    SOURCES,
    IndicatorInfo,
    Parameter,
    Source,
)
from crossdock.analysis.indicators.flows import mfi, obv, vwap
from crossdock.analysis.indicators.indicator import Indicator, Stream
from crossdock.analysis.indicators.oscillators import (
    Macd,
    Stochastic,
    StochasticRsi,
    cci,
    macd,
    momentum,
    roc,
    rsi,
    stochastic,
    stochastic_rsi,
    williams_r,
)
from crossdock.analysis.indicators.ranges import (
    Bollinger,
    Channel,
    Spread,
    atr,
    bollinger,
    donchian,
    keltner,
    natr,
    slope,
    spread,
    stdev,
    true_range,
    zscore,
)
from crossdock.analysis.indicators.trends import (
    Adx,
    Aroon,
    Ichimoku,
    Trail,
    adx,
    adxr,
    aroon,
    atr_stop,
    ichimoku,
    psar,
    supertrend,
)

__all__ = [
    "CATALOGUE",
    "SOURCES",
    "Adx",
    "Aroon",
    "Bollinger",
    "Channel",
    "Ichimoku",
    "Indicator",
    "IndicatorInfo",
    "Macd",
    "Parameter",
    "Source",
    "Spread",
    "Stochastic",
    "StochasticRsi",
    "Stream",
    "Trail",
    "adx",
    "adxr",
    "aroon",
    "atr",
    "atr_stop",
    "bollinger",
    "cci",
    "dema",
    "donchian",
    "ema",
    "hma",
    "ichimoku",
    "kama",
    "keltner",
    "macd",
    "mfi",
    "momentum",
    "natr",
    "obv",
    "psar",
    "rma",
    "roc",
    "rsi",
    "slope",
    "sma",
    "spread",
    "stdev",
    "stochastic",
    "stochastic_rsi",
    "supertrend",
    "tema",
    "true_range",
    "vwap",
    "vwma",
    "williams_r",
    "wma",
    "zscore",
]
