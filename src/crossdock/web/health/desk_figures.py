"""A desk's status as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

_COUNTS = {
    "fills": "Fills booked.",
    "accepted": "Writes that venues accepted.",
    "rejected": "Writes that venues rejected.",
    "failed": "Writes that were not sent.",
    "refused": "Requests that risk refused.",
    "doubts_opened": "Writes whose fate became unknown.",
    "market_messages": "Messages of market data.",
}
_GAUGES = {
    "open_orders": "Orders that work, or may.",
    "doubts_open": "Writes whose fate is unknown now.",
    "movements_in_doubt": "Movements of money whose fate is unknown now.",
    "unexplained_positions": "Positions that the books do not explain.",
    "uptime_s": "Since the desk began.",
    "loop_lag_ms": "How late the desk's loop was at the last look.",
    "pnl": "Profit of all accounts, in the desk's currency.",
}
_STREAM_GAUGES = {
    "message_age_s": "Since the last message.",
    "skew_s": "The venue's clock less ours.",
    "latency_ms": "Median delay of messages.",
}
_STREAM_COUNTS = {"reconnects": "Times it connected again.", "gaps": "Messages missed."}


class DeskFigures:
    """A collector of one answer; None is a desk that is away."""

    def __init__(self, status: Mapping[str, Any] | None) -> None:
        self._status = status

    def collect(self) -> Iterable[Metric]:
        status = self._status
        up = 0 if status is None else 1
        yield GaugeMetricFamily("crossdock_desk_up", "Whether the desk answers.", value=up)
        if status is None:
            return
        for name, words in _COUNTS.items():
            yield CounterMetricFamily(
                f"crossdock_desk_{name}", words, value=_of(status, name)
            )
        for name, words in _GAUGES.items():
            yield GaugeMetricFamily(
                f"crossdock_desk_{name}", words, value=_of(status, name)
            )
        killed = 1 if status["killed"] else 0
        yield GaugeMetricFamily(
            "crossdock_desk_killed", "Whether the kill switch is on.", value=killed
        )
        writable = 1 if status["journal"]["writable"] else 0
        yield GaugeMetricFamily(
            "crossdock_desk_journal_writable", "Whether it can be written.", value=writable
        )
        yield from _accounts([*status["accounts"], *status["data_accounts"]])


def _of(status: Mapping[str, Any], name: str) -> float:
    return float(status.get(name) or 0)


def _accounts(rows: Iterable[Mapping[str, Any]]) -> Iterable[Metric]:
    rows = list(rows)
    ready = GaugeMetricFamily(
        "crossdock_account_ready", "Whether an account is ready.", labels=("account",)
    )
    for row in rows:
        ready.add_metric((row["account"],), 1 if row["standing"] == "ready" else 0)
    yield ready
    labels = ("account", "stream")
    streams = [
        ((row["account"], name), stream)
        for row in rows
        for name, stream in row["streams"].items()
    ]
    for name, words in _STREAM_GAUGES.items():
        gauge = GaugeMetricFamily(f"crossdock_stream_{name}", words, labels=labels)
        for key, stream in streams:
            if stream[name] is not None:
                gauge.add_metric(key, float(stream[name]))
        yield gauge
    for name, words in _STREAM_COUNTS.items():
        counter = CounterMetricFamily(f"crossdock_stream_{name}", words, labels=labels)
        for key, stream in streams:
            counter.add_metric(key, float(stream[name]))
        yield counter
