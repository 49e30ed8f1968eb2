"""What reaches a desk by TCP must know a secret, and beyond this machine see a certificate."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from crossdock.app.settings.models import DeskSettings
from crossdock.app.settings.origins import Problem
from crossdock.app.settings.sources import Tree

LEAST_SECRET = 16  # characters


def control_problems(tree: Tree, desk: DeskSettings) -> Iterable[Problem]:
    """Find a port that anybody could use, or that others on the way could listen in on."""
    origin = tree.origin(("desk", "control_listen"))
    if not desk.control_listen:
        return
    if len(desk.control_secret.reveal()) < LEAST_SECRET:
        yield Problem(
            code="config-missing",
            text=f"desk.control_listen takes a control_secret of {LEAST_SECRET} characters "
            "or more",
            origin=origin,
            hint="put one into a file of your own: control_secret_file",
        )
    if (desk.control_certificate is None) is not (desk.control_key is None):
        yield Problem(
            code="config-missing",
            text="desk.control_certificate and desk.control_key go together",
            origin=origin,
            hint="set both, or neither",
        )
    host = desk.control_listen.rpartition(":")[0]
    if desk.control_certificate is None and not is_loopback(host):
        yield Problem(
            code="config-value",
            text=f'desk.control_listen = "{desk.control_listen}" is reached from elsewhere, '
            "and nothing hides what is said",
            origin=origin,
            hint="set control_certificate and control_key, or listen on 127.0.0.1",
        )


def is_loopback(host: str) -> bool:
    """Tell whether an address is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
