"""Freqtrade as anybody installs it trades at the sandbox's Binance, and is judged right."""

from pathlib import Path

import pytest

from crossdock.conformance.bots.campaign import Plan, run, until_it_trades
from crossdock.conformance.bots.freqtrade import Freqtrade
from crossdock.conformance.bots.stage import stage
from crossdock.conformance.bots.verdict import compare

PROGRAM = Path(__file__).parents[2] / ".venv-bots/bin/freqtrade"

pytestmark = pytest.mark.skipif(
    not PROGRAM.exists(), reason="no Freqtrade: `.ci/setup .venv-bots bots` installs it"
)


async def test_freqtrade_does_not_know_the_order_whose_reply_was_lost(tmp_path):
    async with stage(tmp_path, seed=3) as venue:
        bot = Freqtrade(PROGRAM, venue, tmp_path)
        try:
            await bot.start()
            await until_it_trades(bot, venue, "freqtrade")
            await venue.arm("server_error_after", operation="submit")
            await venue.until_hit(within_s=60)
            await bot.calm()
        finally:
            await bot.stop()
        truth = await venue.truth()
    beliefs, words = bot.beliefs(truth)
    verdict = compare(truth, beliefs)
    assert words == []
    assert verdict.unknown == 1
    assert verdict.known == len(beliefs) > 0
    assert verdict.invented == verdict.overcounted == 0


@pytest.mark.campaign
async def test_only_faults_make_books_differ_and_a_desks_never_do(tmp_path):
    plan = Plan(freqtrade=PROGRAM, rounds=3, seed=1, keep=tmp_path)
    calm, with_stops, without, desk = await run(plan, lambda words: None)
    assert calm.is_clean
    assert calm.verdict.fills > 20
    assert desk.is_clean, desk.words
    assert desk.verdict.fills > 20
    for result in (with_stops, without, desk):
        assert sum(result.faults.values()) >= 20, result
    assert with_stops.verdict.unknown + without.verdict.unknown > 0
