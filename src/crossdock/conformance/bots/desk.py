"""Crossdock on the same stage."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crossdock.app.demo.processes import DeskProcess
from crossdock.app.demo.venues import RISK
from crossdock.app.doors.control.control import ask
from crossdock.app.journal_tools import export_lines
from crossdock.app.settings import sandbox_settings
from crossdock.conformance.bots.beliefs import of_desk
from crossdock.conformance.bots.stage import FACE, SYMBOLS, Stage
from crossdock.conformance.bots.verdict import Belief
from crossdock.errors import DeskError


class Desk:
    """A desk that trades a little of everything, through the adapter for real money."""

    def __init__(self, stage: Stage, folder: Path, seed: int) -> None:
        self._stage = stage
        self._folder = folder
        self._seed = seed
        self._control = folder / "desk.sock"
        self._process = DeskProcess(self._settings(), folder / "output")
        self._books: dict[str, str] = {}

    def _settings(self) -> Path:
        address = self._stage.url
        account = {
            "adapter": "binance",
            "url": address,
            "key": self._stage.key,
            "key_secret": self._stage.secret,
        }
        text = sandbox_settings(
            self._stage.addresses,
            {FACE: account},
            desk={
                "name": "bots",
                "currency": "USDT",
                "journal": str(self._folder / "journal"),
                "control": str(self._control),
                "log_folder": str(self._folder / "logs"),
                "durability": "process",
                "audit_s": 5,
            },
            risk={**RISK, "max_open_orders": 8},
            strategies={
                "exercise": {
                    "kind": "exercise",
                    "symbols": list(SYMBOLS),
                    "params": {"seed": self._seed, "rate_per_s": 1, "most_open": 4},
                }
            },
        )
        file = self._folder / "settings.toml"
        file.write_text(text, encoding="utf-8")
        file.chmod(0o600)
        return file

    async def start(self) -> None:
        await self._process.start()

    def has_ended(self) -> bool:
        try:
            self._process.raise_if_ended()
        except DeskError:
            return True
        return False

    async def calm(self) -> None:
        why = {"by": "bots", "reason": "the run ends"}
        await asyncio.to_thread(ask, self._control, "kill", why)

    async def is_calm(self) -> bool:
        status = await asyncio.to_thread(ask, self._control, "status")
        return not status["doubts_open"] and not status["open_orders"]

    async def stop(self) -> None:
        with contextlib.suppress(DeskError):
            held = await asyncio.to_thread(ask, self._control, "positions")
            self._books = {row["asset"]: row["total"] for row in held if "asset" in row}
        await self._process.end()

    def beliefs(self, truth: Mapping[str, Any]) -> tuple[list[Belief], list[str]]:
        journal = [json.loads(line) for line in export_lines(self._folder / "journal")]
        return of_desk({**truth, "renames_events": True}, journal, self._books)
