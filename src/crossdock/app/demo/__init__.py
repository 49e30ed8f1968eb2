"""Three hostile venues, a desk on them, and its death and recovery to watch."""

from crossdock.app.demo.processes import DeskProcess, SandboxProcess, sandbox_in_foreground
from crossdock.app.demo.recovery import Recovery, Settled
from crossdock.app.demo.stage import Demo, Look, summary_of
from crossdock.app.demo.venues import DemoVenues

__all__ = [
    "Demo",
    "DemoVenues",
    "DeskProcess",
    "Look",
    "Recovery",
    "SandboxProcess",
    "Settled",
    "sandbox_in_foreground",
    "summary_of",
]
