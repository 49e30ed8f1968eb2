import subprocess
import sys
from importlib import import_module

import pytest

from crossdock.adapters.stores.journal import MANIFEST as JOURNAL
from crossdock.adapters.stores.journal.files import JournalFiles
from crossdock.adapters.stores.sqlite import MANIFEST as SQLITE
from crossdock.adapters.stores.sqlite.projection import SqliteProjection
from crossdock.ports import Durability


@pytest.mark.parametrize(
    ("manifest", "made"), [(JOURNAL, JournalFiles), (SQLITE, SqliteProjection)]
)
def test_the_factory_is_there_and_listing_does_not_import_it(manifest, made):
    module, name = manifest.factory.split(":")
    assert getattr(import_module(module), name) is made
    package = module.rpartition(".")[0]
    code = f"import sys, {package}; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_durabilities_offered_are_those_there_are():
    assert set(JOURNAL.settings["durability"].choices) == set(Durability)
