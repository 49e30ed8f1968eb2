"""What a broker says of an account: day trades, equity, whether it may trade at all."""

from __future__ import annotations

import logging
from typing import Any

from crossdock.errors import AdapterError, AuthFailed
from crossdock.model import AccountFacts
from crossdock.ports import AccountFactsRead, Clock

log = logging.getLogger(__name__)

EVERY_S = 30.0


class Facts:
    """The newest word of the broker. `told` is None where it gives none."""

    def __init__(self, clock: Clock) -> None:
        self.told: AccountFacts | None = None
        self._clock = clock

    async def refresh(self, adapter: Any) -> None:
        """Ask once. What fails leaves what was told before. Raises AuthFailed."""
        if not isinstance(adapter, AccountFactsRead):
            return
        try:
            self.told = await adapter.account_facts()
        except AuthFailed:
            raise
        except AdapterError as error:
            log.warning("the broker's facts of the account are not news: %s", error)

    async def run(self, adapter: AccountFactsRead) -> None:
        """Ask for ever. Raises AuthFailed."""
        while True:
            await self._clock.sleep(EVERY_S)
            await self.refresh(adapter)
