"""The demo's venues: a sandbox in a process of its own, and settings for a desk on it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from crossdock.app.demo.processes import SandboxProcess
from crossdock.app.settings import Settings, load_settings, sandbox_settings
from crossdock.errors import ConfigError, Unreachable
from crossdock.sandbox.market import recorded_spec

CALL_S = 10.0
SYMBOLS = ("BTC/USDT", "ETH/USDT")
ENDOWMENT = Decimal(100_000)  # of the quote asset, in what a recording trades

# Accounts begin with holdings of several coins, so a position limit of a tenth of equity
# would refuse the first order: the demo's limits are wider, and none is switched off.
RISK: Mapping[str, object] = {
    "position_pct": "150",
    "leverage_max": "5",
    "correlation_max": "1",
    "orders_per_s": 20,
    "orders_per_minute": 600,
    "price_collar_bps": "200",
    "duplicate_window_s": "0.2",
}


# On minutes, the timeframe that a chart opens with: its averages are there at once.
AVERAGES: Mapping[str, object] = {
    "kind": "sma_cross",
    "portfolio": "takers",
    "params": {"timeframe": "1m", "fast": 5, "slow": 20, "share": "0.02"},
}


class DemoVenues(SandboxProcess):
    """Three venues and a folder for one demo's settings and journal.

    With `market`, a recorded stream makes the market of its symbol, and only that is
    traded. Raises ConfigError when it cannot be read.
    """

    def __init__(self, *, market: Path | None = None, seed: int = 1) -> None:
        arguments = ["--seed", str(seed)]
        self.symbols: tuple[str, ...] = SYMBOLS
        self._recorded = ""
        if market is not None:
            self._recorded = recorded_symbol(market)
            self.symbols = (self._recorded,)
            arguments += ["--market", str(market.absolute())]
        super().__init__(*arguments)
        self._folder = tempfile.TemporaryDirectory(prefix="crossdock-demo-")
        self.folder = Path(self._folder.name)

    async def __aenter__(self) -> Self:
        try:
            await super().__aenter__()
            if self._recorded:
                await self._endow(self._recorded)
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await super().__aexit__(kind, error, trace)
        finally:
            self._folder.cleanup()

    async def _endow(self, symbol: str) -> None:
        """Give every account enough of both assets of a recording to trade both sides."""
        base, _, quote = symbol.partition("/")
        for venue, address in self.addresses["venues"].items():
            book = await self._call("GET", f"{address}/v1/book?symbol={symbol}&depth=1")
            levels = [*book["bids"], *book["asks"]]
            for asset, amount in (
                (quote, ENDOWMENT),
                (base, ENDOWMENT / Decimal(levels[0][0]) if levels else ENDOWMENT),
            ):
                await self.act(
                    venue,
                    "deposit",
                    account="main",
                    asset=asset,
                    amount=f"{amount.quantize(Decimal('0.00000001')):f}",
                )

    # ---- the admin port --------------------------------------------------------

    async def truth(self) -> Any:
        """Return what the venues know of every order, fill and balance."""
        return (await self._call("GET", f"{self.addresses['admin']}/truth"))["venues"]

    async def arm(self, venue: str, kind: str, **terms: Any) -> None:
        """Arm a fault; see docs/reference/sandbox-protocol.md."""
        fault = {"venue": venue, "kind": kind, **terms}
        await self._call("POST", f"{self.addresses['admin']}/faults", fault)

    async def act(self, venue: str, action: str, **terms: Any) -> None:
        """Do something at a venue that no order does."""
        asked = {"venue": venue, "action": action, **terms}
        await self._call("POST", f"{self.addresses['admin']}/actions", asked)

    async def _call(self, method: str, address: str, body: Any = None) -> Any:
        timeout = aiohttp.ClientTimeout(total=CALL_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.request(method, address, json=body) as reply,
            ):
                reply.raise_for_status()
                return await reply.json()
        except (TimeoutError, aiohttp.ClientError) as error:
            raise Unreachable(f"the sandbox does not answer: {error}") from error

    # ---- the desk's settings ---------------------------------------------------

    def write_settings(
        self, symbols: tuple[str, ...] = (), *, strategies: bool = True
    ) -> Path:
        """Write the settings file of a desk on these venues."""
        symbols = symbols or self.symbols
        chosen: dict[str, Mapping[str, object]] = {}
        if strategies:
            chosen = {
                "quoting": {
                    "kind": "quoting",
                    "symbols": list(symbols),
                    "portfolio": "makers",
                    "params": {"notional": "500"},
                },
                "trend": {
                    "kind": "trend",
                    "symbols": list(symbols),
                    "portfolio": "takers",
                    "params": {"every_s": 1},
                },
                "averages": {**AVERAGES, "symbols": list(symbols)},
            }
        text = sandbox_settings(
            self.addresses,
            sandbox_keys(self.addresses["venues"]),
            desk={
                "name": "demo",
                "journal": "journal",
                "control": str(self.folder / "desk.sock"),
                "log_folder": "logs",
            },
            risk=RISK,
            instruments=symbols if self._recorded else (),
            strategies=chosen,
        )
        for portfolio in ("main", "makers", "takers"):
            text += f"\n[portfolios.{portfolio}]\n"
        file = self.folder / "settings.toml"
        file.write_text(text, encoding="utf-8")
        file.chmod(0o600)
        return file

    def settings(self, *, strategies: bool = True) -> Settings:
        return load_settings(self.write_settings(strategies=strategies), environment={})


def sandbox_keys(venues: Mapping[str, object]) -> dict[str, dict[str, str]]:
    """Return the key and secret of the account that each default venue comes with."""
    return {
        venue: {"key": f"sandbox-{venue}", "key_secret": f"sandbox-{venue}-secret"}
        for venue in venues
    }


def recorded_symbol(market: Path) -> str:
    """Return what a recording trades. Raises ConfigError when it cannot be read."""
    try:
        return recorded_spec(market).symbol
    except OSError as error:
        words = f"{market} cannot be read: {error.strerror or error}"
    except ValueError as error:
        words = str(error)
    raise ConfigError(
        f"a recording was expected: {words}",
        code="recording",
        hint="it holds one `local_time_ns message` a line, gzipped or not",
    )
