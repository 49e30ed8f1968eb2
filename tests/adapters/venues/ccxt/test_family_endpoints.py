"""The exchanges' own endpoints that quirks call are there in the installed ccxt."""

import ast
from pathlib import Path

import ccxt.pro as ccxt
import pytest

from crossdock.adapters.venues.ccxt import exchanges
from crossdock.adapters.venues.ccxt.exchanges import quirks_of
from crossdock.adapters.venues.ccxt.family import studied

ROOM = Path(exchanges.__file__).parent
SOURCES = [*ROOM.glob("*.py"), *ROOM.glob("earning/*.py")]
OURS = "crossdock"  # what the driver hangs on ccxt's object
SHARED = {
    "binance_pairs": ("binance",),
    "binanceusdm": ("binanceusdm", "binancecoinm"),
    "kucoin": ("kucoin", "kucoinfutures"),
}


def called(source):
    """Yield what a module asks of ccxt's object, or names for an order, but our own part."""
    for node in ast.walk(ast.parse(source.read_text())):
        match node:
            case ast.Attribute(value=ast.Name(id="exchange"), attr=name) if name != OURS:
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
    assert hasattr(getattr(ccxt, quirks_of(owner).ccxt_id or owner)(), name)


def test_endpoints_are_looked_for_at_all():
    assert len(list(names())) > 20
