"""Ids as Kraken writes them: a letter and sixteen of base 32, in groups.

They stand for the engine's numbers, spread so that neighbours look unrelated.
"""

from __future__ import annotations

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_BITS = 80
_SIZE = 1 << _BITS
_SPREAD = 0x9E3779B97F4A7C15F39D
_GATHER = pow(_SPREAD, -1, _SIZE)
_LARGEST = 10**12
_DIGITS = _BITS // 5


def order_id(number: str) -> str:
    """Return an order's id: `OXXXXX-XXXXX-XXXXXX`."""
    text = _spread(int(number))
    return f"O{text[:5]}-{text[5:10]}-{text[10:]}"


def trade_id(execution: str) -> str:
    """Return the id of a trade, or of an amend: a T before it."""
    return f"T{order_id(execution.lstrip('EVT'))[1:]}"


def ledger_id(number: int, part: int) -> str:
    """Return the id of an entry of the ledger; one event has one or two."""
    return f"L{order_id(str(number * 2 + part))[1:]}"


def number_of(text: str, letter: str = "O") -> str | None:
    """Return the engine's number of an id, or None for what is none of ours."""
    digits = text[1:].replace("-", "")
    if text[:1] != letter or len(digits) != _DIGITS or text != _grouped(letter, digits):
        return None
    value = 0
    for letter_of in digits:
        position = _LETTERS.find(letter_of)
        if position < 0:
            return None
        value = value * len(_LETTERS) + position
    number = value * _GATHER % _SIZE
    return str(number) if number <= _LARGEST else None


def _grouped(letter: str, digits: str) -> str:
    return f"{letter}{digits[:5]}-{digits[5:10]}-{digits[10:]}"


def _spread(number: int) -> str:
    value = number * _SPREAD % _SIZE
    letters = []
    for _ in range(_DIGITS):
        value, digit = divmod(value, len(_LETTERS))
        letters.append(_LETTERS[digit])
    return "".join(reversed(letters))
