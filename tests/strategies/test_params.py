"""Parameters: declared once, read from whatever was written, refused all at once."""

from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.strategies import EXAMPLES, Strategy, param

D = Decimal


class Everything(Strategy):
    """One of each."""

    length: int = param(10, "bars", least=1, most=100)
    dead: float = param(0.5, "dead band", least=0.0)
    share: Decimal = param("0.95", "share of capital", most="1")
    word: str = param("1d", "a word")
    short: bool = param(False, "sell short")
    side: Literal["long", "short", "both"] = param("long", "which way")
    tier: int = param(2, "which tier", choices=(1, 2, 3))


def made(kind=Everything, **params):
    return kind("mine", (), params)


def test_defaults_are_attributes_of_their_type():
    found = made()
    assert (found.length, found.dead, found.share) == (10, 0.5, D("0.95"))
    assert (found.word, found.short, found.side, found.tier) == ("1d", False, "long", 2)
    assert isinstance(found.share, Decimal)
    assert found.params["length"] == 10


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("length", 7, 7),
        ("length", "7", 7),
        ("length", D("7.0"), 7),
        ("dead", 1, 1.0),
        ("dead", D("0.25"), 0.25),
        ("dead", "1e-3", 0.001),
        ("share", "0.10", D("0.10")),
        ("share", D("0.1"), D("0.1")),
        ("share", 1, D(1)),
        ("word", "4h", "4h"),
        ("short", True, True),
        ("short", "true", True),
        ("short", "false", False),
        ("side", "both", "both"),
        ("tier", 3, 3),
        ("tier", "3", 3),
    ],
)
def test_a_value_is_read_as_its_parameters_type(name, given, value):
    read = getattr(made(**{name: given}), name)
    assert read == value and type(read) is type(value)


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("length", 0, "a whole number from 1 to 100"),
        ("length", 101, "a whole number from 1 to 100"),
        ("length", 7.5, "a whole number"),
        ("length", D("7.5"), "a whole number"),
        ("length", "seven", "a whole number"),
        ("length", True, "a whole number"),
        ("length", None, "a whole number"),
        ("dead", float("nan"), "a number, 0.0 or more"),
        ("dead", True, "a number"),
        ("dead", -0.1, "0.0 or more"),
        ("share", 0.95, 'a float is not exact, write it as text: "0.95"'),
        ("share", "lots", "an exact number, 1 or less"),
        ("share", "NaN", "an exact number"),
        ("share", "1.01", "1 or less"),
        ("word", 4, "text"),
        ("short", "yes", "true or false"),
        ("short", 1, "true or false"),
        ("side", "up", "one of long, short, both"),
        ("tier", 4, "one of 1, 2, 3"),
        ("tier", True, "one of 1, 2, 3"),
    ],
)
def test_a_value_that_does_not_fit_says_where_it_is_and_what_would(name, given, expected):
    with pytest.raises(ValueError) as refused:
        made(**{name: given})
    assert f"{name} = " in str(refused.value) and expected in str(refused.value)


def test_everything_wrong_is_named_at_once():
    with pytest.raises(ValueError) as refused:
        made(lenght=5, dead=-1, share=0.5, nonsense=1)
    words = str(refused.value)
    assert "there is no parameter lenght, did you mean length?" in words
    assert "there is no parameter nonsense, there are length, dead" in words
    assert "dead = -1" in words and "share = 0.5" in words
    assert words.count(";") == 4  # three between the four, one within share's


def test_a_strategy_without_parameters_takes_none():
    with pytest.raises(ValueError, match="takes no parameters"):
        made(Strategy, fast=1)


def test_parameters_tell_what_forms_and_documents_need():
    length, *_, side, tier = Everything.parameters()
    assert (length.name, length.type, length.default, length.help) == (
        *("length", "int", 10),
        "bars",
    )
    assert (length.least, length.most) == (1, 100)
    assert (side.type, side.choices) == ("choice", ("long", "short", "both"))
    assert (tier.type, tier.choices) == ("choice", (1, 2, 3))
    kinds = [each.type for each in Everything.parameters()[:5]]
    assert kinds == ["int", "float", "decimal", "text", "bool"]


def test_a_class_inherits_parameters_and_may_give_them_new_defaults():
    class Slower(Everything):
        length = param(50, "bars", least=20)
        extra: int = param(1, "one more")

    assert made(Slower).length == 50 and made().length == 10
    assert [each.name for each in Slower.parameters()][-1] == "extra"
    with pytest.raises(ValueError, match="20 or more"):
        made(Slower, length=19)


def test_what_relates_parameters_to_each_other_is_checked_with_all_of_them_set():
    class Pair(Strategy):
        fast: int = param(1, "fast")
        slow: int = param(2, "slow")

        def check(self):
            if self.fast >= self.slow:
                raise ValueError("fast must be below slow")

    assert made(Pair, fast=4, slow=5).slow == 5
    with pytest.raises(ValueError, match="below slow"):
        made(Pair, fast=5, slow=5)


def declare(annotation, *args, **kwargs):
    namespace = {"__annotations__": {"it": annotation}, "it": param(*args, **kwargs)}
    return type("Declaring", (Strategy,), {**namespace, "__module__": __name__})


@pytest.mark.parametrize(
    ("annotation", "args", "kwargs", "words"),
    [
        (Decimal, (0.95, "help"), {}, "a float is not exact"),
        ("Decimal", (0.95, "help"), {}, "a float is not exact"),
        (int, (0, "help"), {"least": 1}, "1 or more"),
        (int, (1, "help"), {"least": "one"}, "a whole number"),
        (list, ([], "help"), {}, "annotate a parameter"),
        (Literal["a"], ("b", "help"), {}, "one of a"),
    ],
)
def test_a_wrong_declaration_is_refused_as_the_class_is_made(
    annotation, args, kwargs, words
):
    with pytest.raises(TypeError, match=words):
        declare(annotation, *args, **kwargs)


def test_a_declaration_may_be_annotated_in_text():
    assert made(declare("Decimal", "0.1", "help")).it == D("0.1")


def test_a_plain_value_does_not_hide_a_parameter_unnoticed():
    with pytest.raises(TypeError, match="hides a parameter"):

        class Hiding(Everything):
            length = 5


@given(st.integers(1, 100), st.floats(0, 1e12), st.decimals(-9, 1, places=6))
def test_what_was_read_reads_again_from_its_own_text(length, dead, share):
    first = made(length=length, dead=dead, share=share)
    again = made(length=str(first.length), dead=repr(first.dead), share=str(first.share))
    assert again.params == first.params


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_parameter_of_an_example_says_what_it_is(name):
    from crossdock.app.catalogue import load_strategy

    for parameter in load_strategy(name).parameters():
        assert len(parameter.help) > 8
        assert parameter.parse(parameter.default) == parameter.default


@pytest.mark.parametrize("name", ["symbols", "id", "desk", "state", "on_bar", "_own"])
def test_a_parameter_takes_no_name_that_every_strategy_has(name):
    with pytest.raises(TypeError, match=f"{name} cannot be the name of a parameter"):
        type("Taking", (Strategy,), {"__annotations__": {name: int}, name: param(1, "it")})
