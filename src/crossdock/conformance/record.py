"""Record an adapter's cassettes: `python -m crossdock.conformance.record ADAPTER FOLDER`.

One file for each variant, scrubbed: what the adapter and its peer said to each other
while an order of every fate was made. Headers of requests are left out.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from crossdock.app.registry import Registry
from crossdock.conformance.proxy import Connection
from crossdock.conformance.recording import account_watched, market_watched
from crossdock.conformance.rig import Rig, set_up
from crossdock.conformance.sniffing import Kind, Message
from crossdock.conformance.subjects import Subject, subjects_of
from crossdock.errors import Error
from crossdock.ports import Can
from crossdock.toolkit import Masker

_SECRET_FIELDS = frozenset({"signature", "secret", "token", "password"})
_KEPT_HEADERS = (b"content-type", b"retry-after", b"x-rate")
MINUTE_NS = 60_000_000_000
_FRAMES = 40  # of one connection; more say nothing new


async def converse(rig: Rig) -> None:
    """Ask everything once and give orders several fates."""
    adapter, can = rig.adapter, rig.manifest.can
    reads = (
        (Can.SERVER_TIME, "server_time_ns"),
        (Can.BALANCES, "balances"),
        (Can.POSITIONS, "positions"),
        (Can.OPEN_ORDERS, "open_orders"),
        (Can.FILL_HISTORY, "fill_cursor"),
        (Can.ACCOUNT_HISTORY, "account_event_cursor"),
    )
    if Can.SUBMIT in can:
        await _trade(rig)
    for ability, name in reads:
        if ability in can:
            await getattr(adapter, name)()
    if Can.BOOK_SNAPSHOT in can:
        await adapter.book_snapshot(rig.instrument.id)
    if Can.BAR_HISTORY in can:
        now_ns = rig.context.clock.time_ns()
        await adapter.bars(
            rig.instrument.id, MINUTE_NS, start_ns=now_ns - 5 * MINUTE_NS, end_ns=now_ns
        )
    if Can.FILL_HISTORY in can:
        await adapter.fills_after("")
    if Can.ACCOUNT_HISTORY in can:
        await adapter.account_events_after("")


async def _trade(rig: Rig) -> None:
    adapter = rig.adapter
    resting, report = await rig.resting()
    if Can.REPLACE in rig.manifest.can:
        report = await adapter.replace(rig.replace_of(resting, report))
    await rig.bench.fill(resting.client_order_id, resting.quantity / 2)
    await adapter.cancel(rig.cancel_of(resting, report))
    await adapter.submit(await rig.new_order(crossing=True))
    with suppress(Error):
        await adapter.cancel(rig.cancel_of(resting, report))
    with suppress(Error):
        await adapter.submit(resting)
    if Can.ORDER_LOOKUP in rig.manifest.can:
        await adapter.order(rig.ref(resting, report.venue_order_id))
        await adapter.order(rig.ref(await rig.new_order()))
    if Can.CANCEL_ALL in rig.manifest.can:
        await rig.resting()
        await adapter.cancel_all()


def cassette(connections: Sequence[Connection], masker: Masker) -> list[dict[str, Any]]:
    """Return what was said, in order of each connection, without secrets."""
    said = [it for connection in connections for it in _said(connection)]
    text = masker.scrub(json.dumps(_scrubbed(said)))
    scrubbed: list[dict[str, Any]] = json.loads(text)
    return scrubbed


def _said(connection: Connection) -> Iterator[dict[str, Any]]:
    asked = [it for it in connection.sent if it.kind is Kind.HTTP]
    answered = [it for it in connection.received if it.kind is Kind.HTTP]
    for request, reply in zip(asked, answered, strict=False):
        if not reply.is_upgrade:
            yield _exchange(request, reply)
    frames = [it for it in connection.said if it[1].kind is Kind.WS]
    for by_adapter, frame in frames[:_FRAMES]:
        yield {"sent" if by_adapter else "received": _body(frame.body)}


def _exchange(request: Message, reply: Message) -> dict[str, Any]:
    method, target, _ = request.head.decode().split(" ", 2)
    lines = reply.raw.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    headers = dict(
        line.decode().split(": ", 1)
        for line in lines
        if line.lower().startswith(_KEPT_HEADERS)
    )
    return {
        "method": method,
        "target": target,
        "body": _body(request.body),
        "status": int(reply.head[9:12]),
        "headers": headers,
        "reply": _body(reply.body),
    }


def _body(data: bytes) -> Any:
    if not data:
        return None
    try:
        return json.loads(data)
    except ValueError:
        return data.decode("utf-8", "replace")


def _scrubbed(value: Any) -> Any:
    if isinstance(value, list):
        return [_scrubbed(it) for it in value]
    if not isinstance(value, dict):
        return value
    return {
        name: "***" if name in _SECRET_FIELDS else _scrubbed(it)
        for name, it in value.items()
    }


async def _recorded(subject: Subject) -> list[dict[str, Any]]:
    with subject.peer(subject.manifest) as peer:
        async with peer.bench() as bench, set_up(subject, bench) as rig:
            if {Can.ACCOUNT_STREAM, Can.MARKET_STREAM} <= subject.manifest.can:
                async with account_watched(rig), market_watched(rig):
                    await converse(rig)
            else:
                await converse(rig)
            return cassette(rig.proxy.connections, rig.context.masker)


def main() -> None:
    adapter, folder = sys.argv[1:]
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    for subject in subjects_of(Registry().manifest("venue", adapter)):
        said = asyncio.run(_recorded(subject))
        lines = ",\n".join(json.dumps(it) for it in said)
        path.joinpath(f"{subject.variant}.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
