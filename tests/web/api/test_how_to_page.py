"""The page for programs: every command that it shows is run, in its order."""

import re
import socket
import subprocess
import threading
from pathlib import Path

import pytest
import uvicorn

from crossdock.web.identity.roles import Access

PAGE = Path(__file__).parents[3] / "docs/how-to/use-the-api.md"
FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def served(own_site):
    """The dashboard on a port of this machine."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(own_site.application, log_config=None, lifespan="off")
    )
    with listener:
        # In the loop that the application lives in already.
        portal = own_site.browser.portal
        serving = portal.start_task_soon(server.serve, [listener])
        started = threading.Event()
        while not server.started and not serving.done():
            started.wait(0.02)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            serving.result(60)


def test_every_command_of_the_page_does_what_it_says(own_site, served):
    blocks = FENCE.findall(PAGE.read_text("utf-8"))
    assert len(blocks) >= 8
    script = "set -euo pipefail\n" + "\n".join(blocks[1:])
    ran = subprocess.run(
        ["bash", "-c", script],
        env={
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "CROSSDOCK": served,
            "KEY": own_site.tokens[Access.ADMIN],
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, f"{ran.stderr}\n{ran.stdout[-2000:]}"
    for words in (
        '"equity"',
        '"passes":true',
        "order_intended",
        "risk-refused",
        '"quantity_after"',
        '"whole":true',
        '"status":"ok"',
        "crossdock_desk_up 1.0",
        '"cancels_sent"',
    ):
        assert words in ran.stdout, words
