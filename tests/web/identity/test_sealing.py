import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.errors import ConfigError
from crossdock.web.identity.sealing import Seal, kept_secret_key

KEY = "a secret key of more than thirty-two characters"


@given(st.text(max_size=200))
def test_what_is_sealed_opens_with_the_same_key_alone(text):
    sealed = Seal(KEY).encrypt(text)
    assert Seal(KEY).decrypt(sealed) == text
    with pytest.raises(ConfigError, match=r"another dashboard\.secret_key"):
        Seal(KEY + "!").decrypt(sealed)


@pytest.mark.parametrize("place", [0, 1, 2, 3, 4])
def test_what_was_changed_does_not_open(place):
    parts = Seal(KEY).encrypt("a secret").split(".")
    part = parts[place]
    parts[place] = ("A" if part[:1] != "A" else "B") + part[1:]
    with pytest.raises(ConfigError):
        Seal(KEY).decrypt(".".join(parts))


def test_the_same_text_is_never_sealed_alike():
    assert Seal(KEY).encrypt("a") != Seal(KEY).encrypt("a")


def test_a_signature_is_of_one_key_one_purpose_and_one_text():
    made = {
        Seal(key).signature(purpose, text)
        for key in (KEY, KEY + "!")
        for purpose in ("csrf", "cookie")
        for text in ("a", "b")
    }
    assert len(made) == 8
    assert Seal(KEY).signature("csrf", "a") == Seal(KEY).signature("csrf", "a")


def test_a_key_shows_itself_nowhere():
    assert KEY not in repr(Seal(KEY)) + str(Seal(KEY))


def test_a_key_that_is_made_is_kept_for_its_owner_only(tmp_path):
    database = tmp_path / "folder" / "dashboard.sqlite"
    before = os.umask(0)
    try:
        made = kept_secret_key(database)
    finally:
        os.umask(before)
    assert len(made) == 64
    assert kept_secret_key(database) == made
    (file,) = database.parent.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_kept_key_that_others_may_read_is_refused(tmp_path):
    database = tmp_path / "dashboard.sqlite"
    kept_secret_key(database)
    (tmp_path / "dashboard.key").chmod(0o640)
    with pytest.raises(ConfigError, match="can be read by others"):
        kept_secret_key(database)
