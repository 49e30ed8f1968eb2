"""`crossdock account NAME …`, asked through the control socket of a desk in memory."""

import asyncio
import contextlib
import io
import json
import shutil
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest

from crossdock.adapters.stores.journal.files import JournalFiles
from crossdock.app.doors.control.control import ControlServer
from crossdock.app.offline import JournalReader
from crossdock.app.settings import load_settings
from crossdock.cli import main
from crossdock.core import records as r
from crossdock.errors import OutcomeUnknown, Rejected
from crossdock.model import MovementKind
from crossdock.ports import Durability

SETTINGS = """
[desk]
mode = "paper"
control = "{folder}/desk.sock"
journal = "{folder}/journal"

[accounts.main]
adapter = "sandbox"
venue = "alpha"
url = "http://127.0.0.1:1"
key = "k"
key_secret = "s"
"""
READS = {
    "leverage BTC/USDT": "BTC/USDT@alpha: long 1, short 1, margin none",
    "borrow-rates USDT": "0.0001",
    "loans": "10.50",
    "wallets": "spot\nfunding",
    "sub-accounts": "hedge",
    "earn offers": "USDT001",
    "earn offers BTC": "no offers",
    "earn holdings": "USDT001",
    "funding BTC/USDT": "BTC/USDT@alpha",
    "funding BTC/USDT --since 1970-01-01": "1970-01-01",
    "fees BTC/USDT": "-0.0001",
    "options BTC": "BTC/USDT@alpha",
    "options BTC --expiry 2026-12-25T08:00": "BTC/USDT@alpha",
    "calendar --from 2026-01-02 --to 2026-01-03": "2026-01-02",
    "auctions BTC/USDT --from 2026-01-02 --to 2026-01-03": "closing",
    "rights": "may read, trade; bound to an address: not told",
    "facts": "equity: 1000",
    "movements": "no movements",
}
WRITES = {
    "leverage BTC/USDT 5": "leverage 5",
    "margin-mode BTC/USDT cross": "cross margin",
    "borrow USDT 1": "borrow 1 USDT: done, the venue's id t1",
    "repay USDT 1.50": "repay 1.50 USDT: done",
    "transfer USDT 1 --from spot --to funding": "transfer 1 USDT: done",
    "earn subscribe USDT001 1": "earn subscribe 1 USDT: done",
    "earn redeem USDT001 1": "earn redeem 1 USDT: done",
}
ASKED = {
    "leverage BTC/USDT 5": ("set_leverage", "BTC/USDT 5"),
    "leverage BTC/USDT 5 --margin-mode cross": ("set_leverage", "BTC/USDT 5, cross"),
    "margin-mode BTC/USDT cross": ("set_margin_mode", "BTC/USDT cross"),
    "borrow USDT 1": ("borrow", "1 USDT"),
    "borrow USDT 1 --symbol BTC/USDT": ("borrow", "1 USDT on BTC/USDT"),
    "repay USDT 1.50": ("repay", "1.50 USDT"),
    "transfer USDT 1 --from spot --to funding": (
        "transfer",
        "1 USDT from spot to funding",
    ),
    "earn subscribe USDT001 1": ("earn_subscribe", "1 in USDT001"),
    "earn redeem USDT001 1": ("earn_redeem", "1 out of USDT001"),
}


@pytest.fixture
def folder():
    made = Path(tempfile.mkdtemp(prefix="xd-"))  # short enough for a socket's name
    yield made
    shutil.rmtree(made)


@pytest.fixture
def said(bank, open_toy_desk, journal, folder):
    """Run commands against a desk that is open meanwhile, in turn; one may be made of what was said."""
    settings = folder / "settings.toml"
    settings.write_text(SETTINGS.format(folder=folder), "utf-8")
    settings.chmod(0o600)

    def call(line):
        out, err = io.StringIO(), io.StringIO()
        words = ["--settings", str(settings), "account", *line.split()]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(words)
        return int(code), out.getvalue(), err.getvalue()

    async def run(*lines):
        async with open_toy_desk(bank, journal=journal) as desk:
            socket = ControlServer(folder / "desk.sock", desk.operations.table())
            async with socket:
                told = []
                for line in lines:
                    asked = line if isinstance(line, str) else line(told)
                    told.append(await asyncio.to_thread(call, asked))
                return told

    run.without_desk = call
    return run


@pytest.mark.parametrize("line", READS)
async def test_reads_are_shown_as_tables_and_as_json(said, line):
    text, as_json = await said(f"main {line}", f"main {line} --json")
    assert (text[0], text[2]) == (0, "")
    assert READS[line] in text[1]
    assert as_json[0] == 0
    assert isinstance(json.loads(as_json[1]), dict)


@pytest.mark.parametrize("line", WRITES)
async def test_writes_are_done_once_and_told(said, bank, line):
    [(code, out, err)] = await said(f"main {line} --by Ann")
    assert (code, err) == (0, "")
    assert WRITES[line] in out
    assert (
        len(bank.moved)
        + len(bank.called("set_leverage"))
        + len(bank.called("set_margin_mode"))
        == 1
    )


@pytest.mark.parametrize("line", ASKED)
async def test_who_writes_and_by_what_door_is_journaled_before_it_is_done(
    said, journal, line
):
    action, words = ASKED[line]
    [(code, _, _)] = await said(f"main {line} --by Ann")
    assert code == 0
    told = [
        record
        for record in journal.records()
        if isinstance(record, r.PersonActed | r.MarginDecided | r.MovementIntended)
    ]
    acted, done = told[:2]
    assert (acted.by, acted.door, acted.action) == ("Ann", "cli", action)
    assert (acted.subject, acted.words) == ("main", words)
    assert (done.by, done.correlation) == ("Ann", acted.correlation)
    assert acted.correlation


async def test_a_write_that_makes_no_sense_is_in_nobodys_name(said, journal):
    told = await said("main borrow USDT 0 --by Ann", "main settle m9 live --by Ann")
    assert [code for code, _, _ in told] == [2, 1]
    assert journal.records(r.PersonActed) == []


async def test_a_write_as_json_says_whether_money_is_real(said):
    [(_, out, _)] = await said("main borrow USDT 1 --json")
    told = json.loads(out)
    assert (told["mode"], told["amount"], told["movement_id"]) == ("paper", "1", "t1")


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("nobody loans", 1, "unknown-account"),
        ("main borrow USDT much", 2, "bad-argument"),
        ("main borrow USDT 0", 2, "bad-argument"),
        ("main borrow USDT", 2, "usage"),
        ("main leverage DOGE/USDT", 1, "unknown-symbol"),
        ("main leverage BTC/USDT 5 --margin-mode some", 2, "bad-argument"),
        ("main transfer USDT 1 --from spot --to moon", 2, "bad-argument"),
        ("main earn subscribe X 1", 1, "unknown-offer"),
        ("main settle m9 live --by Ann", 1, "unknown-doubt"),
        ("main funding BTC/USDT ETH/USDT --since 2026-01-01", 2, "usage"),
        ("main funding BTC/USDT --until 2026-01-01", 2, "usage"),
        ("main calendar --from tomorrow --to 2026-01-03", 2, "bad-argument"),
    ],
)
async def test_mistakes_are_answered_and_not_sent(said, bank, line, code, words):
    [(ended, out, err)] = await said(line)
    assert (ended, out) == (code, "")
    assert words in err
    assert not bank.asked_to_move()


async def test_a_refusal_of_the_venue_is_told_in_its_words(said, bank):
    async def refuse(*_, **__):
        raise Rejected("not enough margin", venue_code="-3041")

    bank.on_move = refuse
    [(code, out, err)] = await said("main borrow USDT 1")
    assert (code, out) == (1, "") and "not enough margin" in err


def doubted(told):
    """Return the id of the one movement that was listed third."""
    [row] = json.loads(told[2][1])["movements"]
    return row["movement_id"]


async def test_a_doubt_ends_with_5_is_listed_and_settled(said, bank, journal):
    async def lost(*_, **__):
        raise OutcomeUnknown("no reply")

    bank.on_move = lost
    told = await said(
        "main borrow USDT 1",
        "main borrow USDT 1",
        "main movements --json",
        lambda told: f"main settle {doubted(told)} absent --by Ann",
        lambda told: f"main settle {doubted(told)} absent --by Ann --force",
        "main movements",
    )
    assert [code for code, _, _ in told] == [5, 1, 0, 1, 0, 0]
    assert "movement-open" in told[1][2] and "doubt-not-yours" in told[3][2]
    [row] = json.loads(told[2][1])["movements"]
    assert (row["status"], row["in_doubt"]) == ("Unknown", True)
    assert "is absent, says Ann: NeverMoved" in told[4][1]
    assert "NeverMoved" in told[5][1]
    assert bank.asked_to_move() == ["borrow"]
    by_person = [it for it in journal.records(r.PersonActed) if it.action != "borrow"]
    assert {(it.by, it.door, it.words) for it in by_person} == {("Ann", "cli", "absent")}
    [intended] = journal.records(r.MovementIntended)
    assert {it.correlation for it in by_person} == {intended.correlation}


def test_without_a_desk_nothing_is_asked(said):
    code, out, err = said.without_desk("main loans")
    assert (code, out) == (4, "") and "desk-not-running" in err


def test_what_a_dead_desk_left_is_shown_as_in_doubt_without_a_desk(said, folder):
    journal = JournalFiles.open(folder / "journal", Durability.PROCESS)
    intent = r.MovementIntended(
        at=7,
        movement_id="m-9",
        account="main",
        kind=MovementKind.REPAY,
        asset="USDT",
        amount=Decimal(3),
        correlation="c-1",
        by="Ann",
    )
    journal.append([r.encode(intent)])
    journal.close()
    code, out, _ = said.without_desk("main movements --json")
    told = json.loads(out)
    [row] = told["movements"]
    assert (code, told["running"], row["status"], row["by"]) == (0, False, "Unknown", "Ann")
    settings = load_settings(folder / "settings.toml", environment={})
    reader = JournalReader(settings)
    [doubt] = reader.doubts()
    assert (doubt["attempt_id"], doubt["kind"], doubt["quantity"]) == ("m-9", "repay", "3")
    assert reader.status()["movements_in_doubt"] == 1
    assert [line["record"] for line in reader.trace("m-9")] == ["movement_intended"]
