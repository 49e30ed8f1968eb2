import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from crossdock.app.registry import Registry
from crossdock.app.venues import AssetClass, VenueKind, VenueStatus, venues
from crossdock.app.venues.catalogue import read_catalogue, read_venue
from crossdock.app.venues.facts import FACTS
from crossdock.app.venues.reached import reached
from crossdock.app.venues.telling import in_words, told
from crossdock.errors import ConfigError, DataError
from crossdock.ports import Can, Tier

ASKED = {
    "V1": (
        "binance coinbase coinbaseexchange coinbaseinternational kraken bitstamp bitfinex "
        "gemini htx okx bybit kucoin deribit dydx hyperliquid"
    ),
    "V2": "alpaca",
    "V3": "ibkr",
    "V4": "xm icmarkets roboforex instaforex fbs admirals",
    "V5": "xtb xopenhub",
    "V6": "ig",
    "V7": "schwab tdameritrade",
    "V8": "fix44",
    "V9": "uniswap sushiswap",
    "V10": "opensea kraken_nft",
    "V11": "paper sandbox",
    "V12": (
        "ftx ftx_us bittrex bittrex_global bitmex plus500 sabiotrade coinbase_pro huobi okex "
        "gateio reservoir bitmart ascendex coinmetro novadax okcoin oceanex coinlist"
    ),
}
GOOD = """
id = "toy"
name = "Toy"
kind = "exchange"
aliases = ["toy exchange"]

[[read]]
source = "https://example.org/about"
day = 2026-11-21
status = { word = "open" }
fees = [{ market = "spot", maker_pct = "0.1", taker_pct = 0.15 }]
"""


@pytest.mark.parametrize("row", ASKED)
def test_every_venue_asked_for_is_in_the_catalogue(row):
    assert [name for name in ASKED[row].split() if venues().get(name) is None] == []


def test_every_fact_names_its_page_and_a_day_that_has_been():
    facts = [fact for venue in venues() for fact in venue.facts]
    assert len(facts) > 300
    for fact in facts:
        assert fact.name in FACTS
        assert fact.source.startswith(("http", "docs/"))
        assert date(2026, 1, 1) <= fact.day <= date.today()
        assert in_words(fact)


def test_a_page_of_our_own_that_is_a_source_is_there():
    root = Path(__file__).parents[3]
    own = {f.source for v in venues() for f in v.facts if f.source.startswith("docs/")}
    assert own
    assert [source for source in own if not (root / source).is_file()] == []


def test_what_is_closed_or_renamed_says_why_and_a_new_name_is_there():
    for venue in venues():
        if venue.standing.word is not VenueStatus.OPEN:
            assert venue.standing.why, venue.id
        if venue.standing.word is VenueStatus.RENAMED:
            assert venues().find(venue.standing.successor).standing.word is VenueStatus.OPEN


def test_every_metatrader_broker_tells_its_servers_accounts_and_login():
    brokers = [each for each in venues() if each.kind is VenueKind.MT5_BROKER]
    assert len(brokers) == 6
    for broker in brokers:
        for fact in ("server_templates", "account_types", "credentials", "leverage"):
            assert broker.known(fact), f"{broker.id}: {fact}"
    (note,) = [
        words
        for fact in venues().find("IC Markets").known("notes")
        for words in fact.value
        if "cTrader" in words
    ]
    assert "not supported" in note


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("KRAKEN", "kraken"),
        ("Kraken-Futures", "kraken"),
        ("gdax", "coinbase_pro"),
        ("CoinbasePro", "coinbase_pro"),
        ("gate.io", "gateio"),
        ("TD Ameritrade", "tdameritrade"),
        ("interactive brokers", "ibkr"),
    ],
)
def test_a_venue_is_found_by_its_names_in_any_case_and_punctuation(name, found):
    assert venues().find(name).id == found


def test_an_unknown_name_leads_to_the_nearest():
    with pytest.raises(ConfigError) as raised:
        venues().find("krakne")
    assert raised.value.hint == "did you mean kraken?"


def test_numbers_are_exact():
    (fact,) = venues().find("bitfinex").known("fees")
    assert fact.value[0].taker_pct == Decimal("0.2")
    assert isinstance(fact.value[0].taker_pct, Decimal)


def test_reading_it_imports_no_venues_code_and_no_ccxt():
    script = (
        "import sys; from crossdock.app.venues import venues; assert len(venues()) > 50;"
        "print([m for m in sys.modules if m.startswith(('ccxt', 'crossdock.adapters',"
        "'aiohttp', 'pydantic'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def write(folder, text, name="toy.toml"):
    file = folder / name
    file.write_text(text)
    return file


def test_a_file_is_read_as_written(tmp_path):
    venue = read_venue(write(tmp_path, GOOD))
    assert (venue.id, venue.standing.word) == ("toy", VenueStatus.OPEN)
    assert [fact.name for fact in venue.facts] == ["status", "fees"]
    assert venue.facts[1].value[0].taker_pct == Decimal("0.15")
    assert venue.asset_classes == frozenset()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("fees =", "feez =", "unknown field `feez`"),
        ("name =", "title =", "unknown field `title`"),
        ('"open"', '"ajar"', "Invalid enum value 'ajar'"),
        ("day = 2026-11-21\n", "", "missing required field `day`"),
        ('source = "https://example.org/about"\n', "", "missing required field `source`"),
        ("https://example.org/about", "somebody said", "the address of a page"),
        ('id = "toy"', 'id = "Toy"', "the file's name, in lower case"),
        ("0.15", '"cheap"', "taker_pct"),
        ("status = ", "# ", "exactly one page tells its status"),
        ("fees = ", 'countries_refused = ["USA"] #', "two-letter code"),
        ('word = "open"', "word =", "Invalid value"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_name(tmp_path, old, new, words):
    assert old in GOOD
    with pytest.raises(DataError) as raised:
        read_venue(write(tmp_path, GOOD.replace(old, new)))
    assert words in raised.value.message
    assert raised.value.file == "toy.toml"


MORE = '\n[[read]]\nsource = "https://example.org/more"\nday = 2026-11-21\n'


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            'fees = [{ market = "spot", maker_pct = "1", taker_pct = "1" }]',
            "'spot' is told twice",
        ),
        ('status = { word = "open" }', "status is told by two pages"),
        ("", "nothing was read from https://example.org/more"),
    ],
)
def test_no_two_pages_tell_the_same(tmp_path, more, words):
    with pytest.raises(DataError) as raised:
        read_venue(write(tmp_path, GOOD + MORE + more))
    assert words in raised.value.message


def test_a_list_is_told_in_parts_each_with_its_own_source(tmp_path):
    more = 'fees = [{ market = "perpetual", maker_pct = "0", taker_pct = "0.05" }]'
    venue = read_venue(write(tmp_path, GOOD + MORE + more))
    assert [(f.value[0].market, f.source[-5:]) for f in venue.known("fees")] == [
        ("spot", "about"),
        ("perpetual", "/more"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            "other.toml",
            GOOD.replace('"toy"', '"other"').replace('"Toy"', '"Other"'),
            "toy exchange is a name of",
        ),
        (
            "gone.toml",
            'id = "gone"\nname = "Gone"\nkind = "exchange"\n'
            + MORE
            + 'status = { word = "renamed", why = "so", successor = "nobody" }',
            "its successor nobody is not here",
        ),
    ],
)
def test_names_are_unique_and_successors_are_there(tmp_path, name, text, words):
    write(tmp_path, GOOD)
    (tmp_path / "deeper").mkdir()
    write(tmp_path / "deeper", text, name)
    with pytest.raises(DataError) as raised:
        read_catalogue(tmp_path)
    assert words in raised.value.message


def test_the_tier_reached_is_the_one_the_adapter_declares():
    registry = Registry()
    found = reached(venues().find("sandbox"), registry)
    manifest = registry.manifest("venue", "sandbox")
    assert {each.capability for each in found} == manifest.can
    assert {each.tier for each in found} == {manifest.tier} == {Tier.SANDBOXED}
    assert all(date.fromisoformat(each.date) for each in found)


def test_every_adapter_the_crypto_family_brings_for_v1_is_found_by_the_catalogue():
    registry = Registry()
    for name in ASKED["V1"].split():
        assert told(venues().find(name), registry)["capabilities"], name


def test_asset_classes_gather_what_all_pages_tell():
    assert AssetClass.OPTION in venues().find("deribit").asset_classes
    assert venues().find("opensea").asset_classes == {AssetClass.NFT}


def test_what_no_face_was_asked_is_not_called_sandboxed():
    registry = Registry()
    told = {
        (it.adapter, it.capability): it.tier
        for it in reached(venues().find("binance"), registry)
    }
    assert told["binance", Can.SUBMIT] is Tier.SANDBOXED
    assert told["binance", Can.EARN] is Tier.REPLAYED
