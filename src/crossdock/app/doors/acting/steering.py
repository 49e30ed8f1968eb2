"""Switches and limits of the running desk, and who set them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

from crossdock.app.desk.dealing.portfolios import known_portfolio
from crossdock.app.desk.person_acts import person_acts
from crossdock.app.doors.door import require_person
from crossdock.app.doors.reading.risk import limit_rows, risk_told, unit_of, value_shown
from crossdock.app.nearest import did_you_mean
from crossdock.app.settings.limits import LIMIT_HELP
from crossdock.app.showing import number, text
from crossdock.core import records as r
from crossdock.core.risk import (
    NO_LIMIT,
    is_far,
    is_looser,
    limits_set,
    read_limit,
    value_of,
)
from crossdock.core.risk.limits import DECIMALS
from crossdock.core.steering import NAMES, Flag, Flags, Steering
from crossdock.errors import ConfigError, DeskError

if TYPE_CHECKING:
    from crossdock.app.desk import Desk

_SWITCH_WORDS = {"true": True, "on": True, "false": False, "off": False}


class SteeringOperations:
    """Flags and limits: read by everybody, set in somebody's name, kept in the journal.

    What comes by no person's door may tighten them and never loosen them.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def table(self) -> Mapping[str, Callable[..., Any]]:
        """Return every operation by its name on the control socket."""
        return {
            "flags": self.flags,
            "set_flag": self.set_flag,
            "risk": self.risk,
            "set_limit": self.set_limit,
        }

    def flags(self) -> dict[str, Any]:
        return show_flags(self._desk.kernel.state.steering.flags)

    def set_flag(self, *, name: str, value: Any, by: str, door: str = "") -> dict[str, Any]:
        """Set one switch. Words like `on`, and an amount or `none`, are understood too."""
        kernel = self._desk.kernel
        wanted = _flag(name, value)
        if kernel.state.steering.flags.loosens(name, wanted):
            require_person(
                door,
                f"no program sets {name} to {_shown(wanted)}: it may tighten a switch, "
                "not loosen it",
                hint="a person of the role admin does it, signed in to the dashboard, or by "
                "`crossdock flags set`",
            )
        person_acts(kernel, by, "set_flag", name, door=door, words=_shown(wanted))
        kernel.commit([r.FlagSet(at=kernel.now(), name=name, value=wanted, by=by)])
        return self.flags()

    def risk(self) -> dict[str, Any]:
        return risk_told(self._desk)

    def set_limit(
        self,
        *,
        name: str,
        scope: str = "desk",
        value: Any,
        by: str,
        reason: str = "",
        confirm: str = "",
        door: str = "",
    ) -> dict[str, Any]:
        """Set a limit until it is changed back: `value` as in settings, None gives it back.

        Needs the flag `risk_override`. A value ten times as loose as what holds now, or 0,
        may be a slip of the hand: it is taken only where `confirm` says it once more.
        """
        desk = self._desk
        kernel = desk.kernel
        steering = kernel.state.steering
        if not steering.flags.risk_override:
            raise DeskError(
                "limits are changed in a running desk only with the flag risk_override",
                code="flag-off",
                hint="an administrator sets it: `crossdock flags set risk_override on`",
            )
        wanted = None if value is None else _plain(value)
        if wanted == "":
            raise DeskError(
                f"{name} takes a value, not an empty one",
                code="bad-argument",
                hint=f"{NO_LIMIT!r} lifts a limit; no value at all (null; on the command line "
                "the word settings) gives back the settings' own",
            )
        setting = r.LimitSet(
            at=kernel.now(), name=name, scope=scope, value=wanted, by=by, reason=reason
        )
        try:
            # Whatever is wrong with it must show before it is in the journal for good.
            limits_set(desk.settings.limits, [setting])
        except ConfigError as error:
            raise DeskError(
                error.message, code="bad-argument", hint=error.hint or self._meaning(name)
            ) from error
        kind, _, owner = scope.partition(":")
        if kind == "portfolio" and wanted is not None:
            known_portfolio(owner, self._portfolios())
        if self._is_looser(setting):
            require_person(
                door,
                f"a program may tighten {name}, not loosen or lift it",
                hint="a person of the role risk does it, signed in to the dashboard, or by "
                "`crossdock limits set`",
            )
        if confirm.strip() != wanted and is_far(desk.gate.limits, setting):
            self._ask_again(setting)
        words = f"{scope} {'as in the settings' if wanted is None else wanted}: {reason}"
        person_acts(kernel, by, "set_limit", name, door=door, words=words)
        kernel.commit([setting])
        rows = limit_rows(desk)
        found = [row for row in rows if row["name"] == name and row["scope"] == scope]
        return found[0] if found else {"name": name, "scope": scope, "value": wanted}

    def _ask_again(self, setting: r.LimitSet) -> NoReturn:
        desk, name = self._desk, setting.name
        now = value_shown(value_of(desk.gate.limits, name, setting.scope))
        wanted = value_shown(read_limit(name, setting.value or NO_LIMIT))
        unit = unit_of(name, desk.settings.desk.currency) if name in DECIMALS else ""
        raise DeskError(
            f"{name} of {setting.scope} would be {f'{wanted} {unit}'.strip()}, "
            f"where it is {now} now",
            code="limit-far",
            hint="if that is meant, set it again with the same value in `confirm` "
            "(on the command line: --yes)",
        )

    def _meaning(self, name: str) -> str:
        unit = unit_of(name, self._desk.settings.desk.currency)
        counted = f" It is counted in {unit}." if unit and name in DECIMALS else ""
        return f"{LIMIT_HELP[name]}{counted}" if name in LIMIT_HELP else ""

    def _portfolios(self) -> set[str]:
        """Return those of the settings, and those that anything is still held in."""
        parts = self._desk.kernel.state.ledger.attributions()
        return {*self._desk.settings.portfolios, *(each.portfolio for each in parts)}

    def _is_looser(self, setting: r.LimitSet) -> bool:
        desk = self._desk
        steering = Steering()
        for each in (*desk.kernel.state.steering.limits.values(), setting):
            steering.set_limit(each)
        after = limits_set(desk.settings.limits, steering.limits.values())
        return is_looser(desk.gate.limits, after, setting.name)


def show_flags(flags: Flags) -> dict[str, Any]:
    """Return every flag by its name; an amount as text."""
    return {
        name: text(value) if isinstance(value, Decimal) else value
        for name in NAMES
        for value in [getattr(flags, name)]
    }


def _flag(name: str, value: Any) -> Flag:
    if name not in NAMES:
        raise DeskError(
            f"there is no flag {name!r}",
            code="unknown-flag",
            hint=did_you_mean(name, NAMES),
        )
    wanted: Flag = value
    if name == "max_order_size":
        is_none = value is None or value in ("", "none")
        wanted = None if is_none else number(str(value), name)
    elif isinstance(value, str):
        if value.lower() not in _SWITCH_WORDS:
            raise DeskError(f"{name} is on or off, not {value!r}", code="bad-argument")
        wanted = _SWITCH_WORDS[value.lower()]
    try:
        Flags().set(name, wanted)
    except ValueError as error:
        raise DeskError(str(error), code="bad-argument") from error
    return wanted


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, list | tuple) else str(value).strip()


def _shown(flag: Flag) -> str:
    if isinstance(flag, bool):
        return "on" if flag else "off"
    return "none" if flag is None else f"{flag:f}"
