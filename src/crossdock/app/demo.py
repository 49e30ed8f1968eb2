"""The demo's venues: a sandbox in a process of its own, and settings for a desk on it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from crossdock.app.settings import Settings, load_settings, sandbox_settings
from crossdock.errors import ConfigError, Unreachable

START_S = 30.0
STOP_S = 5.0

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


class SandboxProcess:
    """The sandbox as a child process, ended with its owner however that ends."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None
        self.addresses: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "crossdock.sandbox",
            "--with-parent",
            *self._arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # Ctrl-C in the terminal is the owner's to handle; it ends the venues last.
            start_new_session=True,
        )
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(START_S):
                line = await self._process.stdout.readline()
        except TimeoutError:
            await self._end()
            raise Unreachable(f"the sandbox did not start within {START_S:g} s") from None
        if not line:
            words = await self._last_words()
            raise ConfigError(f"the sandbox did not start: {words}", code="sandbox-start")
        self.addresses = json.loads(line)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._end()

    async def _last_words(self) -> str:
        assert self._process is not None
        assert self._process.stderr is not None
        words = (await self._process.stderr.read()).decode(errors="replace").strip()
        await self._process.wait()
        return words.splitlines()[-1] if words else f"exit code {self._process.returncode}"

    async def _end(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
            await process.wait()


class DemoVenues(SandboxProcess):
    """Three venues and a folder for one demo's settings and journal."""

    def __init__(self, *, market: Path | None = None, seed: int = 1) -> None:
        arguments = ["--seed", str(seed)]
        if market is not None:
            arguments += ["--market", str(market)]
        super().__init__(*arguments)
        self._folder = tempfile.TemporaryDirectory(prefix="crossdock-demo-")
        self.folder = Path(self._folder.name)

    async def __aexit__(self, *failed: Any) -> None:
        try:
            await super().__aexit__(*failed)
        finally:
            self._folder.cleanup()

    def write_settings(
        self, symbols: tuple[str, ...] = ("BTC/USDT", "ETH/USDT"), *, strategies: bool = True
    ) -> Path:
        """Write the settings file of a desk on these venues."""
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
            }
        text = sandbox_settings(
            self.addresses,
            {
                venue: {"key": f"sandbox-{venue}", "key_secret": f"sandbox-{venue}-secret"}
                for venue in self.addresses["venues"]
            },
            desk={
                "name": "demo",
                "journal": "journal",
                "control": str(self.folder / "desk.sock"),
                "log_folder": "logs",
            },
            risk=RISK,
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
