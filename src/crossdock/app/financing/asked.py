"""What a person or a script asks for in text, as the nouns it means."""

from __future__ import annotations

from decimal import Decimal

from crossdock.app.nearest import nearest
from crossdock.app.showing import number
from crossdock.core.state import State
from crossdock.errors import DeskError
from crossdock.model import InstrumentId, MarginMode, symbol_of

Amount = str | int | Decimal


def amount_of(value: Amount, what: str = "amount") -> Decimal:
    """Read a positive amount, exactly. Raises TypeError for a float, else DeskError."""
    if isinstance(value, float):
        raise TypeError(f"{what} is text or a Decimal, never a float: {value!r}")
    found = number(str(value), what)
    if found <= 0:
        raise DeskError(f"{what} is positive; got {found:f}", code="bad-argument")
    return found


def listed(state: State, symbol: str, venue: str) -> InstrumentId:
    """Return the instrument of an account's venue. Raises DeskError for one unknown."""
    plain, _, named = symbol.partition("@")
    wanted = InstrumentId(f"{plain}@{venue}")
    if named in ("", venue) and wanted in state.instruments:
        return wanted
    known = [symbol_of(it) for it in state.instruments if it.endswith(f"@{venue}")]
    raise DeskError(
        f"{venue} does not list {symbol}",
        code="unknown-symbol",
        hint=f"did you mean {close}?" if (close := nearest(plain, known)) else "",
    )


def margin_mode_of(text: str) -> MarginMode:
    """Read a margin mode; "none" leaves it as it is. Raises DeskError."""
    try:
        return MarginMode(text)
    except ValueError:
        raise DeskError(
            f"a margin mode is cross or isolated, not {text!r}", code="bad-argument"
        ) from None
