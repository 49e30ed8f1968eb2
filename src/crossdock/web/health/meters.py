"""What is measured of this process: requests by their route, and who is pushed to."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)
_NO_ROUTE = "(none)"  # of files of the web app, and of what is not there


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Whether the desk answered, and when that was, in seconds of the monotonic clock."""

    is_well: bool
    at_s: float


class Meters:
    """A registry of its own: two dashboards in a process do not add up.

    Whatever pushes puts its count of clients into `push_clients`.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.push_clients: Callable[[], int] = lambda: 0
        self.heard: Heard | None = None
        self._latency = Histogram(
            "crossdock_request_seconds",
            "Time from a request to the end of its answer.",
            ("method", "route"),
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self._answers = Counter(
            "crossdock_requests",
            "Requests answered, by status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.registry.register(_Clients(self))

    def answered(self, method: str, route: str, status: int, took_s: float) -> None:
        self._latency.labels(method, route).observe(took_s)
        self._answers.labels(method, route, str(status)).inc()


class _Clients:
    def __init__(self, meters: Meters) -> None:
        self._meters = meters

    def collect(self) -> list[Metric]:
        count = self._meters.push_clients()
        words = "Clients that are pushed to."
        return [GaugeMetricFamily("crossdock_push_clients", words, value=count)]


_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


class Metering:
    """Measures each request. By its route's template, or ids would make no end of series."""

    def __init__(self, application: ASGIApp, meters: Meters) -> None:
        self._application = application
        self._meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        began_s, status = time.perf_counter(), 500

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._application(scope, receive, send_noted)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            took_s = time.perf_counter() - began_s
            self._meters.answered(method, _template(scope), status, took_s)


def _template(scope: Scope) -> str:
    """Return a route's path as it was declared, with the prefixes it was included under."""
    included = scope.get("fastapi", {}).get("effective_route_context")
    found = included if included is not None else scope.get("route")
    return str(getattr(found, "path", _NO_ROUTE))
