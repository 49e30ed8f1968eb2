"""Freqtrade, unmodified, as a child process: what it is told, and how it is ended.

https://www.freqtrade.io/en/stable/configuration/, read 2026-11-21.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crossdock.conformance.bots.beliefs import is_flat, of_freqtrade
from crossdock.conformance.bots.stage import SYMBOLS, Stage
from crossdock.conformance.bots.verdict import Belief

STRATEGY = Path(__file__).with_name("strategy.txt")
STOP_S = 20.0


class Freqtrade:
    """Freqtrade with a strategy that turns its position over all the time."""

    def __init__(
        self, program: Path, stage: Stage, folder: Path, *, has_stops: bool = True
    ) -> None:
        self._has_stops = has_stops
        self._program = program
        self._stage = stage
        self._folder = folder
        self._database = folder / "bot.sqlite"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        home = self._folder / "user"
        (home / "strategies").mkdir(parents=True)
        (home / "strategies" / "turns.py").write_text(STRATEGY.read_text("utf-8"), "utf-8")
        config = self._folder / "config.json"
        settings = configuration(self._stage, has_stops=self._has_stops)
        config.write_text(json.dumps(settings), encoding="utf-8")
        with (self._folder / "output").open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                str(self._program),
                "trade",
                *("--config", str(config)),
                *("--userdir", str(home)),
                *("--strategy", "Turns"),
                *("--db-url", f"sqlite:///{self._database}"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def has_ended(self) -> bool:
        return self._process is None or self._process.returncode is not None

    async def calm(self) -> None:
        (self._folder / "user" / "calm").touch()

    async def is_calm(self) -> bool:
        with contextlib.suppress(sqlite3.OperationalError):  # it is writing
            return is_flat(self._database)
        return False

    async def stop(self) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()  # to it the same as Ctrl-C
        try:
            async with asyncio.timeout(STOP_S):
                await self._process.wait()
        except TimeoutError:
            pass
        finally:
            if self._process.returncode is None:
                self._process.kill()
                await self._process.wait()

    def beliefs(self, truth: Mapping[str, Any]) -> tuple[list[Belief], list[str]]:
        return of_freqtrade(self._database), []


def configuration(stage: Stage, *, has_stops: bool) -> dict[str, Any]:
    """Return Freqtrade's settings: as for real money, but for the addresses.

    With stops, it keeps a stop-loss order at the exchange for every position it holds.
    """
    urls = {
        "public": f"{stage.url}/api/v3",
        "private": f"{stage.url}/api/v3",
        "sapi": f"{stage.url}/sapi/v1",
    }
    return {
        "dry_run": False,
        "trading_mode": "spot",
        "stake_currency": "USDT",
        "stake_amount": 200,
        "max_open_trades": len(SYMBOLS),
        "order_types": {
            "entry": "limit",
            "exit": "limit",
            "emergency_exit": "market",
            "stoploss": "limit",
            "stoploss_on_exchange": has_stops,
            "stoploss_on_exchange_interval": 2,
        },
        "unfilledtimeout": {"entry": 4, "exit": 4, "unit": "seconds"},
        "entry_pricing": {"price_side": "same", "use_order_book": True},
        "exit_pricing": {"price_side": "other", "use_order_book": True},
        "exchange": {
            "name": "binance",
            "key": stage.key,
            "secret": stage.secret,
            "enable_ws": False,
            "ccxt_config": {
                "urls": {"api": urls},
                "options": {"fetchMarkets": {"types": ["spot"]}},
            },
            "pair_whitelist": list(SYMBOLS),
            "pair_blacklist": [],
        },
        "pairlists": [{"method": "StaticPairList"}],
        "initial_state": "running",
        "internals": {"process_throttle_secs": 1},
        "telegram": {"enabled": False, "token": "", "chat_id": ""},
    }
