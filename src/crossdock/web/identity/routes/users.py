"""Users, as administrators see them."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from crossdock.web.dashboard import dashboard_of
from crossdock.web.identity.access import Access, access
from crossdock.web.identity.roles import Role
from crossdock.web.identity.users import Source, User
from crossdock.web.identity.ways.links import INVITED_S, Purpose

router = APIRouter(
    prefix="/api/v1/users", tags=["users"], dependencies=[access(Access.ADMIN)]
)
SECOND_NS = 1_000_000_000


class UserTold(BaseModel):
    name: str
    role: Role
    source: Source
    has_totp: bool
    has_password: bool
    created_ns: int
    seen_ns: int


class NewUser(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=64)
    role: Role
    source: Literal["password", "oidc", "proxy", "authenticator"] = "password"


class NewRole(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: Role


class Invited(BaseModel):
    """A user, and the one-time link by which they choose a password; none for other ways."""

    user: UserTold
    link: str | None
    link_token: str | None
    link_until_ns: int | None


@router.get("")
async def users(request: Request) -> list[UserTold]:
    return [_told(each) for each in dashboard_of(request).identity.users.all()]


@router.post("", status_code=201)
async def add_user(request: Request, given: NewUser) -> Invited:
    """Add somebody. By a one-time link, shown this once, they choose their password."""
    identity = dashboard_of(request).identity
    added = identity.users.add(given.name, given.role, Source(given.source))
    return await _invited(request, added)


@router.post("/{name}/link")
async def new_link(request: Request, name: str) -> Invited:
    """Make a new link for somebody who lost theirs, or forgot their password."""
    return await _invited(request, dashboard_of(request).identity.users.require(name))


@router.put("/{name}/role")
async def set_role(request: Request, name: str, given: NewRole) -> UserTold:
    users = dashboard_of(request).identity.users
    users.require(name)
    return _told(users.set_role(name, given.role))


@router.delete("/{name}/totp")
async def drop_totp(request: Request, name: str) -> UserTold:
    """End the codes of somebody who lost the device, and every session of theirs."""
    users = dashboard_of(request).identity.users
    users.require(name)
    users.set_totp(name, "")
    users.end_sessions(name)
    return _told(users.require(name))


@router.delete("/{name}")
async def remove_user(request: Request, name: str) -> dict[str, str]:
    """Remove somebody with their keys and links; what they did stays in the journal."""
    identity = dashboard_of(request).identity
    identity.users.remove(name)
    await identity.links.revoke(name)
    return {"removed": name}


async def _invited(request: Request, user: User) -> Invited:
    dashboard = dashboard_of(request)
    if user.source is not Source.PASSWORD:
        return Invited(user=_told(user), link=None, link_token=None, link_until_ns=None)
    token = await dashboard.identity.links.make(Purpose.PASSWORD, user.name)
    base = dashboard.settings.dashboard.public_url or str(request.base_url)
    return Invited(
        user=_told(user),
        link=f"{base.rstrip('/')}/set-up#{token}",
        link_token=token,
        link_until_ns=dashboard.now_ns() + int(INVITED_S * SECOND_NS),
    )


def _told(user: User) -> UserTold:
    return UserTold(
        name=user.name,
        role=user.role,
        source=user.source,
        has_totp=user.has_totp,
        has_password=user.has_password,
        created_ns=user.created_ns,
        seen_ns=user.seen_ns,
    )
