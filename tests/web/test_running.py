import json
import stat
from pathlib import Path

from crossdock.web.running import RunningDashboard, announced, running_dashboards


def dashboard(desk, settings=None):
    return RunningDashboard(
        url="http://127.0.0.1:5000",
        desk=desk,
        database=Path("/data") / desk / "dashboard.sqlite",
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
        left = tmp_path / "left.json"
        left.write_text(file.read_text())
        assert json.loads(left.read_text())["desk"] == "a"
        assert running_dashboards(tmp_path) == [dashboard("a")]
        assert list(tmp_path.iterdir()) == [file]


def test_a_dashboard_runs_where_it_cannot_be_announced(tmp_path):
    blocked = tmp_path / "run"
    blocked.write_text("a file is here")
    with announced(dashboard("a"), blocked / "dashboards"):
        assert running_dashboards(blocked / "dashboards") == []
    assert blocked.read_text() == "a file is here"
