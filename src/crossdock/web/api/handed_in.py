"""What routes are handed: who asks, with the right they need, and the way to the desk."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, TypeVar, cast

from fastapi import Depends, Request, Response
from pydantic import TypeAdapter, ValidationError

from crossdock.errors import DeskError
from crossdock.web.dashboard import Dashboard, dashboard_of
from crossdock.web.identity.access import Access, Caller, access, caller_of
from crossdock.web.link import DeskLink
from crossdock.web.link.desk_files import DeskFiles
from crossdock.web.link.lanes import asking_for
from crossdock.web.problems import Problem

LATEST_NS = 2**63 - 1

FOR_VIEWERS = access(Access.VIEW)
FOR_TRADERS = access(Access.TRADE)
FOR_ADMINS = access(Access.ADMIN)

Trader = Annotated[Caller, FOR_TRADERS]
RiskOfficer = Annotated[Caller, access(Access.RISK)]
Admin = Annotated[Caller, FOR_ADMINS]


def the_dashboard(request: Request) -> Dashboard:
    return dashboard_of(request)


Here = Annotated[Dashboard, Depends(the_dashboard)]
T = TypeVar("T")


class TheDesk:
    """Asks the desk; while it is away, the files it has left behind, which the answer says.

    `X-Answered-From: files` and `X-As-Of-Ns` are set then. What files cannot tell is
    refused as the desk's absence.
    """

    def __init__(
        self,
        link: DeskLink,
        files: DeskFiles | None,
        request: Request,
        response: Response,
    ) -> None:
        self._link = link
        self._request = request
        self._files = files
        self._response = response

    async def ask(self, shape: type[T], op: str, /, **args: Any) -> T:
        """Return what an operation tells, in its shape. Raises what the desk refuses.

        Raises Problem 502 for an answer that is not of this shape.
        """
        told = await self._told(op, args)
        try:
            made: T = _shaped(cast("Any", shape)).validate_python(told)
        except ValidationError as error:
            raise Problem(
                502,
                "desk-newer",
                f"the desk's answer to {op} is none that this dashboard knows: {error}",
                hint="run the desk and the dashboard of one version",
            ) from error
        return made

    async def _told(self, op: str, args: dict[str, Any]) -> Any:
        caller = caller_of(self._request)
        try:
            with asking_for("" if caller is None else caller.name):
                return await self._link.ask(op, **args)
        except DeskError as away:
            if away.code != "desk-not-running" or self._files is None:
                raise
            found = await self._files.answer(op, args)
            if found is None:
                raise
            self._response.headers["X-Answered-From"] = "files"
            self._response.headers["X-As-Of-Ns"] = str(found.as_of_ns)
            return found.told


@cache
def _shaped(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def the_desk(request: Request, response: Response) -> TheDesk:
    dashboard = dashboard_of(request)
    return TheDesk(dashboard.link, dashboard.files, request, response)


Desk = Annotated[TheDesk, Depends(the_desk)]


def who(caller: Caller) -> dict[str, Any]:
    """Return who acts, as the desk journals it."""
    return {"by": caller.name, "door": caller.door}
