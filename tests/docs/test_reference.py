import re
from pathlib import Path

import msgspec

from crossdock.app.pages.settings import settings_page
from crossdock.app.settings.models import AccountSettings, DeskSettings
from crossdock.core import records
from crossdock.core.risk.limits import Limits

ROOT = Path(__file__).parents[2]


def test_the_page_of_settings_is_the_one_they_make():
    page = (ROOT / "docs/reference/settings.md").read_text("utf-8")
    assert page == settings_page(), "run make docs"


def test_the_page_of_settings_holds_every_one():
    page = settings_page()
    for name in (*DeskSettings.model_fields, *Limits.__dataclass_fields__):
        if not name.endswith("_ns"):
            assert f"| `{name}` | " in page, name
    assert set(AccountSettings.model_fields) - set(
        re.findall(r"^\| `(\w+)`", page, re.MULTILINE)
    ) == {"options"}


def described_records():
    """Return the members of each record as the journal's page tells them."""
    page = (ROOT / "docs/reference/journal.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", page, re.MULTILINE)
    return {tag: set(re.findall(r"`(\w+)`", members)) for tag, members in rows}


def test_the_journals_page_tells_every_record_and_its_members():
    kinds = [kind for kind in records.AnyRecord.__args__ if kind is not records.Snapshot]
    assert described_records() == {
        kind.__struct_config__.tag: {
            field.name for field in msgspec.structs.fields(kind) if field.name != "at"
        }
        for kind in kinds
    }


def test_the_journals_page_names_todays_formats():
    page = (ROOT / "docs/reference/journal.md").read_text("utf-8")
    assert f"the format of the record, today {records.FORMAT_VERSION};" in page
