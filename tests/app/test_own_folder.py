"""Whose a folder must be before what stands in it is believed."""

import os
import stat

import pytest

from crossdock.app.own_folder import NotOwn, open_own, own_folder, stranger_of

SOMEBODY = 65_534
ME = os.geteuid()


@pytest.fixture
def theirs(tmp_path):
    """Return a folder of another user, and who we are then."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    if ME == 0:
        os.chown(folder, SOMEBODY, SOMEBODY)
        return folder, ME
    return folder, SOMEBODY  # the folder is ours, and we take ourselves for somebody else


def test_a_folder_is_made_for_its_owner_only_and_may_be_there_already(tmp_path):
    folder = tmp_path / "run" / "dashboards"
    for _ in range(2):
        own_folder(folder)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    os.close(open_own(folder))


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o1777])
def test_a_folder_that_others_write_in_is_not_ones_own(tmp_path, mode):
    tmp_path.chmod(mode)
    with pytest.raises(NotOwn) as refused:
        own_folder(tmp_path)
    assert refused.value.strerror == "can be written by others"


def test_another_users_folder_is_not_ones_own_and_none_is_made_beneath(theirs):
    folder, me = theirs
    with pytest.raises(NotOwn) as refused:
        own_folder(folder, me)
    assert refused.value.strerror == "belongs to another user"
    with pytest.raises(NotOwn) as refused:
        own_folder(folder / "run" / "dashboards", me)
    assert "would be made in a folder of user" in refused.value.strerror
    assert list(folder.iterdir()) == []


def test_a_link_to_ones_own_folder_is_believed_unless_somebody_else_laid_it(tmp_path):
    (tmp_path / "run").mkdir(0o700)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "run")
    os.close(open_own(link))
    if ME != 0:
        pytest.skip("only root can lay a link as somebody else")
    os.chown(link, SOMEBODY, SOMEBODY, follow_symlinks=False)
    with pytest.raises(NotOwn):
        open_own(link)


def test_what_is_new_is_judged_by_the_nearest_folder_there_is(theirs, tmp_path):
    folder, me = theirs
    new = folder / "data" / "dashboard.sqlite"
    assert stranger_of(new, me) == folder.stat().st_uid
    assert stranger_of(new, folder.stat().st_uid) is None
    folder.chmod(0o1777)  # as /tmp is
    assert stranger_of(new, me) is None
