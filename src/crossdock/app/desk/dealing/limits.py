"""Keeps the gate's limits as the settings and, on top of them, people have them."""

from __future__ import annotations

import logging

from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.core.risk import Gate, LimitBook, limits_set
from crossdock.errors import ConfigError

log = logging.getLogger(__name__)


def follow_limits(kernel: Kernel, gate: Gate, settings: LimitBook) -> None:
    """Give the gate what people set before, and from now on whatever they set."""

    def renew(_: object = None) -> None:
        sets = kernel.state.steering.limits.values()
        try:
            gate.limits = limits_set(settings, sets)
        except ConfigError as error:  # a limit that this version no longer has
            log.error("limits set by people are not in force: %s", error)  # noqa: TRY400

    renew()
    kernel.bus.subscribe(r.LimitSet, renew)
