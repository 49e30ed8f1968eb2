"""Whoever does not watch is told: a durable outbox, and its way to people."""

from crossdock.app.notify.notifying import Notifying
from crossdock.app.notify.opening import opener, outbox_of, send_test_message
from crossdock.app.notify.outbox import Outbox

__all__ = ["Notifying", "Outbox", "opener", "outbox_of", "send_test_message"]
