"""A desk's control server, and dashboards in processes of their own that ask it."""

import asyncio
import contextlib
import importlib.util
import json
import os
import signal
import sys
import tempfile
from pathlib import Path

import pytest
import socketio
from aiohttp import ClientSession, CookieJar

from crossdock.app.doors.control.control import ControlServer

PASSWORD = "correct horse battery"
KEY = "a secret key of more than thirty-two characters"
PATIENCE_S = 60  # before something is said to hang


class Desk:
    """What stands behind a control socket: flags that can be set, and what is pushed."""

    def __init__(self):
        self.flags = {"trading": True, "paper_only": False}
        self.asked = []
        self.watchers = []

    def operations(self):
        return {"status": self.status, "flags": self.told, "set_flag": self.set_flag}

    def status(self):
        return {"desk": "demo", "state": "ready"}

    def told(self):
        return self.flags

    def set_flag(self, **args):
        self.asked.append(args)
        self.flags[args["name"]] = args["value"]
        return self.flags

    async def watch(self, reader, writer, args):
        watcher = [writer, set()]
        self.watchers.append(watcher)
        try:
            topics = args["topics"]
            while True:
                for topic in set(topics) - watcher[1]:
                    self._say(writer, topic, "snapshot")
                watcher[1] = set(topics)
                if not (line := await reader.readline()):
                    return
                topics = json.loads(line)["topics"]
        finally:
            self.watchers.remove(watcher)

    def push(self, **flags):
        """Change flags as the desk itself would, and tell whoever watches."""
        self.flags |= flags
        for writer, topics in self.watchers:
            if "flags" in topics:
                self._say(writer, "flags", "change")

    def hang_up(self):
        for writer, _ in self.watchers:
            writer.transport.abort()

    def _say(self, writer, topic, kind):
        if topic == "flags":  # of all else this desk knows nothing
            said = {"topic": topic, "seq": 1, "kind": kind, "at": 1, "data": self.flags}
            writer.write(json.dumps(said).encode() + b"\n")


class Dashboard:
    """`crossdock dashboard` in a process. `url` and `link` are what it printed."""

    def __init__(self, process, told):
        self.process = process
        self.url = told["url"]
        self.link = told["link"]

    async def end(self, number=signal.SIGTERM):
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await self.process.wait()


class Person:
    """A browser without pictures: cookies, the token of its session, and a socket."""

    def __init__(self, url, session):
        self.url = url
        self.session = session
        self.headers = {}
        self.io = None
        self.heard = asyncio.Queue()

    async def post(self, path, url=None, method="POST", **body):
        asked = self.session.request(
            method, (url or self.url) + path, json=body, headers=self.headers, ssl=False
        )
        async with asked as reply:
            told = await reply.json()
            if isinstance(told, dict) and told.get("csrf_token"):
                self.headers = {"X-CSRF-Token": told["csrf_token"]}
            return reply.status, told

    async def get(self, path, url=None):
        async with self.session.get((url or self.url) + path, ssl=False) as reply:
            return reply.status, await reply.json()

    async def enter(self, link):
        """Become the first administrator by the link of the first start."""
        token = link.partition("#")[2]
        given = {"token": token, "user": "ada", "password": PASSWORD}
        return await self.post("/api/v1/session/set-up", **given)

    async def listen(self, *rooms, url=None, path="socket.io", transports=("websocket",)):
        """Open a socket with nothing but the cookie, and hear these rooms."""
        self.io = socketio.AsyncClient(http_session=self.session, ssl_verify=False)
        self.io.on("*", self._hear)

        async def subscribe():
            await self.io.emit("subscribe", {"rooms": list(rooms)})

        self.io.on("connect", subscribe)
        await self.io.connect(
            url or self.url, transports=list(transports), socketio_path=path
        )

    async def _hear(self, _event, message):
        await self.heard.put(message)

    async def until(self, **data):
        """Wait until flags are told to be so."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message = await self.heard.get()
                if data.items() <= dict(message["data"]).items():
                    return message


@pytest.fixture
def key():
    return KEY


@pytest.fixture
def valkey():
    spec = importlib.util.spec_from_file_location(
        "valkey_server", Path(__file__).parents[1] / "valkey.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.running_valkey() as url:
        yield url


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="xd-") as made:
        yield Path(made)


@pytest.fixture
async def desk(folder):
    made = Desk()
    streams = {"watch": made.watch}
    async with ControlServer(folder / "desk.sock", made.operations(), streams):
        yield made


@pytest.fixture
async def serve(folder):
    """Start dashboards over one database; they end with the test."""
    file = folder / "settings.toml"
    file.write_text(
        f'[desk]\njournal = "journal"\ncontrol = "{folder}/desk.sock"\nlog_folder = "logs"\n'
        f'[dashboard]\nport = 0\nsecret_key = "{KEY}"\n'
    )
    file.chmod(0o600)
    started = []

    async def start(*overrides):
        chosen = [part for each in overrides for part in ("--set", each)]
        said = folder / f"said-{len(started)}"
        with said.open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "crossdock", "--settings", file, *chosen),
                *("dashboard", "--json"),
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                env={**os.environ, "CROSSDOCK_HOME": str(folder)},
            )
        started.append(process)
        told = b""
        while not told.rstrip().endswith(b"}"):
            line = await process.stdout.readline()
            assert line, said.read_text()
            told += line
        return Dashboard(process, json.loads(told))

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture
async def person(whole_replies):
    """Make people, each with cookies of their own."""
    async with contextlib.AsyncExitStack() as stack:
        made = []

        async def make(url):
            jar = CookieJar(unsafe=True)  # addresses, not names
            session = await stack.enter_async_context(
                ClientSession(cookie_jar=jar, **whole_replies)
            )
            made.append(Person(url, session))
            return made[-1]

        yield make
        for each in made:
            if each.io is not None:
                await each.io.eio.disconnect(abort=True)  # else a poll is waited for
                await each.io.shutdown()
