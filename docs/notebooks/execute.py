"""Execute the notebooks beside this file: `python docs/notebooks/execute.py`.

Saves what the cells print. With `--check` nothing is saved. Ends with 1, and tells the
cell, when one fails.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

FOLDER = Path(__file__).parent
PATIENCE_S = 120  # for one cell


def executed(file: Path) -> nbformat.NotebookNode:
    """Run every cell, in a folder that is gone afterwards. Raises CellExecutionError."""
    notebook = nbformat.read(file, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(
            notebook,
            timeout=PATIENCE_S,
            kernel_name="python3",
            record_timing=False,
            resources={"metadata": {"path": folder}},
        ).execute()
    notebook.metadata.pop("language_info", None)  # it names the interpreter of one machine
    return notebook


def main() -> int:
    is_check = sys.argv[1:] == ["--check"]
    for file in sorted(FOLDER.glob("*.ipynb")):
        try:
            notebook = executed(file)
        except CellExecutionError as failed:
            sys.stderr.write(f"{file.name}: {failed}\n")
            return 1
        if not is_check:
            nbformat.write(notebook, file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
