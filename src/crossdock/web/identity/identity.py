"""Everything about who may come in, put together."""

from __future__ import annotations

from collections.abc import Callable

from argon2 import PasswordHasher

from crossdock.app.settings import DashboardSettings
from crossdock.web.database import Database
from crossdock.web.identity.gatekeeper import Gatekeeper
from crossdock.web.identity.keys import ApiKeys
from crossdock.web.identity.sealing import Seal, kept_secret_key
from crossdock.web.identity.sessions import Sessions
from crossdock.web.identity.users import Users
from crossdock.web.identity.ways.attempts import Attempts
from crossdock.web.identity.ways.authenticators import Authenticator, authenticator_of
from crossdock.web.identity.ways.codes import Codes
from crossdock.web.identity.ways.links import Links
from crossdock.web.identity.ways.oidc import Provider
from crossdock.web.identity.ways.passwords import Passwords
from crossdock.web.identity.ways.vouching import Vouching
from crossdock.web.kept import kept_of

HOUR_S = 3600.0


class Identity:
    """Opens the database, and what is built on it. `kept`: where sessions are shared."""

    def __init__(
        self,
        settings: DashboardSettings,
        now_ns: Callable[[], int],
        *,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self.settings = settings
        given = settings.secret_key.reveal()
        self.seal = Seal(given or kept_secret_key(settings.database))
        self.database = Database(settings.database)
        self.kept = kept_of(settings, self.database, now_ns)
        self.users = Users(self.database, now_ns)
        self.keys = ApiKeys(self.database, now_ns)
        self.passwords = Passwords(hasher)
        self.codes = Codes(self.users, self.seal, now_ns)
        self.links = Links(self.kept)
        self.attempts = Attempts(self.kept, now_ns)
        self.sessions = Sessions(
            self.users, self.kept, self.seal, lasting_s=settings.session_hours * HOUR_S
        )
        self.vouching = Vouching(settings, self.users)
        self.oidc = Provider(settings, self.kept, now_ns)
        self.authenticator: Authenticator | None = authenticator_of(settings.authenticator)
        self.gatekeeper = Gatekeeper(
            settings, self.seal, self.sessions, self.keys, self.users, self.vouching
        )

    async def close(self) -> None:
        await self.kept.close()
        self.database.close()
