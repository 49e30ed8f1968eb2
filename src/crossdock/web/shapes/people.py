"""Who is signed in, users, and keys for programs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from crossdock.web.shapes._shape import Asked, Told

Role = Literal["viewer", "trader", "risk", "admin"]


class Session(Told):
    """Who asks, and what the page must know before it shows anything."""

    user: str | None = None
    role: Role | None = None
    csrf: str | None = None
    needs_set_up: bool = False
    has_oidc: bool = False
    totp_enabled: bool = False
    desk: str | None = None
    mode: str | None = None
    environment: str = ""
    instance_id: str = ""
    version: str = ""


class SignIn(Asked):
    user: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=1024, repr=False)
    code: str | None = Field(None, pattern=r"^\d{6}$", repr=False)


class SetUp(Asked):
    token: str = Field(repr=False)
    user: str = Field(pattern=r"^[a-zA-Z0-9._-]{1,64}$")
    password: str = Field(min_length=12, max_length=1024, repr=False)


class LinkToken(Asked):
    token: str = Field(repr=False)


class TotpOffer(Told):
    """A secret to scan: `svg` is the QR code of `uri`."""

    uri: str
    svg: str


class TotpCode(Asked):
    code: str = Field(pattern=r"^\d{6}$", repr=False)


class User(Told):
    name: str
    role: Role
    totp_enabled: bool = False
    created_ns: int | None = None
    last_seen_ns: int | None = None


class NewUser(Asked):
    name: str = Field(pattern=r"^[a-zA-Z0-9._-]{1,64}$")
    role: Role


class NewUserTold(Told):
    """The link by which the new user sets a password, shown once."""

    user: User
    link: str


class RoleChange(Asked):
    role: Role


class ApiKey(Told):
    id: str
    name: str
    user: str
    scopes: list[str]
    created_ns: int
    expires_ns: int | None = None
    last_used_ns: int | None = None


class NewApiKey(Asked):
    name: str = Field(min_length=1, max_length=64)
    scopes: list[Literal["view", "trade", "risk", "admin", "push"]] = Field(min_length=1)
    days: int = Field(90, ge=1, le=3650)


class NewApiKeyTold(Told):
    """The key itself is shown here and never again."""

    key: ApiKey
    token: str
