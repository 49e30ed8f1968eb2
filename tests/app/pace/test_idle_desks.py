"""A default desk stays within its venues' limits, and orders find room beside its audits."""

import asyncio

import pytest

from crossdock.core import records as r

_WALLET = {"url": "{url}", "wallet": "{key}", "wallet_key_secret": "{secret}"}
FACES = {
    "alpaca": {
        "symbol": "BTC/USD",
        "settings": {"data_url": "{url}", "stream_url": "{url}"},
    },
    "binance": {"symbol": "BTC/USDT"},
    "coinbase": {"symbol": "BTC/USD"},
    "kraken": {"symbol": "BTC/USD"},
    # Some refuse an IOC order that nothing crosses.
    "krakenfutures": {"symbol": "BTC/USD:USD", "also": r.Outcome.REJECTED},
    "binanceusdm": {"symbol": "BTC/USDT:USDT", "minutes": 3},
    "bitfinex": {"symbol": "BTC/USD", "minutes": 3},
    "bitstamp": {"symbol": "BTC/USD", "minutes": 3},
    "bybit": {"symbol": "BTC/USDT", "minutes": 3},
    "coinbaseexchange": {"symbol": "BTC/USD", "minutes": 3},
    "deribit": {"symbol": "BTC/USDC:USDC", "minutes": 3},
    "gemini": {"symbol": "BTC/USD", "minutes": 3},
    "htx": {"symbol": "BTC/USDT", "minutes": 3},
    "hyperliquid": {
        "symbol": "BTC/USDC:USDC",
        "minutes": 3,
        "settings": _WALLET,
        "also": r.Outcome.REJECTED,
    },
    "kucoin": {"symbol": "BTC/USDT", "minutes": 3},
    "okx": {"symbol": "BTC/USDT", "minutes": 3},
}


def _currency(symbol):
    return symbol.partition(":")[0].partition("/")[2]


async def _submit_every_fourth_call(at, symbol):
    """Be a strategy whose orders are a fourth of all the calls the account makes."""
    await at.user.book(symbol, timeout_s=60)
    while True:
        before = at.calls
        while at.calls < before + 3:
            await asyncio.sleep(1.0)
        order = await at.user.buy(symbol, 1, limit=95, time_in_force="IOC")
        await order.done(timeout_s=300)


@pytest.mark.parametrize("face", FACES)
def test_minutes_without_news_with_every_fourth_call_a_submit_meet_no_limit(at_face, face):
    case = FACES[face]
    minutes = case.get("minutes", 10)
    ended = []

    async def body(at):
        at.desk.kernel.bus.subscribe(r.AttemptEnded, ended.append)
        strategy = asyncio.ensure_future(_submit_every_fourth_call(at, case["symbol"]))
        done, _ = await asyncio.wait({strategy}, timeout=60.0 * minutes)
        assert not done, strategy.exception()
        strategy.cancel()
        told = f"{at.used()} {at.gateway.steps()} {at.gateway.unexplained}"
        assert at.refused == 0, told
        outcomes = {it.outcome for it in ended}
        assert outcomes <= {r.Outcome.ACCEPTED, case.get("also")}, ended
        assert len(ended) >= minutes
        assert at.gateway.audits >= minutes, told
        assert at.gateway.steps()["positions"].startswith("agree")

    currency = _currency(case["symbol"])
    at_face(face, body, currency=currency, settings=case.get("settings"))
