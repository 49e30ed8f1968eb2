"""Work that outlasts a request: backtests and downloads, each in a process of its own."""

from crossdock.web.work.jobs import Job, Jobs

__all__ = ["Job", "Jobs"]
