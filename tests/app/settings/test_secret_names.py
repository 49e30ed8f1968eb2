"""What of `--set` may be shown."""

import pytest

from crossdock.app.settings import DashboardSettings, DeskSettings
from crossdock.app.settings.secret_names import shown_override
from crossdock.app.settings.section_secrets import secret_fields


@pytest.mark.parametrize(
    ("override", "shown"),
    [
        ("dashboard.port=5001", "dashboard.port=5001"),
        ("dashboard.redis_url=redis://:pw@h/0", "dashboard.redis_url=***"),
        (" dashboard . secret_key = k=k", " dashboard . secret_key =***"),
        ("dashboard.secret_key_file=secrets/key", "dashboard.secret_key_file=secrets/key"),
        ('accounts."my one".key_secret=s', 'accounts."my one".key_secret=***'),
        ("notify.office.token_secret=s", "notify.office.token_secret=***"),
        ("accounts.a.key=public", "accounts.a.key=public"),
        ("accounts.[=s", "accounts.[=***"),
        ("desk.mode=", "desk.mode="),
        ("desk.mode", "desk.mode"),
    ],
)
def test_a_secret_is_masked_and_all_else_is_shown(override, shown):
    assert shown_override(override) == shown


@pytest.mark.parametrize(
    ("section", "model"), [("dashboard", DashboardSettings), ("desk", DeskSettings)]
)
def test_every_secret_of_a_section_is_masked(section, model):
    names = secret_fields(model)
    assert names
    for name in names:
        assert shown_override(f"{section}.{name}=hush") == f"{section}.{name}=***"
