import re
import subprocess
import sys
from inspect import signature
from math import sin
from pathlib import Path

import pytest

from crossdock.analysis import indicators as ta
from crossdock.analysis.indicators.expressions import HIGH, LOW
from crossdock.analysis.indicators.page import indicators_page
from crossdock.model import Bar, Bars, InstrumentId

ROOT = Path(__file__).parents[2]


def test_the_catalogue_is_what_the_package_exports():
    functions = {name for name in ta.__all__ if name.islower()}
    assert functions == ta.CATALOGUE.keys()
    for name, info in ta.CATALOGUE.items():
        assert info.make is getattr(ta, name)
        assert info.name == name


@pytest.mark.parametrize("info", ta.CATALOGUE.values(), ids=lambda info: info.name)
def test_an_entry_tells_what_its_indicator_is(info):
    made = info.make(**{each.name: each.default for each in info.parameters})
    assert tuple(made.outputs) == info.outputs
    assert made.warm_up == info.warm_up
    assert made.label.startswith(f"{info.name}(")
    assert info.words.endswith(".")
    assert info.formula
    assert [each.name for each in info.parameters] == list(signature(info.make).parameters)
    assert all(each.help for each in info.parameters)
    value = value_of(made)
    assert getattr(value, "_fields", info.outputs) == info.outputs


def value_of(indicator):
    stream = indicator.stream()
    for at in range(indicator.warm_up):
        stream.update(Bar(InstrumentId("A/B@c"), at, 1, 2.0, 3.0, 1.0, 2.0 + at % 2, 5.0))
    return stream.value


LENGTHS = [
    (info.name, each.name)
    for info in ta.CATALOGUE.values()
    for each in info.parameters
    if isinstance(each.default, int)
]
FACTORS = [
    (info.name, each.name)
    for info in ta.CATALOGUE.values()
    for each in info.parameters
    if isinstance(each.default, float)
]


@pytest.mark.parametrize("bad", [0, -1, 2.5, True, "9", None])
@pytest.mark.parametrize(("name", "parameter"), LENGTHS)
def test_a_length_that_is_no_whole_number_of_bars_is_refused(name, parameter, bad):
    with pytest.raises(ValueError, match=rf"{parameter} is a whole number of at least"):
        ta.CATALOGUE[name].make(**{parameter: bad})


@pytest.mark.parametrize("bad", [0, -1.0, float("nan"), float("inf"), "2"])
@pytest.mark.parametrize(("name", "parameter"), FACTORS)
def test_a_factor_that_is_not_above_0_is_refused(name, parameter, bad):
    with pytest.raises(ValueError, match=rf"{parameter} is a number above 0"):
        ta.CATALOGUE[name].make(**{parameter: bad})


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ta.macd(26, 12), "fast is less than slow, got 26 and 12"),
        (lambda: ta.macd(12, 12), "fast is less than slow"),
        (lambda: ta.kama(10, 30, 2), "fast is less than slow"),
        (lambda: ta.ichimoku(26, 9), "conversion is less than base"),
        (lambda: ta.ichimoku(9, 26, 26), "base is less than span"),
        (lambda: ta.psar(0.3, 0.2), "step is at most limit"),
        (lambda: ta.vwap("week"), "anchor is first or day, got 'week'"),
        (lambda: ta.stdev(1), "length is a whole number of at least 2"),
        (lambda: ta.sma(3, source="clsoe"), "source is one of open, .* got 'clsoe'"),
        (lambda: ta.sma(3, source=ta.macd()), r"macd\(12, 26, 9\) has macd, signal, "),
        (lambda: ta.macd().output("line"), "has macd, signal, histogram, not line"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_a_label_tells_parameters_and_source():
    assert repr(ta.sma(20)) == "<sma(20)>"
    assert repr(ta.ema(9, source="high").stream()) == "<ema(9, source=high): None>"
    nested = ta.ema(9, source=ta.macd().output("signal"))
    assert nested.label == "ema(9, source=macd(12, 26, 9).signal)"


def test_the_page_of_indicators_is_the_one_the_catalogue_makes():
    page = (ROOT / "docs/reference/indicators.md").read_text("utf-8")
    assert page == indicators_page(), "run make docs"


def test_the_page_tells_every_indicator_parameter_and_output():
    page = indicators_page()
    for info in ta.CATALOGUE.values():
        section = page.partition(f"### {info.name}\n")[2].partition("\n#")[0]
        assert info.formula in section
        for each in info.parameters:
            assert f"- `{each.name}` = `{each.default}`: " in section
        for output in info.outputs if len(info.outputs) > 1 else ():
            assert f"`{output}`" in section
    assert all(f"| `{source}` |" in page for source in ta.SOURCES)


def test_the_examples_of_the_page_run(capsys):
    closes = [1.0, 2.0, 4.0, 3.0, 5.0, 8.0]
    bars = Bars(
        instrument=InstrumentId("A/B@c"),
        width_ns=60_000_000_000,
        start_time_ns=[60_000_000_000 * at for at in range(6)],
        open=closes,
        high=closes,
        low=closes,
        close=closes,
        volume=[1.0, 1.0, 1.0, 2.0, 1.0, 4.0],
    )
    blocks = re.findall(r"```python\n(.+?)```", indicators_page(), re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        exec(compile(block, "indicators.md", "exec"), {"bars": bars})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{16 / 3} True 3"
    assert lines[-1] == "4 [ nan  nan  nan -2.   1.5  9. ]"


def run(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )


def test_streams_need_no_numpy_and_columns_say_how_to_get_it():
    done = run(
        "import sys\n"
        "sys.modules['numpy'] = None\n"
        "import crossdock.analysis\n"
        "from crossdock.analysis import indicators as ta\n"
        "from crossdock.model import Bar\n"
        "print(ta.sma(1).stream().update(Bar('A/B@c', 0, 1, 1.0, 1.0, 1.0, 7.0, 1.0)))\n"
        "ta.sma(1).over({'close': [1.0]})\n"
    )
    assert done.stdout == "7.0\n"
    assert "ExtraMissing" in done.stderr
    assert "pip install 'crossdock[research]'" in done.stderr


def test_importing_indicators_imports_no_numpy():
    done = run(
        "import sys, crossdock.analysis.indicators\n"
        "print(sorted({'numpy', 'polars', 'pandas'} & sys.modules.keys()))"
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize("info", ta.CATALOGUE.values(), ids=lambda info: info.name)
def test_what_lies_on_the_price_moves_with_it_and_nothing_else_does(info):
    assert set(info.overlay) <= set(info.outputs)
    low, high = (outputs_of(info.make(), level) for level in (1_000.0, 2_000.0))
    for name in info.outputs:
        moved = high[name] - low[name]
        assert (moved == pytest.approx(1_000.0, rel=1e-6)) == (name in info.overlay), name


def outputs_of(indicator, level):
    """The outputs after a wavy market around a level."""
    stream = indicator.stream()
    for at in range(indicator.warm_up + 60):
        close = level + 20 * sin(at / 3) + 7 * sin(at)
        stream.update(Bar("A/B@c", at, 1, close - 2, close + 5, close - 6, close, 5.0))
    value = stream.value
    values = value if isinstance(value, tuple) else [value]
    return dict(zip(indicator.outputs, values, strict=True))


@pytest.mark.parametrize(
    ("indicator", "overlay"),
    [
        (ta.sma(source="typical"), {"sma"}),
        (ta.sma(source="volume"), set()),
        (ta.ema(source=ta.rsi()), set()),
        (ta.ema(source=ta.sma(3)), {"ema"}),
        (ta.sma(source=ta.bollinger().output("upper")), {"sma"}),
        (ta.sma(source=HIGH), {"sma"}),
        (ta.sma(source=HIGH - LOW), set()),
        (ta.bollinger().output("upper"), {"upper"}),
        (ta.bollinger().output("width"), set()),
        (ta.Indicator("mine", {"mine": HIGH - LOW}), set()),
        (ta.Indicator("mine", {"a": HIGH, "b": HIGH - LOW}, overlay=("a",)), {"a"}),
    ],
    ids=repr,
)
def test_whether_it_lies_on_the_price_goes_by_what_it_is_of(indicator, overlay):
    assert indicator.overlay == overlay


def test_what_never_forgets_its_first_bar_says_so():
    endless = {name for name, info in ta.CATALOGUE.items() if not info.make().forgets}
    assert endless == {"obv", "vwap"}
    assert not ta.vwap("day").forgets
    assert not ta.sma(source=ta.obv()).forgets
