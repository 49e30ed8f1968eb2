"""Brackets, pairs and trailing stops through a whole desk at a venue in memory."""

from dataclasses import replace
from decimal import Decimal

import pytest

from crossdock.app.doors.user import UserDesk
from crossdock.core import records as r
from crossdock.errors import DeskError, RiskRefused
from crossdock.model import Contingency, OrderStatus, OrderType, Side
from crossdock.ports import Can

D = Decimal
S = OrderStatus
FUND = "[portfolios.fund]\ncapital = 1000\n"


@pytest.fixture
def manifest(toy):
    """A venue that holds legs itself."""
    return replace(toy.MANIFEST, contingencies=frozenset(Contingency), most_legs=2)


@pytest.fixture
def bracket(toy, venue):
    """Place a bracket through a desk's door; return its state."""

    def place(desk, **more):
        placed = desk.operations.place(
            side="buy",
            symbol="BTC/USDT",
            quantity="1",
            **{"limit": "99", "take_profit": "110", "stop_loss": "90", **more},
        )
        return desk.kernel.state.orders[placed["order_id"]]

    return place


async def settled(desk, clock):
    for gateway in desk.gateways.values():
        await gateway.writes.settle()
    await clock.settle()


def make_leg(venue, *, told=True, **changes):
    """Let the venue make the stop leg of its first order."""
    venue.orders["leg-1"] = {
        **venue.orders["v1"],
        "venue_order_id": "leg-1",
        "client_order_id": "",
        "status": S.NEW,
        "side": Side.SELL,
        "type": OrderType.STOP,
        "limit_price": None,
        "stop_price": D(90),
        "cumulative_quantity": D(0),
        "parent": "v1",
        **changes,
    }
    if told:
        venue.report(venue.orders["leg-1"])


def leg_of(desk):
    return desk.kernel.state.find("main", venue_order_id="leg-1")


def alarms(desk):
    return [each.code for each in desk.kernel.state.alarms]


async def test_legs_go_out_with_their_order(clock, venue, open_toy_desk, manifest, bracket):
    async with open_toy_desk(venue, manifest=manifest) as desk:
        order = bracket(desk)
        await settled(desk, clock)
        [sent] = venue.called("submit")
        assert sent.attached == order.request.attached
        assert sent.contingency is Contingency.OTO
        [shown] = await desk.operations.orders()
        assert shown["attached"] == [
            {"limit_price": "110", "stop_price": None},
            {"limit_price": None, "stop_price": "90"},
        ]


async def test_trail_goes_out_with_its_order(clock, venue, open_toy_desk, manifest):
    async with open_toy_desk(venue, manifest=manifest) as desk:
        desk.operations.place(
            side="sell", symbol="BTC/USDT", quantity="1", trail_percent="2.5"
        )
        await settled(desk, clock)
        [sent] = venue.called("submit")
        assert (sent.type, sent.trail_percent) == (OrderType.TRAILING_STOP, D("2.5"))


async def test_leg_is_owned_and_canceled_like_any_order(
    clock, venue, open_toy_desk, manifest, bracket
):
    async with open_toy_desk(venue, manifest=manifest, text=FUND) as desk:
        order = bracket(desk, portfolio="fund")
        await settled(desk, clock)
        venue.fill("v1", "1", "99")
        make_leg(venue)
        await clock.settle()
        leg = leg_of(desk)
        assert (leg.foreign, leg.parent) == (False, order.order_id)
        assert leg.request.portfolio == "fund"
        assert leg.request.correlation == order.request.correlation
        desk.operations.cancel(order="leg-1")
        await settled(desk, clock)
        assert leg.status is S.CANCELED
        assert "foreign-order" not in alarms(desk)


async def test_fill_of_a_leg_is_the_parents_strategys(
    clock, venue, open_toy_desk, manifest, bracket
):
    async with open_toy_desk(venue, manifest=manifest, text=FUND) as desk:
        bracket(desk, portfolio="fund")
        await settled(desk, clock)
        venue.fill("v1", "1", "99")
        make_leg(venue)
        venue.fill("leg-1", "1", "90")
        await clock.settle()
        parts = desk.kernel.state.ledger.attributions("main")
        [mine] = [part for part in parts if part.portfolio == "fund"]
        assert mine.position.quantity == 0
        assert mine.position.realized_pnl == -9
        rows = await desk.operations.fills(limit=10)
        assert {row["portfolio"] for row in rows} == {"fund"}


async def test_fill_of_a_leg_nobody_was_told_of_is_looked_up_and_placed(
    toy, clock, venue, open_toy_desk, manifest, bracket
):
    async with open_toy_desk(venue, manifest=manifest) as desk:
        bracket(desk)
        await settled(desk, clock)
        venue.fill("v1", "1", "99")
        await clock.settle()
        make_leg(venue, told=False)
        venue.is_mute = True
        fill = venue.fill("leg-1", "1", "90")
        venue.is_mute = False
        venue.tell(lambda sink: sink.fills([fill]))
        await toy.until(clock, lambda: leg_of(desk) is not None)
        leg = leg_of(desk)
        assert (leg.foreign, leg.status, leg.filled_quantity) == (False, S.FILLED, 1)
        assert not desk.kernel.state.unplaced("main")
        fills = await desk.operations.fills(limit=10)
        rows = {row["execution_id"]: row for row in fills}
        assert rows[fill.execution_id]["order_id"] == leg.order_id
        assert rows[fill.execution_id]["portfolio"] == "main"
        assert "foreign-order" not in alarms(desk)


async def test_leg_that_was_done_while_the_desk_was_down_is_found(
    toy, clock, venue, open_toy_desk, manifest, bracket
):
    async with open_toy_desk(venue, manifest=manifest) as desk:
        bracket(desk)
        await settled(desk, clock)
        venue.fill("v1", "1", "99")
        await clock.settle()
    make_leg(venue, told=False)
    venue.fill("leg-1", "1", "90", told=False)
    async with open_toy_desk(venue, manifest=manifest) as desk:
        leg = leg_of(desk)
        assert (leg.foreign, leg.filled_quantity) == (False, 1)
        recorded = list(desk._read_journal())
        kinds = [type(r.decode(entry.payload)) for entry in recorded]
        assert kinds.count(r.LegSeen) == 1


async def test_leg_that_comes_before_its_parent_halts_nothing(toy, clock, venue, journal):
    kernel = toy.kernel(clock, journal)
    gateway = toy.gateway(kernel, venue, foreign="halt")
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        venue.is_mute = True
        venue.place("ours-1")
        make_leg(venue, told=False)
        venue.is_mute = False
        venue.report(venue.orders["leg-1"])
        [leg] = kernel.state.orders.values()
        assert leg.foreign  # nobody knows its parent yet
        assert kernel.state.account("main").halted == ""
        assert not [it for it in kernel.state.alarms if it.code == "foreign-order"]


@pytest.mark.parametrize(
    ("changes", "said", "words"),
    [
        ({"contingencies": frozenset()}, {"stop_loss": "90"}, "holds no OTO legs"),
        ({"most_legs": 1}, {"stop_loss": "90", "take_profit": "110"}, "1 at most"),
        (
            {"order_types": frozenset({OrderType.LIMIT})},
            {"limit": None, "trail_amount": "5"},
            "takes no trailing_stop orders",
        ),
    ],
)
async def test_what_the_venue_does_not_declare_is_refused_unsent(
    venue, open_toy_desk, manifest, changes, said, words
):
    async with open_toy_desk(venue, manifest=replace(manifest, **changes)) as desk:
        with pytest.raises(RiskRefused, match=words):
            desk.operations.place(
                **{"side": "buy", "symbol": "BTC/USDT", "quantity": "1", "limit": "99"}
                | said
            )
        assert not venue.called("submit")


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"is_trading": False}, "takes no orders now"),
        ({"order_types": (OrderType.MARKET,)}, "takes no limit orders"),
    ],
)
async def test_what_the_instrument_does_not_take_is_refused_unsent(
    toy, clock, open_toy_desk, manifest, terms, words
):
    venue = toy.Venue(clock, **terms)
    async with open_toy_desk(venue, manifest=manifest) as desk:
        with pytest.raises(RiskRefused, match=words):
            desk.operations.place(side="buy", symbol="BTC/USDT", quantity="1", limit="99")
        assert not venue.called("submit")


async def test_legs_on_the_wrong_side_are_an_argument_nobody_takes(
    venue, open_toy_desk, manifest, bracket
):
    async with open_toy_desk(venue, manifest=manifest) as desk:
        with pytest.raises(DeskError, match="stops below the entry"):
            bracket(desk, stop_loss="100")
        assert not venue.called("submit")


async def test_trailing_stop_is_amended_in_quantity_alone(
    clock, venue, open_toy_desk, manifest
):
    assert Can.REPLACE in manifest.can
    async with open_toy_desk(venue, manifest=manifest) as desk:
        placed = desk.operations.place(
            side="sell", symbol="BTC/USDT", quantity="1", trail_amount="5"
        )
        await settled(desk, clock)
        name = placed["order_id"]
        venue.report(venue.orders["v1"], limit_price=None, stop_price=D(95))
        with pytest.raises(DeskError, match="follows the market"):
            desk.operations.amend(order=name, stop="96")
        desk.operations.amend(order=name, quantity="2")
        await settled(desk, clock)
        [amended] = venue.called("replace")
        assert (amended.quantity, amended.stop_price) == (2, None)


@pytest.mark.parametrize(
    ("terms", "kind", "legs", "contingency"),
    [
        ({"trail_amount": 5}, "trailing_stop", [], Contingency.OTO),
        ({"if_touched": "95", "limit": "94"}, "limit_if_touched", [], Contingency.OTO),
        (
            {"take_profit": D(110), "stop_loss": ("90", D(89))},
            "market",
            [(D(110), None), (D(89), D(90))],
            Contingency.OTO,
        ),
        (
            {"limit": 90, "stop_loss": "110", "oco": True},
            "limit",
            [(None, D(110))],
            Contingency.OCO,
        ),
    ],
)
async def test_script_says_exits_in_plain_values(
    clock, venue, open_toy_desk, manifest, terms, kind, legs, contingency
):
    async with open_toy_desk(venue, manifest=manifest) as desk:
        order = await UserDesk(desk).buy("BTC/USDT", 1, **terms)
        await settled(desk, clock)
        [sent] = venue.called("submit")
        assert (sent.type, sent.contingency) == (kind, contingency)
        assert [(it.limit_price, it.stop_price) for it in sent.attached] == legs
        assert order.view.request.attached == sent.attached


async def test_exit_is_amended_before_there_is_anything_to_exit(
    toy, clock, venue, open_toy_desk, manifest, bracket
):
    venue.cash["BTC"] = D(0)
    risk = toy.RISK + "short_allowed = false\n"
    async with open_toy_desk(venue, manifest=manifest, risk=risk) as desk:
        bracket(desk)
        await settled(desk, clock)
        make_leg(venue, status=S.PENDING_NEW)
        desk.operations.amend(order="leg-1", stop="91")
        await settled(desk, clock)
        [amended] = venue.called("replace")
        assert (amended.quantity, amended.stop_price) == (1, 91)


async def test_script_holds_the_legs_of_its_order(clock, venue, open_toy_desk, manifest):
    async with open_toy_desk(venue, manifest=manifest) as desk:
        order = await UserDesk(desk).buy("BTC/USDT", 1, limit=99, stop_loss=90)
        await settled(desk, clock)
        assert order.legs == []
        venue.fill("v1", "1", "99")
        make_leg(venue)
        [leg] = order.legs
        leg.cancel()
        await settled(desk, clock)
        assert (leg.status, leg.view.parent) == ("Canceled", order.id)


@pytest.mark.parametrize("terms", [{"take_profit": 1.5}, {"stop_loss": ("90", 89.5)}])
async def test_script_may_not_say_an_exit_as_a_float(venue, open_toy_desk, terms):
    async with open_toy_desk(venue) as desk:
        with pytest.raises(TypeError, match="never a float"):
            await UserDesk(desk).buy("BTC/USDT", 1, **terms)
