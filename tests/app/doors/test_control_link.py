"""The desk reached by TCP: both ends prove the secret, and beyond this machine it takes TLS."""

import asyncio
import json
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from crossdock.app.doors.control.challenge import admits, new_nonce, proof, prove_to_desk
from crossdock.app.doors.control.control import ControlServer
from crossdock.app.doors.control.listening import Listening
from crossdock.errors import ConfigError, DeskError

SECRET = "sixteen characters or more"


@pytest.fixture
def serve(tmp_path):
    @asynccontextmanager
    async def begin(**more):
        listening = Listening(host="127.0.0.1", port=0, secret=SECRET, **more)
        path = tmp_path / "run" / "desk.sock"
        operations = {"status": lambda: {"open_orders": 3}}
        async with ControlServer(path, operations, listening=listening) as server:
            yield server

    return begin


@asynccontextmanager
async def connected(server, **more):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, **more)
    try:
        yield reader, writer
    finally:
        writer.close()


async def status(reader, writer):
    writer.write(json.dumps({"op": "status"}).encode() + b"\n")
    return json.loads(await reader.readline())


async def test_who_knows_the_secret_is_answered_as_by_the_socket(serve):
    async with serve() as server, connected(server) as (reader, writer):
        await prove_to_desk(reader, writer, SECRET)
        answer = await status(reader, writer)
        assert answer == {"ok": True, "result": {"open_orders": 3}}


async def test_who_does_not_is_told_nothing_and_let_go(serve):
    async with serve() as server, connected(server) as (reader, writer):
        with pytest.raises(DeskError) as refused:
            await prove_to_desk(reader, writer, "another secret altogether")
        assert refused.value.code == "desk-refused"


@pytest.mark.parametrize(
    "said",
    [
        b'{"op": "status"}\n',
        b"nonsense\n",
        b"[]\n",
        b'{"nonce": 1, "proof": 2}\n',
        b'{"nonce": "", "proof": ""}\n',
        b"x" * 100_000 + b"\n",
        '{"nonce": "\u00e4"}\n'.encode(),
    ],
)
async def test_nothing_but_a_proof_opens_the_door(serve, said):
    async with serve() as server, connected(server) as (reader, writer):
        await reader.readline()
        writer.write(said)
        assert await reader.read() == b""


async def test_what_was_heard_once_opens_no_second_door(serve):
    async with serve() as server:
        async with connected(server) as (reader, writer):
            theirs = json.loads(await reader.readline())["nonce"]
            own = new_nonce()
            heard = {"nonce": own, "proof": proof(SECRET, "asker", own, theirs)}
            writer.write(json.dumps(heard).encode() + b"\n")
            assert json.loads(await reader.readline())["proof"]
        async with connected(server) as (reader, writer):
            await reader.readline()
            writer.write(json.dumps(heard).encode() + b"\n")
            assert await reader.read() == b""


async def test_the_desks_own_nonce_and_proof_said_back_are_no_proof(serve):
    async with serve() as server, connected(server) as (reader, writer):
        theirs = json.loads(await reader.readline())["nonce"]
        said = {"nonce": theirs, "proof": proof(SECRET, "asker", theirs, theirs)}
        writer.write(json.dumps(said).encode() + b"\n")
        assert await reader.read() == b""


async def test_a_desk_that_does_not_know_the_secret_is_not_believed():
    async def pretend(reader, writer):
        writer.write(
            json.dumps({"desk": "crossdock", "nonce": new_nonce()}).encode() + b"\n"
        )
        await reader.readline()
        writer.write(json.dumps({"proof": "0" * 64}).encode() + b"\n")
        writer.close()

    server = await asyncio.start_server(pretend, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with pytest.raises(DeskError) as refused:
            await prove_to_desk(reader, writer, SECRET)
        writer.close()
        assert refused.value.code == "desk-unproven"


def test_neither_a_listening_port_nor_its_refusals_show_the_secret():
    shown = repr(Listening(host="127.0.0.1", port=1, secret=SECRET))
    assert SECRET not in shown


async def test_a_port_that_is_taken_is_said_and_the_socket_is_gone(serve, tmp_path):
    async with serve() as server:
        taken = Listening(host="127.0.0.1", port=server.port, secret=SECRET)
        second = ControlServer(tmp_path / "other.sock", {}, listening=taken)
        with pytest.raises(ConfigError, match="cannot listen"):
            await second.__aenter__()
        assert not (tmp_path / "other.sock").exists()


# ---- settings ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('control_listen = "127.0.0.1:7000"', "takes a control_secret"),
        ('control_listen = "127.0.0.1:7000"\ncontrol_secret = "short"', "takes a control"),
        (f'control_listen = "0.0.0.0:7000"\ncontrol_secret = "{SECRET}"', "nothing hides"),
        (f'control_listen = "desk.lan:7000"\ncontrol_secret = "{SECRET}"', "nothing hides"),
        (
            f"""
            control_listen = "0.0.0.0:7000"
            control_secret = "{SECRET}"
            control_certificate = "desk.pem"
            """,
            "go together",
        ),
        ('control_listen = "7000"', "control_listen"),
    ],
)
def test_a_port_that_is_not_safe_is_refused(settings_of, text, words):
    with pytest.raises(ConfigError, match=words):
        settings_of(risk=f"[desk]\n{text}\n")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_port_of_this_machine_takes_a_secret_alone(settings_of, host):
    text = f'[desk]\ncontrol_listen = "{host}:7000"\ncontrol_secret = "{SECRET}"\n'
    settings = settings_of(risk=text)
    assert SECRET not in repr(settings.desk)
    assert SECRET not in "".join(row.value for row in settings.shown())
    assert SECRET in {each.reveal() for each in settings.secrets()}


async def test_who_hangs_up_is_not_admitted():
    reader = asyncio.StreamReader()
    reader.feed_eof()

    class Writer:
        said = b""

        def write(self, line):
            self.said += line

    writer = Writer()
    assert not await admits(reader, writer, SECRET)
    assert json.loads(writer.said)["desk"] == "crossdock"


@pytest.fixture
def certificate(tmp_path):
    """A certificate of localhost that vouches for itself, and its key."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=36_500))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "desk.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = tmp_path / "desk.key"
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem, secret


async def test_with_a_certificate_only_tls_is_answered(serve, certificate):
    pem, key = certificate
    async with serve(certificate=pem, key=key) as server:
        trusted = ssl.create_default_context(cafile=str(pem))
        more = {"ssl": trusted, "server_hostname": "localhost"}
        async with connected(server, **more) as (reader, writer):
            await prove_to_desk(reader, writer, SECRET)
            assert (await status(reader, writer))["ok"]
        async with connected(server) as (reader, writer):
            writer.write(b"{ no hello of TLS }\n")
            assert b"nonce" not in await reader.read()


def test_a_certificate_that_is_none_is_said(tmp_path):
    with pytest.raises(ConfigError, match="certificate"):
        Listening(
            host="127.0.0.1",
            port=0,
            secret=SECRET,
            certificate=tmp_path / "none.pem",
            key=tmp_path / "none.key",
        ).tls()
