"""A desk at a face of the sandbox, both in one loop whose time is virtual and whose wire is real."""

from __future__ import annotations

import asyncio
import re
import selectors
import time
from contextlib import asynccontextmanager

import aiohttp
import pytest

from crossdock.app.doors.user import UserDesk
from crossdock.app.open import build_desk
from crossdock.app.settings import load_settings, sandbox_settings
from crossdock.sandbox.config import parse
from crossdock.sandbox.faces.described import venue_of
from crossdock.sandbox.server import Sandbox

_BEGAN_NS = time.time_ns()  # parts of ccxt look at the machine's own clock
_PATIENT_S = 120.0
_WIRE_S = 0.002


class _Jumping(selectors.DefaultSelector):
    """Waits for nobody: where no socket has news, it is later at once.

    What goes over loopback has arrived when it was sent; each arrival takes a moment, as
    elsewhere. While a thread works, it waits.
    """

    def __init__(self):
        super().__init__()
        self.ahead_s = 0.0
        self.threads = 0

    def select(self, timeout=None):
        found = super().select(0)
        if found:
            self.ahead_s += _WIRE_S
        if found or (timeout is not None and timeout <= 0):
            return found
        if self.threads or timeout is None:
            return super().select(0.05)
        self.ahead_s += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An asyncio loop whose time passes only while all wait for it."""

    def __init__(self):
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self):
        return 1000.0 + self._jumping.ahead_s

    def run_in_executor(self, executor, function, *args):
        self._jumping.threads += 1
        future = super().run_in_executor(executor, function, *args)
        future.add_done_callback(self._ended)
        return future

    def _ended(self, _):
        self._jumping.threads -= 1


class LoopClock:
    """The time of the loop it is asked in, for the desk and for the sandbox."""

    def time_ns(self):
        return _BEGAN_NS + self.monotonic_ns()

    def monotonic_ns(self):
        return round(asyncio.get_running_loop().time() * 1e9)

    async def sleep(self, seconds):
        await asyncio.sleep(seconds)


class AtFace:
    """A default desk with one account at one face, and what the wire saw of it."""

    def __init__(self, desk, sandbox, name):
        self.desk, self.sandbox, self.name = desk, sandbox, name
        self.user = UserDesk(desk)
        self.gateway = desk.gateways[name]
        self.budgets = desk.integrations._budgets

    @property
    def calls(self):
        return sum(it.total.calls for _, it in self._usage())

    @property
    def refused(self):
        """How many calls the exchange refused for their number."""
        return sum(it.total.errors["rate-limited"] for _, it in self._usage())

    def _usage(self):
        return [(host, it) for account, host, it in self.budgets.usage]

    @property
    def limiter(self):
        [host] = {host for host, _ in self._usage()}  # one stands in for all
        return self.budgets.of(self.name, host, ())

    def room(self, scope, purpose):
        """Return how much of a limit there is left for a purpose."""
        window = next(it for it in self.limiter._windows if it.limit.scope == scope)
        return window.room[purpose] - window.spent_total - window.foreign

    def used(self):
        """How full each limit is, for whoever reads a failure."""
        return [
            (it.scope, it.per_s, it.ours, it.foreign, it.limit)
            for host, _ in self._usage()
            for it in self.budgets.quotas(self.name, host)
        ]


async def _have_traded(sandbox, hosted):
    """Have every market know a price, and be offered and asked for at others."""
    async with aiohttp.ClientSession() as http:
        for market in hosted["markets"]:
            for account, side, price, quantity in (
                ("maker", "sell", 100, 40),
                ("taker", "buy", 100, 20),
                ("taker", "buy", 90, 20),
            ):
                body = {"venue": hosted["name"], "action": "manual_order", "type": "limit"}
                body |= {"account": account, "symbol": market["symbol"], "side": side}
                body |= {"quantity": str(quantity), "limit_price": str(price)}
                url = f"{sandbox.admin_url}/actions"
                async with http.post(url, json=body) as reply:
                    assert reply.status == 200, await reply.text()


@asynccontextmanager
async def _at_face(folder, name, *, currency="USD", settings=None, instruments=(), **venue):
    clock = LoopClock()
    hosted = venue_of(name) | {"market": {"kind": "empty"}} | venue
    holder = hosted["accounts"][0]
    assets = {part for it in hosted["markets"] for part in re.split("[/:]", it["symbol"])}
    others = [
        holder
        | {"name": other, "key": f"{other}-key", "secret": f"{other}-secret"}
        | {"balances": dict.fromkeys(assets, 1_000_000)}
        for other in ("maker", "taker")
    ]
    hosted |= {"accounts": [holder, *others]}
    sandbox = Sandbox(parse({"seed": 1, "venues": [hosted]}), clock=clock)
    await sandbox.start()
    try:
        await _have_traded(sandbox, hosted)
        url = sandbox.urls[hosted["name"]]
        told = {"key": holder["key"], "key_secret": holder["secret"], "url": url}
        if "passphrase" in holder:
            told["passphrase_secret"] = holder["passphrase"]
        if settings:
            if "wallet" in settings:
                told = {}
            told |= {key: text.format(url=url, **holder) for key, text in settings.items()}
        text = sandbox_settings(
            {"venues": {name: url}},
            {name: {"adapter": name, **told}},
            desk={
                "name": "idle",
                "currency": currency,
                "journal": str(folder / "journal"),
                "control": str(folder / "desk.sock"),
                "log_folder": str(folder / "logs"),
                "durability": "process",
                "risk_checks": False,
            },
            instruments=instruments,
        )
        file = folder / "settings.toml"
        file.write_text(text)
        file.chmod(0o600)
        loaded = load_settings(file, environment={})
        async with build_desk(
            loaded, clock=clock, serves_control=False, runs_strategies=False
        ) as running:
            away = await running.ready(_PATIENT_S)
            gateway = running.gateways[name]
            assert not away, gateway.reason or gateway.trouble
            yield AtFace(running, sandbox, name)
    finally:
        await sandbox.stop()


@pytest.fixture
def at_face(tmp_path):
    """Run `body(at)` with a desk at a face, in virtual time: `at_face("kraken", body)`."""

    def run(name, body, **changes):
        async def main():
            async with _at_face(tmp_path, name, **changes) as at:
                await body(at)

        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(main())

    return run
