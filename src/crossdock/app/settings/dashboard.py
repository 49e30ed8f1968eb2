"""What can be set of the dashboard, and of the flags a desk starts with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from crossdock.app.settings.models import FilePath, Money, Names, Section
from crossdock.toolkit.secrets import Secret

Role = Literal["viewer", "trader", "risk", "admin"]


class DashboardSettings(Section):
    """The web dashboard and the API: a process of its own beside the desk."""

    enabled: bool = Field(
        True, description="false: `crossdock run` starts no dashboard with the desk."
    )
    host: str = Field(
        "127.0.0.1",
        min_length=1,
        description="Address it listens on. Beyond this machine, put TLS in front of it.",
    )
    port: int = Field(5000, ge=0, le=65535, description="Port; 0 takes any free one.")
    debug: bool = Field(
        False, description="true tells programming errors in full, to administrators only."
    )
    secret_key: Secret = Field(
        default=Secret(""),
        description="What sessions and kept secrets are sealed with, 32 characters or "
        "more. Empty: one is made on the first start, in a file beside the database.",
    )
    platform_url: str = Field(
        "",
        pattern=r"^(unix:.+|tcp://.+:\d+)?$",
        description="Where the desk is: unix:PATH or tcp://HOST:PORT. Empty: the control "
        "socket of this desk.",
    )
    platform_secret: Secret = Field(
        default=Secret(""),
        description="The desk's control_secret, for a platform_url that begins with tcp.",
    )
    platform_certificate: FilePath | None = Field(
        None,
        description="Certificate that a desk elsewhere must show; none: no TLS, which is "
        "for this machine alone.",
    )
    public_url: str = Field(
        "",
        pattern=r"^(https?://[^\s?#]+)?$",
        description="Address people type, where a proxy stands in front.",
    )
    instance_id: str = Field(
        "", description="Name of this instance among several. Empty: host name and port."
    )
    environment: str = Field(
        "local", min_length=1, description="What this installation is called: production."
    )
    redis_url: Secret = Field(
        default=Secret(""),
        description="Redis or Valkey that several instances share sessions and pushes by. "
        "Empty: this machine's database does.",
    )
    database: FilePath = Field(
        description="File of users, keys and sessions; a relative path starts at this file."
    )
    session_hours: int = Field(
        12, ge=1, le=24 * 30, description="After this long one signs in again."
    )
    password_sign_in: bool = Field(
        True, description="false: people sign in by oidc, proxy or authenticator alone."
    )
    oidc_issuer: str = Field(
        "",
        pattern=r"^(https?://[^\s?#]+)?$",
        description="Address of an OpenID provider to sign in with.",
    )
    oidc_client_id: str = Field("", description="What the provider knows us as.")
    oidc_client_secret: Secret = Field(
        default=Secret(""), description="The secret that belongs to it; none: PKCE alone."
    )
    oidc_scopes: Names = Field(
        ("openid", "profile", "email"), description="What the provider is asked for."
    )
    oidc_user_claim: str = Field(
        "preferred_username", description="The claim that holds the user's name."
    )
    oidc_role_claim: str = Field(
        "", description="The claim that lists groups or roles, for oidc_roles."
    )
    oidc_roles: Mapping[str, Role] = Field(
        default_factory=dict,
        description='Which of them means what here: { desk = "trader", boss = "admin" }.',
    )
    trusted_proxies: Names = Field(
        (),
        description="Addresses and networks of proxies whose X-Forwarded-For and -Proto "
        "are believed.",
    )
    trusted_proxy_header: str = Field(
        "",
        pattern=r"^([A-Za-z][A-Za-z0-9-]*)?$",
        description="Header in which a trusted proxy names the user it has signed in.",
    )
    authenticator: str = Field(
        "",
        pattern=r"^([\w.]+:\w+)?$",
        description='Your own sign-in, "package.module:function": from user and password '
        "to a role, or None.",
    )
    new_users: Literal["refuse", "viewer", "trader", "risk", "admin"] = Field(
        "refuse",
        description="What somebody becomes whom oidc, proxy or authenticator vouches for "
        "without a role, and who is not known here: refuse, or a role.",
    )


class FlagSettings(Section):
    """Flags a desk sets on every start. One that is not given stays as people left it."""

    trading: bool | None = Field(
        None, description="false refuses new orders; what reduces a position passes."
    )
    risk_override: bool | None = Field(
        None, description="true lets people change limits while the desk runs."
    )
    strategy_control: bool | None = Field(
        None, description="true lets people start, stop and set up strategies."
    )
    history: bool | None = Field(
        None, description="false hides the journal on the page Audit."
    )
    notifications: bool | None = Field(None, description="false sends no alerts.")
    paper_only: bool | None = Field(
        None, description="true takes on no new risk where real money moves."
    )
    max_order_size: Annotated[Money | None, Field(ge=0)] = Field(
        None, description="Largest value of one order, in the desk's currency."
    )

    def given(self) -> dict[str, object]:
        """Return the flags that are set here, by their names."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: value for name, value in values.items() if value is not None}


def database_of(journal: Path) -> Path:
    """Return where the users of a desk's dashboard are kept: beside its journal."""
    return journal.parent / "dashboard.sqlite"
