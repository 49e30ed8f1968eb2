"""The desk's symbols, found by what a chart calls them: BTCUSDT, BINANCE:BTC-USDT."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile

from crossdock.app.nearest import nearest
from crossdock.model import ContractKind, Instrument, symbol_of

_PERPETUAL = (".P", "PERP")  # how charting services end a perpetual's ticker
_EXCHANGE = re.compile(r"\A[A-Za-z0-9_]+:")
MOST_COMPARED = 200  # a spelling costs about 10 µs to compare, and the desk waits


class Tickers:
    """Squeezes every name once. Make another when more is listed."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        symbols: defaultdict[str, set[str]] = defaultdict(set)
        markets: defaultdict[str, list[Instrument]] = defaultdict(list)
        for each in instruments:
            symbol = symbol_of(each.id)
            symbols[_squeezed(symbol)].add(symbol)
            markets[_squeezed(f"{each.base}{each.quote}")].append(each)
        markets.pop("", None)
        self._symbols = {squeezed: sorted(found) for squeezed, found in symbols.items()}
        self._known = frozenset().union(*symbols.values())
        self._markets = dict(markets)
        self._names = sorted(markets)

    def meant(self, given: str) -> Sequence[str]:
        """Return the symbol that is given, or all that squeeze to the same."""
        plain = given.partition("@")[0]
        if plain in self._known:
            return [plain]
        return self._symbols.get(_wanted(given), ())

    def alike(self, given: str, may: Callable[[Instrument], bool]) -> list[str]:
        """Return the names of what looks like a ticker and may be told, likeliest first.

        What a ticker says after its market, as BTCUSDT.P does, is what no name here ends
        with. Of many markets, only those that begin most like it are compared by spelling.
        """
        wanted = _wanted(given)
        if not wanted:
            return []
        begun = (wanted[:length] for length in range(1, len(wanted) + 1))
        found = self._of(begun, may) or self._of(self._starting(wanted), may)
        found = found or self._nearest(wanted, may)
        is_perpetual = given.upper().endswith(_PERPETUAL)
        found.sort(key=lambda it: ((it.kind is ContractKind.SPOT) is is_perpetual, it.id))
        return [each.id for each in found]

    def _of(
        self, markets: Iterable[str], may: Callable[[Instrument], bool]
    ) -> list[Instrument]:
        return [each for it in markets for each in self._markets.get(it, ()) if may(each)]

    def _starting(self, wanted: str) -> Iterable[str]:
        first = bisect_left(self._names, wanted)
        rest = (self._names[at] for at in range(first, len(self._names)))
        return takewhile(lambda it: it.startswith(wanted), rest)

    def _nearest(self, wanted: str, may: Callable[[Instrument], bool]) -> list[Instrument]:
        at = bisect_left(self._names, wanted) - MOST_COMPARED // 2
        first = max(min(at, len(self._names) - MOST_COMPARED), 0)
        around = self._names[first : first + MOST_COMPARED]
        name = nearest(wanted, [it for it in around if self._of([it], may)])
        return [] if name is None else self._of([name], may)


def _wanted(given: str) -> str:
    return _squeezed(_EXCHANGE.sub("", given.partition("@")[0]))


def _squeezed(symbol: str) -> str:
    return "".join(letter for letter in symbol.upper() if letter.isalnum())
