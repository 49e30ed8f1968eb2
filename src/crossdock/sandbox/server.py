"""The sandbox: several venues and the admin port, in one event loop."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from zlib import crc32

from aiohttp import web

from crossdock.sandbox.admin import Admin
from crossdock.sandbox.clock import Clock, SystemClock
from crossdock.sandbox.config import SandboxConfig, VenueConfig
from crossdock.sandbox.faults import FaultKind
from crossdock.sandbox.seeding import random_fault
from crossdock.sandbox.simulators import Paths
from crossdock.sandbox.site import Listening, Site


class Sandbox:
    """Hosts what a configuration says, from `start` to `stop`.

    `is_driven=False` leaves ticks and heartbeats to the caller.
    """

    def __init__(
        self,
        config: SandboxConfig,
        *,
        clock: Clock | None = None,
        is_driven: bool = True,
    ) -> None:
        self.sites: dict[str, Site] = {}
        self.done = asyncio.Event()
        self.failure: BaseException | None = None
        self._clock = clock or SystemClock()
        self._config = config
        self._is_driven = is_driven
        self._driving: dict[str, list[asyncio.Task[None]]] = {}  # of all that are hosted
        self._seeded: dict[asyncio.Task[None], str] = {}  # and its venue
        app = web.Application()
        for method, path, handler in Admin(self).routes():
            app.router.add_route(method, path, handler)
        self._admin = Listening(app, config.admin_port)
        self._paths = Paths(config.seed)

    @property
    def admin_url(self) -> str:
        return self._admin.url

    @property
    def urls(self) -> dict[str, str]:
        return {name: site.url for name, site in self.sites.items()}

    async def start(self) -> None:
        """Listen on every port. Raises OSError, with nothing left listening."""
        try:
            for venue in self._config.venues:
                await self.add(venue)
            await self._admin.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Drop every connection and stop listening."""
        for name in list(self.sites):
            await self.remove(name)
        await self._admin.stop()

    async def add(self, venue: VenueConfig) -> Site:
        """Host one more venue. Raises OSError when its port is taken."""
        seed = crc32(f"{self._config.seed} {venue.name}".encode())
        site = Site(venue, clock=self._clock, seed=seed, paths=self._paths)
        driving = self._driving[venue.name] = []
        try:
            await site.start()
        except BaseException:
            del self._driving[venue.name]
            raise
        self.sites[venue.name] = site
        if self._is_driven:
            driving += [asyncio.create_task(it) for it in (site.drive(), site.beat_on())]
            for task in driving:
                task.add_done_callback(self._ended)
        return site

    async def remove(self, name: str) -> None:
        """Drop a venue's connections and host it no longer."""
        site = self.sites.pop(name)
        seeded = [task for task, venue in self._seeded.items() if venue == name]
        await _cancelled([*seeded, *self._driving.pop(name)])
        await site.stop()
        if not self._driving:  # nobody is left who has seen a price
            self._paths = Paths(self._config.seed)

    async def reset(self) -> None:
        """Start every venue afresh, on the ports they have, with no faults armed."""
        self.disarm()
        self._paths = Paths(self._config.seed)
        for site in self.sites.values():
            await site.reset(self._paths)

    def seed_faults(
        self, site: Site, seed: int, rate: float, kinds: Sequence[FaultKind]
    ) -> None:
        """Arm random faults, `rate` a second, until they are disarmed."""
        task = asyncio.create_task(self._arm_forever(site, seed, rate, kinds))
        self._seeded[task] = site.config.name
        task.add_done_callback(self._seeded.pop)

    def disarm(self) -> None:
        """Disarm every fault and stop arming new ones."""
        for task in self._seeded:
            task.cancel()
        for site in self.sites.values():
            site.host.faults.disarm()

    async def _arm_forever(
        self, site: Site, seed: int, rate: float, kinds: Sequence[FaultKind]
    ) -> None:
        source = random.Random(f"{site.config.name} {seed}")  # noqa: S311 - not a secret
        while True:
            await self._clock.sleep(source.expovariate(rate))
            order = random_fault(source, site.config.name, kinds)
            if order.kind in site.face.absent:
                continue
            waiting = {armed.kind for armed in site.host.faults if armed.by_seed}
            if order.kind not in waiting:
                site.arm(order, by_seed=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self.failure = task.exception()
            self.done.set()


async def _cancelled(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
