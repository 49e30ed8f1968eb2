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


def test_a_lost_password_is_chosen_anew_by_a_link_of_the_command_line(
    child, settings, crossdock
):
    first = crossdock("--settings", settings, "dashboard", "--new-link", "", "--json").json
    with child("crossdock", "--settings", settings, "dashboard", "--json", *ON) as served:
        url = json.loads(served.until('"url"'))["url"]
        spent = first["link"].partition("#")[2]  # by the start, which made a newer one
        given = {"token": spent, "user": "ada", "password": PASSWORD}
        assert post(f"{url}/api/v1/session/set-up", **given)["code"] == "link-spent"
        newer = crossdock(
            "--settings", settings, "dashboard", "--new-link", "", "--json"
        ).json
        given["token"] = newer["link"].partition("#")[2]
        assert post(f"{url}/api/v1/session/set-up", **given)["user"] == "ada"
        lost = crossdock("--settings", settings, "dashboard", "--new-link", "ada", "--json")
        token = lost.json["link"].partition("#")[2]
        changed = {"token": token, "password": "another staple pen"}
        assert post(f"{url}/api/v1/session/set-up", **changed)["user"] == "ada"
        unknown = crossdock(
            "--settings", settings, "dashboard", "--new-link", "eve", "--json"
        )
        assert unknown.error["code"] == "unknown-user"
        assert "ada" in unknown.error["hint"]


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


def test_the_demo_prints_a_link_that_signs_in_once_where_there_is_no_screen(child, folder):
    environment = {"CROSSDOCK_HOME": str(folder), "DASHBOARD_PORT": "0", "DISPLAY": ""}
    arguments = ("demo", "--no-browser", "--json", "--seconds", "600")
    with child("crossdock", *arguments, environment=environment) as demo:
        link = demo.until("signed in already").split()[-1]
        url, _, token = link.partition("/sign-in#")
        signed = post(f"{url}/api/v1/session/token", token=token)
        assert (signed["user"], signed["role"], signed["mode"]) == (
            "demo",
            "admin",
            "paper",
        )
        assert post(f"{url}/api/v1/session/token", token=token)["code"] == "link-spent"
        assert get(f"{url}/health")["desk"] == "ok"


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
