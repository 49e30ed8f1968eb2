import asyncio
import contextlib
import socket
import time
from types import SimpleNamespace

import pytest
import socketio
import uvicorn
from aiohttp import ClientSession
from argon2 import PasswordHasher

from crossdock.app.paths import user_folders
from crossdock.app.registry import Registry
from crossdock.app.settings import load_settings
from crossdock.errors import DeskError
from crossdock.web.application import create_application
from crossdock.web.identity.roles import Access, Role
from crossdock.web.identity.routes import identity_part
from crossdock.web.identity.users import Source
from crossdock.web.link import DeskLink
from crossdock.web.link.address import DeskAddress
from crossdock.web.link.watching import Change
from crossdock.web.push.part import push_part

KEY = "a secret key of more than thirty-two characters"


class SpeakingDesk(DeskLink):
    """A desk that says what the test says, and keeps what it was asked."""

    def __init__(self, folder):
        super().__init__(DeskAddress(path=folder / "no.sock"))
        self.asked = []
        self.answers = {}

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        return None

    async def ask(self, op, /, **args):
        self.asked.append((op, args))
        if op not in self.answers:
            raise DeskError("no desk answers", code="desk-not-running", hint="start one")
        answer = self.answers[op]
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def topics(self):
        return self._watchers.topics

    def say(self, topic, data, kind="change", at=1):
        self._watchers.take(Change(topic=topic, seq=0, at=at, kind=kind, data=data))


class Site:
    """A dashboard on a port of this machine."""

    def __init__(
        self,
        folder,
        overrides=(),
        made_of=(identity_part, push_part),
        now_ns=time.time_ns,
    ):
        environment = {"HOME": str(folder)}
        self.desk = SpeakingDesk(folder)
        self.application = create_application(
            load_settings(
                None,
                environment=environment,
                overrides=[
                    f"dashboard.secret_key={KEY}",
                    f"dashboard.database={folder / 'dashboard.sqlite'}",
                    *overrides,
                ],
                registry=Registry(lambda _group: []),
                folders=user_folders(environment),
            ),
            link=self.desk,
            now_ns=now_ns,
            hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
            made_of=made_of,
        )
        self.identity = self.application.dashboard.identity
        self.push = next(
            part.running.push
            for part in self.application._parts
            if hasattr(part.running, "push")
        )

    @contextlib.asynccontextmanager
    async def serving(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            server = uvicorn.Server(
                uvicorn.Config(
                    self.application,
                    log_config=None,
                    proxy_headers=False,
                    timeout_graceful_shutdown=1,
                )
            )
            running = asyncio.create_task(server.serve([listener]))
            while not server.started:
                await asyncio.sleep(0)
            try:
                yield self
            finally:
                server.should_exit = True
                await running

    def key(self, name="ann", role=Role.TRADER, scopes=(Access.VIEW, Access.TRADE)):
        """Return an API key of a user, who is made where there is none."""
        if self.identity.users.get(name) is None:
            self.identity.users.add(name, role, Source.PASSWORD, password="")
        return self.identity.keys.make(name, "test", scopes, 1)[0]

    async def cookie(self, name="ann", role=Role.TRADER):
        """Return a cookie header of a session that has begun."""
        user = self.identity.users.get(name) or self.identity.users.add(
            name, role, Source.PASSWORD, password=""
        )
        session = await self.identity.sessions.begin(user)
        return f"{self.identity.gatekeeper.cookie}={session.token}"

    async def person(self, name="ann", role=Role.TRADER):
        """Return the headers that the web app sends of somebody who is signed in."""
        cookie = await self.cookie(name, role)
        csrf = self.identity.sessions.csrf_token(cookie.partition("=")[2])
        return {"Cookie": cookie, "X-CSRF-Token": csrf}


class Listener:
    """A Socket.IO client that keeps all it hears."""

    def __init__(self, **options):
        # Ours, so that it is closed whatever became of it.
        self.http = ClientSession(**options)
        self.io = socketio.AsyncClient(reconnection=False, http_session=self.http)
        self.heard = []
        self._news = asyncio.Condition()
        self.io.on("*", self._hear)

    async def _hear(self, event, message):
        async with self._news:
            self.heard.append((event, message))
            self._news.notify_all()

    async def connect(self, site, **how):
        how.setdefault("transports", ["websocket"])
        await self.io.connect(site.url, **how)
        return self

    async def subscribe(self, *rooms, **more):
        return await self.io.call("subscribe", {"rooms": list(rooms), **more})

    async def until(self, count, of=None):
        """Return what was heard, once there is so much of it."""

        def wanted():
            return [it for it in self.heard if of is None or it[1]["topic"] == of]

        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(lambda: len(wanted()) >= count)
        return wanted()


@pytest.fixture
def site(tmp_path):
    """Make dashboards of one database, which the test itself serves."""
    return lambda *overrides, **how: Site(tmp_path, overrides, **how)


@pytest.fixture
async def serve(site):
    """Serve dashboards until the test ends."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(*overrides, **how):
            return await stack.enter_async_context(site(*overrides, **how).serving())

        yield make


@pytest.fixture
async def listen(whole_replies):
    """Connect clients, which leave when the test ends."""
    listeners = []

    async def make(site, **how):
        made = Listener(**whole_replies)
        listeners.append(made)
        if "auth" not in how and "headers" not in how:
            how["auth"] = {"token": site.key()}
        return await made.connect(site, **how)

    yield make
    for each in listeners:
        await each.io.disconnect()
        await each.io.shutdown()
        if each.io.eio.ws is not None:  # of one that was refused
            await each.io.eio.ws.close()
        await each.http.close()


@pytest.fixture
def row():
    return SimpleNamespace(
        book=lambda symbol, bid: {"instrument": symbol, "bid": bid, "ready": True}
    )
