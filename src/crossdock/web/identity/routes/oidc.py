"""To the OpenID provider and back."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from crossdock.web.dashboard import dashboard_of
from crossdock.web.identity.access import public
from crossdock.web.identity.gatekeeper import is_plain_here, require_private
from crossdock.web.identity.users import Source
from crossdock.web.identity.ways.oidc import AWAITED_S
from crossdock.web.problems import Problem

router = APIRouter(prefix="/api/v1/session/oidc", tags=["session"])


@router.get("/start", dependencies=[public()], response_class=RedirectResponse)
async def start(request: Request) -> RedirectResponse:
    """Send the browser to the provider."""
    require_private(request)
    dashboard = dashboard_of(request)
    base = dashboard.settings.dashboard.public_url or str(request.base_url)
    begun = await dashboard.identity.oidc.begin(
        f"{base.rstrip('/')}{router.prefix}/callback"
    )
    reply = RedirectResponse(begun.address, 303)
    # Lax: the provider's page brings the browser back.
    reply.set_cookie(
        _cookie(request),
        begun.state,
        max_age=int(AWAITED_S),
        path=f"{request.scope.get('root_path', '')}{router.prefix}",
        secure=not is_plain_here(request),
        httponly=True,
        samesite="lax",
    )
    return reply


@router.get("/callback", dependencies=[public()], response_class=RedirectResponse)
async def callback(
    request: Request, state: str = "", code: str = "", error: str = ""
) -> RedirectResponse:
    """Take the browser back, signed in, or to the sign-in page with what went wrong."""
    require_private(request)
    identity = dashboard_of(request).identity
    root = request.scope.get("root_path", "")
    try:
        if error:
            raise Problem(401, "oidc-refused", f"the provider said no: {error[:80]}")
        vouched = await identity.oidc.finish(
            state=state, browser_state=request.cookies.get(_cookie(request), ""), code=code
        )
        user = identity.vouching.user(
            vouched.name, Source.OIDC, role=vouched.role, subject=vouched.subject
        )
    except Problem as problem:
        told = urlencode({"code": problem.code, "detail": problem.detail})
        return RedirectResponse(f"{root}/sign-in?{told}", 303)
    session = await identity.sessions.begin(user)
    reply = RedirectResponse(f"{root}/", 303)
    identity.gatekeeper.set_cookie(request, reply, session.token)
    reply.delete_cookie(_cookie(request), path=f"{root}{router.prefix}")
    return reply


def _cookie(request: Request) -> str:
    return f"{dashboard_of(request).identity.gatekeeper.cookie}_oidc"
