"""The dashboard's page, opened without telling its link to the rest of the machine."""

import re
import stat
import webbrowser
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from crossdock.cli.dashboard_process import open_browser

LINK = 'http://127.0.0.1:5000/sign-in?next=/&a="b#token=once-and-for-all'


@pytest.fixture(autouse=True)
def screen(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")


class Browser:
    """Keeps what stands in its arguments, and reads the page that they name."""

    def __init__(self, opens=True):
        self.opens = opens

    def __call__(self, address):
        self.argument = address
        parts = urlsplit(address)
        assert parts.scheme == "file"
        self.page = Path(unquote(parts.path))
        self.mode = stat.S_IMODE(self.page.stat().st_mode)
        self.text = self.page.read_text("utf-8")
        if self.opens is None:
            raise webbrowser.Error("no browser")
        return self.opens


def test_the_link_is_in_a_file_for_its_owner_and_in_no_argument(tmp_path):
    browser = Browser()
    folder = tmp_path / "a folder" / "run"
    assert open_browser(LINK, folder, browser)
    assert "once-and-for-all" not in browser.argument and "5000" not in browser.argument
    assert browser.mode == 0o600 and stat.S_IMODE(folder.stat().st_mode) == 0o700
    [content] = re.findall(r'http-equiv="refresh" content="([^"]*)"', browser.text)
    assert unescape(content) == f"0;url={LINK}"


@pytest.mark.parametrize("opens", [False, None])
def test_nothing_is_left_where_no_browser_opens(tmp_path, opens):
    assert not open_browser(LINK, tmp_path, Browser(opens))
    assert list(tmp_path.iterdir()) == []


async def test_the_file_is_removed_while_its_process_runs_on(tmp_path):
    import asyncio

    from crossdock.cli.dashboard_process import OPENING_S

    loop, due = asyncio.get_running_loop(), []
    later = loop.call_later
    loop.call_later = lambda delay_s, call: due.append((delay_s, call))
    try:
        assert open_browser(LINK, tmp_path, Browser())
    finally:
        loop.call_later = later
    [(delay_s, remove)] = due
    assert delay_s == OPENING_S and list(tmp_path.iterdir())
    remove()
    remove()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_no_file_leaves_the_link_to_be_shown(tmp_path):
    blocked = tmp_path / "run"
    blocked.write_text("a file is here")
    assert not open_browser(LINK, blocked, Browser())


def test_no_page_is_put_where_others_could_put_another_in_its_place(tmp_path):
    tmp_path.chmod(0o777)
    assert not open_browser(LINK, tmp_path, Browser())
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_where_there_is_no_screen(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not open_browser(LINK, tmp_path / "run", Browser())
    assert not (tmp_path / "run").exists()
