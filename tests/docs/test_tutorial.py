"""The tutorial, done from its first line to its last in an empty folder."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs/tutorial.md").read_text("utf-8")
STEP = re.compile(
    r"(?:`([\w.]+)`[^`]{0,80}?:\n\n)?^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL
)
INSTALL = "pip install"  # what runs this has it installed


def test_the_tutorial_can_be_done_as_it_stands(tmp_path):
    binaries = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "CROSSDOCK_HOME": str(tmp_path / "home"),
    }
    files, commands = [], []
    for name, language, text in STEP.findall(TUTORIAL):
        if language != "sh":
            assert name, f"no file is named before:\n{text}"
            (tmp_path / name).write_text(text)
            (tmp_path / name).chmod(0o600)
            files.append(name)
            continue
        for command in text.splitlines():
            commands.append(command)
            if command.startswith(INSTALL):
                continue
            ran = subprocess.run(
                shlex.split(command),
                capture_output=True,
                text=True,
                cwd=tmp_path,
                env=environment,
                timeout=120,
                check=False,
            )
            assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"
    assert files == ["get_bars.py", "breakout.py", "test_breakout.py", "settings.toml"]
    assert len(commands) == 8
    assert (tmp_path / "sma.html").stat().st_size > 100_000
