import pytest

from crossdock.errors import ConfigError
from crossdock.web.identity.roles import Role
from crossdock.web.identity.users import Source
from crossdock.web.identity.ways.authenticators import authenticator_of

HEADER = "dashboard.trusted_proxy_header=X-Forwarded-User"
PROXIES = "dashboard.trusted_proxies=10.0.0.0/8, 127.0.0.1"
SESSION = "/api/v1/session"


def who(browser, **headers):
    return browser.get(SESSION, headers=headers).json().get("user")


# ---- a proxy -------------------------------------------------------------------


def test_a_trusted_proxy_names_who_it_has_signed_in(site):
    site = site(HEADER, PROXIES)
    site.add("ada", Role.TRADER, Source.PROXY, password="")
    browser = site.browser(client=("10.1.2.3", 1))
    told = browser.get(SESSION, headers={"X-Forwarded-User": "ada"}).json()
    assert (told["user"], told["role"]) == ("ada", "trader")
    keep = {"X-Forwarded-User": "ada"}
    assert browser.get("/api/v1/keys", headers=keep).is_success
    given = {"label": "a", "scopes": ["view"]}
    refused = browser.post("/api/v1/keys", json=given, headers=keep)
    assert refused.json()["code"] == "csrf"
    keep["X-CSRF-Token"] = told["csrf_token"]
    assert browser.post("/api/v1/keys", json=given, headers=keep).status_code == 201


@pytest.mark.parametrize("client", ["192.0.2.7", "11.0.0.1", "testclient", "::1"])
def test_nobody_else_is_believed(site, client):
    site = site(HEADER, PROXIES)
    site.add("ada", Role.ADMIN, Source.PROXY, password="")
    browser = site.browser(client=(client, 1))
    for headers in (
        {"X-Forwarded-User": "ada"},
        {"X-Forwarded-User": "ada", "X-Forwarded-For": "10.1.2.3"},
    ):
        assert who(browser, **headers) is None
        assert browser.get("/api/v1/users", headers=headers).status_code == 401


def test_a_proxy_speaks_of_nobody_by_two_names_or_none(site):
    site = site(HEADER, PROXIES)
    site.add("ada", Role.ADMIN, Source.PROXY, password="")
    browser = site.browser(client=("10.1.2.3", 1))
    twice = [("X-Forwarded-User", "ada"), ("X-Forwarded-User", "eve")]
    assert browser.get(SESSION, headers=twice).json()["user"] is None
    assert who(browser, **{"X-Forwarded-User": ""}) is None


def test_a_proxy_cannot_be_somebody_who_signs_in_by_password(site):
    site = site(HEADER, PROXIES)
    site.add("root", Role.ADMIN)
    browser = site.browser(client=("10.1.2.3", 1))
    reply = browser.get(SESSION, headers={"X-Forwarded-User": "root"})
    assert (reply.status_code, reply.json()["code"]) == (403, "not-welcome")


def test_when_the_proxy_speaks_of_somebody_else_the_session_is_theirs(site):
    site = site(HEADER, PROXIES)
    for name in ("ada", "bob"):
        site.add(name, Role.TRADER, Source.PROXY, password="")
    browser = site.browser(client=("10.1.2.3", 1))
    assert who(browser, **{"X-Forwarded-User": "ada"}) == "ada"
    refused = browser.get("/api/v1/keys", headers={"X-Forwarded-User": "bob"})
    assert refused.status_code == 401
    assert who(browser, **{"X-Forwarded-User": "bob"}) == "bob"


@pytest.mark.parametrize(
    ("forwarded", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 10.9.9.9", "203.0.113.9"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("nonsense", "unknown"),
    ],
)
def test_attempts_are_counted_by_the_address_that_came_to_the_proxy(
    site, forwarded, counted
):
    site = site(PROXIES)
    browser = site.browser(client=("10.1.2.3", 1), headers={"X-Forwarded-For": forwarded})
    site.sign_in(browser, "nobody")
    database = site.identity.database
    names = [row["name"] for row in database.rows("SELECT name FROM kept")]
    assert f"tries:address:{counted}" in names


def test_a_trusted_proxy_tells_that_the_way_to_it_is_encrypted(site):
    site = site(PROXIES)
    site.add("ada")
    how = {"base_url": "http://desk.example", "headers": {"X-Forwarded-Proto": "https"}}
    trusted = site.browser(client=("10.1.2.3", 1), **how)
    assert "Secure" in site.sign_in(trusted, "ada").headers["set-cookie"]
    other = site.browser(client=("192.0.2.7", 1), **how)
    assert site.sign_in(other, "ada").json()["code"] == "https-needed"


def test_a_network_that_is_none_is_refused_at_the_start(site):
    with pytest.raises(ConfigError, match="trusted_proxies"):
        site("dashboard.trusted_proxies=10.0.0.0/99")


# ---- a function of one's own ---------------------------------------------------

ANSWERS = {"ada": "trader", "boss": "admin", "odd": "owner"}


@pytest.fixture
def own(site, tmp_path, monkeypatch):
    (tmp_path / "house_rules.py").write_text(
        f"answers = {ANSWERS!r}\n"
        "def let_in(user, password):\n"
        "    return answers.get(user) if password == 'open sesame, please' else None\n"
        "async def let_in_later(user, password):\n"
        "    return let_in(user, password)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    return site


@pytest.mark.parametrize("name", ["let_in", "let_in_later"])
def test_ones_own_function_decides_who_comes_in_and_as_what(own, name):
    site = own(
        f"dashboard.authenticator=house_rules:{name}", "dashboard.password_sign_in=false"
    )
    reply = site.sign_in(site.browser(), "ada", "open sesame, please")
    assert reply.json()["role"] == "trader"
    assert site.identity.users.get("ada").source is Source.OWN
    assert site.sign_in(site.browser(), "ada", "wrong").status_code == 401
    assert site.sign_in(site.browser(), "eve", "open sesame, please").status_code == 401
    odd = site.sign_in(site.browser(), "odd", "open sesame, please")
    assert (odd.status_code, odd.json()["code"]) == (422, "config-value")


def test_ones_own_function_cannot_be_somebody_who_signs_in_by_password(own):
    site = own("dashboard.authenticator=house_rules:let_in")
    site.add("boss", Role.ADMIN)
    reply = site.sign_in(site.browser(), "boss", "open sesame, please")
    assert reply.json()["code"] == "not-welcome"
    assert site.sign_in(site.browser(), "boss").is_success


@pytest.mark.parametrize("named", ["no_such_module:f", "json:no_such_function"])
def test_a_function_that_is_not_there_is_refused_at_the_start(named):
    with pytest.raises(ConfigError, match="cannot be loaded"):
        authenticator_of(named)
