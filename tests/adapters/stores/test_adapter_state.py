import stat
import tempfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.adapters.stores.journal.state import StateFiles
from crossdock.errors import JournalError

KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(st.lists(st.tuples(KEYS, st.binary(max_size=50)), max_size=10))
@settings(max_examples=30, deadline=None)
def test_the_value_saved_last_under_each_key_is_loaded_after_a_restart(saves):
    with tempfile.TemporaryDirectory() as folder:
        state = StateFiles(folder)
        for key, value in saves:
            state.save(key, value)
        again = StateFiles(folder)
        assert all(again.load(key) == value for key, value in dict(saves).items())
        assert again.load("never saved" * 6) is None


@pytest.mark.parametrize(
    ("one", "other"), [("fix", "FIX"), ("a/b", "a%2Fb"), ("", "."), ("x" * 500, "x" * 501)]
)
def test_keys_a_file_system_could_confuse_stay_apart(tmp_path, one, other):
    state = StateFiles(tmp_path / "state")
    state.save(one, b"1")
    state.save(other, b"2")
    assert (state.load(one), state.load(other)) == (b"1", b"2")
    assert len({each.name.lower() for each in (tmp_path / "state").iterdir()}) == 2


def test_a_key_cannot_leave_its_folder_and_only_the_owner_reads_it(tmp_path):
    StateFiles(tmp_path / "state").save("../../token", b"secret")
    (file,) = (each for each in tmp_path.rglob("*") if each.is_file())
    assert file.parent == tmp_path / "state"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("short", [False, True])
def test_a_save_that_fails_at_any_call_leaves_the_old_value_or_the_new(
    tmp_path, failing_disk, short
):
    counting = failing_disk(10**9)
    StateFiles(tmp_path / "state", disk=counting).save("k", b"value 0")
    for number in range(1, counting.calls + 1):
        StateFiles(tmp_path / "state").save("k", b"old value")
        state = StateFiles(tmp_path / "state", disk=failing_disk(number, short=short))
        with pytest.raises(JournalError, match="the state k cannot be written") as caught:
            state.save("k", b"new value")
        assert "new value" not in str(caught.value)
        placed = number == counting.calls  # only the folder's sync was left
        assert state.load("k") == (b"new value" if placed else b"old value")
    StateFiles(tmp_path / "state").save("k", b"good again")
    assert StateFiles(tmp_path / "state").load("k") == b"good again"


def test_damage_in_any_byte_is_told_without_the_value(tmp_path):
    state = StateFiles(tmp_path / "state")
    state.save("nonce", b"top secret")
    (file,) = (tmp_path / "state").iterdir()
    data = file.read_bytes()
    for position in range(len(data)):
        for damaged in (
            data[:position],
            data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :],
        ):
            file.write_bytes(damaged)
            with pytest.raises(
                JournalError, match=r"the state nonce .* is damaged"
            ) as caught:
                state.load("nonce")
            assert "secret" not in str(caught.value)


def test_a_value_is_synced_before_it_takes_the_place_of_the_old_one(
    tmp_path, recording_disk
):
    StateFiles(tmp_path / "state", disk=recording_disk).save("k", b"v")
    assert recording_disk.calls == ["create", "write", "sync", "rename", "sync_folder"]
