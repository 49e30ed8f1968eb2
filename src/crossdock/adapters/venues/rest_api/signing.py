"""Signs requests as a description says."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from urllib.parse import quote

from crossdock.adapters.venues.rest_api.described.tables import (
    Auth,
    BasicAuth,
    BearerAuth,
    HmacAuth,
)
from crossdock.adapters.venues.rest_api.described.template import Moment, query_of, template
from crossdock.errors import ConfigError
from crossdock.ports import Clock
from crossdock.toolkit import HttpRequest, Secret


class Signer:
    """Adds what authenticates a request: query first, so that a signature covers it."""

    def __init__(
        self, auth: Auth, settings: Mapping[str, str | Secret], clock: Clock
    ) -> None:
        self._auth = auth
        self._settings = settings
        self._clock = clock
        if isinstance(auth, HmacAuth):
            self._key(auth)

    def request(self, request: HttpRequest) -> HttpRequest:
        auth = self._auth
        values: dict[str, object] = {
            name: value.reveal() if isinstance(value, Secret) else value
            for name, value in self._settings.items()
        }
        values["time"] = Moment(self._clock.time_ns())
        request = self._with_query(request, query_of(auth.query, values))
        values |= {"method": request.method, "path": request.path, "body": request.body}
        values |= {"query": request.query, "target": request.target}
        if isinstance(auth, HmacAuth):
            signature = self._signature(auth, template(auth.signs).text(values) or "")
            values["signature"] = signature
            if auth.signature_query:
                pair = f"{quote(auth.signature_query)}={quote(signature, safe='')}"
                request = self._with_query(request, pair)
        headers = dict(request.headers)
        for name, text in auth.headers.items():
            headers[name] = template(text).text(values) or ""
        if isinstance(auth, BearerAuth):
            headers["Authorization"] = f"Bearer {template(auth.token).text(values)}"
        elif isinstance(auth, BasicAuth):
            user = template(auth.user).text(values)
            pair = f"{user}:{template(auth.password).text(values)}"
            coded = base64.b64encode(pair.encode()).decode()
            headers["Authorization"] = f"Basic {coded}"
        return HttpRequest(
            method=request.method,
            path=request.path,
            query=request.query,
            headers=headers,
            body=request.body,
        )

    def _with_query(self, request: HttpRequest, more: str) -> HttpRequest:
        return request.with_query("&".join(filter(None, (request.query, more))))

    def _signature(self, auth: HmacAuth, text: str) -> str:
        made = hmac.digest(self._key(auth), text.encode(), auth.hash)
        return made.hex() if auth.encoding == "hex" else base64.b64encode(made).decode()

    def _key(self, auth: HmacAuth) -> bytes:
        values = {
            name: value.reveal() if isinstance(value, Secret) else value
            for name, value in self._settings.items()
        }
        secret = template(auth.secret).text(values) or ""
        try:
            if auth.key_encoding == "hex":
                return bytes.fromhex(secret)
            if auth.key_encoding == "base64":
                return base64.b64decode(secret, validate=True)
        except (ValueError, binascii.Error):
            pass
        else:
            return secret.encode()
        # Raised outside of `except`: the library's words would quote the secret.
        raise ConfigError(f"the secret that signs is not {auth.key_encoding}")
