"""Against a provider of our own on loopback, which can lie in each way the table lists."""

import base64
import hashlib
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, unquote_plus, urlsplit

import httpx2
import pytest
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from crossdock.web.identity.roles import Role
from crossdock.web.identity.users import Source

SIGNING = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
OTHER = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
START = "/api/v1/session/oidc/start"
HERE = "http://127.0.0.1:5000"
SECRET = "the secret: 100 % of a client's"


class Provider:
    """The half of OpenID Connect that Crossdock talks to."""

    def __init__(self, clock):
        self.clock = clock
        self.key, self.algorithm = SIGNING, "ES256"
        self.published = [SIGNING]
        self.claims = {}  # what replaces or, being None, removes a claim
        self.codes = {}
        self.described = {}
        self.token_calls = 0
        self.url = ""

    @asynccontextmanager
    async def running(self):
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self.description)
        app.router.add_get("/keys", self.keys)
        app.router.add_post("/token", self.token)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield self
        finally:
            await runner.cleanup()

    async def description(self, _request):
        return web.json_response(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                **self.described,
            }
        )

    async def keys(self, _request):
        return web.json_response(
            {"keys": [key.as_dict(private=False) for key in self.published]}
        )

    def authorize(self, address, code="a-code"):
        """Do as the provider's page would for somebody who agrees; return the way back."""
        asked = {
            name: value[0] for name, value in parse_qs(urlsplit(address).query).items()
        }
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    async def token(self, request):
        self.token_calls += 1
        form = await request.post()
        asked = self.codes.pop(form["code"], None)
        kind, _, basic = request.headers["Authorization"].partition(" ")
        client, _, secret = base64.b64decode(basic).decode().partition(":")
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or challenge != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
            or (kind, client, unquote_plus(secret)) != ("Basic", "crossdock", SECRET)
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = self.clock() // 10**9
        claims = {
            "iss": self.url,
            "aud": "crossdock",
            "sub": "4711",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "preferred_username": "ada",
            "groups": ["desk"],
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": "one"}
        made = jwt.encode(header, claims, self.key, algorithms=[self.algorithm])
        return web.json_response(
            {"id_token": made, "access_token": "x", "token_type": "Bearer"}
        )


@asynccontextmanager
async def signing_in(make_site, *overrides):
    """Yield a provider, a dashboard that trusts it, and a browser."""
    provider = Provider(None)
    async with provider.running():
        site = make_site(
            f"dashboard.oidc_issuer={provider.url}",
            "dashboard.oidc_client_id=crossdock",
            f"dashboard.oidc_client_secret={SECRET}",
            "dashboard.oidc_role_claim=groups",
            "dashboard.oidc_roles.desk=trader",
            "dashboard.oidc_roles.boss=admin",
            *overrides,
        )
        provider.clock = site.clock
        transport = httpx2.ASGITransport(site.application)
        async with httpx2.AsyncClient(transport=transport, base_url=HERE) as browser:
            yield provider, site, browser


async def there_and_back(provider, browser):
    started = await browser.get(START)
    assert started.status_code == 303
    return await browser.get(provider.authorize(started.headers["location"]))


async def who(browser):
    return (await browser.get("/api/v1/session")).json()["user"]


def refusal(reply):
    assert reply.status_code == 303
    parts = urlsplit(reply.headers["location"])
    assert parts.path == "/sign-in"
    return parse_qs(parts.query)["code"][0]


async def test_a_provider_signs_somebody_in_with_the_role_of_their_group(site):
    async with signing_in(site) as (provider, made, browser):
        reply = await there_and_back(provider, browser)
        assert (reply.status_code, reply.headers["location"]) == (303, "/")
        told = (await browser.get("/api/v1/session")).json()
        assert (told["user"], told["role"]) == ("ada", "trader")
        assert told["ways"] == ["password", "oidc"]
        provider.claims = {"groups": ["boss", "desk"]}
        await there_and_back(provider, browser)
        assert made.identity.users.get("ada").role is Role.ADMIN


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": ["crossdock", "somebody-else"]},
        {"aud": ["crossdock", "somebody-else"], "azp": "somebody-else"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"preferred_username": None},
        {"preferred_username": ["ada"]},
    ],
)
async def test_a_token_that_is_not_for_us_now_is_refused(site, claims):
    async with signing_in(site) as (provider, _, browser):
        provider.claims = claims
        assert refusal(await there_and_back(provider, browser)) == "oidc-refused"
        assert await who(browser) is None


@pytest.mark.parametrize("lie", ["another key", "the client's secret"])
async def test_a_signature_that_is_not_the_providers_is_refused(site, lie):
    async with signing_in(site) as (provider, _, browser):
        if lie == "another key":
            provider.key = OTHER
        else:
            provider.key = OctKey.import_key(SECRET)
            provider.algorithm = "HS256"
        assert refusal(await there_and_back(provider, browser)) == "oidc-refused"
        assert await who(browser) is None


async def test_new_keys_of_the_provider_are_fetched_when_the_old_ones_do_not_fit(site):
    async with signing_in(site) as (provider, _, browser):
        await there_and_back(provider, browser)
        await browser.get(START)
        rsa = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        provider.key, provider.published, provider.algorithm = rsa, [rsa], "RS256"
        reply = await there_and_back(provider, browser)
        assert reply.headers["location"] == "/"


async def test_a_browser_that_did_not_begin_it_cannot_end_it(site):
    async with signing_in(site) as (provider, made, browser):
        started = await browser.get(START)
        back = provider.authorize(started.headers["location"])
        transport = httpx2.ASGITransport(made.application)
        async with httpx2.AsyncClient(transport=transport, base_url=HERE) as other:
            assert refusal(await other.get(back)) == "oidc-refused"
        assert provider.token_calls == 0


async def test_a_way_back_works_once_and_not_after_its_time(site):
    async with signing_in(site) as (provider, made, browser):
        started = await browser.get(START)
        back = provider.authorize(started.headers["location"])
        assert (await browser.get(back)).headers["location"] == "/"
        assert refusal(await browser.get(back)) == "oidc-refused"
        started = await browser.get(START)
        made.clock.pass_s(601)
        back = provider.authorize(started.headers["location"])
        assert refusal(await browser.get(back)) == "oidc-refused"
        assert provider.token_calls == 1


async def test_whoever_takes_a_name_at_the_provider_becomes_nobody_who_is_here(site):
    async with signing_in(site) as (provider, made, browser):
        made.add("root", Role.ADMIN)  # signs in by password
        made.add("boss", Role.ADMIN, Source.OIDC, password="")
        provider.claims = {"preferred_username": "root"}
        assert refusal(await there_and_back(provider, browser)) == "not-welcome"
        provider.claims = {"preferred_username": "boss", "groups": None}
        assert (await there_and_back(provider, browser)).headers["location"] == "/"
        provider.claims = {"preferred_username": "boss", "sub": "4712", "groups": None}
        await browser.post("/api/v1/session/sign-out")
        browser.cookies.clear()
        assert refusal(await there_and_back(provider, browser)) == "not-welcome"
        assert await who(browser) is None


@pytest.mark.parametrize(
    ("new_users", "groups", "role"),
    [
        ("refuse", None, None),
        ("refuse", ["strangers"], None),
        ("refuse", ["desk"], Role.TRADER),
        ("viewer", None, Role.VIEWER),
        ("viewer", ["desk", "boss"], Role.ADMIN),
    ],
)
async def test_whom_nobody_here_knows(site, new_users, groups, role):
    override = f"dashboard.new_users={new_users}"
    async with signing_in(site, override) as (provider, made, browser):
        provider.claims = {"groups": groups}
        reply = await there_and_back(provider, browser)
        if role is None:
            assert refusal(reply) == "not-welcome"
            assert made.identity.users.is_empty()
        else:
            assert made.identity.users.get("ada").role is role


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://desk.example/token"},
        {"jwks_uri": "http://desk.example/keys"},
    ],
)
async def test_a_provider_that_is_not_who_it_should_be_is_not_gone_to(site, described):
    async with signing_in(site) as (provider, _, browser):
        provider.described = described
        reply = await browser.get(START)
        assert (reply.status_code, reply.json()["code"]) == (401, "oidc-refused")


async def test_a_provider_that_is_away_is_told(site):
    gone = Provider(None)
    async with gone.running():
        pass
    away = site(f"dashboard.oidc_issuer={gone.url}", "dashboard.oidc_client_id=crossdock")
    transport = httpx2.ASGITransport(away.application)
    async with httpx2.AsyncClient(transport=transport, base_url=HERE) as browser:
        reply = await browser.get(START)
        assert (reply.status_code, reply.json()["code"]) == (502, "oidc-away")
