"""Signing in and out, and who one is."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from crossdock.web.dashboard import Dashboard, dashboard_of
from crossdock.web.identity.access import Access, Caller, access, public
from crossdock.web.identity.gatekeeper import bearer_of, require_private
from crossdock.web.identity.roles import Role
from crossdock.web.identity.users import Source, User
from crossdock.web.identity.ways.links import Purpose
from crossdock.web.problems import Problem
from crossdock.web.proxies import client_address

router = APIRouter(prefix="/api/v1/session", tags=["session"])

Name = Annotated[str, Field(min_length=1, max_length=64)]
Password = Annotated[str, Field(min_length=1, max_length=256)]
Token = Annotated[str, Field(min_length=1, max_length=128)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class SignIn(_Shape):
    user: Name
    password: Password
    code: str | None = Field(None, max_length=16, description="From an authenticator app.")


class SetUp(_Shape):
    token: Token
    user: str = Field("", max_length=64, description="For the first administrator.")
    password: Password


class OneTimeLink(_Shape):
    token: Token


class NewPassword(_Shape):
    old: Password
    new: Password


class SessionTold(BaseModel):
    """Who is signed in, and how one may be. `csrf_token` goes with every write."""

    user: str | None
    role: Role | None
    csrf_token: str | None
    has_totp: bool
    has_password: bool
    is_new: bool = Field(description="Nobody is a user yet: the set-up link is awaited.")
    ways: list[str] = Field(description="Ways to sign in: password, oidc, proxy.")
    version: str
    mode: str
    desk: str
    environment: str
    instance: str


@router.get("", dependencies=[public()])
async def session(request: Request, response: Response) -> SessionTold:
    """Tell who is signed in; nobody is no error. Begins a session for a trusted proxy's user."""
    dashboard = dashboard_of(request)
    identity = dashboard.identity
    if bearer_of(request) is not None:
        caller = await identity.gatekeeper.caller(request)
        user = identity.users.get(caller.name) if caller else None
        return _told(dashboard, user, "")
    found = await identity.gatekeeper.session(request)
    if found is None and (vouched := identity.gatekeeper.vouched_user(request)):
        found = await identity.sessions.begin(vouched)
        identity.gatekeeper.set_cookie(request, response, found.token)
    if found is None:
        return _told(dashboard, None, "")
    return _told(dashboard, found.user, found.token)


@router.post("/sign-in", dependencies=[public()])
async def sign_in(request: Request, given: SignIn) -> JSONResponse:
    """Sign in by password, and by a code where one is asked for."""
    require_private(request)
    dashboard = dashboard_of(request)
    identity = dashboard.identity
    address = client_address(request.scope)
    await identity.attempts.begin(user=given.user, address=address)
    user = await _proven(dashboard, given)
    if user.has_totp:
        _check_code(dashboard, user, given.code)
    await identity.attempts.succeeded(user=given.user, address=address)
    return await _signed_in(request, user)


async def _proven(dashboard: Dashboard, given: SignIn) -> User:
    identity = dashboard.identity
    if identity.authenticator is not None:
        role = await identity.authenticator(given.user, given.password)
        if role is not None:
            return identity.vouching.user(given.user, Source.OWN, role=role)
    if dashboard.settings.dashboard.password_sign_in:
        known = identity.users.password_of(given.user)
        if await identity.passwords.matches(known, given.password):
            if identity.passwords.is_outdated(known):
                newer = await identity.passwords.hash(given.password)
                identity.users.rehash(given.user, newer)
            return identity.users.require(given.user)
    raise Problem(401, "wrong-password", "user or password is wrong")


def _check_code(dashboard: Dashboard, user: User, code: str | None) -> None:
    if not code:
        raise Problem(401, "code-needed", "the code of the authenticator app is asked for")
    if not dashboard.identity.codes.check(user.name, code):
        raise Problem(
            401,
            "wrong-code",
            "the code is wrong, or was used already",
            hint="wait for the next one",
        )


@router.post("/sign-out")
async def sign_out(
    request: Request, caller: Annotated[Caller, access(Access.VIEW)]
) -> JSONResponse:
    """End this session."""
    identity = dashboard_of(request).identity
    await identity.sessions.end(caller.session)
    reply = JSONResponse({"signed_out": True})
    identity.gatekeeper.drop_cookie(request, reply)
    return reply


@router.post("/sign-out-everywhere")
async def sign_out_everywhere(
    request: Request, caller: Annotated[Caller, access(Access.VIEW)]
) -> JSONResponse:
    """End every session of whoever asks, on every device."""
    require_person(caller)
    identity = dashboard_of(request).identity
    identity.users.end_sessions(caller.name)
    reply = JSONResponse({"signed_out": True})
    identity.gatekeeper.drop_cookie(request, reply)
    return reply


@router.post("/set-up", dependencies=[public()])
async def set_up(request: Request, given: SetUp) -> JSONResponse:
    """Choose a password by a one-time link; by the first one, become the administrator."""
    require_private(request)
    identity = dashboard_of(request).identity
    meant = await identity.links.look(given.token)
    name = meant.user or given.user
    hashed = await identity.passwords.hash(given.password, name)
    if meant.purpose is Purpose.SET_UP:
        # Made before the link is spent: a name that cannot be one costs no new link.
        user = identity.users.add(
            name, Role.ADMIN, Source.PASSWORD, password=hashed, first=True
        )
        await identity.links.use(given.token, Purpose.SET_UP)
    else:
        await identity.links.use(given.token, Purpose.PASSWORD)
        identity.users.set_password(name, hashed)
        user = identity.users.require(name)
    if user.has_totp:
        return JSONResponse({"user": user.name, "signed_in": False})
    return await _signed_in(request, user)


@router.post("/token", dependencies=[public()])
async def token(request: Request, given: OneTimeLink) -> JSONResponse:
    """Sign in by a one-time link."""
    require_private(request)
    identity = dashboard_of(request).identity
    meant = await identity.links.use(given.token, Purpose.SIGN_IN)
    return await _signed_in(request, identity.users.require(meant.user))


@router.post("/password")
async def change_password(
    request: Request, given: NewPassword, caller: Annotated[Caller, access(Access.VIEW)]
) -> JSONResponse:
    """Change one's own password. Every other session of this user ends."""
    require_person(caller)
    identity = dashboard_of(request).identity
    address = client_address(request.scope)
    await identity.attempts.begin(user=caller.name, address=address)
    known = identity.users.password_of(caller.name)
    if not await identity.passwords.matches(known, given.old):
        raise Problem(403, "wrong-password", "the old password is wrong")
    await identity.attempts.succeeded(user=caller.name, address=address)
    hashed = await identity.passwords.hash(given.new, caller.name)
    identity.users.set_password(caller.name, hashed)
    return await _signed_in(request, identity.users.require(caller.name))


def require_person(caller: Caller) -> None:
    """Raise Problem 403 for an API key where only a person who is signed in will do."""
    if not caller.session:
        raise Problem(403, "person-needed", "this is done by a person who is signed in")


async def _signed_in(request: Request, user: User) -> JSONResponse:
    dashboard = dashboard_of(request)
    identity = dashboard.identity
    made = await identity.sessions.begin(user)
    reply = JSONResponse(_told(dashboard, made.user, made.token).model_dump(mode="json"))
    identity.gatekeeper.set_cookie(request, reply, made.token)
    return reply


def _told(dashboard: Dashboard, user: User | None, token: str) -> SessionTold:
    import crossdock

    chosen = dashboard.settings.dashboard
    ways = ["password"] if chosen.password_sign_in or chosen.authenticator else []
    ways += ["oidc"] if chosen.oidc_issuer else []
    ways += ["proxy"] if chosen.trusted_proxy_header else []
    desk = dashboard.settings.desk
    is_known = user is not None
    told: dict[str, Any] = {
        "user": user.name if user else None,
        "role": user.role if user else None,
        "csrf_token": dashboard.identity.sessions.csrf_token(token) if token else None,
        "has_totp": bool(user and user.has_totp),
        "has_password": bool(user and user.has_password),
        "is_new": dashboard.identity.users.is_empty(),
        "ways": ways,
        # What is installed here is nobody's business before they are let in.
        "version": crossdock.__version__ if is_known else "",
        "mode": str(desk.mode) if is_known else "",
        "desk": desk.name if is_known else "",
        "environment": chosen.environment if is_known else "",
        "instance": dashboard.instance_id if is_known else "",
    }
    return SessionTold(**told)
