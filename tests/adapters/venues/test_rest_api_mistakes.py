"""A wrong description is told by file, key and expectation, and troubles nobody else."""

import os
import re
from pathlib import Path

import pytest

from crossdock.adapters.venues.rest_api import family, manifest_of
from crossdock.adapters.venues.rest_api.described.checks import _known_keys
from crossdock.app.registry import GROUPS, Registry
from crossdock.errors import ConfigError
from crossdock.ports import Can, Manifest, Tier

EXAMPLE = Path(__file__).parents[3] / "docs/examples/sandbox-rest.toml"
TEXT = EXAMPLE.read_text("utf-8")
SUBMIT = 'path = "/v1/orders"\n\n[endpoints.submit.body]'

# What is written in place of what; the key that is named; the words that tell the rest.
MISTAKES = [
    ("[evidence]", "[evidnce]", "evidnce", "did you mean evidence"),
    ("silence_s = 2\n", "silense_s = 2\n", "evidence.silense_s", "did you mean silence_s"),
    ("silence_s = 2\n", "", "evidence.silence_s", "is missing"),
    ("silence_s = 2\n", 'silence_s = "2"\n', "evidence.silence_s", "expected `float`"),
    ("silence_s = 2\n", "silence_s = 0\n", "evidence", "above zero"),
    ('lookup = "any_order"', 'lookup = "any"', "evidence.lookup", "invalid enum value"),
    ('client_id = "text"', 'client_id = "none"', "evidence.lookup", "client_id is none"),
    ('buy = "buy"', 'bought = "buy"', "values.side", "invalid enum value 'bought'"),
    ('sell = "sell"', 'sell = "buy"', "values.side.sell", "stands for buy already"),
    ('New = "New"', "New = 1.5", "values.status.New", "got `float`"),
    ('New = "New"\n', 'Sent = "New"\n', "values.status", "our own word"),
    ('help = "The account\'s key"', "", "settings.key.help", "is missing"),
    ("[settings.key_secret]", '[settings.key_secret]\ndefault = "x"', "settings.key_secret", "no default"),
    ("[settings.key]", '[settings.time]\nhelp="x"\n[settings.key]', "settings.time", "part of the request"),
    ('id = "sandbox-rest"', 'id = "Sand box"', "id", "lower-case"),
    ('scheme = "hmac"', 'scheme = "hmak"', "auth.scheme", "'hmak'"),
    ('X-Signature = "{signature}"', "", "auth", "{signature}"),
    ("{time:ms}{method}", "{time}{method}", "auth.signs", "takes s, ms, us, ns, iso"),
    ("{key_secret}", "{key_secrt}", "auth.secret", "did you mean key_secret"),
    ('"/v1/orders/{venue_order_id}"\n\n[endpoints.replace.body]', '"/v1/orders/{venue_order}"\n\n[endpoints.replace.body]', "endpoints.replace[0].path", "did you mean venue_order_id"),
    ('query = { client_order_id = "{client_order_id}" }\n\n[endpoints.cancel_all]', "[endpoints.cancel_all]", "endpoints.cancel[1]", "names no {venue_order_id}"),
    ('base_url = "{url}"', 'base_url = "{key_secret}"', "base_url", "no placeholder here"),
    ('path = "/v1/time"', 'path = "v1/time"', "endpoints.server_time.path", "slash"),
    ('path = "/v1/time"', 'path = "/v1/time"\nmethod = "PUT"', "endpoints.server_time.method", "GET or a POST"),
    ('path = "/v1/time"', 'path = "/v1/{time"', "endpoints.server_time.path", "brace"),
    ('path = "/v1/time"', 'path = "/v1/time"\nscope = "order"', "endpoints.server_time.scope", "did you mean orders"),
    ('path = "/v1/time"', 'path = "/v1/time"\nweight = 501', "endpoints.server_time.weight", "fits the rate limits"),
    ('symbol = "{symbol}"\nside', "side", "endpoints.submit", "no place for {symbol}"),
    ('expire_time_ns = "{expire_time:ns}"\n', "", "endpoints.submit", "no place for {expire_time}"),
    ('stop_price = "{stop_price}"\ntime', "time", "endpoints.submit", "no place for {stop_price}"),
    ('client_order_id = "{client_order_id}"\nsymbol = "{symbol}"\nside', 'symbol = "{symbol}"\nside', "endpoints.submit", "no place for {client_order_id}"),
    ('quantity = "{quantity}"\nlimit_price = "{limit_price}"\nstop_price = "{stop_price}"\n\n', 'limit_price = "{limit_price}"\nstop_price = "{stop_price}"\n\n', "endpoints.replace[0]", "no place for {quantity}"),
    ("[fields.order]\nvenue_order_id", "[fields.order]\nvenue_id", "fields.order.venue_id", "did you mean venue_"),
    ('bids = "bids"', "bids = 3", "fields.book.bids", "expected `str"),
    ('reserve = 10\n\n[[rate_limits]]\nscope = "reads"', 'reserve = 50\n\n[[rate_limits]]\nscope = "reads"', "rate_limits", "reserve < calls"),
    ('order_done = "docs', 'duplicate_id = "docs', "refusals.proven.duplicate_id", "evidence"),
    ('query = { after = "{cursor}", limit = "{page_size}" }\nrows = "fills"', 'rows = "fills"', "endpoints.fill_history", "no place for {cursor}"),
    ("poll_s = 0.25", "poll_s = 0", "poll_s", "above zero"),
    ("poll_s = 0.25", "poll_s = ", "", "is not TOML"),
]  # fmt: skip


def written(folder, text, name="acme.toml"):
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    ("old", "new", "key", "words"), MISTAKES, ids=lambda it: re.sub(r"\W+", "-", it)[:30]
)
def test_a_mistake_is_told_by_file_key_and_expectation(tmp_path, old, new, key, words):
    assert old in TEXT
    file = written(tmp_path, TEXT.replace(old, new, 1))
    with pytest.raises(ConfigError) as told:
        manifest_of(file)
    assert told.value.message.startswith(f"{file}: {key}")
    assert words in str(told.value)


@pytest.mark.parametrize(
    ("table", "needed_by"),
    [
        ("fields.book", "book_snapshot"),
        ("fields.fill", "fill_history"),
        ("fields.order", "submit"),
        ("fields.balance", "balances"),
    ],
)
def test_fields_that_a_call_needs_are_asked_for(tmp_path, table, needed_by):
    text = re.sub(rf"\[{re.escape(table)}\]\n(?:.+\n)+", "", TEXT)
    with pytest.raises(ConfigError, match=f"{table}: is missing.*{needed_by}"):
        manifest_of(written(tmp_path, text))


@pytest.mark.parametrize("gone", ["evidence", "endpoints.instruments"])
def test_orders_need_evidence_and_instruments(tmp_path, gone):
    text = re.sub(rf"\[{re.escape(gone)}\]\n(?:.+\n)+", "", TEXT)
    with pytest.raises(ConfigError, match=f"{gone}: is missing, and orders need it"):
        manifest_of(written(tmp_path, text))


def test_a_look_up_by_our_id_must_be_described_where_it_is_promised(tmp_path):
    by_ours = (
        '[[endpoints.order_lookup]]\npath = "/v1/orders"\n'
        'query = { client_order_id = "{client_order_id}" }\n'
    )
    assert by_ours in TEXT
    with pytest.raises(ConfigError, match=r"evidence\.lookup is any_order"):
        manifest_of(written(tmp_path, TEXT.replace(by_ours, "")))


@pytest.mark.parametrize("lookup", ["any_order", "open_only", "echoed_tag"])
def test_a_list_that_orders_are_looked_up_in_says_how_many_it_holds(tmp_path, lookup):
    by_ours = (
        '[[endpoints.order_lookup]]\npath = "/v1/orders"\n'
        'query = { client_order_id = "{client_order_id}" }\n'
    )
    listed = '[[endpoints.order_lookup]]\npath = "/v1/orders"\nrows = "orders"\n'
    text = TEXT.replace('lookup = "any_order"', f'lookup = "{lookup}"')
    with pytest.raises(ConfigError, match=r"order_lookup\[\d\]\.page_size"):
        manifest_of(written(tmp_path, text.replace(by_ours, listed)))
    sized = text.replace(by_ours, f"{listed}page_size = 100\n")
    assert Can.ORDER_LOOKUP in manifest_of(written(tmp_path, sized)).can


def test_what_is_described_is_what_the_adapter_can_do(tmp_path):
    whole = manifest_of(EXAMPLE)
    assert whole.tier is Tier.REPLAYED
    assert whole.id == "rest_api:sandbox-rest"
    text = TEXT
    for name, implied in (
        ("positions", {"positions"}),
        ("cancel_all", {"cancel_all"}),
        ("book_snapshot", {"book_snapshot", "market_stream"}),
    ):
        text = re.sub(rf"\[endpoints\.{name}\]\n(?:.+\n)+", "", text)
        less = manifest_of(written(tmp_path, text))
        assert not implied & set(less.can)
    assert whole.can - less.can == {
        *("positions", "cancel_all", "book_snapshot", "market_stream"),
    }
    assert "account_stream" not in whole.can


def test_files_come_from_the_settings_folder_and_where_the_variable_says(
    tmp_path, monkeypatch
):
    def described(name):
        return TEXT.replace('id = "sandbox-rest"', f'id = "{name}"')

    written(tmp_path / "settings", described("none"), "not-among-brokers.toml")
    written(tmp_path / "settings/brokers", described("home"))
    folder = written(tmp_path / "more", described("more")).parent
    single = written(tmp_path / "single", described("single"), "any.name")
    monkeypatch.setenv("CROSSDOCK_BROKERS", f"{folder}{os.pathsep}{single}")
    found = [member.id for member in family(tmp_path / "settings")]
    assert found == ["rest_api:home", "rest_api:more", "rest_api:single"]


def test_no_folder_is_no_family(tmp_path, monkeypatch):
    monkeypatch.delenv("CROSSDOCK_BROKERS", raising=False)
    assert list(family(tmp_path)) == []


class Point:
    name = "rest_api"
    value = "the family"
    dist = None

    def __init__(self, folder):
        self._folder = folder

    def load(self):
        return lambda settings: family(self._folder)


def test_a_wrong_file_is_listed_as_broken_and_the_others_stay_usable(tmp_path, monkeypatch):
    monkeypatch.delenv("CROSSDOCK_BROKERS", raising=False)
    folder = tmp_path / "brokers"
    written(folder, TEXT.replace("silence_s", "silense_s"), "bad.toml")
    written(folder, TEXT, "good.toml")
    written(folder, TEXT, "twice.toml")
    registry = Registry(lambda group: [Point(tmp_path)] if group == GROUPS["venue"] else ())
    assert [it.id for it in registry.manifests("venue")] == ["rest_api:sandbox-rest"]
    reasons = [it.reason for it in registry.broken("venue")]
    assert len(reasons) == 2
    assert f"{folder / 'bad.toml'}: evidence.silense_s" in reasons[0]
    assert f"{folder / 'twice.toml'}: id: " in reasons[1]
    with pytest.raises(ConfigError, match="did you mean silence_s"):
        registry.manifest("venue", "rest_api:bad")
    assert isinstance(registry.manifest("venue", "rest_api:sandbox-rest"), Manifest)


def test_a_file_that_cannot_be_read_is_broken_too(tmp_path, monkeypatch):
    missing = tmp_path / "missing.toml"
    garbled = tmp_path / "garbled.toml"
    garbled.write_bytes(b"\xff\xfe")
    monkeypatch.setenv("CROSSDOCK_BROKERS", f"{missing}{os.pathsep}{garbled}")
    told = list(family(tmp_path))
    assert [type(each) for each in told] == [ConfigError, ConfigError]
    assert str(missing) in told[0].message
    assert "UTF-8" in told[1].message


def test_the_example_has_no_setting_that_repr_would_tell():
    manifest = manifest_of(EXAMPLE)
    assert "Description(" not in repr(manifest)


def test_the_page_tells_every_key_of_a_description():
    page = EXAMPLE.parents[1].joinpath("how-to/describe-a-broker.md").read_text("utf-8")
    told = set(re.findall(r"\w+", page))
    assert _known_keys() - told == set()
