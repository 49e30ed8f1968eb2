"""A support bundle holds what helps, and nothing that opens an account."""

import zipfile

import pytest

from crossdock.app.care.support import write_bundle
from crossdock.errors import DeskError

SECRET = "very-secret-indeed"


@pytest.fixture
def settings_file(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text(
        f"""
[desk]
journal = "journal"
control = "{tmp_path}/desk.sock"
log_folder = "logs"

[accounts.alpha]
adapter = "sandbox"
url = "http://127.0.0.1:1"
key = "k"
key_secret = "{SECRET}"
"""
    )
    file.chmod(0o600)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "main.log").write_text(f"a line that let {SECRET} slip\n")
    return file


def test_a_bundle_tells_all_but_the_secrets(settings_file, tmp_path):
    target = tmp_path / "bundle.zip"
    names = write_bundle(settings_file, (), target)
    assert target.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(target) as bundle:
        assert set(bundle.namelist()) == set(names)
        texts = {name: bundle.read(name).decode() for name in names}
    assert "accounts.alpha.url" in texts["settings.txt"]
    assert "a line that let" in texts["logs/main.log"]
    assert not [name for name, text in texts.items() if SECRET in text]


def test_a_bundle_is_made_of_settings_that_do_not_read(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text(f'key_secret = "{SECRET}\n')
    names = write_bundle(file, (), tmp_path / "bundle.zip")
    assert "about.json" in names
    assert SECRET.encode() not in (tmp_path / "bundle.zip").read_bytes()


def test_a_bundle_overwrites_nothing(settings_file, tmp_path):
    target = tmp_path / "bundle.zip"
    target.write_text("mine")
    with pytest.raises(DeskError, match="exists already"):
        write_bundle(settings_file, (), target)
    assert target.read_text() == "mine"
