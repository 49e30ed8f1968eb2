from pathlib import Path

import pytest

from crossdock.app.paths import user_folders

HOME = {"HOME": "/home/ada"}


def test_xdg_folders_are_the_defaults_elsewhere_than_on_macos():
    folders = user_folders(HOME, "linux")
    assert folders.settings_file == Path("/home/ada/.config/crossdock/settings.toml")
    assert folders.journal("main") == Path("/home/ada/.local/share/crossdock/main/journal")
    assert folders.logs == Path("/home/ada/.local/state/crossdock/logs")
    assert folders.cache == Path("/home/ada/.cache/crossdock")


def test_macos_folders_lie_in_its_library():
    folders = user_folders(HOME, "darwin")
    assert all(path.is_relative_to("/home/ada/Library") for _, path in folders.rows())


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_crossdock_home_holds_everything(platform):
    folders = user_folders({**HOME, "CROSSDOCK_HOME": "/srv/desk"}, platform)
    assert all(path.is_relative_to("/srv/desk") for _, path in folders.rows())
    assert len({path for _, path in folders.rows()}) == 5


def test_an_xdg_variable_moves_its_folder_and_a_relative_one_is_ignored():
    given = {**HOME, "XDG_CONFIG_HOME": "/etc/ada", "XDG_DATA_HOME": "data"}
    folders = user_folders(given, "linux")
    assert folders.settings == Path("/etc/ada/crossdock")
    assert folders.data == Path("/home/ada/.local/share/crossdock")


@pytest.mark.parametrize("depth", [1, 40])
def test_a_control_socket_fits_the_shortest_limit_of_any_platform(depth):
    deep = {**HOME, "CROSSDOCK_HOME": "/srv" + "/long" * depth}
    path = user_folders(deep, "linux").control("main")
    assert len(str(path).encode()) <= 103
    assert path.name == "main.sock"
