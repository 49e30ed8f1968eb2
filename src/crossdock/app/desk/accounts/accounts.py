"""The accounts of a desk: made from its settings, and let in and out while it runs."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from crossdock.app.financing import Financing
from crossdock.app.gateway import Gateway, GatewayOptions, MarketWatch
from crossdock.app.settings import Use
from crossdock.model import AccountId

if TYPE_CHECKING:
    from crossdock.app.desk.desk import Desk

log = logging.getLogger(__name__)

LOOK_S = 1.0  # between two looks whether a market stream is mute
SETTLE_S = 10.0


class Accounts:
    """Keeps `gateways`, `watches` and `financing` of the desk, and their tasks."""

    def __init__(self, desk: Desk, *, only_leaves: bool) -> None:
        self._desk = desk
        self._only_leaves = only_leaves
        self._tasks: dict[AccountId, list[asyncio.Task[None]]] = {}

    def add_all(self) -> None:
        """Make every account of the settings. Those that trade come first: a data account
        leaves a market to them.
        """
        accounts = self._desk.settings.accounts
        for name in sorted(accounts, key=lambda each: accounts[each].use is Use.DATA):
            if accounts[name].enabled and not self._is_market_of_another(name):
                self.add(AccountId(name))

    def add(self, name: AccountId) -> None:
        """Make one account of the settings. It does not run before `start`."""
        desk = self._desk
        settings = desk.settings
        account = settings.accounts[name]
        options = GatewayOptions(
            account=name,
            venue=account.venue,
            foreign=account.foreign.value,
            symbols=account.instruments,
            streams_market=self._streamer(account.venue) is None,
            audit_s=None if desk.is_driven else settings.desk.audit_s,
            look_s=None if desk.is_driven else LOOK_S,
            moves_money=name in settings.live_accounts(),
            allow_withdrawal_keys=account.allow_withdrawal_keys or self._only_leaves,
        )
        is_data = account.use is Use.DATA
        made: Any = (MarketWatch if is_data else Gateway)(
            desk.kernel,
            settings.manifests[name],
            options,
            lambda: desk.connect(name),
            desk.markets,
            health=desk.health,
            backoff=desk.backoff,
        )
        evidence = None if is_data else made.evidence
        kept: dict[AccountId, Any] = desk.watches if is_data else desk.gateways
        kept[name] = made
        desk.financing[name] = Financing(desk.kernel, name, made, evidence)
        if options.moves_money:
            desk.live.add(name)

    def start_all(self) -> None:
        for name in (*self._desk.gateways, *self._desk.watches):
            self.start(name)

    def start(self, name: AccountId) -> None:
        desk = self._desk
        kept: Any = desk.gateways.get(name) or desk.watches[name]
        what = "account" if name in desk.gateways else "data account"
        self._tasks[name] = [
            desk.start_task(kept.run(), f"{what} {name}"),
            desk.start_task(desk.financing[name].run(), f"transfers of {name}"),
        ]

    async def remove(self, name: AccountId) -> None:
        """End an account. What is open stays open at the venue, and in the journal."""
        desk = self._desk
        kept: Any = desk.gateways.get(name) or desk.watches[name]
        if isinstance(kept, Gateway):
            try:
                async with asyncio.timeout(SETTLE_S):
                    await asyncio.gather(kept.writes.settle(), desk.financing[name].rest())
            except TimeoutError:
                log.warning("%s: some writes were not answered", name)
        await self._end(name)
        desk.gateways.pop(name, None)
        desk.watches.pop(name, None)
        desk.financing.pop(name, None)
        desk.live.discard(name)
        desk.view.drop(name)
        if kept.options.streams_market:
            desk.markets.close(kept.options.venue, f"{name} was disconnected")
            await self._hand_on(kept.options.venue)

    async def _hand_on(self, venue: str) -> None:
        """Have another account carry the market that the last one did."""
        desk = self._desk
        kept: list[Any] = [*desk.gateways.values(), *desk.watches.values()]
        for each in kept:
            if each.options.venue == venue:
                await self._end(each.account)
                desk.view.drop(each.account)
                self.add(each.account)
                self.start(each.account)
                return

    async def _end(self, name: AccountId) -> None:
        tasks = self._tasks.pop(name, [])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _streamer(self, venue: str) -> AccountId | None:
        desk = self._desk
        kept: list[Any] = [*desk.gateways.values(), *desk.watches.values()]
        for each in kept:
            if each.options.venue == venue and each.options.streams_market:
                return AccountId(each.account)
        return None

    def _is_market_of_another(self, name: str) -> bool:
        """Tell whether a data account is only there for simulated accounts to trade on.

        They open a connection of their own to it, and with it stream what they trade.
        """
        accounts = self._desk.settings.accounts
        return accounts[name].use is Use.DATA and any(
            other.enabled and other.market == name for other in accounts.values()
        )
