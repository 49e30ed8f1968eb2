"""Both places that short-lived values are kept in, asked the same."""

import contextlib
import importlib.util
import os
from pathlib import Path

import httpx2
import pytest

from crossdock.web.database import Database
from crossdock.web.kept import SqliteKept
from crossdock.web.kept.redis import RedisKept

_SPEC = importlib.util.spec_from_file_location(
    "valkey", Path(__file__).with_name("valkey.py")
)
_MODULE = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_MODULE)
SHORT_S = 0.001


@pytest.fixture(scope="module")
def valkey():
    with _MODULE.running_valkey() as url:
        yield url


@pytest.fixture(params=["sqlite", "redis"])
async def kept(request, tmp_path):
    if request.param == "redis":
        made = RedisKept(request.getfixturevalue("valkey"))
        await made._redis.flushall()
        yield made
        await made.close()
    else:
        database = Database(tmp_path / "kept.sqlite")
        now = iter(range(10**18, 10**19, 10**6))  # a millisecond passes with every look
        yield SqliteKept(database, lambda: next(now))
        database.close()


async def test_a_value_is_found_until_it_is_dropped(kept):
    await kept.put("a", "1", ttl_s=60)
    await kept.put("a", "2", ttl_s=60)
    assert await kept.get("a") == "2"
    await kept.drop("a")
    assert await kept.get("a") is None
    await kept.drop("a")


async def test_a_value_ends_with_its_time(kept):
    await kept.put("a", "1", ttl_s=SHORT_S)
    for _ in range(10_000):
        if await kept.get("a") is None:
            break
    else:
        raise AssertionError("it is still there")
    assert await kept.add("a", "2", ttl_s=60)


async def test_only_the_first_of_several_adds(kept):
    assert await kept.add("a", "1", ttl_s=60)
    assert not await kept.add("a", "2", ttl_s=60)
    assert await kept.get("a") == "1"


async def test_only_the_first_of_several_takes(kept):
    await kept.put("a", "1", ttl_s=60)
    assert [await kept.take("a"), await kept.take("a")] == ["1", None]


async def test_counts_begin_at_one(kept):
    assert [await kept.count("a", ttl_s=60) for _ in range(3)] == [1, 2, 3]


async def test_names_are_found_by_how_they_begin(kept):
    for name in ("a:1", "a:2", "b:1"):
        await kept.put(name, "x", ttl_s=60)
    assert sorted(await kept.names("a:")) == ["a:1", "a:2"]


async def test_it_answers_whether_it_works(kept):
    await kept.ping()


async def test_a_redis_that_is_away_is_told_without_its_password():
    made = RedisKept("redis://:hunter2@127.0.0.1:1/0")
    with pytest.raises(OSError, match="Redis fails: ConnectionError") as caught:
        await made.ping()
    assert "hunter2" not in str(caught.value)
    await made.close()


def test_the_database_is_its_owners_alone_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        database = Database(tmp_path / "folder" / "dashboard.sqlite")
        with database.writing() as cursor:
            cursor.execute("INSERT INTO kept VALUES ('a', 'b', 1)")
        for path in (tmp_path / "folder").iterdir():
            assert path.stat().st_mode & 0o077 == 0, path
        database.close()
    finally:
        os.umask(before)


def test_what_fails_in_the_middle_leaves_nothing_behind(tmp_path):
    database = Database(tmp_path / "dashboard.sqlite")
    with contextlib.suppress(ZeroDivisionError), database.writing() as cursor:
        cursor.execute("INSERT INTO kept VALUES ('a', 'b', 1)")
        raise ZeroDivisionError
    assert database.rows("SELECT * FROM kept") == []
    database.close()


async def test_two_instances_share_their_sessions_by_redis(site, valkey, tmp_path):
    """Signed in at one, known at the other, signed out at both."""
    override = f"dashboard.redis_url={valkey}"
    one, other = site(override, begun=False), site(override, begun=False)
    one.add("ada")
    here = "http://127.0.0.1:5000"
    async with one.application.running(), other.application.running():
        transport = httpx2.ASGITransport(one.application)
        async with httpx2.AsyncClient(transport=transport, base_url=here) as browser:
            given = {"user": "ada", "password": "correct horse battery"}
            signed = await browser.post("/api/v1/session/sign-in", json=given)
            csrf = signed.json()["csrf_token"]
            cookies = dict(browser.cookies)
        transport = httpx2.ASGITransport(other.application)
        async with httpx2.AsyncClient(
            transport=transport, base_url=here, cookies=cookies
        ) as browser:
            assert (await browser.get("/api/v1/session")).json()["user"] == "ada"
            out = await browser.post(
                "/api/v1/session/sign-out", headers={"X-CSRF-Token": csrf}
            )
            assert out.is_success
        assert one.identity.database.rows("SELECT * FROM kept") == []
        assert await one.identity.sessions.find(next(iter(cookies.values()))) is None
