"""`crossdock notify`, with a receiver on loopback."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest


class Receiver(BaseHTTPRequestHandler):
    status = 204

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.headers["webhook-id"], json.loads(body)))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        return None


@pytest.fixture
def receiver():
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    server.seen, server.status = [], 204
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(tmp_path, receiver):
    file = tmp_path / "settings.toml"
    file.write_text(
        f'[desk]\njournal = "journal"\n[notify.office]\nadapter = "webhook"\n'
        f'url_secret = "http://127.0.0.1:{receiver.server_port}/h"\n'
        f'signing_secret = "{"s" * 32}"\non = ["kill", "doubt"]\n',
        "utf-8",
    )
    return file


def test_a_test_message_is_sent_and_said_to_be_taken(crossdock, settings, receiver):
    said = crossdock("--settings", settings, "notify", "test", "office", "--json")
    assert said.code == 0, said.err
    ((message, told),) = receiver.seen
    assert said.json["sent"] is True
    assert message == said.json["id"] == told["data"]["id"]
    assert "Test message" in told["data"]["title"]


def test_a_receiver_that_refuses_is_an_error_with_its_reason(crossdock, settings, receiver):
    receiver.status = 410
    said = crossdock("--settings", settings, "notify", "test", "office")
    assert said.code != 0
    assert "410" in said.err


def test_an_unknown_receiver_names_the_nearest(crossdock, settings):
    said = crossdock("--settings", settings, "notify", "test", "offcie")
    assert said.code != 0
    assert "office" in said.err


def test_receivers_are_listed_and_the_outbox_begins_empty(crossdock, settings):
    said = crossdock("--settings", settings, "notify", "list", "--json")
    (row,) = said.json["receivers"]
    assert (row["name"], row["on"]) == ("office", ["kill", "doubt"])
    said = crossdock("--settings", settings, "notify", "outbox", "--json")
    assert said.json["messages"] == []


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('adapter = "webhok"', "webhook"),
        ('on = ["kil"]', "on"),
        ('quiet = "late"', "22:00-07:00"),
        ('chat = "1"', "there is no setting"),
        ("", "adapter is missing"),
    ],
)
def test_a_receiver_that_cannot_be_is_refused_with_what_to_write(
    crossdock, tmp_path, lines, words
):
    adapter = "" if "adapter" in lines or not lines else 'adapter = "webhook"\n'
    file = tmp_path / "wrong.toml"
    file.write_text(f"[notify.office]\n{adapter}{lines}\n", "utf-8")
    said = crossdock("--settings", file, "config", "check")
    assert said.code != 0
    assert words in said.err + said.out


@pytest.mark.parametrize("secret", ["abc", "s" * 23, "whsec_YWJj", "whsec_" + "!" * 40])
@pytest.mark.parametrize("asked", [("notify", "list"), ("config", "check")])
def test_a_signing_secret_that_cannot_sign_is_refused_when_it_is_read(
    crossdock, settings, secret, asked
):
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("s" * 32, secret), "utf-8")
    said = crossdock("--settings", settings, *asked)
    assert said.code != 0
    told = said.err + said.out
    assert f"notify.office.signing_secret has {len(secret)} characters" in told
    assert "24 characters or more" in told
    assert f'"{secret}"' not in told


@pytest.mark.parametrize(
    "secret", ["s" * 24, "whsec_" + "YWJj" * 8, "whsec_" + "Y" * 86 + "=="]
)
def test_a_signing_secret_that_can_sign_is_taken(crossdock, settings, secret):
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("s" * 32, secret), "utf-8")
    assert crossdock("--settings", settings, "notify", "list").code == 0


def test_the_secrets_of_a_receiver_are_never_shown(crossdock, settings):
    said = crossdock("--settings", settings, "config", "show")
    assert said.code == 0
    assert "notify.office.signing_secret" in said.out
    assert "s" * 32 not in said.out
