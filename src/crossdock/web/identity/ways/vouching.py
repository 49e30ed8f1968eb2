"""People somebody else vouches for: an OpenID provider, a proxy, a function of one's own."""

from __future__ import annotations

from crossdock.app.settings import DashboardSettings
from crossdock.web.identity.roles import Role
from crossdock.web.identity.users import NAME, Source, User, Users
from crossdock.web.problems import Problem


class Vouching:
    def __init__(self, settings: DashboardSettings, users: Users) -> None:
        self._users = users
        self._new_users = settings.new_users

    def user(
        self, name: str, source: Source, *, role: Role | None = None, subject: str = ""
    ) -> User:
        """Return whom they vouch for; make the user where the settings allow it.

        A name belongs to one source, and at that to the first `subject` who comes by it:
        otherwise whoever may choose a name elsewhere could become somebody here.
        Raises Problem 403.
        """
        found = self._users.get(name)
        if found is None:
            found = self._new(name, source, role)
        if found.source is not source:
            raise _refused(f"{name} does not sign in this way")
        if subject and not self._users.bind_subject(name, subject):
            raise _refused(f"{name} is somebody else there than before")
        if role is not None and role is not found.role:
            found = self._users.set_role(name, role)
        return found

    def _new(self, name: str, source: Source, role: Role | None) -> User:
        if role is None and self._new_users == "refuse":
            raise _refused(f"{name} is not known here")
        if not NAME.fullmatch(name):
            raise _refused("what they call you cannot be a user's name here")
        return self._users.add(name, role or Role(self._new_users), source)


def _refused(words: str) -> Problem:
    return Problem(
        403, "not-welcome", words, hint="an administrator adds users on the page Settings"
    )
