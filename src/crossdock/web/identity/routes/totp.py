"""Codes from an authenticator app: to begin with them, and to end them."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from crossdock.web.dashboard import dashboard_of
from crossdock.web.identity.access import Access, Caller, access
from crossdock.web.identity.routes.session import require_person
from crossdock.web.problems import Problem
from crossdock.web.proxies import client_address

router = APIRouter(prefix="/api/v1/session/totp", tags=["session"])


class NewCode(BaseModel):
    """A secret to scan or to type. It is asked for only once a code of it was sent back."""

    secret: str
    address: str = Field(description="What the QR code says: otpauth://…")
    svg: str


class Proof(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    secret: str = Field("", max_length=128, description="Empty ends the codes.")
    code: str = Field(min_length=6, max_length=16)


@router.get("")
async def new_secret(
    request: Request, caller: Annotated[Caller, access(Access.VIEW)]
) -> NewCode:
    """Make a secret. Nothing is kept until POST proves that an app has it."""
    require_person(caller)
    made = dashboard_of(request).identity.codes.new_secret(caller.name)
    return NewCode(secret=made.secret, address=made.address, svg=made.svg)


@router.post("")
async def keep_secret(
    request: Request, given: Proof, caller: Annotated[Caller, access(Access.VIEW)]
) -> dict[str, bool]:
    """Begin to ask for codes at sign-in; with one of the old secret, change or end them."""
    require_person(caller)
    identity = dashboard_of(request).identity
    address = client_address(request.scope)
    await identity.attempts.begin(user=caller.name, address=address)
    has_totp = identity.users.require(caller.name).has_totp
    if has_totp and not given.secret:
        if not identity.codes.check(caller.name, given.code):
            raise Problem(422, "wrong-code", "the code is wrong, or was used already")
        identity.users.set_totp(caller.name, "")
    elif has_totp:
        raise Problem(409, "totp-set", "codes are asked for already", hint="end them first")
    else:
        identity.codes.keep(caller.name, given.secret, given.code)
    await identity.attempts.succeeded(user=caller.name, address=address)
    return {"has_totp": bool(given.secret)}
