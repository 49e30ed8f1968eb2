"""The description of the API, and the files that are made from it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crossdock.core.projection import SCHEMA
from crossdock.web.schema.operations import operations
from crossdock.web.schema.written import openapi, openapi_text, reference_text

ROOT = Path(__file__).parents[3]
DASHBOARD = ROOT / "dashboard"
PROMISED = [  # by names that other programs have in their code already
    ("get", "/api/brokers"),
    ("post", "/api/brokers/connect"),
    ("post", "/api/brokers/test"),
    ("post", "/api/brokers/{account}/disconnect"),
    ("post", "/api/place-order"),
    ("get", "/health"),
    ("get", "/integration-status"),
    ("get", "/metrics"),
]


@pytest.fixture(scope="module")
def schema():
    return openapi()


def test_the_written_description_is_fresh():
    written = (DASHBOARD / "openapi.json").read_text("utf-8")
    assert written == openapi_text(), (
        "python -m crossdock.web.schema dashboard/openapi.json"
    )


def test_a_fill_is_sent_with_every_column_that_is_kept_of_it(schema):
    fields = schema["components"]["schemas"]["Fill"]["properties"]
    assert set(SCHEMA["fills"].columns) - set(fields) == set()


def test_the_reference_is_fresh():
    written = (ROOT / "docs/reference/api.md").read_text("utf-8")
    assert written == reference_text(), "make docs"


def test_the_command_writes_what_the_functions_return(tmp_path):
    file = tmp_path / "openapi.json"
    command = [sys.executable, "-m", "crossdock.web.schema"]
    subprocess.run([*command, str(file)], check=True, timeout=60)
    assert file.read_text("utf-8") == openapi_text()
    assert subprocess.run(command, capture_output=True, timeout=60).returncode == 2


def node():
    """Return the folder of a Node to run, None where there is none."""
    own = ROOT / ".venv-node/bin"
    if (own / "node").exists():
        return own
    found = shutil.which("node")
    return None if found is None else Path(found).parent


def test_the_web_apps_types_are_fresh(tmp_path):
    found, tool = node(), DASHBOARD / "node_modules/.bin/openapi-typescript"
    if found is None or not tool.exists():
        pytest.skip("no Node, or its packages are not installed: make site")
    made = tmp_path / "schema.ts"
    environment = {**os.environ, "PATH": f"{found}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(
        [str(tool), "openapi.json", "-o", str(made)],
        cwd=DASHBOARD,
        env=environment,
        check=True,
        capture_output=True,
        timeout=120,
    )
    written = (DASHBOARD / "src/api/schema.ts").read_text("utf-8")
    assert written == made.read_text("utf-8"), "npm run types"


@pytest.mark.parametrize(("method", "path"), PROMISED)
def test_what_was_promised_by_name_is_there(schema, method, path):
    assert method in schema["paths"][path]


def test_every_operation_says_who_may_what_it_does_and_how_it_fails(schema):
    found = [each for rows in operations(schema).values() for each in rows]
    assert len(found) > 80
    assert [each.title for each in found if not each.words] == []
    public = {each.path for each in found if not each.access}
    public -= {path for path in public if path.startswith("/api/v1/session")}
    # The webhook's path holds a token, which is what it knows its sender by.
    assert public == {"/health", "/api/v1/signals/webhook/{token}"}
    for methods in schema["paths"].values():
        for told in methods.values():
            assert "application/problem+json" in told["responses"]["default"]["content"]


def test_every_write_takes_an_idempotency_key(schema):
    for methods in schema["paths"].values():
        for method, told in methods.items():
            names = {each["name"] for each in told.get("parameters", ())}
            assert ("Idempotency-Key" in names) == (method != "get")


def test_every_reference_in_the_description_leads_somewhere(schema):
    text = json.dumps(schema)
    shapes = schema["components"]["schemas"]
    for part in text.split('"#/components/schemas/')[1:]:
        assert part.partition('"')[0] in shapes
