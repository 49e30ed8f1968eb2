"""One account besides its orders, before a desk that tells what it was made with."""

import asyncio
import threading
import uuid
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from crossdock.app.doors.acting.financing import FinancingOperations
from crossdock.app.financing.shown import show_movement, shown
from crossdock.app.notify import Outbox, outbox_of
from crossdock.app.settings import load_settings
from crossdock.core.movements import MovementState, Wish
from crossdock.core.records import Outcome
from crossdock.errors import DeskError, OutcomeUnknown
from crossdock.model import (
    AccountFacts,
    Auction,
    AuctionKind,
    BorrowRate,
    EarnHolding,
    EarnKind,
    EarnOffer,
    FeeRates,
    FundingRate,
    Greeks,
    KeyRights,
    Leverage,
    Loan,
    MarginMode,
    Movement,
    MovementKind,
    OptionQuote,
    Right,
    SubAccount,
    TradingDay,
)
from crossdock.ports import Alert, AlertEvent, AlertKind, AlertLevel
from crossdock.web.identity.roles import Access, Role
from crossdock.web.link import DeskLink
from crossdock.web.link.address import DeskAddress

D = Decimal
PERPETUAL = "BTC/USDT:USDT@alpha"
DAY_NS = 86_400 * 1_000_000_000
MOVED = shown(
    Movement(
        account="alpha",
        kind=MovementKind.TRANSFER,
        movement_id="m-7",
        asset="USDT",
        amount=D("12.50"),
        is_done=False,
        source="spot",
        destination="sub:desk-2",
        venue_time_ns=5,
    )
)
ASKED_TO_MOVE = show_movement(
    MovementState(
        movement_id="m1",
        wish=Wish(
            account="alpha",
            kind=MovementKind.BORROW,
            asset="USDT",
            amount=D("12.50"),
            source="spot",
            destination="margin",
            instrument=PERPETUAL,
            product="p",
        ),
        by="ann",
        correlation="c1",
        asked_at=5,
        outcome=Outcome.UNKNOWN,
        venue_movement_id="v",
        words="silence",
    )
)
# path, operation, what is asked, and the nouns it answers with
READS = [
    (
        "leverage?symbol=BTC/USDT:USDT",
        "leverage",
        {"symbol": "BTC/USDT:USDT"},
        Leverage(
            account="alpha",
            instrument=PERPETUAL,
            long=D(3),
            short=D(5),
            margin_mode=MarginMode.CROSS,
        ),
    ),
    (
        "borrow-rates?assets=USDT&assets=BTC",
        "borrow_rates",
        {"assets": ["USDT", "BTC"]},
        [BorrowRate(asset="USDT", rate=D("0.0002"), per_s=3600, venue_time_ns=9)],
    ),
    (
        "loans",
        "loans",
        {},
        [Loan(account="alpha", asset="BTC", principal=D("0.10"), instrument=PERPETUAL)],
    ),
    ("wallets", "wallets", {}, ["spot", "margin"]),
    ("sub-accounts", "sub_accounts", {}, [SubAccount(name="b", venue_id="77")]),
    ("movements", "movements", {}, [ASKED_TO_MOVE]),
    (
        "earn/offers?asset=ETH",
        "earn_offers",
        {"asset": "ETH"},
        [EarnOffer(offer_id="o", kind=EarnKind.STAKING, asset="ETH", rate=None, lock_s=9)],
    ),
    (
        "earn/holdings",
        "earn_holdings",
        {},
        [
            EarnHolding(
                account="alpha",
                offer_id="o",
                kind=EarnKind.SAVINGS,
                asset="ETH",
                amount=D("1.10"),
            )
        ],
    ),
    (
        "funding-rates?symbols=BTC/USDT:USDT",
        "funding_rates",
        {"symbols": ["BTC/USDT:USDT"]},
        [FundingRate(instrument=PERPETUAL, rate=D("-0.0001"), funding_time_ns=5)],
    ),
    (
        f"funding-rates/history?symbol=BTC/USDT:USDT&start_ns=0&end_ns={DAY_NS}",
        "funding_rate_history",
        {"symbol": "BTC/USDT:USDT", "start_ns": 0, "end_ns": DAY_NS},
        [FundingRate(instrument=PERPETUAL, rate=D("0.0001"), funding_time_ns=5)],
    ),
    (
        "fee-rates?symbols=BTC/USDT",
        "fee_rates",
        {"symbols": ["BTC/USDT"]},
        [FeeRates(instrument="BTC/USDT@alpha", maker=D("-0.0001"), taker=D("0.0004"))],
    ),
    (
        "options?underlying=BTC&expiry_time_ns=7",
        "option_chain",
        {"underlying": "BTC", "expiry_time_ns": 7},
        [
            OptionQuote(
                instrument="BTC/USD:BTC-261225-100000-C@alpha",
                bid=D("0.05"),
                ask=None,
                mark_volatility=0.61,
                greeks=Greeks(delta=0.4, gamma=0.1, theta=-3.0, vega=2.0, rho=0.5),
                open_interest=D(10),
            )
        ],
    ),
    (
        "calendar?start=2026-01-31&end=2026-02-02",
        "trading_days",
        {"start": "2026-01-31", "end": "2026-02-02"},
        [TradingDay(date="2026-02-02", open_time_ns=5, close_time_ns=6)],
    ),
    (
        "auctions?symbol=AAPL/USD&start=2026-01-31&end=2026-01-31",
        "auctions",
        {"symbol": "AAPL/USD", "start": "2026-01-31", "end": "2026-01-31"},
        [
            Auction(
                instrument="AAPL/USD@alpha",
                kind=AuctionKind.CLOSING,
                price=D("190.10"),
                quantity=D(100),
                exchange="Q",
                venue_time_ns=5,
            )
        ],
    ),
    (
        "key-rights",
        "key_rights",
        {},
        KeyRights(rights=frozenset({Right.TRADE, Right.READ}), expires_time_ns=5),
    ),
    (
        "facts",
        "account_facts",
        {},
        AccountFacts(
            account="alpha",
            currency="USD",
            equity=D("100.5"),
            buying_power=D(200),
            day_trades=2,
            notes=("a",),
        ),
    ),
]
LEVERAGE = {"symbol": "BTC/USDT:USDT", "leverage": "3", "margin_mode": "cross"}
MODE = {"symbol": "BTC/USDT:USDT", "margin_mode": "isolated"}
CHOICES = [("leverage", "set_leverage", LEVERAGE), ("margin-mode", "set_margin_mode", MODE)]
LOAN = {"asset": "USDT", "amount": "12.5", "symbol": "BTC/USDT"}
TRANSFER = {
    "asset": "USDT",
    "amount": "12.5",
    "source": "spot",
    "destination": "sub:desk-2",
}
EARN = {"offer": "o", "amount": "12.5"}
MOVES = [
    ("loans/borrow", "borrow", LOAN),
    ("loans/repay", "repay", LOAN),
    ("transfers", "transfer", TRANSFER),
    ("earn/subscribe", "earn_subscribe", EARN),
    ("earn/redeem", "earn_redeem", EARN),
]
VERDICT = {"verdict": "absent", "words": "seen at the venue", "force": True}
SETTLE = "movements/m1/settle"


class TellingLink(DeskLink):
    """A desk that answers what it was given by operation, and keeps what it was asked."""

    def __init__(self):
        super().__init__(DeskAddress(path="no.sock"))
        self.asked, self.answers = [], {}

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        return None

    async def ask(self, op, /, **args):
        await asyncio.sleep(0)
        self.asked.append((op, args))
        answer = self.answers.get(op)
        if answer is None:
            raise DeskError("no desk answers", code="desk-not-running")
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(scope="module")
def told(addresses, market_home, api_tools):
    with api_tools["short_folder"]() as folder:
        settings = api_tools["written_settings"](folder, addresses, ("alpha",))
        with api_tools["dashboard"](settings, TellingLink()) as site:
            yield site


@pytest.fixture
def site(told):
    link = told.application.dashboard.link
    link.asked.clear()
    link.answers.clear()
    return told


@pytest.fixture(scope="module")
def people(told):
    return {role: told.person(role) for role in Role}


def link_of(site):
    return site.application.dashboard.link


def path_of(end):
    return f"/api/v1/accounts/alpha/{end}"


def key():
    return {"Idempotency-Key": uuid.uuid4().hex}


@pytest.mark.parametrize(("end", "op", "args", "nouns"), READS, ids=[r[1] for r in READS])
def test_a_read_tells_all_that_the_desk_tells(site, end, op, args, nouns):
    told = nouns if op == "movements" else shown(nouns)
    link_of(site).answers[op] = told
    assert site.get(path_of(end), access=Access.VIEW) == told
    assert link_of(site).asked == [(op, {"account": "alpha", **args})]


@pytest.mark.parametrize(
    "end",
    [
        "leverage",
        "borrow-rates",
        "funding-rates?" + "&".join(f"symbols=A{n}" for n in range(51)),
        "funding-rates/history?symbol=A&start_ns=5&end_ns=5",
        f"funding-rates/history?symbol=A&start_ns=0&end_ns={367 * DAY_NS}",
        "calendar?start=2026-02-02&end=2026-02-01",
        "calendar?start=0001-01-01&end=0001-01-02",
        "auctions?symbol=A&start=2001-01-01&end=2026-01-01",
    ],
)
def test_a_read_without_bounds_never_reaches_the_desk(site, end):
    reply = site.ask("GET", path_of(end))
    assert (reply.status_code, reply.json()["code"]) == (422, "bad-argument"), reply.text
    assert link_of(site).asked == []


@pytest.mark.parametrize(("end", "op", "terms"), CHOICES)
def test_margin_is_chosen_by_whoever_answers_for_risk(site, end, op, terms):
    link_of(site).answers[op] = {"account": "alpha", **terms}
    low = site.ask("PUT", path_of(end), json=terms, access=Access.TRADE)
    assert (low.status_code, link_of(site).asked) == (403, [])
    chosen = site.do("PUT", path_of(end), json=terms, access=Access.RISK)
    assert chosen == {"account": "alpha", **terms}
    ((asked, args),) = link_of(site).asked
    who = {"by": "the-risk", "door": args["door"]}
    assert (asked, args) == (op, {"account": "alpha", **terms, **who})
    assert args["door"]


@pytest.mark.parametrize(
    ("end", "terms"),
    [
        ("leverage", {**LEVERAGE, "leverage": "0"}),
        ("leverage", {**LEVERAGE, "leverage": True}),
        ("leverage", {**LEVERAGE, "margin_mode": "portfolio"}),
        ("margin-mode", {**MODE, "margin_mode": "none"}),
    ],
)
def test_margin_that_is_none_is_refused(site, end, terms):
    assert site.ask("PUT", path_of(end), json=terms).status_code == 422
    assert link_of(site).asked == []


@pytest.mark.parametrize(("end", "op", "terms"), MOVES)
def test_money_moves_once_however_often_it_is_asked_under_one_key(
    site, people, end, op, terms
):
    link_of(site).answers[op] = MOVED
    headers, boss = key(), people[Role.ADMIN]
    first = boss.post(path_of(end), json=terms, headers=headers)
    assert (first.status_code, first.json()) == (201, MOVED), first.text
    again = boss.post(path_of(end), json=terms, headers=headers)
    assert (again.status_code, again.json()) == (201, MOVED)
    assert again.headers["idempotency-replayed"] == "true"
    ((asked, args),) = link_of(site).asked
    assert (asked, args.pop("door") != "") == (op, True)
    assert args.pop("by").startswith("ann-")
    assert args == {"account": "alpha", **terms}


@pytest.mark.parametrize(("end", "op", "terms"), [*MOVES, (SETTLE, "settle", VERDICT)])
def test_no_key_and_nobody_below_an_administrator_moves_money(site, people, end, op, terms):
    for access in Access:
        reply = site.ask("POST", path_of(end), json=terms, access=access)
        code = "person-needed" if access is Access.ADMIN else "forbidden"
        assert (reply.status_code, reply.json()["code"]) == (403, code), (access, op)
    for role in set(Role) - {Role.ADMIN}:
        reply = people[role].post(path_of(end), json=terms, headers=key())
        assert (reply.status_code, reply.json()["code"]) == (403, "forbidden"), (role, op)
    assert link_of(site).asked == []


@pytest.mark.parametrize(("end", "op", "terms"), MOVES)
def test_money_that_could_be_moved_twice_is_not_moved(site, people, end, op, terms):
    reply = people[Role.ADMIN].post(path_of(end), json=terms)
    told = reply.status_code, reply.json()["code"]
    assert told == (422, "idempotency-key-missing"), op
    assert link_of(site).asked == []


@pytest.mark.parametrize("amount", ["0", "-1", "0.00", "1e3", "NaN", "", True, None])
@pytest.mark.parametrize(("end", "op", "terms"), MOVES)
def test_an_amount_that_is_none_moves_nothing(site, people, end, op, terms, amount):
    asked = {**terms, "amount": amount}
    reply = people[Role.ADMIN].post(path_of(end), json=asked, headers=key())
    assert reply.status_code == 422, op
    assert link_of(site).asked == []


def test_money_in_doubt_is_told_so_and_never_asked_for_again(site, people):
    link_of(site).answers["transfer"] = OutcomeUnknown("nobody knows", hint="look")
    headers, boss = key(), people[Role.ADMIN]
    for _ in range(2):
        reply = boss.post(path_of("transfers"), json=TRANSFER, headers=headers)
        assert reply.status_code == 409, reply.text
        assert reply.json()["detail"] == "nobody knows"
    assert len(link_of(site).asked) == 1


def test_a_person_ends_the_doubt_of_a_movement(site, people):
    link_of(site).answers["settle_movement"] = {**ASKED_TO_MOVE, "in_doubt": False}
    reply = people[Role.ADMIN].post(path_of(SETTLE), json=VERDICT)
    assert (reply.status_code, reply.json()["in_doubt"]) == (200, False), reply.text
    ((op, args),) = link_of(site).asked
    assert args.pop("by").startswith("ann-") and args.pop("door")
    assert (op, args) == (
        "settle_movement",
        {"account": "alpha", "movement": "m1", **VERDICT},
    )


def test_everything_that_can_be_asked_of_an_account_has_a_route():
    routed = {row[1] for row in [*READS, *CHOICES, *MOVES]} | {"settle_movement"}
    assert routed == set(FinancingOperations(None).table())


# ---- the desk as a whole -----------------------------------------------------


def test_the_desk_is_stopped_by_an_administrator_who_is_signed_in(site, people):
    link_of(site).answers["stop"] = {"stopping": True}
    path, asked = "/api/v1/desk/stop", {"confirm": "STOP", "on_exit": "cancel"}
    refused = site.ask("POST", path, json=asked)
    assert (refused.status_code, refused.json()["code"]) == (403, "person-needed")
    assert people[Role.TRADER].post(path, json=asked).status_code == 403
    assert people[Role.ADMIN].post(path, json={"on_exit": "cancel"}).status_code == 422
    assert link_of(site).asked == []
    assert people[Role.ADMIN].post(path, json=asked).json() == {"stopping": True}
    ((op, args),) = link_of(site).asked
    assert (op, args["on_exit"], args["by"][:4]) == ("stop", "cancel", "ann-")


def test_a_working_desk_tells_how_it_stands(own_site):
    told = own_site.get("/api/v1/desk", access=Access.VIEW)
    assert told["session"] and told["journal"]["writable"] is True
    assert told["killed"] == "" and told["movements_in_doubt"] == 0
    assert own_site.get("/api/v1/accounts/alpha/movements") == []
    gone = own_site.ask("GET", "/api/v1/accounts/nobody/loans")
    assert (gone.status_code, gone.json()["code"]) == (404, "unknown-account")
    none = own_site.ask("GET", "/api/v1/accounts/alpha/loans")
    assert (none.status_code, none.json()["code"]) == (409, "not-offered"), none.text


CONNECTIONS = [
    ("/api/v1/venues", {"name": "second", "adapter": "sandbox"}),
    ("/api/brokers/connect", {"broker_name": "Sandbox", "account": "second"}),
]


@pytest.mark.parametrize(("path", "asked"), CONNECTIONS, ids=["venues", "brokers"])
@pytest.mark.parametrize(
    ("standing", "status"), [("ready", 201), ("away", 202), ("connecting", 202)]
)
def test_an_account_that_is_not_ready_is_not_told_as_made(
    site, path, asked, standing, status
):
    reason = "" if standing == "ready" else "the key is not known"
    link_of(site).answers["connect"] = {
        "account": "second",
        "steps": {},
        "standing": standing,
        "reason": reason,
        "kept": True,
    }
    told = site.do("POST", path, status, json=asked)
    assert (told["standing"], told["reason"], told["kept"]) == (standing, reason, True)


def test_the_doctor_tells_administrators_what_it_saw(site):
    found = site.get("/api/v1/doctor")
    assert {"python", "settings"} <= {row["about"].lower() for row in found}
    assert site.ask("GET", "/api/v1/doctor", access=Access.RISK).status_code == 403


def test_the_doctor_judges_the_settings_with_what_was_set_over_them(
    addresses, market_home, api_tools
):
    with api_tools["short_folder"]() as folder:
        file = api_tools["written_settings"](folder, addresses, ("alpha",)).file
        elsewhere = folder / "elsewhere" / "journal"
        over = [
            f"desk.journal={elsewhere}",
            "accounts.alpha.instruments=BTC/USDT, ETH/USDT",
            "risk.leverage_max=3",
        ]
        settings = load_settings(file, environment={"HOME": str(folder)}, overrides=over)
        assert sorted(settings.overrides()) == sorted(over)
        with api_tools["dashboard"](settings) as site:
            found = site.get("/api/v1/doctor")
            assert str(elsewhere) in str(found), found
            [good] = [it for it in found if it["about"] == "settings"]
            assert good["verdict"] == "ok"
            file.write_text("[desk]\nmode = 'nonsense'\n", "utf-8")
            [bad] = [it for it in site.get("/api/v1/doctor") if it["about"] == "settings"]
            assert bad["verdict"] == "bad" and "mode" in bad["words"]


class Taking(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.seen.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def office(addresses, market_home, api_tools):
    """A dashboard whose settings name a receiver, and what that one was sent."""
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server,
        api_tools["short_folder"]() as folder,
    ):
        server.seen = []
        serving = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.02}
        )
        serving.start()
        tail = (
            '\n[notify.office]\nadapter = "webhook"\n'
            f'url_secret = "http://127.0.0.1:{server.server_port}/h"\n'
            f'signing_secret = "{"s" * 32}"\n'
        )
        made = api_tools["written_settings"](folder, addresses, ("alpha",), tail)
        with api_tools["dashboard"](made, TellingLink()) as site:
            yield site, server.seen
        server.shutdown()
        serving.join()


def test_a_receiver_is_listed_without_its_secret_and_takes_a_test_message(office):
    site, seen = office
    reply = site.ask("GET", "/api/v1/notify", access=Access.VIEW)
    ((name, adapter),) = [(row["name"], row["adapter"]) for row in reply.json()]
    assert (name, adapter) == ("office", "webhook") and "127.0.0.1" not in reply.text
    path = "/api/v1/notify/office/test"
    assert site.ask("POST", path, access=Access.TRADE).status_code == 403
    assert seen == []
    sent = site.do("POST", path, access=Access.RISK)
    assert sent["receiver"] == "office"
    assert len(seen) == 1 and b"the-risk asked" in seen[0]
    gone = site.ask("POST", "/api/v1/notify/ofice/test")
    assert (gone.status_code, gone.json()["code"]) == (404, "unknown-receiver")


def test_what_people_were_told_is_read_from_the_outbox(site):
    assert site.get("/api/v1/notify/outbox", access=Access.VIEW) == []
    event = AlertEvent(
        id="e",
        at=5,
        kind=AlertKind.ALARM,
        level=AlertLevel.NOTE,
        title="Title",
        words="Words",
    )
    alert = Alert(
        id="a",
        at=5,
        kind=event.kind,
        level=event.level,
        title="Title",
        lines=("Words",),
        events=(event,),
        desk="main",
        mode="paper",
    )
    kept = Outbox(outbox_of(site.settings))
    try:
        kept.take_in([("office", event)], 1)
        kept.compose("office", [AlertLevel.NOTE], lambda _events: [alert])
    finally:
        kept.close()
    (row,) = site.get("/api/v1/notify/outbox", access=Access.VIEW)
    assert (row["id"], row["receiver"], row["state"]) == ("a", "office", "waiting")


FTX = (
    "ID,Time,Market,Side,Order Type,Size,Price,Total,Fee,Fee Currency,TWAP\n"
    "101,2021-05-25T19:22:43+00:00,BTC/USD,buy,Order,0.5,38000,19000,13.3,USD,\n"
)


def test_an_export_of_a_closed_venue_is_read(site):
    asked = {"venue": "ftx", "csv": FTX, "account": "old"}
    told = site.do("POST", "/api/v1/data/statement", json=asked, access=Access.TRADE)
    (fill,) = told["fills"]
    assert (told["venue"], told["duplicates"], told["left_out"]) == ("ftx", 0, {})
    assert [fill[name] for name in ("account", "instrument", "side", "quantity")] == [
        "old",
        "BTC/USD@ftx",
        "buy",
        "0.5",
    ]
    assert (fill["price"], fill["fee"], fill["execution_id"]) == ("38000", "13.3", "101")


@pytest.mark.parametrize(
    "asked",
    [
        {"venue": "ftx", "csv": "a,b\n1,2\n"},
        {"venue": "no such venue", "csv": FTX},
        {"venue": "ftx", "csv": FTX, "timezone": "Moon/Sea"},
        {"venue": "ftx", "csv": FTX.replace("38000", "lots")},
        {"venue": "ftx", "csv": "\x00"},
    ],
)
def test_an_export_that_cannot_be_read_says_why(site, asked):
    reply = site.ask("POST", "/api/v1/data/statement", json=asked)
    assert reply.status_code in (404, 422) and reply.json()["detail"], reply.text
