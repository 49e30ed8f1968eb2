import errno
import os

import pytest

from crossdock.adapters.stores.journal.disk import Disk


class FailingDisk(Disk):
    """Fails at call number `fails_at`, and from then on when `stays_broken`."""

    def __init__(self, fails_at, *, short=False, stays_broken=False, number=errno.ENOSPC):
        self.fails_at = fails_at
        self.short = short
        self.stays_broken = stays_broken
        self.number = number
        self.calls = 0

    @property
    def failed(self):
        return self.calls >= self.fails_at

    def _count(self):
        self.calls += 1
        if self.calls == self.fails_at or (self.stays_broken and self.failed):
            raise OSError(self.number, os.strerror(self.number))

    def write(self, fd, data):
        if self.short and self.calls + 1 == self.fails_at:
            self.calls += 1
            return os.write(fd, data[: len(data) // 2])
        self._count()
        return os.write(fd, data)

    def truncate(self, fd, size):
        if self.stays_broken and self.failed:
            raise OSError(self.number, os.strerror(self.number))
        os.ftruncate(fd, size)

    def create(self, file):
        self._count()
        return super().create(file)

    def sync(self, fd):
        self._count()
        super().sync(fd)

    def rename(self, file, target):
        self._count()
        super().rename(file, target)

    def sync_folder(self, folder):
        self._count()
        super().sync_folder(folder)


@pytest.fixture
def failing_disk():
    return FailingDisk


class RecordingDisk(Disk):
    """Notes what was asked of it, in order."""

    def __init__(self):
        self.calls = []

    def write(self, fd, data):
        self.calls.append("write")
        return os.write(fd, data)

    def create(self, file):
        self.calls.append("create")
        return super().create(file)

    def sync(self, fd):
        self.calls.append("sync")
        super().sync(fd)

    def rename(self, file, target):
        self.calls.append("rename")
        super().rename(file, target)

    def sync_folder(self, folder):
        self.calls.append("sync_folder")
        super().sync_folder(folder)


@pytest.fixture
def recording_disk():
    return RecordingDisk()
