"""Typed events in process: one synchronous call per handler, no queue between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Event = TypeVar("Event")

ErrorHandler = Callable[[Exception, object, Callable[[Any], object]], None]
"""Called with what was raised, the event, and the handler that raised it."""


class Bus:
    """Hand events to the handlers of exactly their type; subclasses are other types.

    Handlers run in the order they subscribed. One that raises does not keep the event
    from the others: its exception goes to `on_error`. An `on_error` that raises itself
    ends the publish, for then nobody is left to tell.
    """

    __slots__ = ("_handlers", "_on_error")

    def __init__(self, on_error: ErrorHandler) -> None:
        self._handlers: dict[type, tuple[Callable[[Any], object], ...]] = {}
        self._on_error = on_error

    def subscribe(
        self, event_type: type[Event], handler: Callable[[Event], object]
    ) -> Callable[[], None]:
        """Add a handler; call what is returned to remove it, more than once if you like.

        During a publish both take effect with the next event.
        """
        self._handlers[event_type] = (*self._handlers.get(event_type, ()), handler)
        subscribed = True

        def unsubscribe() -> None:
            nonlocal subscribed
            if subscribed:
                subscribed = False
                self._remove(event_type, handler)

        return unsubscribe

    def publish(self, event: object) -> None:
        """Call every handler of the event's type before returning."""
        # A tuple is replaced, never changed, so handlers may subscribe meanwhile.
        for handler in self._handlers.get(type(event), ()):
            try:
                handler(event)
            except Exception as error:  # noqa: BLE001 - handlers are foreign code
                self._on_error(error, event, handler)

    def _remove(self, event_type: type, handler: Callable[[Any], object]) -> None:
        left = list(self._handlers[event_type])
        left.remove(handler)
        if left:
            self._handlers[event_type] = tuple(left)
        else:
            del self._handlers[event_type]
