"""The notebook runs as it is saved, and what is saved with it was printed by it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs/notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MACHINE = re.compile(r"/(?:home|root|tmp|usr|work|Users)/\S+")


def cells(notebook, kind):
    parsed = json.loads(notebook.read_text("utf-8"))
    return [cell for cell in parsed["cells"] if cell["cell_type"] == kind]


def test_there_is_a_notebook_to_begin_with():
    assert FOLDER / "first-desk.ipynb" in NOTEBOOKS


def test_no_cell_fails(tmp_path):
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
    }
    ran = subprocess.run(
        [sys.executable, FOLDER / "execute.py", "--check"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda it: it.stem)
def test_a_notebook_is_saved_as_it_ran_from_top_to_bottom(notebook):
    code = cells(notebook, "code")
    assert [cell["execution_count"] for cell in code] == [*range(1, len(code) + 1)]
    assert any(cell["outputs"] for cell in code)
    for cell in code:
        for output in cell["outputs"]:
            assert output["output_type"] != "error", cell["source"]
            assert output.get("name") != "stderr", output


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda it: it.stem)
def test_a_notebook_tells_nothing_of_the_machine_it_ran_on(notebook):
    assert MACHINE.findall(notebook.read_text("utf-8")) == []


def test_the_ten_lines_stand_in_the_notebook_as_they_are_promised():
    [source] = [
        "".join(cell["source"])
        for cell in cells(FOLDER / "first-desk.ipynb", "code")
        if "async with" in "".join(cell["source"])
    ]
    lines = [line for line in source.splitlines() if line.strip()]
    assert len(lines) == 9
    assert lines[0] == "import crossdock as cd"
    assert lines[-1] == 'run.report("report.html")'
