import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_readmes_python_runs_as_it_stands(tmp_path):
    [code] = BLOCKS
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    assert re.fullmatch(r"Filled 0\.\d+ at \d+\.\d+ fee \d+\.\d+ USDT\n", ran.stdout)
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def test_the_readmes_python_is_about_ten_lines():
    [code] = BLOCKS
    assert len([line for line in code.splitlines() if line.strip()]) <= 10


def test_the_readme_can_be_read_in_one_go():
    assert len(README.splitlines()) < 150
