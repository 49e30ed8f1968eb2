"""A message as Telegram's HTML: https://core.telegram.org/bots/api#html-style (2026-11-21)."""

from __future__ import annotations

from crossdock.ports import Alert, AlertLevel

LONGEST = 4096  # characters after entities are parsed, as UTF-16 counts them
_MARKS = {AlertLevel.NOTE: "", AlertLevel.WARNING: "⚠️ ", AlertLevel.URGENT: "\U0001f6a8 "}
_AGAIN = "(sent again: the first try was not confirmed)"
_CUT = "…"


def text_of(alert: Alert, *, again: bool) -> str:
    """Return title and lines; what is too long loses whole lines at its end."""
    head = _cut(f"{_MARKS[alert.level]}{alert.title}", LONGEST // 4)
    rest = [_AGAIN, *alert.lines] if again else list(alert.lines)
    room = LONGEST - _units(head)
    kept: list[str] = []
    for line in rest:
        needed = _units(line) + 1
        if needed + _units(_CUT) + 1 > room:
            kept.append(_CUT)
            break
        room -= needed
        kept.append(_escaped(line))
    return "\n".join([f"<b>{_escaped(head)}</b>", *kept])


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _cut(text: str, most: int) -> str:
    while _units(text) > most:
        text = text[: most - 2].rstrip() + _CUT if len(text) > most else text[:-2] + _CUT
    return text
