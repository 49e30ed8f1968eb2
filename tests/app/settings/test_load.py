import os
from decimal import Decimal

import pytest

from crossdock.app.registry import Registry
from crossdock.app.settings import (
    Foreign,
    Mode,
    OnExit,
    load_settings,
    sandbox_settings,
)
from crossdock.core.execution.sizing import VolatilityTarget, parse_sizing
from crossdock.core.risk.limits import Limits
from crossdock.errors import ConfigError
from crossdock.model import AccountId, PortfolioId, StrategyId, instrument_id
from crossdock.ports import Durability
from crossdock.toolkit.secrets import Secret

ACCOUNT = """
[accounts.alpha]
adapter = "toy"
key = "k1"
key_secret = "hunter2-and-more"
"""


def test_an_empty_file_is_a_paper_desk_with_the_default_limits(load, tmp_path):
    settings = load()
    assert settings.desk.mode is Mode.PAPER
    assert settings.desk.durability is Durability.PROCESS
    assert settings.desk.on_exit is OnExit.KEEP
    assert settings.desk.foreign is Foreign.OBSERVE
    assert settings.desk.currency == "USDT"
    assert settings.desk.journal == tmp_path / ".local/share/crossdock/main/journal"
    assert settings.limits.base == Limits()
    assert list(settings.portfolios) == ["main"]
    assert settings.accounts == {}


def test_live_is_durable_against_a_power_cut_unless_told_otherwise(load):
    assert load('[desk]\nmode = "live"').desk.durability is Durability.POWER
    told = load('[desk]\nmode = "live"\ndurability = "process"')
    assert told.desk.durability is Durability.PROCESS
    assert load(overrides=["desk.mode=live"]).desk.durability is Durability.POWER


def test_relative_paths_start_at_the_file(load, tmp_path):
    settings = load('[desk]\njournal = "books"\nlog_folder = "/var/log/desk"')
    assert settings.desk.journal == tmp_path / "books"
    assert str(settings.desk.log_folder) == "/var/log/desk"


def test_an_account_holds_its_adapters_options_with_defaults_and_a_secret_that_hides(load):
    settings = load(ACCOUNT)
    account = settings.accounts["alpha"]
    assert account.venue == "alpha"
    assert account.foreign is Foreign.OBSERVE
    assert account.options == {
        "url": "https://api.example.org",
        "stream": "",
        "key": "k1",
        "key_secret": Secret("hunter2-and-more"),
        "speed": "fast",
    }
    assert "hunter2" not in repr(settings.accounts)
    assert settings.manifests["alpha"].id == "toy"
    assert settings.masker().scrub("hunter2-and-more") == "***"


def test_an_account_may_differ_from_the_desk_about_what_is_foreign(load):
    text = f'[desk]\nforeign = "halt"\n{ACCOUNT}[accounts.beta]\nforeign = "adopt"\n'
    text += 'adapter = "toy"\nkey = "k"\nkey_secret = "secret-two"\nvenue = "b"\n'
    accounts = load(text).accounts
    assert accounts["alpha"].foreign is Foreign.HALT
    assert accounts["beta"].foreign is Foreign.ADOPT
    assert accounts["beta"].venue == "b"


def test_a_later_place_beats_an_earlier_one_and_each_value_knows_its_own(load):
    settings = load(
        '[desk]\nname = "desk-1"\ncurrency = "EUR"\nmode = "paper"',
        environment={"CROSSDOCK_DESK_CURRENCY": "USD", "CROSSDOCK_DESK_ON_EXIT": "cancel"},
        overrides=["desk.currency=CHF"],
    )
    assert settings.desk.currency == "CHF"
    assert settings.desk.on_exit is OnExit.CANCEL
    origins = {row.key: str(row.origin) for row in settings.shown()}
    assert origins["desk.name"] == "settings.toml:2"
    assert origins["desk.currency"] == "flag --set desk.currency"
    assert origins["desk.on_exit"] == "environment CROSSDOCK_DESK_ON_EXIT"
    assert origins["desk.log_level"] == "default"


def test_the_environment_reaches_an_account_of_any_name(load):
    text = ACCOUNT.replace("alpha", "alpha-2") + ACCOUNT.replace("alpha", "alpha")
    settings = load(
        text,
        environment={
            "CROSSDOCK_ACCOUNTS_ALPHA_2_SPEED": "slow",
            "CROSSDOCK_ACCOUNTS_ALPHA_KEY_SECRET": "from-the-environment",
            "CROSSDOCK_ACCOUNTS_ALPHA_INSTRUMENTS": "BTC/USDT, ETH/USDT",
            "CROSSDOCK_ACCOUNTS_ALPHA_ENABLED": "false",
        },
    )
    assert settings.accounts["alpha-2"].options["speed"] == "slow"
    alpha = settings.accounts["alpha"]
    assert alpha.options["key_secret"] == Secret("from-the-environment")
    assert alpha.instruments == ("BTC/USDT", "ETH/USDT")
    assert alpha.enabled is False


def test_other_variables_of_crossdock_are_left_alone(load):
    load(environment={"CROSSDOCK_HOME": "/srv/desk", "CROSSDOCK_DEBUG": "1"})


def test_a_secret_may_stand_in_a_file_of_its_own(load, tmp_path):
    (tmp_path / "key").write_text("from-a-file\n")
    (tmp_path / "key").chmod(0o600)
    text = ACCOUNT.replace("key_secret = ", "key_secret_file = ").replace(
        "hunter2-and-more", "key"
    )
    settings = load(text)
    assert settings.accounts["alpha"].options["key_secret"] == Secret("from-a-file")
    variable = {"CROSSDOCK_ACCOUNTS_ALPHA_KEY_SECRET": "from-the-environment"}
    alpha = load(text, environment=variable).accounts["alpha"]
    assert alpha.options["key_secret"] == Secret("from-the-environment")
    flag = ["accounts.alpha.key_secret=from-a-flag"]
    alpha = load(text, environment=variable, overrides=flag).accounts["alpha"]
    assert alpha.options["key_secret"] == Secret("from-a-flag")
    assert {row.key: str(row.origin) for row in settings.shown()}[
        "accounts.alpha.key_secret"
    ] == "settings.toml:5"


def test_money_keeps_its_digits_however_it_is_written(load):
    text = '[risk]\nposition_pct = 0.10\nleverage_max = 3\norder_notional_max = "1e3"\n'
    base = load(text).limits.base
    assert str(base.position_pct) == "0.10"
    assert base.leverage_max == Decimal(3)
    assert base.order_notional_max == Decimal(1000)


def test_none_lifts_a_limit(load):
    assert load('[risk]\nmax_open_orders = "none"').limits.base.max_open_orders is None


def test_limits_are_overridden_by_account_portfolio_strategy_and_symbol(load):
    book = load(
        f"{ACCOUNT}[portfolios.deep]\n[strategies.maker]\nkind = 'quote_taker'\n"
        "portfolio = 'deep'\n"
        "[risk]\norders_per_s = 9\n[risk.accounts.alpha]\norders_per_s = 5\n"
        "[risk.portfolios.deep]\nleverage_max = 2\n"
        "[risk.strategies.maker]\nshort_allowed = false\n"
        '[risk.symbols."BTC/*"]\norder_quantity_max = 0.5\nallowed_symbols = ["BTC/USDT"]\n'
    ).limits
    who = (AccountId("alpha"), PortfolioId("deep"), StrategyId("maker"))
    limits = book.resolve(*who, instrument_id("BTC/USDT", "v")).limits
    assert limits.orders_per_s == 5
    assert limits.leverage_max == 2
    assert limits.short_allowed is False
    assert limits.order_quantity_max == Decimal("0.5")
    assert limits.allowed_symbols == ("BTC/USDT",)
    other = book.resolve(
        AccountId("b"), PortfolioId("main"), StrategyId("manual"), who_symbol()
    )
    assert other.limits.orders_per_s == 9
    assert other.limits.order_quantity_max is None


def who_symbol():
    return instrument_id("ETH/USDT", "v")


def test_flags_and_environment_reach_limits_in_their_types(load):
    base = load(
        environment={"CROSSDOCK_RISK_ORDERS_PER_S": "7"},
        overrides=[
            "risk.short_allowed=false",
            "risk.position_pct=12.5",
            "risk.denied_symbols=A/*,B/*",
        ],
    ).limits.base
    assert base.orders_per_s == 7
    assert base.short_allowed is False
    assert base.position_pct == Decimal("12.5")
    assert base.denied_symbols == ("A/*", "B/*")


def test_parameters_of_a_strategy_keep_their_types_and_exact_digits(load):
    settings = load(
        "[strategies.s]\nkind = 'my.code:Maker'\nsymbols = ['BTC/USDT']\n"
        "[strategies.s.params]\nsize = 0.10\nlevels = 3\nname = 'x'\nsides = ['buy']\n",
        overrides=["strategies.s.params.levels=4", "strategies.s.params.word=up"],
    )
    params = settings.strategies["s"].params
    assert params == {
        "size": Decimal("0.10"),
        "levels": 4,
        "name": "x",
        "sides": ["buy"],
        "word": "up",
    }


@pytest.mark.parametrize(
    ("text", "overrides"),
    [
        ("[strategies.s.sizing]\nmethod = 'volatility'\ntarget = 0.3\n", []),
        ("sizing = 'volatility target=0.3'\n", []),
        ("", ["strategies.s.sizing=volatility target=0.3"]),
        ("", ["strategies.s.sizing.method=volatility", "strategies.s.sizing.target=0.3"]),
    ],
)
def test_a_sizing_may_be_written_as_a_table_or_as_a_text(load, text, overrides):
    settings = load("[strategies.s]\nkind = 'q'\n" + text, overrides=overrides)
    sizing = parse_sizing(settings.strategies["s"].sizing)
    assert sizing == VolatilityTarget(target=Decimal("0.3"))


def test_what_is_shown_holds_every_setting_and_no_secret(load):
    settings = load(ACCOUNT)
    rows = {row.key: row.value for row in settings.shown()}
    assert rows["accounts.alpha.key_secret"] == "***"
    assert rows["accounts.alpha.url"] == "https://api.example.org"
    assert rows["risk.short_allowed"] == "true"
    assert rows["risk.order_notional_max"] == "none"
    assert not any("hunter2" in value for value in rows.values())


def test_the_digest_follows_settings_but_not_secrets(load):
    digest = load(ACCOUNT).digest()
    assert load(ACCOUNT.replace("hunter2", "hunter3")).digest() == digest
    assert load(ACCOUNT, overrides=["risk.orders_per_s=1"]).digest() != digest


def test_settings_of_sandbox_venues_come_from_the_addresses_it_prints(tmp_path, load):
    text = sandbox_settings(
        {"admin": "http://127.0.0.1:1", "venues": {"alpha": "http://127.0.0.1:2"}},
        {"alpha": {"key": "k", "key_secret": 's"\\\x7f'}},
        desk={"name": "demo", "journal": str(tmp_path / "a b")},
        risk={"leverage_max": "3"},
        instruments=["BTC/USDT"],
        strategies={"taker": {"kind": "quote_taker", "params": {"size": Decimal("0.1")}}},
    )
    settings = load(text.replace('"sandbox"', '"toy"'))
    alpha = settings.accounts["alpha"]
    assert alpha.options["url"] == "http://127.0.0.1:2"
    assert alpha.options["key_secret"] == Secret('s"\\\x7f')
    assert alpha.instruments == ("BTC/USDT",)
    assert settings.desk.journal == tmp_path / "a b"
    assert settings.strategies["taker"].params == {"size": "0.1"}
    assert settings.limits.base.leverage_max == 3


def test_without_a_file_the_environment_alone_makes_a_desk(tmp_path):
    settings = load_settings(
        None, environment={"HOME": str(tmp_path), "CROSSDOCK_DESK_NAME": "quiet"}
    )
    assert settings.desk.name == "quiet"
    assert settings.file is None


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(ConfigError, match="no settings file") as caught:
        load_settings(tmp_path / "none.toml", environment={}, registry=Registry())
    assert caught.value.code == "config-file"
    assert "crossdock init" in caught.value.hint
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path, environment={})
    (tmp_path / "latin").write_bytes(b"[desk]\nname = '\xe9'")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_settings(tmp_path / "latin", environment={})


def test_loading_leaves_the_process_environment_alone(load):
    before = dict(os.environ)
    load(ACCOUNT)
    assert dict(os.environ) == before
