"""No process of the tests outlives them, however they end."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60
INNER = """
import os
import threading

from tests.cli.conftest import Child


def test_waits():
    child = Child("http.server", "--bind", "127.0.0.1", "0")
    print(child.until("Serving"), flush=True)
    threading.Event().wait()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_child_ends_with_pytest(tmp_path, number):
    """Even one that nothing would end: its `with` has not begun."""
    (tmp_path / "test_inner.py").write_text(INNER)
    command = [sys.executable, "-m", "pytest", "-s", "-p", "no:cacheprovider"]
    command += ["-c", os.devnull, "--rootdir", str(tmp_path), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True
    ) as inner:
        try:
            said = iter(inner.stdout.readline, "")
            serving = next(line for line in said if "Serving" in line)
            port = int(serving.split("port ")[1].split()[0])
            with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as open_one:
                inner.send_signal(number)
                inner.wait(PATIENCE_S)
                assert is_over(open_one)
        finally:
            inner.kill()


def is_over(connection):
    """Wait for the server's end, which closes what it had open."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True
