"""What a call asks for: fields of its path, its query and its JSON body."""

from __future__ import annotations

import re

from crossdock.sandbox.faces.fields import Fields
from crossdock.sandbox.faces.htx.refusals import Said, bad_field
from crossdock.sandbox.faces.refusals import Refusal

_CLIENT_ID = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)


class Params(Fields):
    """Fields of one call. Every reader raises the protocol's refusal."""

    @staticmethod
    def wrong(name: str) -> Refusal:
        return bad_field(name)

    @classmethod
    def missing(cls, name: str) -> Refusal:
        return Said("validation-constraints-required", f"Field is missing: {name}.")

    def client_id(self, name: str = "client-order-id") -> str | None:
        """Read the client's id, if one is given: sixty-four letters at most."""
        return self.matching(name, _CLIENT_ID)
