"""Signing in with an OpenID provider: code flow with PKCE (OpenID Connect Core 1.0)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import aiohttp
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from crossdock.app.settings import DashboardSettings
from crossdock.web.identity.roles import Role
from crossdock.web.identity.sealing import token
from crossdock.web.kept.kept import Kept
from crossdock.web.problems import Problem

PATIENCE_S = 10.0
AWAITED_S = 600.0  # how long somebody may take at the provider
KEYS_KEPT_NS = 3600 * 1_000_000_000
MOST_BYTES = 1 << 20
LEEWAY_S = 60
SECOND_NS = 1_000_000_000
# Never one that a public key could be taken for the secret of, and never none.
ALGORITHMS = [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "EdDSA",
]
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """Whom the provider speaks of. `subject` is theirs for good, the name may change."""

    name: str
    subject: str
    role: Role | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Where to send the browser, and what it must bring back."""

    address: str
    state: str


class Provider:
    def __init__(
        self, settings: DashboardSettings, kept: Kept, now_ns: Callable[[], int]
    ) -> None:
        self._settings = settings
        self._issuer = settings.oidc_issuer.rstrip("/")
        self._kept = kept
        self._now_ns = now_ns
        self._described: Mapping[str, Any] | None = None
        self._keys: KeySet | None = None
        self._keys_ns = 0

    async def begin(self, back_to: str) -> Begun:
        """Begin a sign-in that the provider ends at `back_to`."""
        described = await self._description()
        state, nonce, verifier = token(), token(), token()
        await self._kept.put(
            f"oidc:{state}",
            json.dumps({"nonce": nonce, "verifier": verifier, "back_to": back_to}),
            ttl_s=AWAITED_S,
        )
        asked = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": back_to,
            "scope": " ".join(self._settings.oidc_scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        where = described["authorization_endpoint"]
        sign = "&" if urlsplit(where).query else "?"
        return Begun(address=f"{where}{sign}{urlencode(asked)}", state=state)

    async def finish(self, *, state: str, browser_state: str, code: str) -> Vouched:
        """Return whom the provider vouches for. Raises Problem; a state works once."""
        told = await self._kept.take(f"oidc:{state}") if state else None
        # The browser that comes back is the one that was sent, or somebody hands on a link.
        same = hmac.compare_digest(state.encode(), browser_state.encode())
        if told is None or not same:
            raise _refused("this sign-in was not begun here, or too long ago")
        meant = json.loads(told)
        answer = await self._exchange(code, meant["verifier"], meant["back_to"])
        if not isinstance(given := answer.get("id_token"), str):
            raise _refused("the provider sent no id_token")
        claims = await self._claims(given, meant["nonce"])
        return self._vouched(claims)

    # ---- asking the provider ---------------------------------------------------

    async def _description(self) -> Mapping[str, Any]:
        if self._described is None:
            found = await self._get(f"{self._issuer}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != self._issuer:
                raise _refused("the provider calls itself by another name")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                _require_private(str(found.get(name, "")))
            self._described = found
        return self._described

    async def _exchange(self, code: str, verifier: str, back_to: str) -> Mapping[str, Any]:
        settings = self._settings
        described = await self._description()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back_to,
            "code_verifier": verifier,
            "client_id": settings.oidc_client_id,
        }
        headers = {}
        methods = described.get(
            "token_endpoint_auth_methods_supported", ["client_secret_basic"]
        )
        if secret := settings.oidc_client_secret.reveal():
            if "client_secret_basic" in methods:
                headers["Authorization"] = _basic(settings.oidc_client_id, secret)
            else:
                form["client_secret"] = secret
        return await self._ask(
            "POST", described["token_endpoint"], data=form, headers=headers
        )

    async def _get(self, address: str) -> Mapping[str, Any]:
        _require_private(address)
        return await self._ask("GET", address)

    async def _ask(
        self,
        method: str,
        address: str,
        *,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.request(
                    method,
                    address,
                    allow_redirects=False,
                    data=data,
                    headers={"Accept": "application/json", **(headers or {})},
                ) as reply,
            ):
                body = await reply.content.read(MOST_BYTES)
                if reply.status != 200:
                    raise _refused(f"the provider answered with status {reply.status}")
                found = json.loads(body)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Problem(
                502,
                "oidc-away",
                f"the OpenID provider does not answer as it should: {type(error).__name__}",
            ) from None
        if not isinstance(found, dict):
            raise _refused("the provider's answer is no object")
        return found

    # ---- what it says ----------------------------------------------------------

    async def _claims(self, given: str, nonce: str) -> Mapping[str, Any]:
        settings = self._settings
        claims: Mapping[str, Any] = {}
        for is_last in (False, True):
            try:
                keys = await self._key_set(fresh=is_last)
                claims = jwt.decode(given, keys, algorithms=ALGORITHMS).claims
                break
            except (JoseError, ValueError):
                if is_last:  # with its keys of now, too
                    raise _refused("the provider's signature does not hold") from None
        rules = jwt.JWTClaimsRegistry(
            now=self._now_ns() // SECOND_NS,
            leeway=LEEWAY_S,
            iss={"essential": True, "values": [self._issuer, self._issuer + "/"]},
            aud={"essential": True, "value": settings.oidc_client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            rules.validate(dict(claims))
        except JoseError as error:
            raise _refused(f"what the provider says does not hold: {error.error}") from None
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", settings.oidc_client_id if not several else None) != (
            settings.oidc_client_id
        ):
            raise _refused("the provider speaks to somebody else")
        return claims

    async def _key_set(self, *, fresh: bool) -> KeySet:
        old = self._now_ns() - self._keys_ns > KEYS_KEPT_NS
        if self._keys is None or old or fresh:
            described = await self._description()
            found: Any = await self._get(described["jwks_uri"])
            # What encrypts is no key to check a signature with, and may be of a kind unknown.
            signing = [key for key in found.get("keys", ()) if key.get("use") != "enc"]
            self._keys = await asyncio.to_thread(KeySet.import_key_set, {"keys": signing})
            self._keys_ns = self._now_ns()
        return self._keys

    def _vouched(self, claims: Mapping[str, Any]) -> Vouched:
        settings = self._settings
        name = claims.get(settings.oidc_user_claim)
        if not isinstance(name, str) or not name:
            raise _refused(f"the provider tells no {settings.oidc_user_claim}")
        verified = claims.get("email_verified", True)
        if settings.oidc_user_claim == "email" and verified is not True:
            raise _refused("the provider has not verified this address")
        listed = (
            claims.get(settings.oidc_role_claim, ()) if settings.oidc_role_claim else ()
        )
        names = [listed] if isinstance(listed, str) else listed
        meant = [
            Role(settings.oidc_roles[str(each)])
            for each in names
            if str(each) in settings.oidc_roles
        ]
        return Vouched(
            name=name,
            subject=f"{self._issuer}|{claims['sub']}",
            role=max(meant, key=lambda role: role.rank) if meant else None,
        )


def _basic(client: str, secret: str) -> str:
    """Return what RFC 6749, 2.3.1 makes of them: each is encoded as a form would."""
    both = f"{quote_plus(client)}:{quote_plus(secret)}"
    return f"Basic {base64.b64encode(both.encode()).decode()}"


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _require_private(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
        raise _refused("the provider is reached without encryption")


def _refused(words: str) -> Problem:
    return Problem(401, "oidc-refused", words, hint="begin the sign-in again")
