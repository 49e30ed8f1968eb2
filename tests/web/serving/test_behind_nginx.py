"""Two instances behind the nginx configuration that is shipped, sharing one Valkey."""

import asyncio
import importlib.util
import re
import signal
from pathlib import Path

import pytest

from crossdock.web.body_limit import MOST_BYTES

SPEC = importlib.util.spec_from_file_location("nginx", Path(__file__).with_name("nginx.py"))
nginx = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(nginx)

PASSWORD = "correct horse battery"
MOST_SIGN_INS = 60  # all of them at one of two: that chance is none
FLAG = "/api/v1/flags/paper_only"


@pytest.fixture
async def instances(serve, valkey):
    chosen = f"dashboard.redis_url={valkey}", "dashboard.trusted_proxies=127.0.0.1"
    together = [serve(*chosen, f"dashboard.instance_id=number-{n}") for n in (1, 2)]
    return await asyncio.gather(*together)


@pytest.fixture
async def proxy(instances, folder, request):
    if (binary := nginx.found()) is None:
        pytest.skip("no nginx on PATH, nor in CROSSDOCK_NGINX")
    upstreams = [each.url.removeprefix("http://") for each in instances]
    place, is_private = folder / "nginx", request.param == "tls"
    async with nginx.running(binary, upstreams, place, is_private=is_private) as url:
        yield url


async def enter(person, url, instances):
    """Sign the first administrator in, by whichever link was printed last."""
    ada = await person(url)
    for each in instances:
        status, told = await ada.enter(each.link)
        if status == 200:
            return ada, told["instance"]
    raise AssertionError(told)


async def instance_of(whom):
    return (await whom.get("/api/v1/session"))[1]["instance"]


@pytest.mark.parametrize("proxy", ["tls"], indirect=True)
async def test_one_signs_in_at_one_and_goes_on_at_the_other(desk, instances, proxy, person):
    one, other = instances
    ada, _ = await enter(person, proxy, instances)
    # The session chooses the instance, neither the connection nor the address.
    seen = set()
    for _ in range(MOST_SIGN_INS):
        given = {"user": "ada", "password": PASSWORD}
        assert (await ada.post("/api/v1/session/sign-in", **given))[0] == 200
        stays = {await instance_of(ada) for _ in range(4)}
        assert len(stays) == 1
        seen |= stays
        if len(seen) == len(instances):
            break
    assert len(seen) == len(instances)

    (cookie,) = ada.session.cookie_jar
    assert (cookie["secure"], cookie["httponly"]) == (True, True)

    # Signed in through the proxy, writing straight at each instance.
    direct = await person(one.url)
    direct.headers = ada.headers
    direct.session.headers["Cookie"] = f"{cookie.key}={cookie.value}"
    for each, value in ((one, True), (other, False)):
        status, told = await direct.post(FLAG, url=each.url, method="PUT", value=value)
        assert (status, told[1]["value"]) == (200, value)
    assert [each["by"] for each in desk.asked] == ["ada", "ada"]

    # Of a write that is repeated at the other instance, the answer is the first one's.
    repeated = {"Idempotency-Key": "once", **ada.headers}
    direct.headers = repeated
    for each in instances:
        status, _ = await direct.post(FLAG, url=each.url, method="PUT", value=True)
        assert status == 200
    assert len(desk.asked) == 3
    direct.headers = ada.headers

    # Pushed through both, and through the proxy by each transport.
    listeners = {}
    for name, url, transports in (
        ("first", one.url, ["websocket"]),
        ("second", other.url, ["websocket"]),
    ):
        listener = listeners[name] = await person(url)
        listener.session.headers["Cookie"] = f"{cookie.key}={cookie.value}"
        await listener.listen("flags", transports=transports)
    for transports in (["websocket"], ["polling"], ["polling", "websocket"]):
        listener = listeners[tuple(transports)] = await person(proxy)
        listener.session.headers["Cookie"] = f"{cookie.key}={cookie.value}"
        await listener.listen("flags", transports=transports)
    for listener in listeners.values():
        await listener.until(paper_only=True)
    desk.push(paper_only=False, trading=False)
    for listener in listeners.values():
        await listener.until(paper_only=False, trading=False)

    # Whoever signs out at one is out at both.
    assert (await direct.post("/api/v1/session/sign-out", url=other.url))[0] == 200
    for each in (one.url, other.url, proxy):
        assert (await direct.get("/api/v1/flags", url=each))[0] == 401


@pytest.mark.parametrize("proxy", ["plain"], indirect=True)
async def test_when_one_instance_is_killed_its_clients_go_on_at_the_other(
    desk, instances, proxy, person
):
    ada, _ = await enter(person, proxy, instances)
    chosen = await instance_of(ada)
    await ada.listen("flags", transports=["polling", "websocket"])
    await ada.until(paper_only=False)
    dies = instances[int(chosen[-1]) - 1]
    await dies.end(signal.SIGKILL)
    desk.push(paper_only=True)
    await ada.until(paper_only=True)
    assert await instance_of(ada) != chosen
    status, told = await ada.post(FLAG, method="PUT", value=False)
    assert (status, told[1]["value"]) == (200, False)


def test_what_nginx_passes_on_is_as_large_as_what_the_dashboard_takes():
    [told] = re.findall(
        r"^client_max_body_size (\d+)m;",
        (nginx.SHIPPED / "dashboard.conf").read_text(),
        re.MULTILINE,
    )
    assert int(told) << 20 == MOST_BYTES
