"""Accounts let into a desk that runs: tried, kept for the next start, and let out again."""

import asyncio
import stat
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from importlib.metadata import EntryPoint

import pytest

from crossdock.app.desk.accounts.connections import Connections
from crossdock.app.registry import GROUPS, Registry
from crossdock.app.settings import load_settings
from crossdock.core import records as r
from crossdock.errors import ConfigError, DeskError
from crossdock.ports import Setting

D = Decimal
SECRET = "a very secret text"
NEW = {"name": "second", "adapter": "toy", "venue": "beta", "by": "Ann"}
KEYED = {**NEW, "settings": {"key": "k-1", "key_secret": SECRET}}


@pytest.fixture
def manifest(toy):
    settings = {
        "key": Setting(help="Key", default=""),
        "key_secret": Setting(help="Its secret", default=""),
    }
    return replace(toy.MANIFEST, settings=settings)


@pytest.fixture
def registry(manifest):
    point = type("Point", (EntryPoint,), {"load": lambda self: manifest})
    entry = point("toy", "toys:MANIFEST", GROUPS["venue"])
    return Registry(lambda group: [entry] if group == GROUPS["venue"] else [])


@pytest.fixture
def venues(toy, clock):
    return {"main": toy.Venue(clock), "second": toy.Venue(clock, "beta", "second")}


@pytest.fixture
def open_desk(open_toy_desk, venues, registry, manifest):
    """Open a desk on the first venue, which can be connected to the second."""

    @asynccontextmanager
    async def open_(**more):
        kept = {"manifest": manifest, "text": KEYS, **more}
        async with open_toy_desk(venues["main"], **kept) as desk:
            desk.connect = venues.__getitem__
            desk.connections = Connections(desk, registry, lambda _, name: venues[name])
            yield desk

    return open_


KEYS = "key = 'main'\nkey_secret = 'of the first'\n"


@pytest.fixture
def ask(toy, clock):
    async def asked(desk, op, **args):
        [told] = await at_once(clock, desk.operations.table()[op](**args))
        if isinstance(told, Exception):
            raise told
        return told

    return asked


async def at_once(clock, *asked):
    """Return what each tells, or its refusal."""
    asking = asyncio.gather(*asked, return_exceptions=True)
    for _ in range(4_000):
        if asking.done():
            break
        await asyncio.sleep(0.001)  # settings are checked in a thread
        await clock.advance(0.01)
    return asking.result()


def settings_file(desk):
    return desk.settings.file


async def test_an_account_is_tried_without_anything_being_kept(open_desk, ask):
    async with open_desk() as desk:
        told = await ask(desk, "connect", **KEYED, test=True)
        assert (told["standing"], told["steps"]["connect"]) == ("ready", "done")
        assert told["steps"]["let go"] == "done"
        assert told["steps"]["instruments"] == "1 listed"
        assert {"asset": "BTC", "total": "10"} in told["balances"]
        assert list(desk.gateways) == ["main"]
        assert not settings_file(desk).with_name("connections.toml").exists()
        assert not settings_file(desk).with_name("secrets").exists()


async def test_one_that_does_not_answer_is_told_in_its_words_without_the_secret(
    toy, open_desk, venues, ask
):
    async with open_desk() as desk:
        venues["second"].failure = toy.Unreachable(f"cannot sign with {SECRET}")
        told = await ask(desk, "connect", **KEYED, test=True)
        assert told["standing"] == "away" and "cannot sign" in told["reason"]
        assert told["steps"] == {
            "connect": "failed",
            "instruments": "not asked",
            "read account": "not asked",
        }
        assert SECRET not in str(told)


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        ("instruments", ["reached", "failed", "not asked"]),
        ("balances", ["reached", "1 listed", "failed"]),
    ],
)
async def test_a_trial_that_fails_names_the_step_and_calls_none_done(
    toy, open_desk, venues, ask, read, expected
):
    async def refused():
        raise toy.Unreachable("the key is not known")

    async with open_desk() as desk:
        setattr(venues["second"], read, refused)
        told = await ask(desk, "connect", **KEYED, test=True)
        assert (told["standing"], list(told["steps"].values())) == ("away", expected)


async def test_a_trial_that_cannot_let_go_says_so(toy, open_desk, venues, ask):
    async def refused(*_):
        raise toy.Unreachable("the line broke")

    async with open_desk() as desk:
        second = venues["second"]
        ending = type("Ending", (type(second),), {"__aexit__": refused})
        second.__class__ = ending
        told = await ask(desk, "connect", **KEYED, test=True)
        assert (told["standing"], told["steps"]["let go"]) == ("away", "failed")
        assert "the line broke" in told["reason"]


async def test_a_connected_account_trades_at_once_and_after_a_restart(
    open_desk, venues, ask, registry, clock
):
    async with open_desk() as desk:
        told = await ask(desk, "connect", **KEYED)
        assert (told["standing"], told["kept"]) == ("ready", True)
        venues["second"].quote()
        desk.upkeep.open_days()
        placed = desk.operations.place(
            side="buy", symbol="BTC/USDT@beta", quantity="1", limit="99"
        )
        await clock.settle()
        assert placed["account"] == "second" and venues["second"].called("submit")
        file = settings_file(desk)
        again = load_settings(file, environment={}, registry=registry)
        assert again.accounts["second"].options["key_secret"].reveal() == SECRET
        assert again.accounts["second"].venue == "beta"


async def test_one_that_is_kept_and_does_not_answer_says_why_it_is_not_ready(
    toy, open_desk, venues, ask
):
    async with open_desk() as desk:
        venues["second"].failure = toy.Unreachable(f"nobody listens to {SECRET}")
        told = await ask(desk, "connect", **KEYED)
        assert told["standing"] != "ready" and told["kept"]
        assert "nobody listens to ***" in told["reason"]
        account = desk.operations.status()["accounts"][-1]
        assert "nobody listens to ***" in account["reason"]
        assert SECRET not in str(told) + str(account)
        assert told["steps"]["authenticate"] == "no"


async def test_secrets_are_kept_in_files_for_the_owner_alone_and_shown_nowhere(
    open_desk, ask, tmp_path
):
    async with open_desk() as desk:
        told = await ask(desk, "connect", **KEYED)
        file = settings_file(desk)
        fragment, folder = file.with_name("connections.toml"), file.with_name("secrets")
        assert stat.S_IMODE(fragment.stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        [secret] = folder.iterdir()
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        assert secret.read_text("utf-8").strip() == SECRET
        assert SECRET not in fragment.read_text("utf-8")
        assert SECRET not in str(told) + str(desk.operations.status())
        assert SECRET not in "".join(row.value for row in desk.settings.shown())
        journal = b"".join(
            p.read_bytes() for p in desk.settings.desk.journal.glob("*.segment")
        )
        assert SECRET.encode() not in journal and b'"action":"connect"' in journal
        assert desk.settings.masker().scrub(f"<{SECRET}>") == "<***>"


async def test_a_disconnected_account_is_gone_and_its_orders_stay_at_the_venue(
    open_desk, venues, ask, clock, registry
):
    async with open_desk() as desk:
        await ask(desk, "connect", **KEYED)
        venues["second"].quote()
        desk.upkeep.open_days()
        desk.operations.place(
            side="buy", symbol="BTC/USDT@beta", quantity="1", limit="99", account="second"
        )
        await clock.settle()
        told = await ask(desk, "disconnect", account="second", by="Ann")
        assert told == {
            "account": "second",
            "open_orders": 1,
            "doubts": 0,
            "comes_back": False,
        }
        assert list(desk.gateways) == ["main"]
        assert not venues["second"].called("cancel")
        assert not venues["second"].sinks
        file = settings_file(desk)
        assert (
            "second" not in load_settings(file, environment={}, registry=registry).accounts
        )
        assert list(file.with_name("secrets").iterdir()) == []


async def test_a_kill_after_an_account_was_let_go_says_what_stays_there(
    open_desk, venues, ask, clock
):
    async with open_desk() as desk:
        await ask(desk, "connect", **KEYED)
        venues["second"].quote()
        desk.upkeep.open_days()
        for quantity, limit in (("2", "99"), ("1", "101")):
            desk.operations.place(
                side="buy",
                symbol="BTC/USDT@beta",
                quantity=quantity,
                limit=limit,
                account="second",
            )
            await clock.settle()
        filled = next(it for it in desk.kernel.state.orders.values() if it.quantity == 1)
        venues["second"].fill(filled.venue_order_ids[-1])
        await clock.settle()
        await ask(desk, "disconnect", account="second", by="Ann")
        killing = asyncio.ensure_future(ask(desk, "kill", by="Ann"))
        await clock.settle()
        told = await killing
    assert [words.partition(";")[0] for words in told["left"]] == [
        "second: 1 open orders stay: it is not connected"
    ]
    assert told["positions"] == ["second 1 BTC/USDT@beta"]


async def test_one_of_the_settings_comes_back_as_it_was(open_desk, ask, clock, toy):
    async with open_desk() as desk:
        told = await ask(desk, "disconnect", account="main", by="Ann")
        assert told["comes_back"] is True and not desk.gateways
        with pytest.raises(DeskError):
            desk.operations.place(side="buy", symbol="BTC/USDT", quantity="1", limit="99")
        told = await ask(desk, "connect", name="main", by="Ann")
        assert told["standing"] == "ready"


async def test_another_account_at_the_venue_carries_the_market_on(
    toy, clock, open_desk, venues, ask
):
    venues["second"] = toy.Venue(clock, "alpha", "second")
    async with open_desk() as desk:
        await ask(desk, "connect", **{**KEYED, "venue": "alpha"})
        assert not desk.gateways["second"].options.streams_market
        await ask(desk, "disconnect", account="main", by="Ann")
        await toy.until(clock, lambda: venues["second"].market_sinks)
        assert desk.gateways["second"].options.streams_market


@pytest.mark.parametrize(
    ("wrong", "kind", "code"),
    [
        ({"name": "main"}, DeskError, "account-exists"),
        ({"name": "../main"}, DeskError, "bad-argument"),
        ({"name": "second\n"}, DeskError, "bad-argument"),
        ({"name": "nobody", "adapter": ""}, DeskError, "unknown-account"),
        ({"adapter": "no-such"}, ConfigError, None),
        ({"settings": {"colour": "red"}}, ConfigError, None),
        ({"settings": {"key_secret": "x"}, "foreign": "sometimes"}, ConfigError, None),
        ({"by": ""}, DeskError, "bad-argument"),
    ],
)
async def test_what_the_settings_would_refuse_is_refused_and_nothing_is_kept(
    open_desk, ask, wrong, kind, code
):
    async with open_desk() as desk:
        with pytest.raises(kind) as refused:
            await ask(desk, "connect", **{**KEYED, **wrong})
        assert code is None or refused.value.code == code
        assert SECRET not in str(refused.value)
        assert list(desk.gateways) == ["main"]
        assert not settings_file(desk).with_name("connections.toml").exists()


OTHER = "another secret text"
THIRD = {**NEW, "name": "third", "venue": "gamma"}
THIRD["settings"] = {"key": "k-3", "key_secret": OTHER}


@pytest.fixture
def three(toy, clock, venues):
    venues["third"] = toy.Venue(clock, "gamma", "third")
    return venues


async def test_of_two_connects_of_one_name_at_once_one_is_refused(
    open_desk, venues, clock, ask
):
    async with open_desk() as desk:
        connect = desk.operations.table()["connect"]
        told, refused = await at_once(clock, connect(**KEYED), connect(**KEYED))
        assert told["standing"] == "ready" and refused.code == "account-exists"
        assert venues["second"].connections == 1
        await ask(desk, "disconnect", account="second", by="Ann")
        assert not venues["second"].sinks


async def test_of_two_accounts_connected_at_once_neither_loses_its_settings(
    open_desk, three, clock, ask, registry
):
    async with open_desk() as desk:
        connect = desk.operations.table()["connect"]
        told = await at_once(clock, connect(**KEYED), connect(**THIRD))
        assert [it["standing"] for it in told] == ["ready", "ready"]
        assert set(desk.gateways) == set(desk.settings.accounts)
        scrub = desk.settings.masker().scrub
        assert (scrub(SECRET), scrub(OTHER)) == ("***", "***")
        again = load_settings(settings_file(desk), environment={}, registry=registry)
        assert set(again.accounts) == {"main", "second", "third"}
        for name in ("second", "third"):
            await ask(desk, "disconnect", account=name, by="Ann")
        assert list(desk.gateways) == ["main"]


@pytest.mark.parametrize("is_connect_first", [True, False])
async def test_a_connect_that_meets_a_disconnect_keeps_its_settings(
    open_desk, three, clock, ask, is_connect_first
):
    async with open_desk() as desk:
        await ask(desk, "connect", **KEYED)
        operations = desk.operations.table()
        asked = [
            operations["connect"](**THIRD),
            operations["disconnect"](account="second", by="Ann"),
        ]
        told = await at_once(clock, *(asked if is_connect_first else reversed(asked)))
        assert not [each for each in told if isinstance(each, Exception)]
        assert set(desk.gateways) == {"main", "third"}
        enabled = {it for it, each in desk.settings.accounts.items() if each.enabled}
        assert enabled == {"main", "third"}


async def test_of_two_disconnects_at_once_one_is_told_that_it_is_gone(open_desk, clock):
    async with open_desk() as desk:
        disconnect = desk.operations.table()["disconnect"]
        told, refused = await at_once(
            clock, *(disconnect(account="main", by=by) for by in ("Ann", "Bo"))
        )
        assert told["account"] == "main" and isinstance(refused, DeskError)


async def test_real_money_takes_the_words_that_a_person_types(
    toy, open_toy_desk, venues, registry, manifest, ask
):
    live = replace(manifest, real_money=True)
    point = type("Point", (EntryPoint,), {"load": lambda self: live})
    entry = point("toy", "toys:MANIFEST", GROUPS["venue"])
    registry = Registry(lambda group: [entry] if group == GROUPS["venue"] else [])
    risk = '[desk]\nmode = "live"\n' + toy.RISK
    async with open_toy_desk(
        venues["main"], manifest=manifest, text=KEYS, risk=risk
    ) as desk:
        desk.connect = venues.__getitem__
        desk.connections = Connections(desk, registry, lambda _, name: venues[name])
        main = desk.settings.tree.leaves
        main["accounts", "main", "enabled"] = replace(
            main["accounts", "main", "adapter"], value=False
        )
        with pytest.raises(ConfigError) as refused:
            await ask(desk, "connect", **KEYED, door="cli")
        assert refused.value.code == "live-unconfirmed"
        assert "trade second for real" in refused.value.hint
        words = {"confirm": "trade second for real"}
        for door in ("api", "webhook", ""):
            with pytest.raises(DeskError) as needed:
                await ask(desk, "connect", **KEYED, **words, door=door)
            assert needed.value.code == "person-needed"
        assert "second" not in desk.gateways
        await ask(desk, "connect", **KEYED, **words, door="dashboard")
        assert desk.gateways["second"].options.moves_money
        assert desk.view.account("second").live
        state = desk.kernel.state.account("second")
        assert state.live_as == "toy beta"
        await ask(desk, "disconnect", account="second", by="Ann", door="api")
        with pytest.raises(DeskError) as needed:
            await ask(desk, "connect", **KEYED, door="api")
        assert needed.value.code == "person-needed"
        told = await ask(desk, "connect", **KEYED, test=True, door="api")
        assert told["standing"] == "ready" and "second" not in desk.gateways


async def test_an_account_in_both_places_is_refused_by_name(open_desk, ask, registry):
    async with open_desk() as desk:
        await ask(desk, "connect", **KEYED)
        file = settings_file(desk)
        file.write_text(file.read_text("utf-8") + "\n[accounts.second]\nadapter = 'toy'\n")
        with pytest.raises(ConfigError, match="stands in the settings, too"):
            load_settings(file, environment={}, registry=registry)


async def test_who_connected_it_is_in_the_journal_first(open_desk, ask, journal):
    async with open_desk(journal=journal) as desk:
        await ask(desk, "connect", **KEYED, door="api")
        [acted] = journal.records(r.PersonActed)
        assert (acted.by, acted.door, acted.action, acted.subject) == (
            "Ann",
            "api",
            "connect",
            "second",
        )
        assert acted.words == "toy at beta"
