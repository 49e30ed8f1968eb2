"""A new one-time link from the command line's side, spent at the dashboard's."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from crossdock.app.settings import load_settings
from crossdock.errors import ConfigError
from crossdock.web.identity.roles import Role
from crossdock.web.identity.users import Source
from crossdock.web.new_link import new_link, require_own, require_same_place

SESSION = "/api/v1/session"
HERE = "http://127.0.0.1:5001"
PASSWORD = "another staple pen"


@pytest.fixture
def made(site):
    """Make a dashboard, its first user `demo` by links alone, and links by the command's way."""

    class Made:
        def __init__(self, *overrides, users=(("demo", Source.LINK),)):
            self.site = site(*overrides)
            for name, source in users:
                self.site.add(name, Role.ADMIN, source)

        async def link(self, user=""):
            settings = self.site.settings.dashboard
            return await new_link(settings, HERE, user, now_ns=self.site.clock)

        def use(self, made, **more):
            route = "token" if made.purpose == "sign-in" else "set-up"
            given = {"token": made.link.partition("#")[2], **more}
            reply = self.site.browser().post(f"{SESSION}/{route}", json=given)
            return reply.json()

    return Made


async def test_a_new_link_signs_in_once_whoever_comes_second_stays_out(made):
    dashboard = made()
    link = await dashboard.link()
    assert link.link.startswith(f"{HERE}/sign-in#")
    assert (link.purpose, link.user) == ("sign-in", "demo")
    assert dashboard.use(link)["user"] == "demo"
    refused = dashboard.use(link)
    assert refused["code"] == "link-spent"
    assert "`crossdock dashboard link`" in refused["hint"]


async def test_a_link_that_was_used_or_is_too_old_is_followed_by_a_new_one(made):
    dashboard = made()
    old = await dashboard.link()
    dashboard.site.clock.pass_s(301)
    assert dashboard.use(old)["code"] == "link-spent"
    for _ in range(2):
        assert dashboard.use(await dashboard.link())["user"] == "demo"


async def test_a_new_link_ends_the_one_before(made):
    dashboard = made()
    old, new = await dashboard.link(), await dashboard.link()
    assert dashboard.use(old)["code"] == "link-spent"
    assert dashboard.use(new)["user"] == "demo"


async def test_where_there_is_nobody_it_makes_the_first_administrator(made):
    dashboard = made(users=())
    link = await dashboard.link()
    assert (link.purpose, link.user) == ("set-up", "")
    assert dashboard.use(link, user="ada", password=PASSWORD)["role"] == "admin"


async def test_who_has_a_password_chooses_a_new_one_and_is_not_signed_in_without(made):
    dashboard = made(users=[("ada", Source.PASSWORD)])
    link = await dashboard.link()
    assert link.link.startswith(f"{HERE}/set-up#")
    assert (link.purpose, link.user) == ("password", "ada")
    token = {"token": link.link.partition("#")[2]}
    by_token = dashboard.site.browser().post(f"{SESSION}/token", json=token)
    assert by_token.json()["code"] == "link-spent"
    assert dashboard.use(link, password=PASSWORD)["user"] == "ada"
    assert dashboard.site.sign_in(dashboard.site.browser(), "ada", PASSWORD).is_success


USERS = [("ada", Source.PASSWORD), ("bob", Source.PASSWORD), ("eve", Source.OIDC)]


@pytest.mark.parametrize(
    ("users", "name", "hint"),
    [
        (USERS, "", "name one of: ada, bob"),
        (USERS, "eve", "name one of: ada, bob"),
        (USERS, "mallory", "name one of: ada, bob"),
        ([("eve", Source.OIDC)], "", "all come in by way of somebody else"),
    ],
)
async def test_nobody_is_let_in_by_guess_or_past_whoever_vouches_for_them(
    made, users, name, hint
):
    dashboard = made(users=users)
    with pytest.raises(ConfigError) as caught:
        await dashboard.link(name)
    assert (caught.value.code, caught.value.hint) == ("unknown-user", hint)


async def test_the_demos_user_is_meant_also_when_others_were_added(made):
    dashboard = made(users=[*USERS, ("demo", Source.LINK)])
    assert (await dashboard.link()).user == "demo"
    assert (await dashboard.link("BOB")).user == "bob"


async def test_where_passwords_are_off_nobody_is_set_up(made):
    dashboard = made("dashboard.password_sign_in=false", users=())
    with pytest.raises(ConfigError) as caught:
        await dashboard.link()
    assert caught.value.code == "unknown-user"


def test_a_file_is_not_made_in_another_users_folder(tmp_path):
    me, other = os.geteuid(), 65_534
    if me == 0:
        os.chown(tmp_path, other, other)
    else:
        me, other = other, me
    file = tmp_path / "data" / "dashboard.sqlite"
    with pytest.raises(ConfigError, match=f"in a folder of user {other}") as caught:
        require_own(file, me)
    assert caught.value.code == "dashboard-database"
    require_own(file, other)


@pytest.mark.parametrize(
    ("ours", "theirs", "hint"),
    [
        ("", "redis", "CROSSDOCK_DASHBOARD_REDIS_URL"),
        ("redis://127.0.0.1:1", "database", "leave dashboard.redis_url out"),
    ],
)
async def test_a_link_is_not_kept_where_the_dashboard_does_not_look(
    made, ours, theirs, hint
):
    settings = made(f"dashboard.redis_url={ours}").site.settings.dashboard
    with pytest.raises(ConfigError, match=f"in its {theirs}, these") as caught:
        require_same_place(settings, theirs)
    assert caught.value.code == "links-elsewhere"
    assert hint in caught.value.hint
    require_same_place(settings, "redis" if ours else "database")


async def test_no_secret_key_is_made_for_a_link(tmp_path):
    database = tmp_path / "dashboard.sqlite"
    settings = load_settings(
        None,
        environment={"HOME": str(tmp_path)},
        overrides=[f"dashboard.database={database}"],
    )
    made = await new_link(settings.dashboard, HERE)
    assert made.token in made.link
    assert made.token not in repr(made)
    assert not database.with_suffix(".key").exists()


def test_files_of_another_user_are_refused(tmp_path):
    file = tmp_path / "dashboard.sqlite"
    require_own(file, os.geteuid())
    file.touch(0o600)
    require_own(file, os.geteuid())
    with pytest.raises(ConfigError, match=f"the file of user {os.geteuid()}") as caught:
        require_own(file, os.geteuid() + 1)
    assert caught.value.code == "dashboard-database"


ASKED = """
import asyncio, os, sys
from pathlib import Path
from crossdock.app.settings import load_settings
from crossdock.errors import ConfigError
from crossdock.web.new_link import new_link

database = sys.argv[1]
settings = load_settings(
    None, environment={"HOME": "/nowhere"}, overrides=[f"dashboard.database={database}"]
)
os.setgroups([])
os.setgid(65_534)
os.setuid(65_534)
try:
    print(asyncio.run(new_link(settings.dashboard, "http://127.0.0.1:5000")).link)
except ConfigError as error:
    print(error.code)
"""


async def test_a_second_user_of_the_machine_gets_no_link(made):
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    dashboard = made()
    # A folder that lets everybody in: what keeps them out is the file's own mode.
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o755)
        copy = folder / "dashboard.sqlite"
        shutil.copy(dashboard.site.settings.dashboard.database, copy)
        copy.chmod(0o600)
        asked = subprocess.run(
            [sys.executable, "-c", ASKED, str(copy)],
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        shutil.rmtree(folder)
    assert asked.stdout == "dashboard-database\n"
