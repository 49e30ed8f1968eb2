import contextlib
from dataclasses import dataclass, field

import pytest
from aiohttp import TraceConfig
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from crossdock.app.paths import user_folders
from crossdock.app.registry import Registry
from crossdock.app.settings import load_settings
from crossdock.errors import DeskError
from crossdock.web.application import create_application
from crossdock.web.health import health_part
from crossdock.web.identity.roles import Role
from crossdock.web.identity.routes import identity_part
from crossdock.web.identity.users import Source
from crossdock.web.link import DeskLink
from crossdock.web.link.address import DeskAddress

PASSWORD = "correct horse battery"
KEY = "a secret key of more than thirty-two characters"
HERE = "http://127.0.0.1:5000"
SECOND_NS = 1_000_000_000


@dataclass
class Clock:
    ns: int = 1_763_700_000 * SECOND_NS

    def __call__(self):
        return self.ns

    def pass_s(self, seconds):
        self.ns += int(seconds * SECOND_NS)


class AwayLink(DeskLink):
    """A desk that is not there; what was asked of it is kept."""

    def __init__(self, folder):
        super().__init__(DeskAddress(path=folder / "no.sock"))
        self.asked = []

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        return None

    async def ask(self, op, /, **args):
        self.asked.append((op, args))
        raise DeskError("no desk answers", code="desk-not-running", hint="start one")


@dataclass
class Site:
    """A dashboard without a desk, and browsers that go to it."""

    folder: object
    overrides: tuple = ()
    environment: dict = field(default_factory=dict)
    made_of: object = (identity_part, health_part)

    def __post_init__(self):
        self.clock = Clock()
        environment = {"HOME": str(self.folder), **self.environment}
        self.settings = load_settings(
            None,
            environment=environment,
            overrides=[
                f"dashboard.secret_key={KEY}",
                f"dashboard.database={self.folder / 'dashboard.sqlite'}",
                *self.overrides,
            ],
            registry=Registry(lambda _group: []),
            folders=user_folders(environment),
        )
        self.application = create_application(
            self.settings,
            link=AwayLink(self.folder),
            now_ns=self.clock,
            hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
            made_of=self.made_of,
        )
        self.identity = self.application.dashboard.identity

    def browser(self, **how):
        return TestClient(
            self.application,
            base_url=how.pop("base_url", HERE),
            raise_server_exceptions=False,
            **how,
        )

    def add(self, name, role=Role.VIEWER, source=Source.PASSWORD, password=PASSWORD):
        hashed = self.identity.passwords._hasher.hash(password) if password else ""
        return self.identity.users.add(name, role, source, password=hashed)

    def sign_in(self, browser, name, password=PASSWORD, **more):
        """Sign in; return the answer. Later writes of this browser carry its token."""
        reply = browser.post(
            "/api/v1/session/sign-in", json={"user": name, "password": password, **more}
        )
        if reply.status_code == 200:
            browser.headers["X-CSRF-Token"] = reply.json()["csrf_token"]
        return reply


@pytest.fixture
def site(tmp_path):
    """Make a dashboard, with `--set` overrides."""
    with contextlib.ExitStack() as stack:

        def make(*overrides, **how):
            begun = how.pop("begun", True)
            made = Site(tmp_path, overrides, **how)
            if begun:
                stack.enter_context(made.browser())  # its lifespan
            return made

        yield make


@pytest.fixture
def whole_replies():
    """Options of a ClientSession that reads every reply to its end.

    Engine.IO's client leaves the replies to its polling unread; their connections would
    complain when they are collected, in whatever test runs then.
    """

    async def read(_session, _context, ended):
        if ended.response.status != 101:
            await ended.response.read()

    trace = TraceConfig()
    trace.on_request_end.append(read)
    return {"trace_configs": [trace]}
