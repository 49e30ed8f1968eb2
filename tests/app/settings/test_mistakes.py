"""What people get wrong in settings, each with the words that mend it."""

import pytest

from crossdock.errors import ConfigError

ACCOUNT = '[accounts.alpha]\nadapter = "toy"\nkey = "k1"\nkey_secret = "hunter2-and-more"\n'
BROKER = ACCOUNT.replace('"toy"', '"broker"')
DARING = ACCOUNT.replace('"toy"', '"daring"')
MIRROR = '[accounts.mirror]\nadapter = "mirror"\n'
LIVE = '[desk]\nmode = "live"\n'

# text, code, words that must be in the message
MISTAKES = [
    ('[desk]\nmod = "paper"', "config-unknown", ["settings.toml:2", "desk.mod", "mode?"]),
    ('[desc]\nmode = "paper"', "config-unknown", ["settings.toml:1", "[desc]", "desk?"]),
    ('mode = "paper"', "config-unknown", ["settings.toml:1", "[mode]"]),
    ('desk = "main"', "config-value", ["write [desk]"]),
    ('[desk]\nmode = "papr"', "config-value", ["desk.mode", "papr", "'paper' or 'live'"]),
    ("[desk]\nmode = 1", "config-value", ["settings.toml:2", "desk.mode = 1"]),
    ('[desk]\nname = "My Desk"', "config-value", ["desk.name", "small letters"]),
    ('[desk]\nlog_files = "5"', "config-value", ["desk.log_files", "integer"]),
    ("[desk]\nlog_files = true", "config-value", ["desk.log_files", "integer"]),
    ("[desk]\nlog_files = 1", "config-value", ["desk.log_files", "greater than"]),
    ("[desk\nmode = 1", "config-syntax", ["settings.toml:1", "not TOML"]),
    ("[desk]\nmode = paper", "config-syntax", ["settings.toml:2", "quotes"]),
    ("[desk]\nname = 'a'\nname = 'b'", "config-syntax", ["settings.toml:3"]),
    ("[accounts.alpha]\nkey = 'k'", "config-missing", ["accounts.alpha.adapter", "toy"]),
    ("[accounts.alpha]\nadapter = 'toi'", "adapter-unknown", ["toi", "mean toy?"]),
    ("[accounts]\nalpha = 'toy'", "config-value", ["write [accounts.alpha]"]),
    (ACCOUNT + "sped = 'fast'", "config-unknown", ["settings.toml:5", "sped", "speed?"]),
    (ACCOUNT + "speed = 'fst'", "config-value", ["accounts.alpha.speed", "fast, slow"]),
    (ACCOUNT + "enabled = 'yes'", "config-value", ["accounts.alpha.enabled", "boolean"]),
    (ACCOUNT + "foreign = 'keep'", "config-value", ["'observe', 'adopt' or 'halt'"]),
    (ACCOUNT + MIRROR, "config-value", ["accounts.mirror.market = ''", "are: alpha;"]),
    (ACCOUNT + MIRROR + "market = 'alfa'", "config-value", ["settings.toml:7", "'alfa'"]),
    (ACCOUNT + MIRROR + "market = 'mirror'", "config-value", ["no such other account"]),
    (MIRROR + "market = 'recording:gone.gz'", "config-value", ["gone.gz", "no such file"]),
    (MIRROR + "market = 'alpha'", "config-value", ["are: none; or recording:PATH"]),
    (ACCOUNT + "venue = 'a@b'", "config-value", ["accounts.alpha.venue"]),
    (ACCOUNT + "key_secret_file = 'x'", "config-secret", ["both set"]),
    (ACCOUNT.replace("key = ", "# "), "config-missing", ["accounts.alpha.key", "name"]),
    (
        ACCOUNT.replace("key_secret = ", "# "),
        "config-missing",
        ["key_secret", "CROSSDOCK_ACCOUNTS_ALPHA_KEY_SECRET", "key_secret_file"],
    ),
    (
        ACCOUNT.replace("key_secret = ", "key_secret_file = "),
        "config-secret",
        ["hunter2-and-more does not exist"],
    ),
    ("[risk]\nleverage = 2", "config-unknown", ["risk.leverage", "leverage_max?"]),
    ("[risk]\nleverage_max = -1", "config-value", ["risk.leverage_max", "0 or more"]),
    ("[risk]\nleverage_max = 'two'", "config-value", ["plain number", "Gross exposure"]),
    ("[risk]\norders_per_s = 1.5", "config-value", ["orders_per_s", "whole number"]),
    ("[risk]\nshort_allowed = 'none'", "config-value", ["short_allowed", "true or false"]),
    ("[risk]\nallowed_symbols = 'BTC'", "config-value", ["allowed_symbols", "patterns"]),
    ("[risk.account.x]\nleverage_max = 2", "config-unknown", ["account", "accounts"]),
    ("[risk.accounts.beta]\nleverage_max = 2", "config-value", ["no [accounts.beta]"]),
    ("[strategies.s]", "config-missing", ["strategies.s.kind", "worked example"]),
    (
        LIVE + "[strategies.s]\nkind = 'trend'",
        "config-missing",
        ["strategies.s.symbols", "does not trade all", 'symbols = ["BTC/USDT"]'],
    ),
    (
        "[strategies.s]\nkind = 'q'\nportfolio = 'mian'",
        "config-value",
        ["settings.toml:3", "[portfolios.mian]", "main?"],
    ),
    (
        ACCOUNT + "[strategies.s]\nkind = 'q'\naccounts = ['alfa']",
        "config-value",
        ["[accounts.alfa]", "alpha?"],
    ),
    (
        "[strategies.s]\nkind = 'q'\nsizing = { method = 'volatilty' }",
        "config-value",
        [
            "settings.toml:3",
            'strategies.s.sizing = { method = "volatilty" }',
            "volatility?",
        ],
    ),
    (
        "[strategies.s]\nkind = 'q'\n[strategies.s.sizing]\nshare = '2'\nrisk = '0.1'",
        "config-value",
        ["strategies.s.sizing", "no setting risk", "share = 2: expected a share"],
    ),
    (
        "[strategies.s]\nkind = 'q'\nsizing = 3",
        "config-value",
        ['strategies.s.sizing = 3: expected a table, like { method = "volatility" }'],
    ),
    ("[portfolios.p]\ncapital = -5", "config-value", ["portfolios.p.capital"]),
    (BROKER, "config-mode", ["[accounts.alpha]", "paper", "test environment"]),
    (LIVE + DARING, "config-mode", ["replayed", "accept_unproven"]),
]


@pytest.mark.parametrize(("text", "code", "words"), MISTAKES)
def test_a_mistake_is_told_with_its_place_its_cure_and_no_secret(load, text, code, words):
    with pytest.raises(ConfigError) as caught:
        load(text)
    assert caught.value.code == code
    for word in words:
        assert word in str(caught.value)
    if "hunter2-and-more" not in words[0]:
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("environment", "overrides", "words"),
    [
        ({"CROSSDOCK_DESK_MOD": "live"}, [], ["environment CROSSDOCK_DESK_MOD", "mode?"]),
        ({"CROSSDOCK_ACCOUNTS_ALPA_KEY": "k"}, [], ["CROSSDOCK_ACCOUNTS_ALPA_KEY"]),
        ({"CROSSDOCK_DESK_LOG_FILES": "many"}, [], ["CROSSDOCK_DESK_LOG_FILES", "many"]),
        ({}, ["desk.mode"], ["--set takes section.key=value"]),
        ({}, ["mode=live"], ["--set takes section.key=value"]),
        ({}, ["dsk.mode=live"], ["dsk", "desk?"]),
        ({}, ["desk.mode=life"], ["flag --set desk.mode", "life"]),
        ({}, ["desk.[=1"], ["--set takes"]),
    ],
)
def test_a_mistake_outside_the_file_names_its_variable_or_flag(
    load, environment, overrides, words
):
    with pytest.raises(ConfigError) as caught:
        load(ACCOUNT, environment=environment, overrides=overrides)
    for word in words:
        assert word in str(caught.value)


def test_every_mistake_is_told_at_once(load):
    with pytest.raises(ConfigError) as caught:
        load("[desk]\nmod = 1\n[risk]\nleverage = 2\n[accounts.a]\nadapter = 'toi'\n")
    text = str(caught.value)
    assert text.startswith("3 settings are wrong")
    assert all(word in text for word in ("settings.toml:2", "settings.toml:4", "toi"))


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:80",
        "http://localhost",
        "https://testnet.example.org",
        "https://paper-api.example.org/v2",
        "https://api.sandbox.example.org",
    ],
)
def test_a_paper_desk_may_use_a_real_venues_test_address(load, address):
    assert load(f'{BROKER}url = "{address}"').accounts


@pytest.mark.parametrize(
    "address", ["https://api.example.org", "https://latest.example.org", "https://[bad"]
)
def test_a_paper_desk_may_not_reach_where_real_money_moves(load, address):
    with pytest.raises(ConfigError) as caught:
        load(f'{BROKER}url = "{address}"')
    assert caught.value.code == "config-mode"


def test_one_real_address_beside_a_test_one_is_enough_to_refuse(load):
    text = f'{BROKER}url = "http://localhost"\nstream = "wss://stream.example.org"'
    with pytest.raises(ConfigError, match="real money"):
        load(text)


def test_an_account_that_is_off_is_not_judged_by_the_mode(load):
    assert load(BROKER + "enabled = false").accounts["alpha"].enabled is False


def test_live_trades_through_a_tried_adapter_and_an_untried_one_when_told_to(load):
    assert load(LIVE + BROKER).accounts
    assert load(LIVE + DARING + "accept_unproven = true").accounts


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_secret_of_a_real_account_in_a_file_others_may_read_is_refused(load, mode):
    with pytest.raises(ConfigError, match="chmod 600") as caught:
        load(LIVE + BROKER, mode=mode)
    assert caught.value.code == "config-secret"
    assert load(ACCOUNT, mode=0o644).accounts
