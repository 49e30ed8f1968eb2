import pytest

from crossdock.app.registry import Registry
from crossdock.app.settings import load_settings
from crossdock.app.venues import advice_on, usable, venues
from crossdock.errors import ConfigError, Unavailable

CLOSED = [
    ("ftx", "FTX has been closed since 2022-11-11: it filed for bankruptcy", ""),
    ("FTX US", "FTX US has been closed since 2022-11-11", ""),
    ("bittrex", "Bittrex has been closed since 2023-04-30", ""),
    ("Bittrex Global", "Bittrex Global has been closed since 2023-12-04", ""),
    ("BitMEX", "BitMEX has been closed since 2026-09-23", ""),
    ("thinkorswim", "TD Ameritrade has been closed since 2024-05-10", "schwab"),
    ("bitmart", "BitMart has been closed since 2026-08-26", ""),
    ("kraken-nft", "Kraken NFT has been closed since 2025-02-27", "opensea"),
    ("reservoir", "Reservoir has been closed since 2025-10-15", "opensea"),
    ("ascendex", "AscendEX is closed: ", ""),
    ("plus500", "Plus500 is closed to programs: ", ""),
    ("sabiotrade", "SabioTrade is closed to programs: ", ""),
    ("xtb", "XTB has been closed to programs since 2025-03-14", "xopenhub"),
]


@pytest.mark.parametrize(("name", "words", "instead"), CLOSED)
def test_a_closed_venue_says_since_when_why_and_where_to_go(name, words, instead):
    with pytest.raises(Unavailable) as raised:
        usable(name)
    assert raised.value.message.startswith(words)
    assert raised.value.message.partition(": ")[2]
    assert raised.value.instead == instead
    assert raised.value.since == str(venues().find(name).standing.since or "")


@pytest.mark.parametrize(
    ("name", "now"),
    [
        ("huobi", "htx"),
        ("OKEx", "okx"),
        ("gate.io", "gate"),
        ("okcoin", "okx"),
        ("gdax", "coinbase"),
        ("Coinbase Pro", "coinbase"),
    ],
)
def test_a_venue_that_was_only_renamed_is_found_under_its_new_name(name, now):
    assert usable(name).id == now


def test_a_venue_whose_exports_can_be_read_says_how():
    with pytest.raises(Unavailable) as raised:
        usable("bitmex")
    assert raised.value.hint == "read its exports with `crossdock statement bitmex FILE`"
    with pytest.raises(Unavailable) as raised:
        usable("tda")
    assert raised.value.hint == (
        "use schwab; read its exports with `crossdock statement tdameritrade FILE`"
    )


def test_the_registry_raises_unavailable_for_a_closed_venue_whatever_its_spelling():
    for name in ("ftx", "FTX.com", "bittrex", "td-ameritrade"):
        with pytest.raises(Unavailable):
            Registry().manifest("venue", name)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("huobi", "Huobi has been called HTX since 2023-09-13: write htx"),
        ("okex", "OKEx has been called OKX: write okx"),
        (
            "coinbasepro",
            "Coinbase Pro has been called Coinbase Advanced since 2023-12-01: write coinbase",
        ),
        ("Interactive Brokers", "no adapter for Interactive Brokers is installed"),
        ("Sandbox", "Sandbox is written sandbox"),
        ("sandbx", "did you mean sandbox?"),
    ],
)
def test_the_registry_says_which_name_to_write(name, hint):
    with pytest.raises(ConfigError) as raised:
        Registry().manifest("venue", name)
    assert raised.value.code == "adapter-unknown"
    assert raised.value.hint.startswith(hint)


def test_only_venues_are_looked_up_in_the_catalogue():
    with pytest.raises(ConfigError):
        Registry().manifest("store", "ftx")


def test_advice_on_a_name_nobody_has_is_empty():
    assert advice_on("no such thing") == ""


def test_settings_that_name_a_closed_venue_are_refused_as_unavailable(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('[desk]\nname = "d"\n[accounts.old]\nadapter = "ftx"\n')
    with pytest.raises(Unavailable, match="2022-11-11"):
        load_settings(file, environment={})


def test_settings_that_name_a_renamed_venue_say_what_to_write(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('[desk]\nname = "d"\n[accounts.old]\nadapter = "huobi"\n')
    with pytest.raises(ConfigError, match=r"accounts\.old\.adapter.*huobi") as raised:
        load_settings(file, environment={})
    assert raised.value.hint.endswith("write htx")


def test_real_orders_to_a_venue_that_is_gone_are_refused_by_file_and_line(tmp_path):
    file = tmp_path / "crossdock.toml"
    file.write_text(
        '[accounts.main]\nvenue = "ftx"\nadapter = "alpaca"\nkey = "k"\nkey_secret = "s"\n'
    )
    file.chmod(0o600)
    with pytest.raises(ConfigError, match="closed since 2022-11-11") as refused:
        load_settings(file, environment={})
    assert "accounts.main.venue" in str(refused.value)
    assert f"{file.name}:2" in str(refused.value)
