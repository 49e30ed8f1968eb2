"""An exchange's own adapter, without a key, against a server that speaks its protocol."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta

from crossdock.app.demo import Exchange, LiveDemo


async def test_the_live_demo_fills_on_paper_what_it_sees_of_binance(binance):
    exchange = Exchange(
        name="binance",
        adapter="binance",
        probe_url=f"{binance}/api/v3/ping",
        settings={"url": binance},
    )
    pause = threading.Event()
    async with LiveDemo([exchange]) as demo:
        for _ in range(1200):
            look = await demo.look()
            if look.fills:
                break
            await asyncio.to_thread(pause.wait, 0.05)
        assert look.fills, look.status
        [account] = look.status["accounts"]
        assert (account["adapter"], account["mode"]) == ("paper", "paper")
        assert {book["instrument"] for book in look.books} == {
            "BTC/USDT@binance",
            "ETH/USDT@binance",
        }, "only what is traded is listed"


def test_its_history_is_downloaded_without_a_key(binance, crossdock, folder):
    settings = folder / "settings.toml"
    settings.write_text(f'[accounts.binance]\nuse = "data"\nurl = "{binance}"\n')
    settings.chmod(0o600)
    since = datetime.now(UTC) - timedelta(hours=30)

    def download():
        said = crossdock(
            "--settings", settings, "data", "download", "BTC/USDT@binance", "--to",
            folder / "market", "--since", since.isoformat(), "--json",
        )  # fmt: skip
        assert said.code == 0, said.err + said.out
        return said.json["series"][0]

    first = download()
    assert first["added"] in (1799, 1800, 1801)
    assert first["requests"] >= 2, "Binance gives a thousand bars at a time"
    assert first["gaps"] == 0
    again = download()
    assert (again["added"] <= 2, again["changed"]) == (True, 0)
