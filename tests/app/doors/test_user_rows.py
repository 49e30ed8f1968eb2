"""What a desk answers prints as a table, and stays the plain list it is."""

from decimal import Decimal

from crossdock.app.doors.user import Facts, Rows

ROWS = [
    {"account": "main", "total": "5", "note": None, "halted": False, "created_time_ns": 0},
    {"account": "<b>", "total": "10.25", "extra": ["a", "b"], "fees": {"USDT": "1.5"}},
    {"account": "main", "created_time_ns": 1_700_000_000_000_000_000},
]


def test_rows_print_as_a_table_without_empty_columns():
    assert repr(Rows(ROWS, "orders")).splitlines() == [
        "orders: 3",
        "account  total  created_time_ns      extra  fees",
        "main     5",
        "<b>      10.25                       a, b   USDT 1.5",
        "main            2023-11-14 22:13:20",
    ]


def test_rows_are_a_list_of_plain_dicts():
    rows = Rows(ROWS, "orders")
    assert rows == ROWS
    assert rows[1]["total"] == "10.25"
    assert rows[0] is not ROWS[0]


def test_no_rows_say_so():
    assert repr(Rows([], "fills")) == "fills: none"
    assert "fills: none" in Rows([], "fills")._repr_html_()


def test_a_frame_holds_money_as_exact_decimals():
    frame = Rows(ROWS, "orders").frame()
    assert frame["total"].to_list() == [Decimal(5), Decimal("10.25"), None]
    assert frame["account"].to_list() == ["main", "<b>", "main"]
    long = Rows([{"realized_pnl": "-0." + "3" * 40}], "positions").frame()
    assert long["realized_pnl"].to_list() == [Decimal("-0." + "3" * 18)]


def test_a_pandas_frame_has_the_same_columns():
    rows = Rows([{"account": "main", "total": "5.5"}], "positions")
    assert rows.pandas().to_dict("records") == [
        {"account": "main", "total": Decimal("5.5")}
    ]


def test_html_is_escaped():
    html = Rows(ROWS, "orders")._repr_html_()
    assert "<td>&lt;b&gt;</td>" in html
    assert "<b>" not in html
    assert html.count("<tr>") == 4


def test_facts_print_one_a_line_and_rows_within_as_tables():
    facts = Facts(
        {
            "desk": "demo",
            "killed": "",
            "journal": {"path": "j", "writable": True},
            "accounts": [{"account": "main", "steps": {"a": "done"}, "halted": "<i>"}],
            "alarms": [],
        }
    )
    assert repr(facts).splitlines() == [
        "desk     demo",
        "journal  path j, writable yes",
        "accounts: 1",
        "account  halted",
        "main     <i>",
    ]
    assert facts["accounts"][0]["steps"] == {"a": "done"}
    assert "&lt;i&gt;" in facts._repr_html_()
