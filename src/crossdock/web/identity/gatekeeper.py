"""Finds out who asks: by session cookie, API key, or a trusted proxy's word."""

from __future__ import annotations

import hmac

from starlette.requests import HTTPConnection
from starlette.responses import Response

from crossdock.app.settings import DashboardSettings
from crossdock.web.identity.keys import ApiKeys
from crossdock.web.identity.roles import Caller
from crossdock.web.identity.sealing import Seal
from crossdock.web.identity.sessions import Session, Sessions
from crossdock.web.identity.users import Source, User, Users
from crossdock.web.identity.ways.vouching import Vouching
from crossdock.web.problems import Problem
from crossdock.web.proxies import came_by_trusted_proxy

CSRF_HEADER = "X-CSRF-Token"
_BEARER = "bearer "
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class Gatekeeper:
    def __init__(
        self,
        settings: DashboardSettings,
        seal: Seal,
        sessions: Sessions,
        keys: ApiKeys,
        users: Users,
        vouching: Vouching,
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._keys = keys
        self._users = users
        self._vouching = vouching
        # Cookies know no ports: two dashboards of one host would end each other's sessions.
        self.cookie = f"crossdock_session_{seal.signature('cookie', '')[:8]}"

    async def caller(self, connection: HTTPConnection) -> Caller | None:
        """Return who asks, None for nobody. Also of a WebSocket, by the same cookie.

        Raises Problem 401 for a key that is none, and does not look further.
        """
        bearer = bearer_of(connection)
        if bearer is not None:
            return self.caller_of_key(bearer)
        session = await self.session(connection)
        if session is None:
            return None
        user = session.user
        return Caller(name=user.name, role=user.role, session=session.token)

    def caller_of_key(self, token: str) -> Caller:
        """Return whom an API key speaks for. Raises Problem 401 for one that is none."""
        key = self._keys.find(token)
        user = None if key is None else self._users.get(key.user)
        if key is None or user is None:
            raise Problem(
                401,
                "key-refused",
                "this API key is not known, or has ended",
                hint="make a new one on the page Settings",
                headers={"WWW-Authenticate": "Bearer"},
            )
        return Caller(name=user.name, role=user.role, key=key.id, scopes=key.scopes)

    async def session(self, connection: HTTPConnection) -> Session | None:
        given = connection.cookies.get(self.cookie)
        found = await self._sessions.find(given) if given else None
        vouched = self._vouched(connection)
        if vouched is not None and (found is None or found.user.name != vouched):
            return None  # the proxy speaks of somebody else now: GET session begins anew
        return found

    def vouched_user(self, connection: HTTPConnection) -> User | None:
        """Return the user a trusted proxy has signed in, if it says so."""
        name = self._vouched(connection)
        return None if name is None else self._vouching.user(name, Source.PROXY)

    def _vouched(self, connection: HTTPConnection) -> str | None:
        header = self._settings.trusted_proxy_header
        if not header or not came_by_trusted_proxy(connection.scope):
            return None
        given = connection.headers.getlist(header)
        return given[0] if len(given) == 1 and given[0] else None

    def check_csrf(self, connection: HTTPConnection, session: str) -> None:
        """Raise Problem 403 unless a write carries the token of its own session."""
        given = connection.headers.get(CSRF_HEADER, "")
        known = self._sessions.csrf_token(session)
        if not hmac.compare_digest(given.encode(), known.encode()):
            raise Problem(
                403,
                "csrf",
                f"the header {CSRF_HEADER} is missing, or belongs to another session",
                hint="GET /api/v1/session tells it",
            )

    def set_cookie(self, connection: HTTPConnection, reply: Response, token: str) -> None:
        """Hand a session to whoever was just signed in."""
        reply.set_cookie(
            self.cookie,
            token,
            max_age=int(self._sessions.lasting_s),
            path=_path(connection),
            secure=not is_plain_here(connection),
            httponly=True,
            samesite="strict",
        )

    def drop_cookie(self, connection: HTTPConnection, reply: Response) -> None:
        reply.delete_cookie(
            self.cookie,
            path=_path(connection),
            secure=not is_plain_here(connection),
            httponly=True,
            samesite="strict",
        )


def bearer_of(connection: HTTPConnection) -> str | None:
    given = connection.headers.get("Authorization", "")
    return given[len(_BEARER) :].strip() if given.lower().startswith(_BEARER) else None


def is_plain_here(connection: HTTPConnection) -> bool:
    """Tell whether this came unencrypted, and to this machine's own name."""
    url = connection.url
    return url.scheme in ("http", "ws") and url.hostname in _HERE


def require_private(connection: HTTPConnection) -> None:
    """Raise Problem 403 where a password or a session would cross a network in the clear."""
    if connection.url.scheme in ("http", "ws") and not is_plain_here(connection):
        raise Problem(
            403,
            "https-needed",
            "this connection is not encrypted",
            hint="put TLS in front of the dashboard and name that proxy in "
            "dashboard.trusted_proxies, or open it as http://127.0.0.1 here",
        )


def _path(connection: HTTPConnection) -> str:
    return connection.scope.get("root_path", "") or "/"
