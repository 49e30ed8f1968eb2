import contextlib
import io
import json
from dataclasses import dataclass

import pytest

from crossdock.app.venues.statements import read_statement
from crossdock.cli import main


@dataclass
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def crossdock():
    """Run a command in this process, as `crossdock ARGUMENTS` would."""

    def call(*arguments):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([str(each) for each in arguments])
        return Said(int(code), out.getvalue(), err.getvalue())

    return call


@pytest.fixture
def export(tmp_path):
    """Write lines as an export; return its path."""

    def write(*lines, encoding="utf-8", ending="\r\n"):
        file = tmp_path / "export.csv"
        file.write_bytes(ending.join([*lines, ""]).encode(encoding))
        return file

    return write


@pytest.fixture
def read(export):
    def call(venue, *lines, encoding="utf-8", **options):
        return read_statement(venue, export(*lines, encoding=encoding), **options)

    return call
