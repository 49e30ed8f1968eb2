"""Ten lines of a script against a real demo: they fill, every time, and end cleanly."""

import signal
import subprocess
import sys
from decimal import Decimal
from itertools import pairwise

import crossdock as cd

ROUNDS = 9  # of two orders: the demo allows twenty a second


async def test_the_demo_fills_what_the_book_shows_every_time():
    """A different quantity each round, for risk refuses the same order twice in a row."""
    async with cd.open_desk("demo") as desk:
        for number in range(ROUNDS):
            quantity = Decimal("0.05") - number * Decimal("0.001")
            book = await desk.book("BTC/USDT")
            limit = book.ask
            order = await desk.buy("BTC/USDT", quantity, limit=limit)
            fill = await order.filled(timeout_s=10)
            assert fill.price <= limit
            assert fill.fee > 0
            sold = await desk.sell("BTC/USDT", quantity, limit=book.bid)
            await sold.filled(timeout_s=10)
        assert len(desk.fills()) >= 2 * ROUNDS
        assert desk.orders() == []
        assert len(desk.books()) == 9
        bars = await desk.bars("BTC/USDT", "1m", last=500)
        hours = await desk.bars("BTC/USDT@beta", "1h", last=1500)
    assert bars.columns == [
        *("time", "open", "high", "low", "close", "volume", "instrument")
    ]
    assert (len(bars), len(hours)) == (500, 1500)
    assert set(bars["instrument"]) == {"BTC/USDT@alpha"}
    assert {(after - before).seconds for before, after in pairwise(bars["time"])} == {60}
    assert str(bars["time"].dtype.time_zone) == "UTC"


WAITING = """
import sys
import crossdock
sys.modules["polars"] = None  # as where it is not installed
with crossdock.open_desk("demo") as desk:
    try:
        desk.bars("BTC/USDT", "1m")
    except crossdock.errors.ExtraMissing as error:
        print(error.hint)
    order = desk.buy("BTC/USDT@alpha", "0.01", limit=desk.book("BTC/USDT").bid * 99 // 100)
    print(desk, flush=True)
    order.filled(timeout_s=60)
"""


def test_ctrl_c_in_a_plain_script_closes_the_desk_and_its_venues():
    """The pipe closes only when the venues, which hold it too, have ended as well."""
    script = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", WAITING],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with script:
        assert script.stdout.readline() == "pip install 'crossdock[research]'\n"
        assert script.stdout.readline().startswith("<desk demo with accounts alpha")
        script.send_signal(signal.SIGINT)
        _, words = script.communicate(timeout=30)
    assert script.returncode == -signal.SIGINT
    assert words.rstrip().endswith("KeyboardInterrupt")
    assert "Exception ignored" not in words
