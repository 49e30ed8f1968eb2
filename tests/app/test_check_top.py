"""A kept book's best prices are what the venue's own bookTicker says they are."""

import gzip
import random
import re
from decimal import Decimal
from pathlib import Path

import pytest

from crossdock.app.replay.top import check_top
from crossdock.errors import DataError

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
REAL = DATA / "hftbacktest/examples/spot/ethusdt_20240808.gz"
LINES_OF_PART = 7000

needs_real = pytest.mark.skipif(
    not REAL.exists(), reason="needs ../shared/data/hftbacktest, which is not shipped"
)


@pytest.fixture(scope="module")
def part():
    with gzip.open(REAL) as source:
        return [next(source) for _ in range(LINES_OF_PART)]


def written(tmp_path, lines):
    path = tmp_path / "part.gz"
    path.write_bytes(gzip.compress(b"".join(lines), 1))
    return str(path)


def update_of(line):
    """Return the first and last update of a depth message, None for another message."""
    found = re.search(rb'"U":(\d+),"u":(\d+)', line)
    return found and (int(found[1]), int(found[2]))


def comparable(lines):
    """Count the bookTickers whose update is where a depth message, or the snapshot, ends."""
    begins = next(at for at, line in enumerate(lines) if b"lastUpdateId" in line)
    ends = {update_of(line)[1] for line in lines[begins:] if update_of(line)}
    tickers = [line for line in lines[begins:] if b"@bookTicker" in line]
    return sum(int(re.search(rb'"u":(\d+)', line)[1]) in ends for line in tickers)


@needs_real
def test_every_comparable_top_of_the_recording_is_equal():
    check = check_top(str(REAL))
    assert check.compared == check.equal == 577
    assert (check.gaps, check.messages) == (0, 33_618)


@needs_real
def test_nothing_that_could_be_compared_is_left_out(tmp_path, part):
    check = check_top(written(tmp_path, part))
    assert check.compared == check.equal == comparable(part) > 50


@needs_real
def test_the_recordings_own_symbols_and_prices_do_not_matter(tmp_path, part):
    def scaled(found):
        return b"%s%s" % (found[1], format(Decimal(found[2].decode()) * 7, "f").encode())

    price = re.compile(rb'(\["|"[ab]":")(\d+\.\d+)')
    renamed = [
        price.sub(scaled, line)
        .replace(b"ethusdt", b"zzqqxy")
        .replace(b"ETHUSDT", b"ZZQQXY")
        for line in part
    ]
    assert renamed != part
    check = check_top(written(tmp_path, renamed))
    assert check.compared == check.equal == comparable(part)


@needs_real
@pytest.mark.parametrize("seed", range(8))
def test_a_lost_depth_message_is_a_gap_and_no_wrong_top_is_served(tmp_path, part, seed):
    choice = random.Random(seed)
    begins = next(at for at, line in enumerate(part) if b"lastUpdateId" in line)
    followers = [at for at in range(begins, len(part)) if update_of(part[at])]
    lost = set(choice.sample(followers[:-1], choice.randrange(1, 20)))
    check = check_top(
        written(tmp_path, [line for at, line in enumerate(part) if at not in lost])
    )
    assert check.compared == check.equal
    assert check.gaps == 1, "one book, given up once: no second snapshot came"
    assert check.compared <= comparable(part[: min(lost)])


@needs_real
@pytest.mark.parametrize("seed", range(4))
def test_lost_trades_and_tickers_are_no_gap_of_the_book(tmp_path, part, seed):
    choice = random.Random(seed)
    kept = [
        line
        for line in part
        if update_of(line) or b"lastUpdateId" in line or choice.random() < 0.5
    ]
    check = check_top(written(tmp_path, kept))
    assert check.compared == check.equal == comparable(kept) > 0
    assert check.gaps == 0


@needs_real
def test_a_recording_without_its_snapshot_is_a_gap(tmp_path, part):
    kept = [line for line in part if b"lastUpdateId" not in line]
    check = check_top(written(tmp_path, kept))
    assert (check.compared, check.gaps) == (0, 1)


@pytest.mark.parametrize("name", ["BINANCE.ws.1.0", "BINANCE_US.ws.1.0"])
def test_captures_of_other_recorders_are_compared_as_well(name):
    path = DATA / "cryptofeed" / name
    if not path.exists():
        pytest.skip("needs ../shared/data/cryptofeed, which is not shipped")
    check = check_top(str(path))
    assert check.compared == check.equal > 20
    assert check.gaps == 0


def test_one_of_several_markets_is_checked_alone():
    path = DATA / "cryptofeed/BINANCE_US.ws.1.0"
    if not path.exists():
        pytest.skip("needs ../shared/data/cryptofeed, which is not shipped")
    symbols = ("COMP/USDT", "OMG/BUSD", "CRV/USDT", "ZRX/USDT")
    alone = [check_top(str(path), symbol=symbol).compared for symbol in symbols]
    assert sum(alone) == check_top(str(path)).compared
    assert min(alone) > 0


def line(time, stream, body):
    return (
        f'{time} {{"stream":"abcusdt@{stream}","data":{{"s":"ABCUSDT",{body}}}}}\n'.encode()
    )


def depth(time, first, last, bids="[]", asks="[]"):
    body = f'"e":"depthUpdate","E":1,"U":{first},"u":{last},"b":{bids},"a":{asks}'
    return line(time, "depth", body)


def ticker(time, update, bid="10", size="1"):
    return line(
        time, "bookTicker", f'"u":{update},"b":"{bid}","B":"{size}","a":"11","A":"2"'
    )


T = 1_000_000_000_000_000_000
BEGIN = [
    depth(T, 1, 4),
    f'{T + 1} {{"lastUpdateId":4,"bids":[["10","1"]],"asks":[["11","2.0"]]}}\n'.encode(),
]


@pytest.mark.parametrize(
    ("lines", "compared", "equal"),
    [
        pytest.param([ticker(T + 2, 4)], 1, 1, id="the book stands where the ticker is"),
        pytest.param([ticker(T + 2, 4, size="1.5")], 1, 0, id="a wrong quantity is seen"),
        pytest.param([ticker(T + 2, 4, bid="9")], 1, 0, id="a wrong price is seen"),
        pytest.param([ticker(T + 2, 3)], 0, 0, id="the book is further"),
        pytest.param(
            [ticker(T + 2, 6, bid="10.5"), depth(T + 3, 5, 6, '[["10.5","1"]]')],
            1,
            1,
            id="the ticker comes first and is held",
        ),
        pytest.param(
            [ticker(T + 2, 5, bid="10.5"), depth(T + 3, 5, 6, '[["10.5","1"]]')],
            0,
            0,
            id="the book never stands there",
        ),
        pytest.param(
            [depth(T + 2, 5, 6, '[["10","0"]]'), ticker(T + 3, 6, bid="0", size="0")],
            1,
            1,
            id="an empty side",
        ),
        pytest.param(
            [depth(T + 2, 7, 8), ticker(T + 3, 8), ticker(T + 4, 4)],
            0,
            0,
            id="nothing is compared after a gap",
        ),
    ],
)
def test_only_a_ticker_of_the_very_same_update_is_compared(
    tmp_path, lines, compared, equal
):
    check = check_top(written(tmp_path, [*BEGIN, *lines]))
    assert (check.compared, check.equal) == (compared, equal)


def test_a_recording_without_both_streams_is_refused(tmp_path):
    for lines in (BEGIN, [ticker(T, 4)]):
        with pytest.raises(DataError) as caught:
            check_top(written(tmp_path, lines))
        assert caught.value.code == "data-kind"
