"""What an adapter is handed is checked, complete and shows no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock.errors import ConfigError
from crossdock.model import AccountId
from crossdock.ports import Manifest, RateLimit, Setting
from crossdock.toolkit import (
    AdapterContext,
    CountedIds,
    HealthRegistry,
    HttpPool,
    ManualClock,
    Masker,
    RateBudgets,
    Secret,
    read_settings,
)

MAIN = AccountId("main")
MANIFEST = Manifest(
    id="alpha",
    kind="venue",
    name="Alpha",
    docs_url="https://docs.example.com",
    factory="nowhere:Nothing",
    settings={
        "base_url": Setting(help="where its API is"),
        "mode": Setting(help="which book", default="test", choices=("test", "live")),
        "api_secret": Setting(help="signs every call"),
        "webhook_secret": Setting(help="checks what comes in", default=""),
    },
    rate_limits=(RateLimit(scope="all", calls=5, per_s=1),),
    countries_refused=("US",),
)
VALUE = "sk-sentinel"
GIVEN = {"base_url": "https://api.example.com", "api_secret": VALUE}


def read(given: dict[str, str], environ=None, base_path=Path("/"), masker=None):
    return read_settings(
        MANIFEST,
        given,
        account=MAIN,
        environ=environ or {},
        base_path=base_path,
        masker=masker or Masker(),
    )


def test_settings_are_completed_and_secrets_wrapped_and_masked():
    masker = Masker()
    settings = read(GIVEN, masker=masker)
    assert settings == {
        "base_url": "https://api.example.com",
        "mode": "test",
        "api_secret": Secret(VALUE),
        "webhook_secret": Secret(""),
    }
    assert masker.scrub(f"key={VALUE}") == "key=***"


def test_a_secret_may_come_from_the_accounts_own_variable_or_file(tmp_path):
    given = {"base_url": "https://api.example.com"}
    environ = {"CROSSDOCK_MAIN_API_SECRET": VALUE}
    assert read(given, environ)["api_secret"] == Secret(VALUE)
    (tmp_path / "key").write_text(VALUE)
    (tmp_path / "key").chmod(0o600)
    given["api_secret_file"] = "key"
    assert read(given, base_path=tmp_path)["api_secret"] == Secret(VALUE)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"base_url": None}, "base_url is missing"),
        ({"api_secret": None}, "api_secret is missing"),
        ({"api_secret": ""}, "api_secret is empty"),
        ({"mode": "fast"}, "expected one of test, live"),
        ({"base_ulr": "x"}, "has no setting base_ulr"),
        ({"mode_file": "x"}, "has no setting mode_file"),
    ],
)
def test_a_wrong_setting_names_account_and_setting(change, words):
    given = {k: v for k, v in {**GIVEN, **change}.items() if v is not None}
    with pytest.raises(ConfigError, match=words) as caught:
        read(given)
    assert "account main" in str(caught.value)
    assert VALUE not in str(caught.value)


class Kept:
    def load(self, key: str) -> bytes | None:
        return None

    def save(self, key: str, value: bytes) -> None:
        raise AssertionError(key)


def context(**more) -> AdapterContext:
    clock = ManualClock()
    return AdapterContext(
        account=MAIN,
        venue="alpha",
        manifest=MANIFEST,
        settings=read(GIVEN),
        clock=clock,
        ids=CountedIds(),
        http=HttpPool(),
        budgets=RateBudgets(clock),
        health=HealthRegistry(clock),
        state=Kept(),
        masker=Masker(),
        **more,
    )


def test_a_context_shows_no_secret():
    assert VALUE not in repr(context())


def test_settings_and_secrets_are_read_apart():
    handed = context()
    assert handed.setting("mode") == "test"
    assert handed.secret("api_secret").reveal() == VALUE
    with pytest.raises(TypeError, match="is a secret"):
        handed.setting("api_secret")
    with pytest.raises(TypeError, match="not a secret"):
        handed.secret("mode")


def test_the_declared_budget_is_shared():
    handed = context()
    limiter = handed.limiter("api.example.com")
    assert limiter is handed.limiter("api.example.com")
    assert [limiter.try_acquire() for _ in range(6)] == [True] * 5 + [False]


def test_a_country_that_is_not_served_is_refused():
    assert context(country="DE").country == "DE"
    with pytest.raises(ConfigError, match="does not serve US"):
        context(country="US")
