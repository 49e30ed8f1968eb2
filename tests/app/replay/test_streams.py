"""Recorded streams through the desk: what is missing for a while spoils no figure."""

import json
from math import isfinite

import pytest

from crossdock.app.replay import backtest
from crossdock.errors import ConfigError
from crossdock.model import OrderRequest, OrderType, Side
from crossdock.strategies import Strategy

BEGAN_NS = 1_723_161_254_000_000_000
SECOND_NS = 1_000_000_000


class BuysOnce(Strategy):
    """Buys one at its first look at a book."""

    has_bought = False

    def on_book(self, instrument, book):
        if self.has_bought:
            return
        self.has_bought = True
        [account] = self.desk.accounts(instrument)
        self.desk.submit(
            OrderRequest(
                account=account,
                instrument=instrument,
                side=Side.BUY,
                type=OrderType.MARKET,
                quantity=self.desk.instrument(instrument).quantity("1"),
            )
        )


def depth(number, bids=(), asks=()):
    body = {"e": "depthUpdate", "E": 1, "s": "ETHUSDT", "U": number, "u": number}
    return body | {"b": list(bids), "a": list(asks)}


@pytest.fixture
def stream(tmp_path):
    messages = [
        {"lastUpdateId": 1, "bids": [["9.50", "5.000"]], "asks": [["10.50", "5.000"]]},
        depth(2, bids=[("9.40", "1.000")]),
        depth(3, bids=[("9.30", "1.000")]),
        depth(4, asks=[("10.50", "0.000")]),
        depth(5, bids=[("9.60", "1.000")]),
        depth(6, asks=[("11.60", "1.000")]),
    ]
    path = tmp_path / "stream"
    path.write_text(
        "".join(
            f"{BEGAN_NS + 2 * SECOND_NS * at} {json.dumps(message)}\n"
            for at, message in enumerate(messages)
        )
    )
    return path


def test_a_side_that_is_empty_for_a_while_leaves_equity_at_the_last_good_price(stream):
    run = backtest(BuysOnce, stream, cash="100")
    [fill] = run.fills
    assert str(fill.price) == "10.50"
    left = 100 - 10.5 * 1.001
    assert run.curve.equity[-4:] == pytest.approx(
        [left + 10, left + 10, left + 10, left + 10.6]
    )
    assert isfinite(run.performance.max_drawdown)


def test_a_journal_is_kept_in_a_folder_of_its_own(tmp_path, stream):
    folder = tmp_path / "journal"
    backtest(BuysOnce, stream, journal=folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert before["lock"] == b"", "nobody owns it"
    with pytest.raises(ConfigError, match="a journal of its own"):
        backtest(BuysOnce, stream, journal=folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
