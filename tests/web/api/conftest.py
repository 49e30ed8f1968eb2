"""A desk that trades in the sandbox, and a dashboard in front of it."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

import crossdock
from crossdock.app.demo.venues import RISK, sandbox_keys
from crossdock.app.settings import load_settings, sandbox_settings
from crossdock.web.application import create_application
from crossdock.web.identity.roles import Access, Role
from crossdock.web.identity.users import Source

PATIENCE_S = 60  # only a guard against what hangs
PASSWORD = "correct horse battery staple"
HERE = "http://127.0.0.1:5000"
FLAGS = "\n[flags]\nrisk_override = true\n"


@contextlib.contextmanager
def sandbox():
    """A sandbox of three venues in a process of its own; yields its addresses."""
    command = [sys.executable, "-m", "crossdock.sandbox", "--seed", "1"]
    with subprocess.Popen(
        [*command, "--with-parent", str(os.getpid())], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def written_settings(folder, addresses, venues, tail=""):
    chosen = {name: addresses["venues"][name] for name in venues}
    text = sandbox_settings(
        {"venues": chosen},
        sandbox_keys(chosen),
        desk={
            "journal": str(folder / "journal"),
            "control": str(folder / "desk.sock"),
            "log_folder": str(folder / "logs"),
        },
        risk={**RISK, "duplicate_window_s": "none"},
    )
    file = folder / "settings.toml"
    file.write_text(text + tail, "utf-8")
    file.chmod(0o600)
    return load_settings(file, environment={"HOME": str(folder)})


@contextlib.contextmanager
def short_folder():
    """A folder whose path leaves room for a socket's name."""
    folder = Path(tempfile.mkdtemp(prefix="xd-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Site:
    """A dashboard, and programs that ask it with keys of every access."""

    settings: object
    application: object
    browser: TestClient

    def __post_init__(self):
        identity = self.application.dashboard.identity
        self.tokens = {}
        for access in Access:
            name = f"the-{access}"
            identity.users.add(name, Role.ADMIN, Source.PASSWORD, password="")
            token, _ = identity.keys.make(name, "tests", [access], 1)
            self.tokens[access] = token

    def ask(self, method, path, access=Access.ADMIN, **how):
        """Ask with a key of this access, and a new idempotency key."""
        headers = {"Authorization": f"Bearer {self.tokens[access]}"}
        if method != "GET":
            headers["Idempotency-Key"] = uuid.uuid4().hex
        return self.browser.request(
            method, path, headers={**headers, **how.pop("headers", {})}, **how
        )

    def person(self, role):
        """Return the browser of somebody of this role who is signed in."""
        identity, name = self.application.dashboard.identity, f"ann-{uuid.uuid4().hex[:8]}"
        hashed = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        identity.users.add(name, role, Source.PASSWORD, password=hashed)
        browser = TestClient(self.application, base_url=HERE, raise_server_exceptions=False)
        browser.portal = self.browser.portal  # the loop that the application lives in
        signing_in = {"user": name, "password": PASSWORD}
        reply = browser.post("/api/v1/session/sign-in", json=signing_in)
        assert reply.status_code == 200, reply.text
        browser.headers["X-CSRF-Token"] = reply.json()["csrf_token"]
        return browser

    def get(self, path, **how):
        """Return what a route tells, which has to be told."""
        reply = self.ask("GET", path, **how)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def do(self, method, path, status=200, **how):
        reply = self.ask(method, path, **how)
        assert reply.status_code == status, reply.text
        return reply.json()

    def until(self, path, is_so):
        """Ask until something is so; return what was told then."""
        pause = threading.Event()
        for _ in range(PATIENCE_S * 20):
            told = self.get(path)
            if is_so(told):
                return told
            pause.wait(0.05)
        raise AssertionError(f"never so: {told}")


@contextlib.contextmanager
def dashboard(settings, link=None):
    application = create_application(
        settings,
        link=link,
        hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
    )
    with TestClient(application, base_url=HERE, raise_server_exceptions=False) as browser:
        yield Site(settings, application, browser)


@contextlib.contextmanager
def trading_site(addresses, venues):
    """A desk in a thread of its own, ready to trade, and a dashboard."""
    with short_folder() as folder:
        settings = written_settings(folder, addresses, venues, FLAGS)
        with crossdock.open_desk(settings), dashboard(settings) as site:
            site.until(
                "/api/v1/market/books",
                lambda books: books and all(b["ready"] for b in books),
            )
            yield site


@pytest.fixture(scope="session")
def market_home():
    """Where stored series are looked for, in place of this user's own."""
    with short_folder() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSDOCK_HOME", str(folder))
        yield folder


@pytest.fixture(scope="session")
def addresses():
    with sandbox() as found:
        yield found


@pytest.fixture(scope="session")
def site(addresses, market_home):
    """A desk at two venues; tests leave it able to trade."""
    with trading_site(addresses, ("alpha", "beta")) as made:
        yield made


@pytest.fixture(scope="module")
def own_site(market_home):
    """A desk at a venue of its own, which tests may do anything to."""
    with sandbox() as found, trading_site(found, ("alpha",)) as made:
        yield made


@pytest.fixture
def lone_site(addresses, market_home):
    """A dashboard whose desk is away, and left nothing behind."""
    with (
        short_folder() as folder,
        dashboard(written_settings(folder, addresses, ("alpha",))) as made,
    ):
        yield made


@pytest.fixture(scope="session")
def api_tools():
    """What tests put together themselves."""
    return {
        "written_settings": written_settings,
        "dashboard": dashboard,
        "short_folder": short_folder,
    }
