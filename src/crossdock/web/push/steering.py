"""Strategies started and stopped over the socket: as the API does it, by the same role."""

from __future__ import annotations

from typing import Any

from crossdock.web.identity.access import Access, Caller, lacking
from crossdock.web.link import DeskLink
from crossdock.web.problems import Problem
from crossdock.web.shapes.strategies import StartTrading, StopTrading


class Steering:
    def __init__(self, link: DeskLink) -> None:
        self._link = link

    async def start(self, caller: Caller, asked: Any) -> Any:
        """Start a strategy. Raises Problem, ValidationError, or what the desk refuses.

        A program that heard no answer asks again, which would begin a second one: it is
        sent to the API, where its key of idempotency tells a wish from its repetition.
        """
        _require_trader(caller)
        given = StartTrading.model_validate(asked)
        if caller.key:
            raise Problem(
                422,
                "idempotency-key-missing",
                "with an API key strategies are started by the API, not over the socket",
                hint="POST /api/v1/strategies/start-trading, with an Idempotency-Key",
            )
        return await self._link.ask("start_trading", **given.model_dump(), **_who(caller))

    async def stop(self, caller: Caller, asked: Any) -> Any:
        _require_trader(caller)
        given = StopTrading.model_validate(asked)
        return await self._link.ask("stop_trading", **given.model_dump(), **_who(caller))


def _require_trader(caller: Caller) -> None:
    if not caller.may(Access.TRADE):
        raise lacking(caller, Access.TRADE)


def _who(caller: Caller) -> dict[str, Any]:
    return {"by": caller.name, "door": caller.door}
