"""Deposits and withdrawals as Binance lists them."""

DEPOSITS = "/sapi/v1/capital/deposit/hisrec"
WITHDRAWALS = "/sapi/v1/capital/withdraw/history"
DAY_MS = 24 * 3600 * 1000


async def test_what_came_and_went_is_listed_newest_first(still, main):
    for action, asset, amount in (
        ("deposit", "USDT", "7"),
        ("deposit", "BTC", "0.5"),
        ("withdraw", "USDT", "3"),
    ):
        await still.act(action, account="main", asset=asset, amount=amount)
        await still.clock.advance(1)
    told = (await main.call("GET", DEPOSITS)).json
    assert [(it["coin"], it["amount"], it["status"]) for it in told] == [
        ("BTC", "0.5", 1),
        ("USDT", "7", 1),
    ]
    assert told[0]["insertTime"] == told[1]["insertTime"] + 1000
    [only] = (await main.call("GET", DEPOSITS, coin="USDT")).json
    assert only["amount"] == "7"
    [second] = (await main.call("GET", DEPOSITS, limit="1", offset="1")).json
    assert second["coin"] == "USDT"
    [gone] = (await main.call("GET", WITHDRAWALS)).json
    assert (gone["amount"], gone["transactionFee"], gone["status"]) == ("3", "0", 6)
    assert gone["applyTime"] == "2023-11-14 22:13:22"


async def test_transfers_are_asked_for_ninety_days_at_most(still, main):
    now_ms = still.clock.time_ns() // 1_000_000
    await still.act("deposit", account="main", asset="USDT", amount="7")
    since = str(now_ms - 90 * DAY_MS)
    told = await main.call("GET", DEPOSITS, startTime=since, endTime=str(now_ms))
    assert len(told.json) == 1
    told = await main.call("GET", DEPOSITS, startTime=since, endTime=str(now_ms + 1))
    assert (told.status, told.json["code"]) == (400, -1127)
