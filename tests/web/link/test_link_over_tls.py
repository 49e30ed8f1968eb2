"""A desk elsewhere, reached by TLS: its certificate is checked, then the secret proven."""

import datetime as dt
import ipaddress
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crossdock.app.doors.control.control import ControlServer
from crossdock.app.doors.control.listening import Listening
from crossdock.errors import ConfigError, DeskError
from crossdock.web.link import DeskLink
from crossdock.web.link.address import desk_address

SECRET = "a secret of both ends"
HERE = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="xd-") as made:
        yield Path(made)


def certificate(folder, name, *, of=HERE, ends_in_days=1):
    """Make a certificate that vouches for itself; return it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=9))
        .not_valid_after(now + dt.timedelta(days=ends_in_days))
        .add_extension(x509.SubjectAlternativeName([of]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown, hidden = folder / f"{name}.pem", folder / f"{name}.key"
    shown.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    hidden.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return shown, hidden


@asynccontextmanager
async def desk(folder, shown, hidden):
    """Yield the address of a desk that shows this certificate."""
    place = Listening(
        host="127.0.0.1", port=0, secret=SECRET, certificate=shown, key=hidden
    )
    operations = {"status": lambda: {"fine": True}}
    async with ControlServer(folder / "desk.sock", operations, {}, place) as server:
        yield f"tcp://127.0.0.1:{server.port}"


def link_to(url, folder, trusted, secret=SECRET):
    return DeskLink(
        desk_address(url, control=folder / "no.sock", secret=secret, certificate=trusted)
    )


async def test_a_desk_that_shows_the_certificate_we_know_is_asked(folder):
    shown, hidden = certificate(folder, "desk")
    async with desk(folder, shown, hidden) as url, link_to(url, folder, shown) as link:
        assert await link.ask("status") == {"fine": True}


@pytest.mark.parametrize("fault", ["another's", "another place's", "ended"])
async def test_a_certificate_that_does_not_hold_ends_it_before_the_secret_is_proven(
    folder, fault
):
    faults = {
        "another's": {},
        "another place's": {"of": x509.DNSName("desk.example")},
        "ended": {"ends_in_days": -1},
    }
    shown, hidden = certificate(folder, "desk", **faults[fault])
    trusted = certificate(folder, "known")[0] if fault == "another's" else shown
    async with desk(folder, shown, hidden) as url, link_to(url, folder, trusted) as link:
        with pytest.raises(DeskError, match="no desk answers on tcp") as told:
            await link.ask("status")
        assert told.value.code == "desk-not-running"


async def test_a_certificate_does_not_stand_in_for_the_secret(folder):
    shown, hidden = certificate(folder, "desk")
    async with (
        desk(folder, shown, hidden) as url,
        link_to(url, folder, shown, "another secret of two") as link,
    ):
        with pytest.raises(DeskError, match="does not take our secret"):
            await link.ask("status")


async def test_a_desk_with_tls_is_not_asked_without(folder):
    shown, hidden = certificate(folder, "desk")
    async with desk(folder, shown, hidden) as url, link_to(url, folder, None) as link:
        with pytest.raises(DeskError):
            await link.ask("status")


async def test_a_certificate_that_is_none_is_a_setting_to_fix(folder):
    broken = folder / "broken.pem"
    broken.write_text("no certificate")
    for path in (broken, folder / "missing.pem"):
        address = desk_address(
            "tcp://127.0.0.1:1", control=folder, secret=SECRET, certificate=path
        )
        with pytest.raises(ConfigError, match="cannot be used"):
            address.tls()
