"""The way to the desk: questions, and what it pushes."""

from crossdock.web.link.link import DeskLink, LinkStanding
from crossdock.web.link.watching import Change, Watching

__all__ = ["Change", "DeskLink", "LinkStanding", "Watching"]
