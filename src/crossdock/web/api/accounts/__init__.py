"""One account besides its orders: margin, money that moves, what its venue tells."""

from __future__ import annotations

from fastapi import APIRouter

from crossdock.web.api.accounts import margin, moving, telling
from crossdock.web.api.handed_in import FOR_VIEWERS

router = APIRouter(
    prefix="/accounts/{account}", tags=["accounts"], dependencies=[FOR_VIEWERS]
)
for _subject in (margin, moving, telling):
    router.include_router(_subject.router)
