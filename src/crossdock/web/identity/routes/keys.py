"""API keys: one's own, and for administrators everybody's."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from crossdock.web.dashboard import dashboard_of
from crossdock.web.identity.access import Access, Caller, access
from crossdock.web.identity.keys import LONGEST_DAYS, ApiKey
from crossdock.web.identity.roles import Role
from crossdock.web.identity.routes.session import require_person
from crossdock.web.problems import Problem

router = APIRouter(prefix="/api/v1/keys", tags=["keys"])

Viewer = Annotated[Caller, access(Access.VIEW)]


class KeyTold(BaseModel):
    id: str
    user: str
    label: str
    scopes: list[Access]
    created_ns: int
    until_ns: int
    used_ns: int = Field(description="0: never.")


class NewKey(BaseModel):
    model_config = ConfigDict(extra="forbid")

    label: str = Field(min_length=1, max_length=64)
    scopes: list[Access] = Field(min_length=1, max_length=len(Access))
    days: int = Field(90, ge=1, le=LONGEST_DAYS)


class MadeKey(BaseModel):
    """`token` is shown this once: only its digest is kept."""

    token: str
    key: KeyTold


@router.get("")
async def keys(request: Request, caller: Viewer) -> list[KeyTold]:
    """List one's own keys; administrators see everybody's."""
    all_keys = dashboard_of(request).identity.keys
    mine = None if caller.may(Access.ADMIN) else caller.name
    return [_told(each) for each in all_keys.of(mine)]


@router.post("", status_code=201)
async def make_key(request: Request, given: NewKey, caller: Viewer) -> MadeKey:
    """Make a key for oneself, with no more than one's own role may do."""
    require_person(caller)
    for scope in given.scopes:
        if not caller.may(scope):
            raise Problem(
                403, "forbidden", f"{caller.name} ({caller.role}) has no {scope} to give"
            )
    identity = dashboard_of(request).identity
    token, key = identity.keys.make(caller.name, given.label, given.scopes, given.days)
    return MadeKey(token=token, key=_told(key))


@router.delete("/{key_id}")
async def remove_key(request: Request, key_id: str, caller: Viewer) -> dict[str, str]:
    """End a key at once: one's own, or anybody's for an administrator."""
    require_person(caller)
    mine = None if caller.role is Role.ADMIN else caller.name
    dashboard_of(request).identity.keys.remove(key_id, mine)
    return {"removed": key_id}


def _told(key: ApiKey) -> KeyTold:
    return KeyTold(
        id=key.id,
        user=key.user,
        label=key.label,
        scopes=sorted(key.scopes),
        created_ns=key.created_ns,
        until_ns=key.until_ns,
        used_ns=key.used_ns,
    )
