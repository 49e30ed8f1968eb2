"""Venues: the catalogue, adapters and their forms, accounts connected."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response, status

from crossdock.web.api.handed_in import FOR_VIEWERS, Admin, Desk, RiskOfficer, who
from crossdock.web.api.known_venues import (
    adapter,
    adapter_of_broker,
    adapters,
    catalogue,
    catalogue_entry,
)
from crossdock.web.identity.access import Caller
from crossdock.web.identity.routes.session import require_person
from crossdock.web.problems import Problem
from crossdock.web.shapes.venues import (
    Account,
    Accounts,
    Adapter,
    BrokerConnection,
    CatalogueEntry,
    Connected,
    Connection,
    Disconnected,
    Integration,
    Resumed,
)

_AWAY: dict[int | str, dict[str, Any]] = {
    202: {
        "model": Connected,
        "description": "Let in, and not ready yet: `standing` and `reason` say how it stands, "
        "`kept` whether it is there after the next start.",
    }
}

router = APIRouter(tags=["venues"], dependencies=[FOR_VIEWERS])
brokers = APIRouter(prefix="/brokers", tags=["venues"], dependencies=[FOR_VIEWERS])


@router.get("/catalogue")
def all_known() -> list[CatalogueEntry]:
    """Every venue we know of, open or closed."""
    return catalogue()


@router.get("/catalogue/{name}")
def one_known(name: str) -> CatalogueEntry:
    """All that is known of one venue, with sources; of a closed one what came after it."""
    return catalogue_entry(name)


@router.get("/adapters")
def all_adapters() -> list[Adapter]:
    """What can connect, and the form each asks to be filled in."""
    return adapters()


@router.get("/adapters/{name}")
def one_adapter(name: str) -> Adapter:
    return adapter(name)


@router.get("/venues")
@brokers.get("")
async def accounts(desk: Desk) -> list[Account]:
    """Every account connected: each step of its session, streams, limits used."""
    told = await desk.ask(Accounts, "status")
    usage = await desk.ask(list[Integration], "integrations")
    rows = [*told.accounts, *told.data_accounts]
    for row in rows:
        row.usage = [each for each in usage if each.account == row.account]
    return rows


@router.post("/venues/test")
async def test(caller: Admin, desk: Desk, asked: Connection) -> Connected:
    """Connect, look at the account, and say what was seen. Nothing is kept."""
    return await desk.ask(
        Connected, "connect", **asked.model_dump(), test=True, **who(caller)
    )


@router.post("/venues", status_code=status.HTTP_201_CREATED, responses=_AWAY)
async def connect(
    caller: Admin, desk: Desk, asked: Connection, response: Response
) -> Connected:
    """Connect an account, and keep it where the desk has a settings file.

    Its secrets go into files only the desk's user reads. One that is not ready within a
    quarter of a minute goes on trying, and is answered with 202: `standing` and `reason` say
    how it stands. What trades real money is connected by a person who is signed in, no key.
    """
    _require_person_for(asked, caller)
    told = await desk.ask(
        Connected, "connect", **asked.model_dump(), test=False, **who(caller)
    )
    return _by_standing(told, response)


@router.delete("/venues/{account}")
@brokers.post("/{account}/disconnect")
async def disconnect(caller: Admin, desk: Desk, account: str) -> Disconnected:
    """Let go of an account. Its orders stay at the venue."""
    return await desk.ask(Disconnected, "disconnect", account=account, **who(caller))


@router.post("/venues/{account}/resume")
async def resume(caller: RiskOfficer, desk: Desk, account: str) -> Resumed:
    """Lift a halt, after a person who is signed in, no key, has looked at what caused it."""
    require_person(caller)
    return await desk.ask(Resumed, "resume", account=account, **who(caller))


@brokers.post("/connect", status_code=status.HTTP_201_CREATED, responses=_AWAY)
async def connect_broker(
    caller: Admin, desk: Desk, asked: BrokerConnection, response: Response
) -> Connected:
    """Connect by the broker's name and its credentials alone. 202: it is not ready yet.

    What trades real money is connected by a person who is signed in, no key.
    """
    _require_person_for(asked, caller)
    told = await desk.ask(Connected, "connect", **_plain(asked), test=False, **who(caller))
    return _by_standing(told, response)


@brokers.post("/test")
async def test_broker(caller: Admin, desk: Desk, asked: BrokerConnection) -> Connected:
    """Say what connecting would see. Nothing is kept."""
    return await desk.ask(Connected, "connect", **_plain(asked), test=True, **who(caller))


@brokers.post("/{account}/test")
async def test_account(desk: Desk, account: str) -> Account:
    """Say how an account that is connected stands now."""
    for row in await accounts(desk):
        if row.account == account:
            return row
    raise Problem(
        404, "unknown-account", f"there is no account {account!r}", hint="GET /api/brokers"
    )


def _require_person_for(asked: Connection | BrokerConnection, caller: Caller) -> None:
    """Refuse a key the words of a person. Of what moves real money the desk refuses the rest."""
    if asked.confirm:
        require_person(caller)


def _by_standing(told: Connected, response: Response) -> Connected:
    if told.standing != "ready":
        response.status_code = status.HTTP_202_ACCEPTED
    return told


def _plain(asked: BrokerConnection) -> dict[str, Any]:
    found = adapter_of_broker(asked.broker_name)
    return {
        "name": asked.account or found,
        "adapter": found,
        "settings": asked.credentials,
        "confirm": asked.confirm,
    }
