import csv
import io

import pytest

from crossdock.app.venues import venues

HEAD = (
    "portfolio,trade id,product,side,created at,size,size unit,price,fee,total,"
    "price/fee/total unit"
)
PRO = (
    HEAD,
    "default,2,BTC-USD,SELL,2020-01-02T03:04:05.006Z,0.00000010,BTC,7000.10,0.5,6999.6,USD",
    "default,1,BTC-USD,BUY,2020-01-01T00:00:00Z,1.50,BTC,7000,5,-10505,USD",
)


def test_the_list_holds_every_venue_with_status_and_fees(crossdock):
    said = crossdock("venues", "--json")
    assert (said.code, said.err) == (0, "")
    rows = {row["id"]: row for row in said.json["venues"]}
    assert len(rows) == len(venues())
    assert rows["ftx"]["status"] == "closed"
    assert rows["ftx"]["since"] == "2022-11-11"
    assert rows["sandbox"]["tier"] == "sandboxed"
    assert rows["kraken"]["fees"] == "spot 0.25/0.40 %"
    table = crossdock("venues").out
    assert all(venue in table for venue in rows)


@pytest.mark.parametrize(
    ("options", "there", "not_there"),
    [
        (("--status", "closed"), "bitmex", "kraken"),
        (("--kind", "mt5_broker"), "xm", "kraken"),
        (("--asset-class", "option", "--kind", "broker"), "alpaca", "deribit"),
        (("--status", "private"), "plus500", "ftx"),
    ],
)
def test_the_list_can_be_narrowed(crossdock, options, there, not_there):
    found = {row["id"] for row in crossdock("venues", *options, "--json").json["venues"]}
    assert there in found
    assert not_there not in found


def test_one_venue_is_told_with_every_source_and_what_its_adapters_can_do(crossdock):
    said = crossdock("venues", "Kraken")
    assert said.code == 0
    for words in ("one-time password", "https://docs.kraken.com/", "2026-11-21", "submit"):
        assert words in said.out
    found = crossdock("venues", "kraken", "--json").json
    assert {"fact", "value", "source", "day"} == set(found["facts"][0])
    assert {each["adapter"] for each in found["capabilities"]} >= {"kraken"}
    for fact in found["facts"]:
        if fact["fact"] == "fees":
            assert all(isinstance(each["maker_pct"], str) for each in fact["value"])


def test_a_renamed_venue_leads_to_its_successor(crossdock):
    said = crossdock("venues", "HUOBI")
    assert said.code == 0
    assert said.err == "note: Huobi has been called HTX since 2023-09-13\n"
    assert "HTX (htx)" in said.out
    found = crossdock("venues", "huobi", "--json").json
    assert found["id"] == "htx"
    assert found["renamed_from"]["id"] == "huobi"


def test_a_closed_venue_is_told_and_then_refused(crossdock):
    said = crossdock("venues", "FTX")
    assert said.code == 1
    assert "claims portal" in said.out
    assert "FTX has been closed since 2022-11-11" in said.err
    assert "unavailable: docs/errors.md#unavailable" in said.err
    said = crossdock("venues", "ftx", "--json")
    assert (said.code, said.err) == (1, "")
    assert said.json["status"] == "closed"
    assert said.json["error"]["code"] == "unavailable"
    assert "Traceback" not in said.out


def test_an_unknown_venue_leads_to_the_nearest_name(crossdock):
    said = crossdock("venues", "bitmx", "--json")
    assert said.code == 2
    assert said.json["error"]["hint"] == "did you mean bitmex?"


def test_a_statement_is_told_as_fills_in_order_of_time(crossdock, export):
    said = crossdock("statement", "gdax", export(*PRO), "--json", "--account", "old")
    assert (said.code, said.err) == (0, "")
    assert (said.json["venue"], said.json["what"]) == ("coinbase_pro", "fills")
    first, second = said.json["fills"]
    assert first == {
        "time_ns": 1_577_836_800_000_000_000,
        "account": "old",
        "instrument": "BTC/USD@coinbase_pro",
        "side": "buy",
        "quantity": "1.50",
        "price": "7000",
        "fee": "5",
        "fee_asset": "USD",
        "venue_order_id": "",
        "execution_id": "1",
    }
    assert second["quantity"] == "0.00000010"


def test_a_statement_as_csv_holds_the_same(crossdock, export):
    file = export(*PRO)
    said = crossdock("statement", "coinbase-pro", file, "--csv")
    rows = list(csv.DictReader(io.StringIO(said.out)))
    fills = crossdock("statement", "coinbase-pro", file, "--json").json["fills"]
    assert rows == [{k: str(v) for k, v in fill.items()} for fill in fills]
    assert "7000.10" in crossdock("statement", "coinbase-pro", file).out
    assert crossdock("statement", "gdax", file, "--csv", "--json").code == 2


def test_a_wrong_row_is_told_with_its_line_and_no_fill_is(crossdock, export):
    file = export(*PRO, PRO[1].replace("SELL", "SWAP").replace(",2,", ",3,"))
    said = crossdock("statement", "gdax", file)
    assert (said.code, said.out) == (1, "")
    assert "export.csv, line 4: side is 'SWAP'" in said.err
    assert "data-value" in said.err
