"""A dashboard beneath a prefix of an application of somebody else's."""

import asyncio
import contextlib
import socket

import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI

from crossdock.app.paths import user_folders
from crossdock.app.registry import Registry
from crossdock.app.settings import load_settings
from crossdock.web.application import create_application
from crossdock.web.identity.ways.links import Purpose

FLAG = "/api/v1/flags/paper_only"


@contextlib.asynccontextmanager
async def served(application):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(application, log_config=None, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve([listener]))
        while not server.started:
            await asyncio.sleep(0)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running


def mounted(folder, key, *, has_lifespan):
    environment = {"HOME": str(folder)}
    overrides = [
        f"dashboard.secret_key={key}",
        f"dashboard.database={folder / 'dashboard.sqlite'}",
        f"desk.control={folder / 'desk.sock'}",
    ]
    dashboard = create_application(
        load_settings(
            None,
            environment=environment,
            overrides=overrides,
            registry=Registry(lambda _group: []),
            folders=user_folders(environment),
        ),
        hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
    )
    lifespan = (lambda _: dashboard.running()) if has_lifespan else None
    outer = FastAPI(lifespan=lifespan)
    outer.mount("/ours/desk", dashboard)
    outer.add_api_route("/", lambda: "theirs")
    return outer, dashboard


async def test_beneath_a_prefix_all_of_it_works_and_stays_there(desk, folder, person, key):
    outer, dashboard = mounted(folder, key, has_lifespan=True)
    async with served(outer) as url:
        identity = dashboard.dashboard.identity
        link = f"#{await identity.links.make(Purpose.SET_UP)}"
        ada = await person(f"{url}/ours/desk")
        assert (await ada.enter(link))[0] == 200
        (cookie,) = ada.session.cookie_jar
        assert (cookie["path"], cookie["httponly"]) == ("/ours/desk", True)
        assert await ada.get("/", url=url) == (200, "theirs")
        await ada.listen("flags", url=url, path="ours/desk/socket.io")
        await ada.until(paper_only=False)
        status, told = await ada.post(FLAG, method="PUT", value=True)
        assert (status, told[1]["value"]) == (200, True)
        desk.push()
        await ada.until(paper_only=True)
        assert (await ada.get("/api/v1/flags", url=url))[0] == 404
        stranger = await person(f"{url}/ours/desk")
        assert (await stranger.get("/api/v1/flags"))[0] == 401
        broken = stranger.session.put(f"{stranger.url}{FLAG}", data=b"{")
        async with broken as reply:
            assert reply.status == 401
        await ada.io.disconnect()


async def test_where_no_lifespan_tells_it_to_begin_the_first_request_does(
    desk, folder, person, key
):
    outer, dashboard = mounted(folder, key, has_lifespan=False)
    async with served(outer) as url:
        ada = await person(f"{url}/ours/desk")
        assert (await ada.get("/health"))[1]["desk"] == "ok"
    async with dashboard.running():
        """Leaving ends what the first request began."""
