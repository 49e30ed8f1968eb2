"""Routes of sign-in, users and keys, and `/health`, which alone needs neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossdock.web.identity.routes import keys, oidc, session, totp, users

if TYPE_CHECKING:
    from crossdock.web.dashboard import Dashboard
    from crossdock.web.parts import Part


def identity_part(dashboard: Dashboard) -> Part:
    from crossdock.web.parts import Part

    return Part(
        routers=[
            session.router,
            totp.router,
            *([oidc.router] if dashboard.settings.dashboard.oidc_issuer else []),
            users.router,
            keys.router,
        ]
    )
