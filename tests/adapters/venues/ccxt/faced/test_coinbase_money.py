"""Money that comes and goes at Coinbase is told, each move once and when it is done."""

from decimal import Decimal

import pytest

from crossdock.model import AccountEventKind

D = Decimal
MANY = {"private_per_s": 10_000, "public_per_s": 10_000}


@pytest.fixture
async def coinbase(faced):
    return await faced("coinbase", limits=MANY)


async def move(coinbase, amount, asset="USD"):
    body = {
        "venue": coinbase.venue,
        "action": "deposit",
        "account": "main",
        "asset": asset,
        "amount": str(amount),
    }
    url = f"{coinbase.sandbox.admin_url}/actions"
    async with coinbase.session.post(url, json=body) as reply:
        assert reply.status == 200, await reply.text()


async def told(coinbase, cursor):
    events = []
    while True:
        page = await coinbase.adapter.account_events_after(cursor)
        events += page.events
        cursor = page.cursor
        if page.complete:
            return events, cursor


async def test_money_that_comes_and_goes_is_told_once(coinbase):
    cursor = await coinbase.adapter.account_event_cursor()
    await move(coinbase, 100)
    await move(coinbase, "0.5", "BTC")
    events, cursor = await told(coinbase, cursor)
    assert {(it.kind, it.asset, it.amount) for it in events} == {
        (AccountEventKind.DEPOSIT, "USD", D(100)),
        (AccountEventKind.DEPOSIT, "BTC", D("0.5")),
    }
    assert (await told(coinbase, cursor))[0] == []


async def test_more_moves_than_a_page_holds_are_all_told(coinbase):
    cursor = await coinbase.adapter.account_event_cursor()
    for number in range(103):
        await move(coinbase, number + 1)
    events, _ = await told(coinbase, cursor)
    assert sorted(it.amount for it in events) == [*range(1, 104)]


async def test_a_deposit_is_told_when_it_has_arrived(coinbase):
    """Its row was there before, pending, and others behind it were read meanwhile."""
    cursor = await coinbase.adapter.account_event_cursor()
    driver, arrived = coinbase.adapter.driver, False
    fetch = driver.fetch_ledger

    async def fetch_ledger(*asked):
        rows = await fetch(*asked)
        for row in rows:
            if row["amount"] == "100" and not arrived:
                row["status"] = "pending"
        return rows

    driver.fetch_ledger = fetch_ledger
    await move(coinbase, 100)
    await move(coinbase, 7)
    events, cursor = await told(coinbase, cursor)
    assert [it.amount for it in events] == [7]
    assert (await told(coinbase, cursor))[0] == []
    arrived = True
    events, cursor = await told(coinbase, cursor)
    assert [it.amount for it in events] == [100]
    assert (await told(coinbase, cursor))[0] == []


async def test_an_asset_that_is_withdrawn_whole_is_asked_for_on(coinbase):
    await move(coinbase, 3, "ETH")
    _, cursor = await told(coinbase, await coinbase.adapter.account_event_cursor())
    held = coinbase.adapter.driver.fetch_balance

    async def fetch_balance(*asked):
        found = await held(*asked)
        return {**found, "total": {**found["total"], "ETH": "0"}}

    coinbase.adapter.driver.fetch_balance = fetch_balance
    await move(coinbase, 2, "ETH")
    events, _ = await told(coinbase, cursor)
    assert [(it.asset, it.amount) for it in events] == [("ETH", 2)]
