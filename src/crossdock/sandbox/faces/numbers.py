"""Numbers as protocols write them: every digit that says something, and no other."""

from __future__ import annotations

from decimal import Decimal

import msgspec


def plain(value: Decimal) -> str:
    """Write a decimal without an exponent and without zeros at its end."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain_or_none(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def plain_or_empty(value: Decimal | None) -> str:
    return "" if value is None else plain(value)


def number(value: Decimal) -> msgspec.Raw:
    """Return a decimal as a number of JSON, digit by digit."""
    return msgspec.Raw(plain(value).encode())
