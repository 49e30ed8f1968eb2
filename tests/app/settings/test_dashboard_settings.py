from decimal import Decimal

import pytest

from crossdock.app.settings.plain_names import PLAIN_NAMES
from crossdock.core.risk.limits import Limits
from crossdock.errors import ConfigError

VALUES = {
    "DASHBOARD_HOST": ("0.0.0.0", "0.0.0.0"),
    "DASHBOARD_PORT": ("8443", "8443"),
    "DASHBOARD_DEBUG": ("1", "true"),
    "DASHBOARD_SECRET_KEY": ("s" * 40, "***"),
    "TRADING_PLATFORM_URL": ("tcp://desk:7300", "tcp://desk:7300"),
    "ENVIRONMENT": ("production", "production"),
    "INSTANCE_ID": ("one", "one"),
    "LOG_LEVEL": ("WARN", "warning"),
    "RISK_CHECK_ENABLED": ("True", "true"),
    "ENABLE_PAPER_TRADING": ("yes", "true"),
    "MAX_ORDER_SIZE": ("500.50", "500.50"),
    "FEATURE_TRADING": ("off", "false"),
    "FEATURE_RISK_OVERRIDE": ("on", "true"),
    "FEATURE_STRATEGY_CONTROL": ("0", "false"),
    "FEATURE_HISTORY": ("1", "true"),
    "FEATURE_NOTIFICATIONS": ("False", "false"),
}


def test_every_plain_name_is_tried_here():
    assert VALUES.keys() == PLAIN_NAMES.keys()


@pytest.mark.parametrize("variable", VALUES)
def test_a_plain_name_stands_for_its_setting_and_shows_as_its_origin(load, variable):
    given, held = VALUES[variable]
    rows = {row.key: row for row in load(environment={variable: given}).shown()}
    row = rows[".".join(PLAIN_NAMES[variable])]
    assert (row.value, str(row.origin)) == (held, f"environment {variable}")


@pytest.mark.parametrize("variable", VALUES)
def test_an_empty_plain_name_says_nothing(load, variable):
    assert load(environment={variable: " "}).shown() == load().shown()


def test_our_own_name_and_a_flag_come_before_a_plain_one(load):
    both = {"DASHBOARD_PORT": "1", "CROSSDOCK_DASHBOARD_PORT": "2"}
    assert (
        load("[dashboard]\nport = 9", environment={"DASHBOARD_PORT": "1"}).dashboard.port
        == 1
    )
    assert load(environment=both).dashboard.port == 2
    assert load(environment=both, overrides=["dashboard.port=3"]).dashboard.port == 3


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DASHBOARD_PORT", "70000"),
        ("DASHBOARD_DEBUG", "perhaps"),
        ("RISK_CHECK_ENABLED", "perhaps"),
        ("LOG_LEVEL", "chatty"),
        ("MAX_ORDER_SIZE", "-1"),
        ("TRADING_PLATFORM_URL", "http://desk"),
        ("FEATURE_TRADING", "perhaps"),
    ],
)
def test_a_plain_name_with_a_wrong_value_is_named(load, variable, value):
    with pytest.raises(ConfigError, match=f"environment {variable}"):
        load(environment={variable: value})


def test_without_risk_checks_paper_money_is_unlimited(load):
    text = '[risk]\nposition_pct = "3"\npaper_only = true\n[risk.symbols."BTC/*"]\n'
    limits = load(
        text + "position_pct = 1", environment={"RISK_CHECK_ENABLED": "false"}
    ).limits
    limited = [name for name in Limits.__dataclass_fields__ if getattr(limits.base, name)]
    assert limits.overrides == ()
    assert limits.base.position_pct is None
    assert set(limited) == {
        "allowed_symbols",
        "day_trade_equity",
        "short_allowed",
        "paper_only",
    }


def test_with_real_money_risk_checks_stay(load):
    with pytest.raises(
        ConfigError, match="real money is never traded unchecked"
    ) as refused:
        load('[desk]\nmode = "live"', environment={"RISK_CHECK_ENABLED": "false"})
    assert refused.value.code == "config-mode"
    assert "environment RISK_CHECK_ENABLED" in refused.value.message


def test_the_largest_order_of_the_environment_is_the_gates(load):
    limits = load(environment={"MAX_ORDER_SIZE": "500.50"}).limits
    assert limits.base.order_notional_max == Decimal("500.50")


def test_the_dashboard_is_this_machines_alone_unless_told_otherwise(load, tmp_path):
    dashboard = load('[desk]\njournal = "books/journal"').dashboard
    assert (dashboard.host, dashboard.port, dashboard.enabled) == ("127.0.0.1", 5000, True)
    assert dashboard.database == tmp_path / "books/dashboard.sqlite"
    assert not dashboard.secret_key


def test_secrets_of_the_dashboard_come_from_files_too_and_are_masked(load, tmp_path):
    (tmp_path / "key").write_text("k" * 40 + "\n")
    (tmp_path / "key").chmod(0o600)
    settings = load(
        '[dashboard]\nsecret_key_file = "key"\nredis_url = "redis://:hunter2@cache:6379/0"'
    )
    assert settings.dashboard.secret_key.reveal() == "k" * 40
    shown = "\n".join(f"{row.key} {row.value}" for row in settings.shown())
    assert "hunter2" not in shown + repr(settings.dashboard)
    assert settings.masker().scrub("redis://:hunter2@cache:6379/0") == "***"
    environment = {"DASHBOARD_SECRET_KEY": "e" * 40}
    again = load('[dashboard]\nsecret_key_file = "key"', environment=environment)
    assert again.dashboard.secret_key.reveal() == "e" * 40


def test_a_secret_file_that_others_may_read_is_refused(load, tmp_path):
    (tmp_path / "key").write_text("k" * 40)
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(ConfigError, match="may be read or changed by others"):
        load('[dashboard]\nsecret_key_file = "key"')


def test_flags_are_those_that_are_given(load):
    assert load().flags.given() == {}
    text = "[flags]\ntrading = false\nmax_order_size = 250"
    assert load(text).flags.given() == {"trading": False, "max_order_size": Decimal(250)}


def test_roles_of_a_provider_are_ours(load):
    text = '[dashboard.oidc_roles]\ndesk = "trader"'
    assert load(text).dashboard.oidc_roles == {"desk": "trader"}
    with pytest.raises(ConfigError, match="oidc_roles"):
        load('[dashboard.oidc_roles]\ndesk = "owner"')
