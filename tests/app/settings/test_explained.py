"""Every setting, explained; the file of the first day; an adapter's table to paste."""

import re
import tomllib

import pytest

from crossdock.app.paths import user_folders
from crossdock.app.registry import Registry
from crossdock.app.settings import Mode, default_settings_text, load_settings
from crossdock.app.settings.adapter_table import SECTIONS, adapter_table
from crossdock.app.settings.adapters import moves_money
from crossdock.app.settings.first import first_settings_text
from crossdock.core.risk.limits import Limits
from crossdock.errors import ConfigError
from crossdock.ports import Manifest, Setting, Tier

SETTING = re.compile(r"^# ((?:[a-z_]+ = \S|\[[a-z]).*)$", re.MULTILINE)
EMPTY = re.compile(r'^([a-z_]+) = ""$', re.MULTILINE)
SECRET = "a secret of more than thirty-two letters"

LISTED = [each for each in Registry().manifests() if each.kind in SECTIONS]


def uncommented(text):
    """Return a settings file in which every example and default stands for itself."""
    return SETTING.sub(lambda found: found[1], text)


# ---- every setting -------------------------------------------------------------


def test_every_setting_explained_means_the_defaults(load):
    assert load(default_settings_text()).shown() == load().shown()


def test_what_is_explained_shows_each_default_truly(load, tmp_path):
    text = default_settings_text(folders=user_folders({"HOME": str(tmp_path)}))
    spelled = uncommented(text[: text.index("# Other limits for")])
    assert tomllib.loads(spelled)["risk"].keys() == {
        name for name, field in Limits.__dataclass_fields__.items() if field.init
    }
    shown = [(row.key, row.value) for row in load(spelled).shown()]
    assert shown == [(row.key, row.value) for row in load().shown()]


def test_a_section_is_explained_by_itself_and_one_that_is_none_is_named():
    whole = default_settings_text()
    for section in ("desk", "risk", "accounts", "strategies", "notify", "flags"):
        part = default_settings_text(section)
        assert part.strip() in whole
        assert f"[{section}" in part
    with pytest.raises(ConfigError, match="no section 'rsk'") as caught:
        default_settings_text("rsk")
    assert caught.value.hint == "did you mean risk?"


# ---- the first day -------------------------------------------------------------


@pytest.mark.parametrize("sandbox", [False, True])
def test_the_file_of_the_first_day_is_short_and_sets_only_the_sandbox(load, sandbox):
    text = first_settings_text(sandbox=sandbox)
    assert len(text.splitlines()) < 150
    assert max(len(line) for line in text.splitlines()) <= 92
    given = tomllib.loads(text)
    assert given.keys() >= {"desk", "risk", "dashboard"}
    assert given["desk"] == given["dashboard"] == {}
    assert len(given.get("accounts", {})) == 3 * sandbox
    for command in ("config check", "config explain", "adapters NAME --toml"):
        assert f"crossdock {command} " in text
    if not sandbox:
        assert load(text).shown() == load().shown()


@pytest.mark.parametrize("sandbox", [False, True])
def test_every_example_and_default_of_the_first_day_is_true(tmp_path, sandbox):
    text = uncommented(first_settings_text(sandbox=sandbox))
    (tmp_path / "secrets").mkdir()
    for found in re.findall(r'_secret_file = "(secrets/.+)"', text):
        file = tmp_path / found
        file.write_text(SECRET)
        file.chmod(0o600)
    file = tmp_path / "settings.toml"
    file.write_text(text)
    file.chmod(0o600)
    environment = {"HOME": str(tmp_path)}
    settings = load_settings(file, environment=environment)
    accounts = {"alpha", "beta", "gamma"} if sandbox else {"prices", "paper", "alpha"}
    assert set(settings.accounts) == accounts
    assert set(settings.strategies) == {"averages"}
    assert set(settings.notify) == {"office"}
    for name, account in settings.accounts.items():
        assert not moves_money(account, settings.manifests[name], Mode.LIVE), name
    bare = load_settings(None, environment=environment)
    assert settings.desk == bare.desk
    assert settings.dashboard == bare.dashboard
    if not sandbox:
        assert settings.limits.base == bare.limits.base


# ---- an adapter's table --------------------------------------------------------


def filled(text, folder):
    """Fill what is empty, and write the secrets that it names."""
    (folder / "secrets").mkdir(exist_ok=True)
    for name in re.findall(r'^[a-z_]+_secret_file = "(.+)"$', text, re.MULTILINE):
        (folder / name).write_text(SECRET)
        (folder / name).chmod(0o600)
    values = {"market": "other", "url": "http://127.0.0.1:7401"}
    return EMPTY.sub(lambda found: f'{found[1]} = "{values.get(found[1], "7")}"', text)


OTHER = '\n[accounts.other]\nadapter = "binance"\nuse = "data"\n'


@pytest.mark.parametrize("manifest", LISTED, ids=lambda each: each.id)
def test_an_adapters_table_can_be_used_once_it_is_filled_and_moves_no_real_money(
    tmp_path, manifest
):
    text = filled(adapter_table(manifest), tmp_path)
    section = SECTIONS[manifest.kind]
    (name,) = tomllib.loads(text)[section]
    file = tmp_path / "settings.toml"
    file.write_text(text + OTHER)
    file.chmod(0o600)
    settings = load_settings(file, environment={"HOME": str(tmp_path)})
    table = getattr(settings, section)[name]
    assert table.adapter == manifest.id
    assert section == "notify" or not moves_money(table, manifest, Mode.LIVE)
    for key in manifest.settings:
        assert re.search(rf"^(# )?{key}(_file)? = ", text, re.MULTILINE), key
    has_files = re.search(r"^[a-z_]+_secret_file = ", text, re.MULTILINE) is not None
    assert has_files == ("make the file of each secret" in text.replace("\n# ", " "))


def test_a_table_that_is_not_filled_is_refused_by_the_names_of_what_is_missing(tmp_path):
    (binance,) = (each for each in LISTED if each.id == "binance")
    file = tmp_path / "settings.toml"
    file.write_text(adapter_table(binance))
    file.chmod(0o600)
    with pytest.raises(ConfigError) as caught:
        load_settings(file, environment={"HOME": str(tmp_path)})
    assert "binance.key_secret" in str(caught.value)


def test_a_table_tells_choices_and_how_the_environment_names_a_secret():
    settings = {
        "key_secret": Setting(help="The key's secret"),
        "speed": Setting(help="How fast.", default="fast", choices=("fast", "slow")),
    }
    toy = Manifest(
        id="toy:two",
        kind="venue",
        name="Toy",
        docs_url="https://example.org",
        keys_url="https://example.org/keys",
        factory="",
        tier=Tier.REPLAYED,
        settings=settings,
    )
    text = adapter_table(toy)
    words = text.replace("\n# ", " ")
    assert tomllib.loads(text)["accounts"].keys() == {"toy-two"}
    assert "environment as CROSSDOCK_ACCOUNTS_TOY_TWO_KEY_SECRET." in words
    assert 'How fast. One of: fast, slow.\n# speed = "fast"' in text
    assert "Keys are made at https://example.org/keys" in words
    assert 'set mode = "live" in [desk] and accept_unproven = true here' in words


def test_an_adapter_that_settings_do_not_name_has_no_table():
    (store, *_) = Registry().manifests("store")
    with pytest.raises(ConfigError, match="of the kind store"):
        adapter_table(store)
