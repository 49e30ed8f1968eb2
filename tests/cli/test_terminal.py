"""The demo at a real terminal: drawn, killed by a key, and the terminal given back."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time

import pytest

PATIENCE_S = 50  # only a guard against a demo that hangs
SCREEN = 40_000  # bytes that one drawing of the screen takes at most
ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[ -/]*[@-~]")


class Terminal:
    """A process whose terminal is ours."""

    def __init__(self, size, *arguments, environment):
        self.said = b""
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            # Given whole, for the C library's own may hold the size of another terminal.
            # Of ours too: COLUMNS and LINES would be believed before the terminal.
            whole = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}
            whole |= {"TERM": "xterm-256color", **environment}
            os.execve(
                sys.executable, [sys.executable, "-m", "crossdock", *arguments], whole
            )
        fcntl.ioctl(
            self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0)
        )
        self.mode = termios.tcgetattr(self.descriptor)[3]

    def read(self):
        try:
            more = os.read(self.descriptor, 65_536)
        except OSError:
            more = b""
        self.said += more
        return more

    def until(self, words):
        """Read until the words were drawn since the last call."""
        seen = len(self.said)
        end_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < end_s:
            recent = self.said[max(seen, len(self.said) - SCREEN) :]
            if words in ESCAPES.sub(b"", recent):
                return
            if not self.read():
                break
        drawn = ESCAPES.sub(b"", self.said[-SCREEN:]).decode(errors="replace")
        raise AssertionError(f"{words!r} was not drawn: {drawn[-6000:]}")

    def press(self, keys):
        os.write(self.descriptor, keys)

    def end(self):
        """Read to the end; return the exit code and the terminal's last mode."""
        mode = self.mode
        while self.read():
            mode = termios.tcgetattr(self.descriptor)[3]
        _, status = os.waitpid(self.process, 0)
        os.close(self.descriptor)
        return os.waitstatus_to_exitcode(status), mode


@pytest.fixture
def terminal(folder):
    (folder / "tmp").mkdir()
    opened = []

    def make(size, *arguments):
        opened.append(
            Terminal(size, *arguments, environment={"TMPDIR": str(folder / "tmp")})
        )
        return opened[-1]

    yield make
    assert list((folder / "tmp").iterdir()) == []


def test_key_k_kills_the_desk_and_every_order_is_settled_against_the_venues_truth(terminal):
    shown = terminal((140, 45), "demo")
    shown.until(b"Open orders")
    shown.until(b"maker")
    shown.press(b"k")
    shown.until(b"SIGKILL of process")
    shown.until(b"agree with the venue's own truth, after")
    drawn = ESCAPES.sub(b"", shown.said).decode(errors="replace")
    told = re.findall(
        r"(\d+) orders were open, (\d+) of them with a write in flight; (\d+) agree with the "
        r"venue's own truth, after",
        drawn,
    )
    were_open, in_flight, agree = (int(number) for number in told[0])
    assert in_flight > 0
    assert agree == were_open
    shown.press(b"q")
    code, mode = shown.end()
    assert code == 0
    assert mode == shown.mode
    assert b"Traceback" not in shown.said
    assert b"doubts open" in shown.said


@pytest.mark.parametrize("size", [(34, 9)])
def test_ctrl_c_at_a_small_terminal_ends_everything_and_gives_it_back(terminal, size):
    shown = terminal(size, "demo")
    shown.until(b"Open orders")
    shown.press(b"\x03")
    code, mode = shown.end()
    assert (code, mode) == (0, shown.mode)
    assert b"Traceback" not in shown.said
    ending = shown.said.rpartition(b"ending what it started")[2]
    assert b"its processes have ended, its folder is removed" in ending
    assert ending.rstrip().endswith(b"USDT")


def test_ctrl_c_twice_while_it_starts_ends_it_and_leaves_nothing(terminal, folder):
    shown = terminal((100, 30), "demo")
    shown.until(b"starting three venues")
    shown.press(b"\x03\x03")
    code, mode = shown.end()
    assert (code, mode) == (0, shown.mode)
    assert b"Traceback" not in shown.said
    assert b"its processes have ended, its folder is removed" in shown.said
    asked = ["ps", "-A", "-ww", "-o", "args="]
    running = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert str(folder) not in running


def test_a_desk_killed_by_somebody_else_comes_back_and_is_settled(terminal, folder):
    shown = terminal((140, 45), "demo", "--no-dashboard")
    shown.until(b"Open orders")
    shown.until(b"maker")
    asked = ["ps", "-A", "-ww", "-o", "pid=,args="]
    found = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    (desk,) = (
        line.split()[0]
        for line in found.splitlines()
        if str(folder) in line and line.rstrip().endswith(" run --with-parent")
    )
    os.kill(int(desk), signal.SIGKILL)
    shown.until(f"killed from outside: process {desk}, back as ".encode())
    shown.until(b"agree with the venue's own truth, after")
    shown.press(b"q")
    assert shown.end() == (0, shown.mode)
    assert b"Traceback" not in shown.said
