"""Three hostile venues, a desk on them, and its death and recovery to watch."""

from crossdock.app.demo.live import EXCHANGES, Exchange, LiveDemo
from crossdock.app.demo.processes import DeskProcess, SandboxProcess, sandbox_in_foreground
from crossdock.app.demo.recovery import Recovery, Settled
from crossdock.app.demo.stage import Demo
from crossdock.app.demo.venues import DemoVenues
from crossdock.app.demo.watched_desk import Look, WatchedDesk, summary_of

__all__ = [
    "EXCHANGES",
    "Demo",
    "DemoVenues",
    "DeskProcess",
    "Exchange",
    "LiveDemo",
    "Look",
    "Recovery",
    "SandboxProcess",
    "Settled",
    "WatchedDesk",
    "sandbox_in_foreground",
    "summary_of",
]
