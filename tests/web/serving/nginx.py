"""A real nginx with the configuration that is shipped, and ports of this machine."""

import asyncio
import contextlib
import datetime as dt
import ipaddress
import os
import re
import shutil
import socket
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SHIPPED = Path(__file__).parents[3] / "deploy" / "nginx"


def found():
    """Return where nginx is, None where it is not."""
    return os.environ.get("CROSSDOCK_NGINX") or shutil.which("nginx")


def certificate(folder):
    """Make a certificate of 127.0.0.1 that vouches for itself; return it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([here]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "certificate.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


def fill_in(folder, *, upstreams, is_private):
    """Copy the shipped files with places of this machine; return the port to come to."""
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        plain, private = one.getsockname()[1], other.getsockname()[1]
    pem, key = certificate(folder)
    servers = "\n".join(f"server {each} max_fails=1 fail_timeout=5s;" for each in upstreams)
    places = {r"/tmp/": f"{folder}/", r"error_log stderr warn;": ""}
    if is_private:  # as tls.conf says of itself
        block = r"server \{\s+listen 8080;\s+include dashboard\.conf;\s+\}"
        places[block] = "include tls.conf;"
    places |= {
        r"server dashboard-1:5000 [^;]*;": servers,
        r"server dashboard-2:5000 [^;]*;": "",
        r"listen 8080;": f"listen 127.0.0.1:{plain};",
        r"listen 8443 ssl;": f"listen 127.0.0.1:{private} ssl;",
        r"/etc/nginx/tls/certificate\.pem": str(pem),
        r"/etc/nginx/tls/key\.pem": str(key),
    }
    met = set()
    for shipped in SHIPPED.glob("*.conf"):
        text = shipped.read_text()
        for place, ours in places.items():
            text, times = re.subn(place, lambda _, ours=ours: ours, text)
            met |= {place} if times else set()
        (folder / shipped.name).write_text(text)
    assert met == places.keys(), "the shipped files are not as they were"
    return private if is_private else plain


@contextlib.asynccontextmanager
async def running(binary, upstreams, folder, *, is_private):
    """Yield the address that nginx answers on."""
    folder.mkdir()
    port = fill_in(folder, upstreams=upstreams, is_private=is_private)
    said = folder / "error.log"
    arguments = [binary, "-p", folder, "-c", folder / "nginx.conf", "-e", said]
    process = await asyncio.create_subprocess_exec(*arguments, "-g", "daemon off;")
    try:
        async with asyncio.timeout(60):
            while True:
                assert process.returncode is None, said.read_text()
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                await asyncio.sleep(0)
        yield f"{'https' if is_private else 'http'}://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
