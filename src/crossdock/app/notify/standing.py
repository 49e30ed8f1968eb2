"""Streams that fell silent and accounts that came back: what no record tells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossdock.app.gateway.connected import Standing
from crossdock.ports import AlertEvent, AlertKind, AlertLevel
from crossdock.toolkit.health import HealthState

if TYPE_CHECKING:
    from crossdock.app.desk import Desk

EVERY_S = 2.0
LASTING_S = 10.0  # what passes sooner is nobody's concern
_BROKEN = (HealthState.DOWN, HealthState.MUTE)
_SECOND_NS = 1_000_000_000


@dataclass(slots=True)
class _Trouble:
    since_ns: int
    words: str
    is_told: bool = False


class Standings:
    """Looks at every account now and then; says what changed and lasted."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._troubles: dict[tuple[str, str], _Trouble] = {}
        self._was_well: set[tuple[str, str]] = set()  # what never came cannot leave

    def look(self, now_ns: int) -> list[AlertEvent]:
        """Return what is to be told now."""
        self._forget_absent()
        told: list[AlertEvent] = []
        seen: dict[tuple[str, str], str] = {}
        for account, gateway in self._desk.gateways.items():
            if gateway.standing is Standing.READY:
                self._was_well.add((account, ""))
                for stream, health in gateway.streams().items():
                    verdict, key = health.verdict(), (str(account), stream)
                    if verdict.state not in _BROKEN:
                        self._was_well.add(key)
                    elif key in self._was_well:
                        seen[key] = f"{verdict.state}: {verdict.words}"
            elif (account, "") in self._was_well:
                seen[account, ""] = gateway.reason or str(gateway.standing)
                # One that is away takes its streams with it, which are no news then.
                for key, trouble in self._troubles.items():
                    if key[0] == account and key[1] and trouble.is_told:
                        seen[key] = trouble.words
        told += self._ended(seen, now_ns)
        told += self._lasting(seen, now_ns)
        return told

    def _forget_absent(self) -> None:
        """Let go of accounts that people disconnected: they are neither gone nor back."""
        accounts = self._desk.gateways
        for key in [key for key in self._troubles if key[0] not in accounts]:
            del self._troubles[key]
        self._was_well = {key for key in self._was_well if key[0] in accounts}

    def _ended(self, seen: dict[tuple[str, str], str], now_ns: int) -> Iterable[AlertEvent]:
        for key in self._troubles.keys() - seen.keys():
            trouble = self._troubles.pop(key)
            if trouble.is_told:
                away_s = (now_ns - trouble.since_ns) // _SECOND_NS
                title = f"{_named(key)} is back after {away_s} s"
                yield _event(key, trouble, now_ns, AlertLevel.NOTE, title, "back")

    def _lasting(
        self, seen: dict[tuple[str, str], str], now_ns: int
    ) -> Iterable[AlertEvent]:
        for key, words in seen.items():
            trouble = self._troubles.setdefault(key, _Trouble(now_ns, words))
            if trouble.is_told or now_ns - trouble.since_ns < LASTING_S * _SECOND_NS:
                continue
            trouble.is_told = True
            title = f"{_named(key)} is gone: {words}"
            yield _event(key, trouble, now_ns, AlertLevel.WARNING, title, "gone")


def _named(key: tuple[str, str]) -> str:
    account, stream = key
    return f"the {stream} stream of {account}" if stream else account


def _event(
    key: tuple[str, str],
    trouble: _Trouble,
    now_ns: int,
    level: AlertLevel,
    title: str,
    what: str,
) -> AlertEvent:
    account, stream = key
    return AlertEvent(
        id=f"{AlertKind.DISCONNECT}-{account}-{stream or 'account'}-{trouble.since_ns}-{what}",
        at=now_ns,
        kind=AlertKind.DISCONNECT,
        level=level,
        title=title[0].upper() + title[1:] if stream else title,
        facts={"account": account, "stream": stream, "state": what},
    )
