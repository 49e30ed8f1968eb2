"""No secret is ever shown, wherever it came from and whatever form it travels in."""

from __future__ import annotations

import base64
import copy
import json
import pickle
from pathlib import Path
from urllib.parse import quote, quote_plus, urlencode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.errors import ConfigError
from crossdock.toolkit import Masker, Secret, find_secret, read_secret

VALUE = "s3cr3t/Value+with=odd chars\u00e9"


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        "{}".format,
        "{!r:>60}".format,
        "{:>60}".format,
        lambda secret: f"{secret}",
        lambda secret: f"{[secret]} {dict(key=secret)} {(secret,)}",
        lambda secret: str(vars(type(secret))),
        lambda secret: str(dir(secret)),
    ],
)
def test_a_secret_shows_only_its_mask(show):
    assert VALUE not in show(Secret(VALUE))


@pytest.mark.parametrize(
    "leak", [pickle.dumps, copy.deepcopy, json.dumps, msgspec.json.encode, "".join]
)
def test_a_secret_cannot_be_written_out(leak):
    with pytest.raises(TypeError) as caught:
        leak(Secret(VALUE) if leak is not "".join else [Secret(VALUE)])
    assert VALUE not in str(caught.value)


def test_secrets_compare_by_value_and_only_with_secrets():
    assert Secret("a") == Secret("a")
    assert hash(Secret("a")) == hash(Secret("a"))
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert Secret("a").reveal() == "a"
    assert not Secret("")


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SECRETS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), min_size=6, max_size=30
).filter(lambda text: "*" not in text)


@given(value=SECRETS, before=TEXT, after=TEXT)
def test_no_form_of_a_secret_passes_the_masker(value, before, after):
    masker = Masker([Secret(value)])
    raw = value.encode()
    forms = [
        value,
        quote(value),
        quote(value, safe=""),
        quote(value, safe="+=&"),
        quote(value, safe="").lower() if value.islower() else quote(value),
        quote_plus(value),
        urlencode({"k": value})[2:],
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        raw.hex(),
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
    ]
    for form in forms:
        scrubbed = masker.scrub(f"<{before}|{form}|{after}>")
        assert f"|{form}|" not in scrubbed
        assert "|***" in scrubbed
        assert masker.scrub_bytes(f"|{form}|".encode()) != f"|{form}|".encode()


@given(value=SECRETS, user=st.text("abcdefgh", max_size=8), more=st.binary(max_size=5))
def test_a_secret_inside_a_longer_base64_text_is_scrubbed(value, user, more):
    masker = Masker([Secret(value)])
    text = base64.b64encode(f"{user}:{value}".encode() + more).decode()
    scrubbed = masker.scrub(text)
    longest = max(scrubbed.split("***"), key=len)
    assert scrubbed != text
    assert len(longest) <= (max(len(user), len(more)) + 4) * 4 // 3 + 3


@given(text=st.text(), value=SECRETS)
def test_text_without_the_secret_passes_unchanged(text, value):
    masker = Masker([Secret("another-" + value)])
    if "another" not in text:
        assert masker.scrub(text) == text


@given(data=st.binary())
def test_bytes_that_are_no_text_pass_unchanged(data):
    assert Masker([Secret("sk-sentinel-value")]).scrub_bytes(data) == data


def test_a_longer_secret_that_holds_a_shorter_one_is_scrubbed_whole():
    masker = Masker([Secret("abcd"), Secret("abcdefgh")])
    assert masker.scrub("abcdefgh abcd") == "*** ***"


def test_a_very_short_secret_does_not_blank_out_everything():
    assert Masker([Secret("abc")]).scrub("abc abcd") == "abc abcd"


def test_a_masker_shows_no_secret():
    masker = Masker([Secret(VALUE)])
    assert VALUE not in repr(masker)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text(VALUE + "\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def test_a_secret_is_read_from_each_place(key_file):
    base = key_file.parent
    assert read_secret("api_secret", {"api_secret": VALUE}, {}, base) == Secret(VALUE)
    assert read_secret("api_secret", {"api_secret_file": "key"}, {}, base) == Secret(VALUE)
    absolute = {"api_secret_file": str(key_file)}
    assert read_secret("api_secret", absolute, {}, Path("/")) == Secret(VALUE)
    environ = {"CROSSDOCK_MAIN_1_API_SECRET": VALUE}
    found = read_secret("api_secret", {}, environ, base, prefix="CROSSDOCK_main-1")
    assert found == Secret(VALUE)


def test_settings_go_before_the_environment(tmp_path):
    environ = {"CROSSDOCK_API_SECRET": "other"}
    assert read_secret("api_secret", {"api_secret": "a"}, environ, tmp_path) == Secret("a")


@pytest.mark.parametrize(
    "mode", [0o640, 0o604, 0o660, 0o606, 0o620, 0o610, 0o601, 0o644, 0o777]
)
def test_a_file_that_others_may_use_is_refused_with_the_remedy(key_file, mode):
    key_file.chmod(mode)
    with pytest.raises(ConfigError) as caught:
        read_secret("api_secret", {"api_secret_file": "key"}, {}, key_file.parent)
    assert f"chmod 600 {key_file}" in str(caught.value)
    assert VALUE not in str(caught.value)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_file_of_its_owner_alone_is_read(key_file, mode):
    key_file.chmod(mode)
    assert find_secret("api_secret", {"api_secret_file": "key"}, {}, key_file.parent)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b" \n", "empty"), (b"\xff\xfe\x00", "UTF-8")],
)
def test_a_file_without_a_usable_secret_is_refused(key_file, content, words):
    key_file.write_bytes(content)
    with pytest.raises(ConfigError, match=words):
        read_secret("api_secret", {"api_secret_file": "key"}, {}, key_file.parent)


def test_a_directory_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="directory"):
        read_secret("api_secret", {"api_secret_file": "."}, {}, tmp_path)


def test_a_missing_file_is_refused_by_its_path(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.key does not exist"):
        read_secret("api_secret", {"api_secret_file": "none.key"}, {}, tmp_path)


def test_two_places_at_once_are_refused(key_file):
    settings = {"api_secret": VALUE, "api_secret_file": "key"}
    with pytest.raises(ConfigError, match="both set") as caught:
        read_secret("api_secret", settings, {}, key_file.parent)
    assert VALUE not in str(caught.value)


def test_a_missing_secret_names_every_place_to_put_it(tmp_path):
    with pytest.raises(ConfigError) as caught:
        read_secret("api_secret", {}, {}, tmp_path)
    for place in ("api_secret,", "api_secret_file", "CROSSDOCK_API_SECRET"):
        assert place in str(caught.value)
    assert find_secret("api_secret", {}, {}, tmp_path) is None


@pytest.mark.parametrize("value", ["", "  ", "\n"])
def test_an_empty_secret_is_refused(tmp_path, value):
    with pytest.raises(ConfigError, match="empty"):
        read_secret("api_secret", {"api_secret": value}, {}, tmp_path)
    with pytest.raises(ConfigError, match="CROSSDOCK_API_SECRET is empty"):
        read_secret("api_secret", {}, {"CROSSDOCK_API_SECRET": value}, tmp_path)
