"""The dashboard as its own process, and as a desk's child."""

import json
import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request

import pytest

PASSWORD = "correct horse battery"
ON = ("--set", "dashboard.enabled=true", "--set", "dashboard.port=0")


@pytest.fixture
def settings(folder):
    file = folder / "settings.toml"
    file.write_text(
        f'[desk]\njournal = "journal"\ncontrol = "{folder}/desk.sock"\nlog_folder = "logs"\n'
    )
    file.chmod(0o600)
    return file


def get(url):
    with urllib.request.urlopen(url, timeout=60) as reply:
        return json.load(reply)


def post(url, **body):
    data = json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return json.load(error)


def test_the_first_start_prints_a_link_that_makes_an_administrator_once(child, settings):
    with child("crossdock", "--settings", settings, "dashboard", "--json", *ON) as served:
        told = json.loads(served.until('"url"'))
        assert told["purpose"] == "set-up"
        url, _, token = told["link"].partition("/set-up#")
        assert url == told["url"]
        assert get(f"{url}/health")["desk"] == "away"
        given = {"token": token, "user": "ada", "password": PASSWORD}
        assert post(f"{url}/api/v1/session/set-up", **given)["role"] == "admin"
        assert post(f"{url}/api/v1/session/set-up", **given)["code"] == "link-spent"
        code, said = served.end()
        assert code == 0
        assert PASSWORD not in said
    for name in ("dashboard.sqlite", "dashboard.key"):
        assert (settings.parent / name).stat().st_mode & 0o077 == 0
    with child("crossdock", "--settings", settings, "dashboard", "--json", *ON) as served:
        assert json.loads(served.until('"url"'))["link"] == ""


def test_a_new_link_leads_to_where_the_dashboard_is_and_is_kept_from_every_log(
    child, settings, crossdock
):
    asked = ("--settings", settings, "dashboard", "link")
    first = crossdock(*asked, "--json").json
    assert first["purpose"] == "set-up"
    with child("crossdock", "--settings", settings, "dashboard", "--json", *ON) as served:
        url = json.loads(served.until('"url"'))["url"]
        spent = first["link"].partition("#")[2]  # by the start, which made a newer one
        given = {"token": spent, "user": "ada", "password": PASSWORD}
        assert post(f"{url}/api/v1/session/set-up", **given)["code"] == "link-spent"
        newer = crossdock(*asked, "--json").json["link"]
        assert newer.startswith(f"{url}/set-up#")
        given["token"] = newer.partition("#")[2]
        assert post(f"{url}/api/v1/session/set-up", **given)["user"] == "ada"
        lost = crossdock(*asked, "ada")
        assert "ada chooses a new password, once" in lost.err
        token = lost.out.strip().partition(f"{url}/set-up#")[2]
        assert token not in lost.err
        changed = {"token": token, "password": "another staple pen"}
        assert post(f"{url}/api/v1/session/set-up", **changed)["user"] == "ada"
        unknown = crossdock(*asked, "eve", "--json")
        assert unknown.error["code"] == "unknown-user"
        assert "ada" in unknown.error["hint"]
        said = served.end()[1]
    later = crossdock(*asked)
    assert "no dashboard of main runs here: it works when one does" in later.err
    kept = [each for each in settings.parent.rglob("*") if each.is_file()]
    assert "dashboard.sqlite" in {each.name for each in kept}
    for secret in (given["token"], token, later.out.strip().partition("#")[2]):
        assert secret not in said
        assert [each for each in kept if secret.encode() in each.read_bytes()] == []


def test_which_of_several_dashboards_is_meant_is_asked_with_the_command_for_each(
    child, folder, crossdock, monkeypatch
):
    monkeypatch.setenv("CROSSDOCK_HOME", str(folder / "home"))
    files = []
    for name in ("one", "two"):
        file = folder / f"{name}.toml"
        file.write_text(f'[desk]\nname = "{name}"\ncontrol = "{folder}/{name}.sock"\n')
        file.chmod(0o600)
        files.append(file)

    def started(file):
        return child("crossdock", "--settings", file, "dashboard", "--json", *ON)

    with started(files[0]) as one:
        url = json.loads(one.until('"url"'))["url"]
        assert crossdock("dashboard", "link", "--json").json["link"].startswith(url)
        with monkeypatch.context() as elsewhere:
            elsewhere.setenv("CROSSDOCK_DASHBOARD_REDIS_URL", "redis://:hush@127.0.0.1:1")
            asked = crossdock("dashboard", "link", "--json")
            assert asked.error["code"] == "links-elsewhere"
            assert "hush" not in asked.out + asked.err
        with started(files[1]) as two:
            other = json.loads(two.until('"url"'))["url"]
            asked = crossdock("dashboard", "link", "--json")
            assert asked.error["code"] == "unknown-dashboard"
            for file, each in zip(files, (url, other), strict=True):
                named = f"crossdock --settings {file} dashboard link"
                assert f"`{named}` is {each}" in asked.error["hint"]
                found = crossdock(*named.split()[1:], "--json").json
                assert found["link"].startswith(f"{each}/set-up#")
            two.process.kill()
            two.wait()
        assert crossdock("dashboard", "link", "--json").json["link"].startswith(url)


def test_a_taken_port_is_named_with_the_next_one_that_is_free(child, settings, crossdock):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        chosen = ("--set", f"dashboard.port={port}")
        said = crossdock("--settings", settings, *chosen, "dashboard", "--json")
        assert said.code != 0
        assert said.error["message"] == f"port {port} is taken"
        assert "is free: --set dashboard.port=" in said.error["hint"]
        arguments = ("--settings", settings, *chosen, "dashboard", "--json", "--may-move")
        with child("crossdock", *arguments) as served:
            told = json.loads(served.until('"url"'))
            assert told["notes"][0].startswith(f"port {port} is taken: the dashboard takes")
            assert get(f"{told['url']}/health")["desk"] == "away"


def test_a_dashboard_ends_with_its_desk_even_if_that_is_killed(child, settings):
    for number in (signal.SIGTERM, signal.SIGKILL):
        with child("crossdock", "--settings", settings, "run", *ON) as desk:
            url = desk.until("dashboard: http").split()[-1]
            host, _, port = url.removeprefix("http://").partition(":")
            with socket.create_connection((host, int(port)), timeout=60) as held:
                held.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                assert held.recv(1)
                os.kill(desk.process.pid, number)
                while held.recv(65536):
                    pass
            with (
                pytest.raises(OSError, match="refused"),
                socket.create_connection((host, int(port))),
            ):
                pass


def test_a_desk_runs_without_a_dashboard_that_cannot_start(child, settings):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        chosen = ("--set", f"dashboard.port={taken.getsockname()[1]}")
        enabled = ("--set", "dashboard.enabled=true", *chosen)
        with child("crossdock", "--settings", settings, "run", *enabled) as desk:
            assert "is taken" in desk.until("without the dashboard")
            desk.until("runs; ready")
            assert desk.end()[0] == 0


@pytest.mark.parametrize("off", [["--no-dashboard"], ["--set", "dashboard.enabled=false"]])
def test_a_desk_runs_without_a_dashboard_when_told_so(child, settings, off):
    with child("crossdock", "--settings", settings, "run", *ON, *off) as desk:
        desk.until("runs; ready")
        code, said = desk.end()
        assert code == 0
        assert "dashboard:" not in said


def test_a_dashboard_needs_no_settings_file(child, folder):
    environment = {"CROSSDOCK_HOME": str(folder), "DASHBOARD_PORT": "0"}
    with child("crossdock", "dashboard", "--json", environment=environment) as served:
        told = json.loads(served.until('"url"'))
        assert get(f"{told['url']}/health")["desk"] == "away"


def test_a_short_secret_key_is_refused(crossdock, settings):
    short = ("--set", "dashboard.secret_key=short")
    said = crossdock("--settings", settings, *short, "dashboard", "--json")
    assert said.error["code"] == "config-value"
    assert "32" in said.error["message"]


def test_the_demo_prints_a_link_that_signs_in_once_and_another_is_had_without_naming_it(
    child, folder, crossdock, monkeypatch
):
    monkeypatch.setenv("CROSSDOCK_HOME", str(folder))
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    arguments = ("demo", "--no-browser", "--json", "--seconds", "600", "--port", port)
    with taken, child("crossdock", *arguments, environment={"DISPLAY": ""}) as demo:
        link = demo.until("signed in already").split()[-1]
        demo.until(f"port {port} is taken: the dashboard takes")
        assert "crossdock dashboard link" in demo.until("used up or too old, another one")
        url, _, token = link.partition("/sign-in#")
        signed = post(f"{url}/api/v1/session/token", token=token)
        assert (signed["user"], signed["role"], signed["mode"]) == (
            "demo",
            "admin",
            "paper",
        )
        refused = post(f"{url}/api/v1/session/token", token=token)
        assert refused["code"] == "link-spent"
        assert "`crossdock dashboard link`" in refused["hint"]
        new = crossdock("dashboard", "link")
        assert "signs in as demo, once and within five minutes" in new.err
        token = new.out.strip().partition(f"{url}/sign-in#")[2]
        assert post(f"{url}/api/v1/session/token", token=token)["user"] == "demo"
        assert post(f"{url}/api/v1/session/token", token=token)["code"] == "link-spent"
        assert get(f"{url}/health")["desk"] == "ok"
        assert token not in "".join(demo.lines)


def test_a_killed_dashboard_is_said_and_comes_back_while_its_desk_trades_on(
    child, settings
):
    with child("crossdock", "--settings", settings, "run", *ON) as desk:
        desk.until("dashboard: http")
        before = os_pid_of("dashboard --with-parent", settings)
        os.kill(before, signal.SIGKILL)
        desk.until("the dashboard ended (SIGKILL); starting it again in 1 s")
        del desk.lines[:]
        url = desk.until("dashboard: http").split()[-1]
        assert get(f"{url}/health")["status"]
        assert os_pid_of("dashboard --with-parent", settings) != before
        assert desk.end()[0] == 0
    logs = [each.read_text("utf-8") for each in (settings.parent / "logs").glob("*.log")]
    assert sum("starting it again in 1 s" in each for each in logs) == 1


def os_pid_of(words, settings):
    """Return the number of the one process that was started so with these settings."""
    asked = ["ps", "-A", "-ww", "-o", "pid=,args="]
    found = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    (number,) = (
        line.split()[0]
        for line in found.splitlines()
        if str(settings) in line and words in line
    )
    return int(number)
