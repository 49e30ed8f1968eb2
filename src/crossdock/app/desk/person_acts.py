"""Who did what, by which door: journaled before it is done."""

from __future__ import annotations

from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.errors import DeskError
from crossdock.model import CorrelationId


def person_acts(
    kernel: Kernel,
    by: str,
    action: str,
    subject: str = "",
    *,
    door: str = "",
    words: str = "",
    correlation: str = "",
) -> None:
    """Write down who is about to have something done. Raises DeskError for nobody.

    A journal that cannot write does not stop it: what adds risk is refused elsewhere.
    """
    if not by.strip():
        raise DeskError("say who does this: by", code="bad-argument")
    acted = r.PersonActed(
        at=kernel.now(),
        by=by,
        action=action,
        subject=subject,
        door=door,
        words=words,
        correlation=CorrelationId(correlation),
    )
    kernel.note([acted])
