"""The demo on real public data: paper fills, no key, and the exchanges that can be reached."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from crossdock.app.demo.venues import AVERAGES, RISK, SYMBOLS
from crossdock.app.demo.watched_desk import WatchedDesk
from crossdock.app.settings.template import settings_text
from crossdock.errors import DeskError

PROBE_S = 4.0
_BLOCKED = (403, 451)
"""Binance says 451 (github.com/ccxt/ccxt/issues/16044), a CDN that blocks a country 403
(github.com/sammchardy/python-binance/issues/1413); both read 2026-11-21.
"""
_SANDBOX = (
    "the sandbox needs no network: `crossdock demo` or `make demo` trades on three hostile "
    "exchanges, and `crossdock sandbox --face binance --port 8080` is one by itself"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """An exchange whose public data needs no key. `probe_url` answers to anybody."""

    name: str
    adapter: str
    probe_url: str
    settings: Mapping[str, str] = field(default_factory=dict)


EXCHANGES = (
    # Time and ping, which ccxt 4.5.90 lists as public. Coinbase's own page, 2026-11-21:
    # docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/public/get-server-time
    Exchange(
        name="binance", adapter="binance", probe_url="https://api.binance.com/api/v3/ping"
    ),
    Exchange(
        name="coinbase",
        adapter="coinbase",
        probe_url="https://api.coinbase.com/api/v3/brokerage/time",
    ),
    Exchange(
        name="kraken", adapter="kraken", probe_url="https://api.kraken.com/0/public/Time"
    ),
    Exchange(name="okx", adapter="okx", probe_url="https://www.okx.com/api/v5/public/time"),
    Exchange(
        name="bybit", adapter="bybit", probe_url="https://api.bybit.com/v5/market/time"
    ),
)


class LiveDemo(WatchedDesk):
    """A paper desk on the exchanges that answer. One that does not is left out, and said.

    `left_out` tells by exchange why. Entering raises DeskError `live-unreachable`, within
    seconds, where none answers.
    """

    def __init__(
        self,
        exchanges: Sequence[Exchange] = EXCHANGES,
        *,
        symbols: Sequence[str] = SYMBOLS,
    ) -> None:
        super().__init__(tuple(symbols))
        names = ", ".join(each.name for each in exchanges)
        self.opening = f"asking {names} for public data, and starting a paper desk …"
        self._exchanges = tuple(exchanges)

    async def _prepare(self, stack: AsyncExitStack) -> Path:
        reached = await self._reached()
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="crossdock-live-"))
        file = Path(folder) / "settings.toml"
        file.write_text(self.settings_text(reached, Path(folder)), encoding="utf-8")
        file.chmod(0o600)
        return file

    async def _reached(self) -> list[Exchange]:
        """Return the exchanges that answer us, asked all at once."""
        timeout = aiohttp.ClientTimeout(total=PROBE_S)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            answers = await asyncio.gather(
                *(_why_not(session, each) for each in self._exchanges)
            )
        reached = []
        for exchange, words in zip(self._exchanges, answers, strict=True):
            if words:
                self.left_out[exchange.name] = words
            else:
                reached.append(exchange)
        if not reached:
            told = "; ".join(f"{name}: {words}" for name, words in self.left_out.items())
            raise DeskError(
                f"no exchange can be reached from here ({told})",
                code="live-unreachable",
                hint=_SANDBOX,
            )
        if self.left_out:
            self.keys = f"{self.keys}   left out: {', '.join(self.left_out)}"
        return reached

    def settings_text(self, exchanges: Sequence[Exchange], folder: Path) -> str:
        """Return the settings of the desk: a data account and a paper account for each."""
        tables: list[tuple[str, Mapping[str, object]]] = [
            (
                "desk",
                {
                    "name": "demo-live",
                    "mode": "paper",
                    "journal": "journal",
                    "control": str(folder / "desk.sock"),
                    "log_folder": "logs",
                },
            ),
            ("risk", RISK),
        ]
        for each in exchanges:
            data = f"{each.name}-data"
            tables += [
                (
                    f"accounts.{data}",
                    {
                        "adapter": each.adapter,
                        "venue": each.name,
                        "use": "data",
                        **each.settings,
                    },
                ),
                (
                    f"accounts.{each.name}",
                    {
                        "adapter": "paper",
                        "venue": each.name,
                        "market": data,
                        "instruments": list(self.symbols),
                        "balances": _balances(self.symbols),
                    },
                ),
            ]
        symbols = list(self.symbols)
        tables += [
            (
                "strategies.quoting",
                {
                    "kind": "quoting",
                    "symbols": symbols,
                    "portfolio": "makers",
                    "params": {"notional": "500"},
                },
            ),
            (
                "strategies.trend",
                {
                    "kind": "trend",
                    "symbols": symbols,
                    "portfolio": "takers",
                    "params": {"every_s": 5},
                },
            ),
            ("strategies.averages", {**AVERAGES, "symbols": symbols}),
            *((f"portfolios.{name}", {}) for name in ("main", "makers", "takers")),
        ]
        return settings_text(tables)

    def _is_enough(self, *, ready: int, away: int) -> bool:
        """Tell whether trading may begin: an exchange that is slow does not hold it up."""
        return ready > 0

    def _not_ready(self, why: str) -> DeskError:
        return DeskError(
            f"no exchange gives its public data here ({why})",
            code="live-unreachable",
            hint=_SANDBOX,
        )


def _balances(symbols: Sequence[str]) -> str:
    quotes = dict.fromkeys(symbol.partition("/")[2] for symbol in symbols)
    bases = {"BTC": "1", "ETH": "20"}
    held = [f"100000 {quote}" for quote in quotes]
    for symbol in symbols:
        base = symbol.partition("/")[0]
        held.append(f"{bases.get(base, '100')} {base}")
    return ", ".join(dict.fromkeys(held))


async def _why_not(session: aiohttp.ClientSession, exchange: Exchange) -> str:
    """Return why an exchange is of no use from here; empty when it answers."""
    try:
        async with session.get(exchange.probe_url, allow_redirects=False) as reply:
            if reply.status in _BLOCKED:
                return f"it serves nobody where we are (status {reply.status})"
            return ""
    except aiohttp.ClientConnectorError as error:
        return f"cannot connect to {error.host}: {error.strerror or 'no route'}"
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        return f"no answer: {error or type(error).__name__}"
