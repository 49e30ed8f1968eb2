"""What a call asks for: fields of its path, its query and its JSON body."""

from __future__ import annotations

import re

from crossdock.sandbox.faces.fields import Fields
from crossdock.sandbox.faces.kucoin_gateway.refusals import bad_parameter
from crossdock.sandbox.faces.refusals import Refusal

_CLIENT_ID = re.compile(r"[0-9A-Za-z_-]{1,40}", re.ASCII)


class Params(Fields):
    """Fields of one call. Every reader raises the protocol's refusal."""

    @staticmethod
    def wrong(name: str) -> Refusal:
        return bad_parameter(name)

    def words(self, name: str) -> list[str]:
        return [it for it in (self.maybe(name) or "").split(",") if it]

    def client_id(self) -> str | None:
        """Read the client's id, if one is given: forty letters at most."""
        return self.matching("clientOid", _CLIENT_ID)
