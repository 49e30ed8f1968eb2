"""Nothing is made or lost: cash, fees and positions agree to the last unit."""

from contextlib import suppress
from decimal import Context, Decimal, localcontext
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.model import ZERO, AccountEventKind, ContractKind, FillKind
from crossdock.sandbox.engine import Refused
from crossdock.sandbox.engine.position import flow

SYMBOLS = ("BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC")
ACCOUNTS = st.sampled_from(["ann", "bob", "cat"])
PICK = st.integers(0, 30)
ORDER = st.tuples(
    st.just("order"),
    ACCOUNTS,
    st.sampled_from(SYMBOLS),
    st.sampled_from(["buy", "sell"]),
    st.integers(1, 9),
    st.one_of(st.none(), st.integers(190, 210)),
    st.one_of(st.none(), st.none(), st.integers(190, 210)),
    st.booleans(),
)
OTHER = st.one_of(
    st.tuples(st.just("cancel"), ACCOUNTS, PICK),
    st.tuples(
        st.just("replace"), ACCOUNTS, PICK, st.integers(1, 12), st.integers(190, 210)
    ),
    st.tuples(st.just("house"), ACCOUNTS, PICK, st.one_of(st.none(), st.integers(1, 3))),
    st.tuples(st.just("bust"), ACCOUNTS, PICK),
    st.tuples(st.just("correct"), ACCOUNTS, PICK, st.integers(180, 220)),
    st.tuples(st.just("funding"), st.sampled_from(SYMBOLS), st.integers(-30, 30)),
    st.tuples(st.just("liquidate"), ACCOUNTS, st.sampled_from(SYMBOLS)),
    st.tuples(st.just("deposit"), ACCOUNTS, st.integers(1, 10**6)),
    st.tuples(st.just("withdraw"), ACCOUNTS, st.integers(1, 10**6)),
)
ACTIONS = st.lists(st.one_of(ORDER, ORDER, OTHER), max_size=40)


def lot(symbol, count):
    return Decimal(count) * (Decimal("0.007") if symbol == "BTC/USDT" else 3)


def play(pit, action):
    venue = pit.venue
    verb, *args = action
    with suppress(Refused):
        if verb == "order":
            account, symbol, side, count, price, stop, reduces = args
            pit.enter(
                account,
                side,
                str(lot(symbol, count)),
                None if price is None else str(price),
                symbol=symbol,
                reduce_only=reduces and symbol != "BTC/USDT",
                **({} if stop is None else {"stop": str(stop)}),
            )
        elif verb in ("cancel", "replace", "house"):
            account, pick, *rest = args
            open_orders = venue.open_orders(account)
            if not open_orders:
                return
            order = open_orders[pick % len(open_orders)]
            if verb == "cancel":
                venue.cancel(account, order.id, 2)
            elif verb == "replace":
                limit = Decimal(rest[1]) if order.limit_price is not None else None
                quantity = lot(order.symbol, rest[0])
                venue.replace(
                    account, order.id, quantity=quantity, limit_price=limit, now_ns=2
                )
            else:
                quantity = None if rest[0] is None else lot(order.symbol, rest[0])
                venue.fill_by_house(account, order.id, quantity, 2)
        elif verb in ("bust", "correct"):
            account, pick, *rest = args
            fills = venue.fills(account)
            if not fills:
                return
            execution = fills[pick % len(fills)].execution_id
            if verb == "bust":
                venue.bust(account, execution, 3)
            else:
                venue.correct(account, execution, Decimal(rest[0]), 3)
        elif verb == "funding":
            venue.funding(args[0], Decimal(args[1]) / 10000, 4)
        elif verb == "liquidate":
            venue.liquidate(args[0], args[1], 5)
        else:
            getattr(venue, verb)(args[0], "USDT", Decimal(args[1]), 6)


def live(fills):
    replaced = {fill.replaces for fill in fills}
    return [
        fill
        for fill in fills
        if fill.execution_id not in replaced and fill.kind is not FillKind.BUSTED
    ]


INITIAL = {"BTC": Decimal(3000000), "USDT": Decimal(3000000)}


def check_sums(pit):
    """All cash, less what open positions cost, is what was put in."""
    accounts = pit.venue._floor.accounts.values()
    positions = [it for account in accounts for it in account.positions.items()]
    with localcontext(Context(prec=300)):
        for asset, initial in INITIAL.items():
            cash = sum((account.cash.get(asset, ZERO) for account in accounts), ZERO)
            cost = sum((it.cost for _, it in positions if it.settle == asset), ZERO)
            moved = sum(
                (
                    event.amount
                    for account in accounts
                    for event in account.events
                    if event.asset == asset
                    and event.kind
                    in (AccountEventKind.DEPOSIT, AccountEventKind.WITHDRAWAL)
                ),
                ZERO,
            )
            assert cash - cost == initial + moved
        for symbol in SYMBOLS[1:]:
            held = sum((it.quantity for key, it in positions if key[0] == symbol), ZERO)
            house = sum((it.contracts.get(symbol, ZERO) for it in accounts), ZERO)
            assert held + house == 0


@settings(max_examples=100, deadline=None)
@given(actions=ACTIONS, rule=st.sampled_from(["cancel_resting", "cancel_both"]))
def test_sum_of_all_accounts_never_changes(open_pit, actions, rule):
    pit = open_pit(self_trade_prevention=rule)
    for action in actions:
        play(pit, action)
        check_sums(pit)


def long_play(seed):
    """Make 600 actions: enough that each kind meets positions, orders and histories."""
    random = Random(seed)
    account = ("ann", "bob", "cat")
    for _ in range(600):
        who, symbol, pick = random.choice(account), random.choice(SYMBOLS), random.random()
        number, price = random.randrange(1, 10), random.randrange(190, 211)
        if pick < 0.7:
            side = random.choice(["buy", "sell"])
            stop = random.randrange(190, 211) if random.random() < 0.2 else None
            limit = price if random.random() < 0.8 else None
            yield ("order", who, symbol, side, number, limit, stop, random.random() < 0.2)
        else:
            at = random.randrange(1000)
            yield random.choice(
                [
                    ("cancel", who, at),
                    ("replace", who, at, number, price),
                    ("house", who, at, number),
                    ("bust", who, at),
                    ("correct", who, at, price),
                    ("funding", symbol, number - 5),
                    ("liquidate", who, symbol),
                    ("deposit", who, number),
                    ("withdraw", who, number),
                ]
            )


@pytest.mark.parametrize("seed", range(4))
def test_long_play_meets_everything_and_conserves(open_pit, seed):
    pit = open_pit()
    for action in long_play(seed):
        play(pit, action)
        check_sums(pit)
    check_histories(pit)
    kinds = {fill.kind for name in pit.venue.accounts for fill in pit.venue.fills(name)}
    events = {e.kind.value for name in pit.venue.accounts for e in pit.venue.events(name)}
    reasons = {order.reason for _, order in pit.ear.orders}
    assert kinds == {FillKind.REPORTED, FillKind.BUSTED, FillKind.CORRECTED}
    assert events == {"funding", "liquidation", "deposit", "withdrawal"}
    assert reasons >= {"self_trade_prevention", "reduce_only", "liquidation"}


@settings(max_examples=150, deadline=None)
@given(actions=ACTIONS)
def test_fills_and_events_explain_every_unit_of_cash(open_pit, actions):
    pit = open_pit()
    for action in actions:
        play(pit, action)
    check_histories(pit)


def check_histories(pit):
    """Replay each account's fills and events; nothing else may have moved it."""
    venue = pit.venue
    markets = venue.markets
    for name in venue.accounts:
        fills, events = venue.fills(name), venue.events(name)
        assert [fill.sequence for fill in fills] == list(range(1, len(fills) + 1))
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        assert [f for account, f in pit.ear.fills if account == name] == fills
        with localcontext(Context(prec=300)):
            expected = venue.initial(name)
            for fill in live(fills):
                market = markets[fill.symbol]
                signed = fill.quantity * fill.side.sign
                expected[fill.fee_asset] -= fill.fee
                if market.kind is ContractKind.SPOT:
                    expected["BTC"] += signed
                    expected["USDT"] -= signed * fill.price
                else:
                    expected[market.settle] -= flow(market, signed, fill.price)
            for event in events:
                expected[event.asset] += event.amount
                if event.kind is AccountEventKind.LIQUIDATION:
                    market = markets[event.symbol]
                    expected[market.settle] -= flow(market, event.quantity, event.price)
            for position in venue._floor.accounts[name].positions.values():
                expected[position.settle] += position.cost
            assert pit.cash(name) == expected
        for position in venue.positions(name):
            bought = [
                fill.quantity * fill.side.sign
                for fill in live(fills)
                if fill.symbol == position.symbol
            ]
            moved = [e.quantity for e in events if e.symbol == position.symbol]
            assert position.quantity == sum(bought, ZERO) + sum(moved, ZERO)


ORDERS_ONLY = st.lists(
    st.one_of(
        ORDER.filter(lambda order: order[2] == "BTC/USDT"),
        st.tuples(
            st.just("replace"), ACCOUNTS, PICK, st.integers(1, 12), st.integers(190, 210)
        ),
    ),
    max_size=40,
)


@settings(max_examples=100, deadline=None)
@given(actions=ORDERS_ONLY)
def test_spot_orders_never_overdraw_a_poor_account(open_pit, actions):
    pit = open_pit(balance="9")
    for action in actions:
        play(pit, action)
        for name in pit.venue.accounts:
            for asset, total, held in pit.venue.balances(name):
                assert 0 <= held <= total, (name, asset)


@settings(max_examples=60, deadline=None)
@given(actions=ACTIONS)
def test_every_order_equals_its_reported_fills(open_pit, actions):
    pit = open_pit()
    for action in actions:
        play(pit, action)
    for name in pit.venue.accounts:
        last_word = {}
        for account, order in pit.ear.orders:
            if account == name:
                last_word[order.number] = order
        for order in pit.venue.orders(name):
            reported = [
                fill.quantity
                for fill in pit.venue.fills(name)
                if fill.order_id in order.chain and fill.kind is FillKind.REPORTED
            ]
            assert order.cumulative_quantity == sum(reported, ZERO)
            told = last_word[order.number]
            assert (told.status, told.cumulative_quantity, told.id) == (
                order.status,
                order.cumulative_quantity,
                order.id,
            )
