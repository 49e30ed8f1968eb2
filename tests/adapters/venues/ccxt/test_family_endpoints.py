"""The exchanges' own endpoints that quirks call are there in the installed ccxt."""

import ast
from pathlib import Path

import ccxt.async_support as ccxt
import pytest

from crossdock.adapters.venues.ccxt import exchanges
from crossdock.adapters.venues.ccxt.family import studied

ROOM = Path(exchanges.__file__).parent
SOURCES = [*ROOM.glob("*.py"), *ROOM.glob("earning/*.py")]
SHARED = {
    "binance_pairs": ("binance",),
    "binanceusdm": ("binanceusdm", "binancecoinm"),
    "kucoin": ("kucoin", "kucoinfutures"),
}


def called(source):
    """Yield the endpoints a module asks of ccxt's object, or names for an order."""
    for node in ast.walk(ast.parse(source.read_text())):
        match node:
            case ast.Attribute(value=ast.Name(id="exchange"), attr=name):
                yield name
            case ast.Constant(value=str(text)) if "_post_" in text and " " not in text:
                yield text


def names():
    for source in SOURCES:
        for owner in SHARED.get(source.stem, (source.stem,)):
            if owner in studied():
                yield from ((owner, name) for name in sorted(set(called(source))))


@pytest.mark.parametrize(("owner", "name"), list(names()))
def test_every_endpoint_that_is_called_is_there(owner, name):
    assert callable(getattr(getattr(ccxt, owner), name))


def test_endpoints_are_looked_for_at_all():
    assert len(list(names())) > 20
