"""Against a real sandbox: sessions that end, messages that swap, replies that are late."""

import asyncio
from decimal import Decimal

import pytest

from crossdock.conformance.proxy import Held, naming
from crossdock.conformance.recording import AccountRecording, account_watched
from crossdock.conformance.rig import soon
from crossdock.errors import AuthFailed, OutcomeUnknown, Unreachable
from crossdock.model import ContractKind, FillKind, Side, symbol_of
from crossdock.ports import CONNECTED
from crossdock.toolkit import HealthState


async def act(rig, action, **terms):
    await rig.bench.hostile.act(action, **terms)


async def fault(rig, kind, **fields):
    await rig.bench.hostile.arm(kind, account="trader", **fields)


async def test_an_expired_session_is_renewed_and_history_asked_again(sandbox):
    async with account_watched(sandbox) as sink:
        await act(sandbox, action="expire_sessions")
        await sink.until(lambda: sink.gaps == [CONNECTED, CONNECTED], "the new session")
        order, _ = await sandbox.resting()
        await sink.until(lambda: sink.reports_of(order.client_order_id), "the order")
    assert len(sandbox.proxy.connections) >= 2


async def test_order_entry_goes_on_after_its_session_expired(sandbox):
    await sandbox.resting()
    opened = len(sandbox.proxy.connections)
    await act(sandbox, action="expire_sessions")
    for _ in range(2):
        try:
            order, report = await sandbox.resting()
        except AuthFailed:  # the frame met the venue's word on its way
            continue
        break
    assert report.client_order_id == order.client_order_id
    assert len(sandbox.proxy.connections) == opened


async def test_revoked_keys_end_the_account_stream_with_auth_failed(sandbox):
    sink = AccountRecording()
    watching = asyncio.create_task(sandbox.adapter.watch_account(sink))
    await sink.until(lambda: sink.gaps, "its start")
    await act(sandbox, action="revoke_key", account="trader")
    await sandbox.fails(lambda: soon(watching), AuthFailed)


async def test_messages_that_swap_places_are_a_gap_and_none_comes_twice(sandbox):
    async with account_watched(sandbox) as sink:
        await fault(sandbox, "stream_reorder")
        order, _ = await sandbox.resting()
        await sandbox.bench.fill(order.client_order_id, order.quantity)
        await sink.until(lambda: len(sink.gaps) > 1, "the gap")
        await sink.until(
            lambda: sink.filled(order.client_order_id) == order.quantity, "the fill"
        )
    assert len(sink.all_fills) == 1


async def test_a_reply_that_comes_after_its_deadline_is_handed_on_as_evidence(sandbox):
    async with account_watched(sandbox) as sink:
        await sandbox.resting()
        order = await sandbox.new_order(deadline_s=0.2)
        sandbox.proxy.break_next(naming(order.client_order_id), Held())
        await sandbox.fails(lambda: sandbox.adapter.submit(order), OutcomeUnknown)
        pushed = len(sink.reports_of(order.client_order_id))
        sandbox.proxy.release()
        await sink.until(
            lambda: len(sink.reports_of(order.client_order_id)) > pushed, "the late reply"
        )


async def test_a_changed_tick_is_told_as_a_new_instrument(sandbox):
    async with account_watched(sandbox) as sink:
        told = []
        sink.instruments_changed = told.extend
        ticks = [["0", "0.02"]]
        await act(sandbox, action="tick_change", symbol=sandbox.bench.symbol, ticks=ticks)
        await act(sandbox, action="deposit", account="trader", asset="USDT", amount="1")
        await sink.until(lambda: sink.events, "the deposit after it")
    [changed] = told
    assert changed.id == sandbox.instrument.id
    assert str(changed.tick_table[0].tick) == "0.02"


async def test_a_deposit_is_told_by_stream_and_by_history_alike(sandbox):
    cursor = await sandbox.adapter.account_event_cursor()
    async with account_watched(sandbox) as sink:
        await act(sandbox, action="deposit", account="trader", asset="USDT", amount="12.50")
        await sink.until(lambda: sink.events, "the deposit")
    page = await sandbox.adapter.account_events_after(cursor)
    [event] = page.events
    assert page.complete
    assert (event.event_id, event.amount) == (
        sink.events[0].event_id,
        sink.events[0].amount,
    )


async def test_a_venue_that_restarts_takes_the_next_order(sandbox):
    await sandbox.resting()
    await act(sandbox, action="restart")
    for _ in range(2):
        try:
            order, report = await sandbox.resting()
        except OutcomeUnknown:  # it was on its way when the connection broke
            continue
        break
    assert report.client_order_id == order.client_order_id


async def test_submit_has_written_its_frame_before_it_returns(sandbox):
    await sandbox.resting()
    entry = sandbox.adapter._entry
    socket = entry._connection._client._socket
    written = []
    transport = socket._writer.transport
    order = await sandbox.new_order()

    class Watched:
        def __getattr__(self, name):
            return getattr(transport, name)

        def write(self, data):
            written.append(bytes(data))
            transport.write(data)

        def writelines(self, parts):
            self.write(b"".join(bytes(part) for part in parts))

    socket._writer.transport = Watched()
    answer = sandbox.adapter.submit(order)
    assert written
    assert isinstance(answer, asyncio.Future)
    assert (await soon(answer)).client_order_id == order.client_order_id


async def test_health_tells_each_stream_apart(sandbox):
    async with account_watched(sandbox):
        await sandbox.resting()
        verdicts = sandbox.context.health.verdicts()
    account = sandbox.context.account
    assert set(verdicts) == {
        f"{account} {what}" for what in ("market", "account", "orders")
    }
    assert verdicts[f"{account} account"].state is HealthState.OK
    assert verdicts[f"{account} market"].state is HealthState.DOWN


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5"])
async def test_a_cursor_that_is_no_number_is_refused_before_anything_is_sent(
    sandbox, cursor
):
    before = len(sandbox.proxy.sent)
    await sandbox.fails(lambda: sandbox.adapter.fills_after(cursor), Exception)
    assert len(sandbox.proxy.sent) == before


async def test_a_bust_is_told_alike_and_names_what_it_takes_back(sandbox):
    async with account_watched(sandbox) as sink:
        order, _ = await sandbox.resting()
        await sandbox.bench.fill(order.client_order_id, order.quantity)
        await sink.until(lambda: sink.all_fills, "the fill")
        taken_back = sink.all_fills[0].execution_id
        await act(sandbox, action="bust", account="trader", execution_id=taken_back)
        await sink.until(lambda: len(sink.all_fills) == 2, "the bust")
    page = await sandbox.adapter.fills_after("")
    for bust in (sink.all_fills[1], page.fills[-1]):
        assert (bust.kind, bust.replaces) == (FillKind.BUSTED, taken_back)
        assert (bust.quantity, bust.fee) == (0, 0)
        assert bust.account_sequence > sink.all_fills[0].account_sequence


async def test_a_position_is_told_until_it_is_flat(sandbox):
    listed = {symbol_of(it.id): it for it in await sandbox.adapter.instruments()}
    perpetual = listed[f"{sandbox.bench.symbol}:USDT"]
    assert (perpetual.kind, perpetual.multiplier) == (ContractKind.LINEAR, Decimal("0.1"))
    for side, price in ((Side.BUY, 9000), (Side.SELL, 8000)):
        # Deep enough to take what others quote, and to rest with what is left.
        await act(
            sandbox,
            action="manual_order",
            account="maker",
            symbol=symbol_of(perpetual.id),
            type="limit",
            limit_price=str(price),
            side=side.opposite,
            quantity="500",
        )
        order = await sandbox.new_order(
            side=side,
            instrument=perpetual,
            limit_price=Decimal(price),
            quantity=Decimal("0.5"),
        )
        await sandbox.adapter.submit(order)
        held = [it.quantity for it in await sandbox.adapter.positions()]
        assert held == ([Decimal("0.5")] if side is Side.BUY else [])


async def test_reads_are_given_a_rest_after_five_without_a_reply(sandbox):
    await sandbox.proxy.refuse()
    words = []
    for _ in range(6):
        with pytest.raises(Unreachable) as caught:
            await sandbox.adapter.balances()
        words.append(str(caught.value))
    assert [("not asked" in each) for each in words] == [False] * 5 + [True]
