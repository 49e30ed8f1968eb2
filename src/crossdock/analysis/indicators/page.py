"""The page docs/reference/indicators.md, made from the catalogue: `python -m … FILE`."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

from crossdock.analysis.indicators import CATALOGUE, SOURCES, IndicatorInfo

_HEAD = """\
<!-- Made from the catalogue of indicators by `make docs`; changes here are lost. -->

# Indicators

Each indicator is defined once, as an expression over bars, and is used in two ways. A strategy
feeds it bar by bar; research runs it over whole columns (this needs numpy:
`pip install 'crossdock[research]'`). Both do the same operations in the same order and give the
same floats, to the last bit.

```python
from crossdock.analysis import indicators as ta

average = ta.sma(3).stream()
for bar in bars:
    average.update(bar)  # the newest value; None until it has warmed up
print(average.value, average.ready, average.warm_up)

lines = ta.macd(2, 3, 2).over(bars)  # numpy arrays; NaN where it had not warmed up
print(lines.macd, lines.signal, lines.histogram)

strength = ta.ema(2, source=ta.rsi(3))  # an indicator of an indicator
signal = ta.macd(2, 3, 2).output("signal")  # one of several outputs
```

- `update` takes closed bars of one instrument and width, oldest first. An indicator with several
  outputs gives a named tuple, and None until all of them have warmed up.
- `over` takes `Bars`, a polars or pandas frame, or a mapping of columns, named `open`, `high`,
  `low`, `close`, `volume` and, for a price by the day, `time` (UTC). Each output has values from
  its own warm-up on.
- `state()` returns plain values that JSON holds exactly, and `restore` goes on from them: an
  indicator in a strategy's journaled state survives a restart bit for bit.
- A chart draws an indicator on the scale of the price where its `overlay` names the output, and in a
  pane of its own otherwise.
- Windows never drift: what has left one has left no trace, however large it was.
- Parameters that make no sense raise `ValueError`, and it says which.

## Sources

Where an indicator takes `source`, it is one of these, an indicator with one output, or an
expression:

| source | of each bar |
|---|---|"""

_SOURCE_WORDS = {
    "open": "first price",
    "high": "highest price",
    "low": "lowest price",
    "close": "last price",
    "volume": "volume",
    "midpoint": "(high + low) / 2",
    "typical": "(high + low + close) / 3",
    "average": "(open + high + low + close) / 4",
}

_GROUPS = {
    "averages": "Moving averages",
    "flows": "Prices with volume",
    "oscillators": "Momentum and oscillators",
    "ranges": "Ranges and channels",
    "trends": "Trends and stops",
}

_OWN = """\
## An indicator of your own

Join expressions, name the outputs, and it has both forms, warm-up and state like those above:

```python
from crossdock.analysis.indicators import Indicator
from crossdock.analysis.indicators.expressions import CLOSE, VOLUME, Lag, mean, ratio

surge = Indicator(
    "surge",
    {"surge": ratio(VOLUME, mean(Lag(VOLUME), 3), otherwise=1.0) * (CLOSE - Lag(CLOSE))},
)
print(surge.warm_up, surge.over(bars))
```

`overlay=("middle",)` names the outputs that belong on the scale of the price.

What is no arithmetic is a `Scan`: a step from one state to the next, which both forms run."""


def indicators_page() -> str:
    """Return the page, from the catalogue."""
    rows = [f"| `{name}` | {_SOURCE_WORDS[name]} |" for name in SOURCES]
    entries = sorted(CATALOGUE.values(), key=lambda info: (info.group, info.name))
    parts = ["\n".join([_HEAD, *rows])]
    for group, infos in groupby(entries, key=lambda info: info.group):
        parts.append(f"## {_GROUPS[group]}")
        parts += [_entry(info) for info in infos]
    return "\n\n".join([*parts, _OWN]) + "\n"


def _entry(info: IndicatorInfo) -> str:
    bars = "1 bar" if info.warm_up == 1 else f"{info.warm_up} bars"
    ready = f"Ready after {bars}{', with these defaults' if info.parameters else ''}."
    lines = [f"### {info.name}", "", f"{info.words} {ready}", ""]
    lines.append(f"- Formula: `{info.formula}`")
    if len(info.outputs) > 1:
        lines.append(f"- Outputs: {', '.join(f'`{name}`' for name in info.outputs)}")
    if info.overlay:
        drawn = ", ".join(f"`{name}`" for name in info.overlay)
        of = " of its source" if _has_source(info) else " of the price"
        which = "" if len(info.overlay) == len(info.outputs) else f": {drawn}"
        lines.append(f"- Lies on the scale{of}{which}")
    for each in info.parameters:
        words = "see [Sources](#sources)" if each.name == "source" else each.help
        lines.append(f"- `{each.name}` = `{each.default}`: {words}")
    return "\n".join(lines)


def _has_source(info: IndicatorInfo) -> bool:
    return any(each.name == "source" for each in info.parameters)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(indicators_page(), "utf-8")
