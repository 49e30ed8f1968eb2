"""Which orders are legs of which: exchanges name the list they are in, not the parent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from crossdock.errors import NotSent, Rejected
from crossdock.model import ClientOrderId, VenueOrderId
from crossdock.ports import AdapterState

_MOST = 500


class _Kept(msgspec.Struct):
    parents: dict[str, VenueOrderId] = {}  # of each list, oldest first
    awaited: list[ClientOrderId] = []  # of lists whose name is not known yet


class Groups:
    """The parent of every list we know of. Kept over restarts.

    While an order with legs is on its way, or in doubt for at most `doubt_s`, the exchange
    may tell of the legs before anybody knows the list's name: those wait until it is known
    (`holds`).
    """

    def __init__(
        self,
        state: AdapterState,
        exchange: str,
        *,
        now_ns: Callable[[], int] = lambda: 0,
        doubt_s: float = 0.0,
    ) -> None:
        self._state = state
        self._key = f"ccxt.{exchange}.groups"
        kept = state.load(self._key)
        self._kept = msgspec.json.decode(kept, type=_Kept) if kept else _Kept()
        self._now_ns = now_ns
        self._doubt_ns = round(doubt_s * 1e9)
        self._under_way: set[str] = set()
        # Until when legs wait. What was awaited when we ended may be in doubt still.
        until_ns = now_ns() + self._doubt_ns
        self._in_doubt: dict[str, int] = dict.fromkeys(self._kept.awaited, until_ns)
        self.on_change: Callable[[], None] = lambda: None

    @contextmanager
    def under_way(self, order: ClientOrderId) -> Iterator[None]:
        """Expect a list of which this order is the parent, as long as its submit lasts.

        Unless the submit came to nothing, the order stays a parent to be recognised.
        """
        self._kept.awaited = [*self._kept.awaited, order][-_MOST:]
        self._save()
        self._under_way.add(order)
        try:
            yield
        except (NotSent, Rejected):
            if order in self._kept.awaited:
                self._kept.awaited.remove(order)
                self._save()
            raise
        except BaseException:
            if order in self._kept.awaited:
                self._in_doubt[order] = self._now_ns() + self._doubt_ns
            raise
        finally:
            self._under_way.discard(order)
            self.on_change()

    def see(self, group: str, order: VenueOrderId, ours: str) -> VenueOrderId | None:
        """Note an order of a list; return its parent, None where it is one or has none."""
        kept = self._kept
        if group not in kept.parents and ours in kept.awaited:
            kept.awaited.remove(ClientOrderId(ours))
            self._in_doubt.pop(ours, None)
            kept.parents[group] = order
            while len(kept.parents) > _MOST:
                del kept.parents[next(iter(kept.parents))]
            self._save()
            self.on_change()
        parent = kept.parents.get(group)
        return None if parent == order else parent

    def holds(self, group: str, ours: str) -> bool:
        """Tell whether an order of a list nobody knows yet may be an expected one's leg."""
        if not group or group in self._kept.parents:
            return False
        now_ns = self._now_ns()
        for order in [it for it, until in self._in_doubt.items() if until <= now_ns]:
            del self._in_doubt[order]
        expected = self._under_way | self._in_doubt.keys()
        return bool(expected) and ours not in expected

    def _save(self) -> None:
        self._state.save(self._key, msgspec.json.encode(self._kept))
