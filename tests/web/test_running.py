import fcntl
import json
import os
import stat
from pathlib import Path

import pytest

from crossdock.web.running import RunningDashboard, announced, running_dashboards


def dashboard(desk, settings=None):
    return RunningDashboard(
        url="http://127.0.0.1:5000",
        desk=desk,
        database=Path("/data") / desk / "dashboard.sqlite",
        keeps_in="database",
        settings=settings,
    )


def test_a_dashboard_is_found_for_as_long_as_it_runs_and_by_its_owner_only(tmp_path):
    folder = tmp_path / "run" / "dashboards"
    one, two = dashboard("b", Path("/home/ada/settings.toml")), dashboard("a")
    assert running_dashboards(folder) == []
    with announced(one, folder), announced(two, folder):
        assert running_dashboards(folder) == [two, one]
        assert running_dashboards(folder) == [two, one]
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}
    assert running_dashboards(folder) == []
    assert list(folder.iterdir()) == []


def test_what_a_killed_dashboard_left_is_no_dashboard_and_is_removed(tmp_path):
    with announced(dashboard("a"), tmp_path):
        (file,) = tmp_path.iterdir()
        left = tmp_path / f"{'0' * 16}.json"
        left.write_text(file.read_text())
        assert json.loads(left.read_text())["desk"] == "a"
        unfinished, begun = (tmp_path / f"{each * 16}.new" for each in "12")
        for each in (unfinished, begun):
            each.touch()
        os.utime(unfinished, (0, 0))
        assert running_dashboards(tmp_path) == [dashboard("a")]
        assert set(tmp_path.iterdir()) == {file, begun}


@pytest.mark.parametrize("name", ["left.json", "0123456789abcdeg.json", "settings.toml"])
def test_a_file_that_is_no_dashboards_is_left_alone(tmp_path, name):
    (tmp_path / name).write_text("{}")
    assert running_dashboards(tmp_path) == []
    assert [each.name for each in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"url": 1, "desk": "a"}', "\xff"])
def test_a_locked_file_that_cannot_be_read_is_no_dashboard(tmp_path, text):
    file = tmp_path / f"{'0' * 16}.json"
    file.write_bytes(text.encode("latin-1"))
    with file.open() as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        assert running_dashboards(tmp_path) == []
    assert file.exists()


def test_neither_a_pipe_nor_a_link_is_followed(tmp_path):
    target = tmp_path / "target"
    target.write_text("{}")
    (tmp_path / f"{'0' * 16}.json").symlink_to(target)
    os.mkfifo(tmp_path / f"{'1' * 16}.json")
    assert running_dashboards(tmp_path) == []
    assert len(list(tmp_path.iterdir())) == 3


def test_a_folder_that_others_write_in_is_neither_believed_nor_used(tmp_path):
    with announced(dashboard("a"), tmp_path):
        (file,) = tmp_path.iterdir()
        left = tmp_path / f"{'0' * 16}.json"
        left.touch()
        tmp_path.chmod(0o777)
        assert running_dashboards(tmp_path) == []
        with announced(dashboard("b"), tmp_path):
            assert set(tmp_path.iterdir()) == {file, left}


def test_another_users_file_is_no_dashboard(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    with announced(dashboard("a"), tmp_path):
        (file,) = tmp_path.iterdir()
        os.chown(file, 65_534, 65_534)
        assert running_dashboards(tmp_path) == []


def test_a_dashboard_runs_where_it_cannot_be_announced(tmp_path):
    blocked = tmp_path / "run"
    blocked.write_text("a file is here")
    with announced(dashboard("a"), blocked / "dashboards"):
        assert running_dashboards(blocked / "dashboards") == []
    assert blocked.read_text() == "a file is here"
