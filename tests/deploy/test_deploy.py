"""What can be known of the containers without an engine that runs them."""

import json
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import typer
import yaml

from crossdock.app.settings import load_settings
from crossdock.cli.commands import application

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
NGINX = os.environ.get("CROSSDOCK_NGINX") or shutil.which("nginx")
CONFIGURATIONS = ("nginx.conf", "dashboard.conf", "tls.conf")


def instructions():
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    whole = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [line.split(maxsplit=1) for line in whole.splitlines() if line.strip()]


INSTRUCTIONS = instructions()


def stages():
    found = []
    for word, rest in INSTRUCTIONS:
        if word == "FROM":
            found.append((rest, []))
        else:
            found[-1][1].append((word, rest))
    return found


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_a_user_a_health_check_and_volumes(name):
    service = SERVICES[name]
    user, _, group = service["user"].partition(":")
    assert int(user) > 0
    assert int(group) > 0
    assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert service["volumes"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_every_volume_secret_network_and_dependency_is_declared():
    for name, service in SERVICES.items():
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (DEPLOY / source).is_file(), f"{name}: {source}"
            else:
                assert source in COMPOSE["volumes"], f"{name}: {source}"
        assert set(service.get("secrets", ())) <= COMPOSE["secrets"].keys()
        assert set(service["networks"]) <= COMPOSE["networks"].keys()
        assert set(service.get("depends_on", ())) <= SERVICES.keys()


def test_only_loopback_is_published_and_secrets_are_files():
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert all(secret.keys() == {"file"} for secret in COMPOSE["secrets"].values())
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|KEY", name):
                assert name.endswith("_FILE")
                assert value.startswith("/run/secrets/")


def test_desk_and_dashboards_share_the_socket_as_one_user():
    ours = [SERVICES[name] for name in ("desk", "dashboard-1", "dashboard-2")]
    assert {service["user"] for service in ours} == {"10001:10001"}
    for service in ours:
        assert "run:/var/lib/crossdock/run" in service["volumes"]
    assert ("USER", "10001:10001") in map(tuple, INSTRUCTIONS)


def test_what_the_containers_are_told_are_settings(tmp_path):
    settings = tmp_path / "settings.toml"
    settings.write_text("[desk]\n", "utf-8")
    for name in ("dashboard-1", "dashboard-2"):
        given = {}
        for variable, value in SERVICES[name]["environment"].items():
            if variable.endswith("_FILE"):
                file = tmp_path / Path(value).name
                file.write_text("redis://x" if "redis" in value else "s" * 40, "utf-8")
                file.chmod(0o600)
                value = str(file)
            given[variable] = re.sub(r"\$\{\w+:-(.*)\}", r"\1", value)
        given |= {"HOME": str(tmp_path), "DASHBOARD_HOST": "0.0.0.0"}
        loaded = load_settings(settings, environment=given).dashboard
        assert loaded.instance_id == name
        assert loaded.redis_url.reveal() == "redis://x"
        assert loaded.secret_key.reveal() == "s" * 40
        assert loaded.trusted_proxies == (
            COMPOSE["networks"]["inside"]["ipam"]["config"][0]["subnet"],
        )


def test_the_image_is_slim_and_runs_as_nobody_special():
    base, last = stages()[-1]
    assert "slim" in base
    words = [word for word, _ in last]
    assert "HEALTHCHECK" in words
    user = next(rest for word, rest in last if word == "USER")
    assert not user.startswith(("0", "root"))
    assert words.index("USER") < words.index("ENTRYPOINT")
    check = next(rest for word, rest in last if word == "HEALTHCHECK")
    assert "/health" in check
    assert json.loads(check.partition("CMD ")[2])[0] == "python"


def test_every_file_that_is_copied_is_there_and_not_ignored():
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    let_in = [line[1:] for line in ignored if line.startswith("!")]
    copied = 0
    for _, lines in stages():
        for word, rest in lines:
            if word != "COPY" or "--from=" in rest:
                continue
            for source in shlex.split(rest)[:-1]:
                copied += 1
                assert (ROOT / source).exists(), source
                assert any(
                    Path(source).match(each) or source.startswith(each) for each in let_in
                )
    assert copied > 6


def test_stages_copy_from_stages_that_make_what_is_copied():
    named = {line.rpartition(" AS ")[2] for line, _ in stages() if " AS " in line}
    taken = [rest for _, lines in stages() for word, rest in lines if "--from=" in rest]
    assert {re.search(r"--from=(\w+)", rest)[1] for rest in taken} == named
    vite = (ROOT / "dashboard/vite.config.ts").read_text("utf-8")
    assert 'outDir: "../src/crossdock/web/built"' in vite
    package = json.loads((ROOT / "dashboard/package.json").read_text("utf-8"))
    assert "build" in package["scripts"]
    artifacts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]
    assert "src/crossdock/web/built" in artifacts["build"]["targets"]["wheel"]["artifacts"]


@pytest.mark.parametrize("name", ["desk", "dashboard-1"])
def test_the_commands_of_the_containers_are_commands(name):
    check = SERVICES["desk"]["healthcheck"]["test"]
    for words in (SERVICES[name]["command"], check[check.index("flags") :]):
        command = typer.main.get_command(application)
        rest = list(words)
        while rest and not rest[0].startswith("-"):
            command = command.commands[rest.pop(0)]
        known = {
            option
            for parameter in command.params
            for option in (*parameter.opts, *parameter.secondary_opts)
        }
        assert set(rest) <= known


def nginx_says(folder, change=lambda name, text: text):
    """Have nginx read its configuration, with addresses that this machine knows."""
    for name in CONFIGURATIONS:
        text = (DEPLOY / "nginx" / name).read_text("utf-8")
        text = re.sub(r"dashboard-\d:5000", "127.0.0.1:5000", text)
        text = text.replace("/tmp/", f"{folder}/")
        text = text.replace("/etc/nginx/tls", str(folder))
        (folder / name).write_text(change(name, text), "utf-8")
    asked = [NGINX, "-t", "-p", folder, "-c", folder / "nginx.conf"]
    return subprocess.run(asked, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not NGINX, reason="there is no nginx here; CROSSDOCK_NGINX names one")
@pytest.mark.parametrize("tls", [False, True])
def test_nginx_takes_its_configuration(tmp_path, tls):
    if tls:
        made = subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
                *("-subj", "/CN=localhost", "-keyout", tmp_path / "key.pem"),
                *("-out", tmp_path / "certificate.pem"),
            ],
            capture_output=True,
            check=False,
        )
        assert made.returncode == 0

    def with_tls(name, text):
        if not tls or name != "nginx.conf":
            return text
        begin = text.index("    server {\n        listen 8080")
        return text[:begin] + "    include tls.conf;\n}\n"

    said = nginx_says(tmp_path, with_tls)
    assert said.returncode == 0, said.stderr
    assert "test is successful" in said.stderr


def test_streams_are_upgraded_kept_open_and_kept_at_one_dashboard():
    nginx, dashboard, _ = (
        (DEPLOY / "nginx" / name).read_text("utf-8") for name in CONFIGURATIONS
    )
    assert "hash $client consistent;" in nginx
    assert "map $http_cookie $client" in nginx
    assert set(re.findall(r"server (dashboard-\d):5000", nginx)) == {
        name for name in SERVICES if name.startswith("dashboard-")
    }
    socket = dashboard[dashboard.index("location /socket.io/") :]
    assert "proxy_read_timeout 1h" in socket
    assert "proxy_set_header Upgrade $http_upgrade;" in dashboard
    assert "X-Forwarded-For $remote_addr" in dashboard
