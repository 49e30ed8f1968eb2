"""Which strategies there are, installed ones included."""

import sys
from importlib.metadata import EntryPoint
from types import ModuleType

import pytest

from crossdock.app.catalogue import GROUP, describe, load_strategy, strategy_kinds
from crossdock.errors import ConfigError
from crossdock.strategies import EXAMPLES, Strategy, param


class Breakout(Strategy):
    """Buys what breaks out.

    At length.
    """

    length: int = param(20, "bars looked back on", least=2)


@pytest.fixture
def module():
    made = ModuleType("strategies_of_a_package")
    made.Breakout, made.number = Breakout, 3
    sys.modules[made.__name__] = made
    yield made.__name__
    del sys.modules[made.__name__]


def source(*points):
    return lambda: [EntryPoint(name, value, GROUP) for name, value in points]


def test_every_example_is_listed_with_words_and_can_be_used():
    kinds = {kind.name: kind for kind in strategy_kinds(source())}
    assert kinds.keys() == EXAMPLES.keys()
    assert all(kind.words and not kind.problem for kind in kinds.values())
    assert [it.name for it in kinds["sma_cross"].parameters][:3] == [
        *("timeframe", "fast", "slow")
    ]
    # Each takes bars as they come until told otherwise, by a parameter where it has one.
    assert {kind.timeframe for kind in kinds.values()} == {""}


def test_a_package_brings_strategies_by_an_entry_point(module):
    here = source(("breakout", f"{module}:Breakout"))
    [found] = [kind for kind in strategy_kinds(here) if kind.name == "breakout"]
    assert (found.words, found.parameters[0].name) == ("Buys what breaks out.", "length")
    assert load_strategy("breakout", here) is Breakout
    assert describe("breakout", here).target == f"{module}:Breakout"


def test_any_class_can_be_told_about_by_where_it_is(module):
    found = describe(f"{module}:Breakout")
    assert found.parameters[0].least == 2 and found.source == module


def test_one_that_does_not_import_is_listed_with_its_problem_and_alone(module):
    here = source(
        ("gone", "no_such_module:Gone"),
        ("number", f"{module}:number"),
        ("breakout", f"{module}:Breakout"),
    )
    kinds = {kind.name: kind for kind in strategy_kinds(here)}
    assert "No module named" in kinds["gone"].problem
    assert "is no class" in kinds["number"].problem
    assert not kinds["breakout"].problem


def test_an_example_is_never_replaced_by_a_package(module):
    here = source(("sma_cross", f"{module}:Breakout"))
    assert load_strategy("sma_cross", here).__name__ == "SmaCross"
    ours, theirs = [kind for kind in strategy_kinds(here) if kind.name == "sma_cross"]
    assert not ours.problem and "example" in theirs.problem
    assert describe("sma_cross", here) == ours


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("brekout", "did you mean breakout?"),
        ("no_such_module:Gone", "No module named"),
        ("json:dumps", "is no class"),
        ("decimal:Decimal", "is no strategy: it lacks start, stop"),
        ("threading:Thread", "is no strategy: it lacks stop"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(module, kind, words):
    with pytest.raises(ConfigError) as refused:
        load_strategy(kind, source(("breakout", f"{module}:Breakout")))
    assert refused.value.code == "strategy-unknown" and words in str(refused.value)
