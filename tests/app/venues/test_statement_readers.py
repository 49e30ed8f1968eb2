"""Small files in the layouts that tax tools document, see each reader's source."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.app.venues import venues
from crossdock.app.venues.statements import STATEMENTS, layouts_of
from crossdock.app.venues.statements.prices import unit_price
from crossdock.errors import ConfigError, DataError
from crossdock.model import Side

S = 1_000_000_000
FTX = "ID,Time,Market,Side,Order Type,Size,Price,Total,Fee,Fee Currency,TWAP"
FTX_ROW = "101,2021-05-25T19:22:43.123456+00:00,BTC/USD,buy,Order,0.5,38000,19000,13.3,USD,"
PRO = (
    "portfolio,trade id,product,side,created at,size,size unit,price,fee,total,"
    "price/fee/total unit"
)
PRO_ROW = (
    "default,381617,XLM-EUR,BUY,2019-06-26T09:43:18.503Z,1782.00000000,XLM,0.112815,"
    "0.301554495,-201.337884495,EUR"
)
TDA = (
    "DATE,TRANSACTION ID,DESCRIPTION,QUANTITY,SYMBOL,PRICE,COMMISSION,AMOUNT,REG FEE,"
    "SHORT-TERM RDM FEE,FUND REDEMPTION FEE, DEFERRED SALES CHARGE"
)
MEX = (
    "transactTime,symbol,execType,side,lastQty,lastPx,execCost,commission,execComm,"
    "ordType,orderQty,leavesQty,price,text,orderID"
)
BITTREX_2014 = "OrderUuid,Exchange,Type,Quantity,Limit,CommissionPaid,Price,Opened,Closed"
BITTREX_2018 = (
    "Uuid,Exchange,TimeStamp,OrderType,Limit,Quantity,QuantityRemaining,Commission,Price,"
    "PricePerUnit,IsConditional,Condition,ConditionTarget,ImmediateOrCancel,Closed"
)
BITTREX_2020 = (
    "TXID,Time (UTC),Transaction,Order Type,Market,Base,Quote,Price,Quantity (Base),"
    "Fees (Quote),Total (Quote),Approx Value (USD),Time In Force,Notes"
)
KRAKEN = "txid,ordertxid,pair,time,type,ordertype,price,cost,fee,vol,margin,misc,ledgers"


def seen(statement):
    return [
        (f.instrument, f.side, f.price, f.quantity, f.fee, f.fee_asset)
        for f in statement.fills
    ]


def test_ftx_spot_trades_are_read_to_the_microsecond(read):
    found = read("ftx", FTX, FTX_ROW)
    (fill,) = found.fills
    assert seen(found) == [
        ("BTC/USD@ftx", Side.BUY, Decimal(38000), Decimal("0.5"), Decimal("13.3"), "USD")
    ]
    assert fill.venue_time_ns == 1_621_970_563 * S + 123_456_000
    assert (fill.execution_id, fill.account) == ("101", "statement")


@pytest.mark.parametrize(
    ("market", "symbol"),
    [
        ("BTC-PERP", "BTC/USD:USD"),
        ("BTC-0625", "BTC/USD:USD-210625"),
        ("BTC-0325", "BTC/USD:USD-220325"),
        ("BTC-20210625", "BTC/USD:USD-210625"),
        ("BTC-MOVE-0526", "BTC-MOVE-0526"),
        ("TSLA/USD", "TSLA/USD"),
    ],
)
def test_ftx_futures_have_the_symbols_they_had_elsewhere(read, market, symbol):
    found = read("ftx", FTX, FTX_ROW.replace("BTC/USD", market))
    assert found.fills[0].instrument == f"{symbol}@ftx"


def test_ftx_us_and_the_interfaces_own_headings_are_read_too(read):
    found = read(
        "ftx.us",
        "id,time,market,side,type,size,price,total,fee,feeCurrency",
        "7,2021-05-25T19:22:43Z,ETH/USD,sell,order,2,2500,5000,-0.5,USD",
    )
    assert seen(found) == [
        ("ETH/USD@ftx_us", Side.SELL, Decimal(2500), Decimal(2), Decimal("-0.5"), "USD")
    ]


def test_ftx_tokens_that_were_given_are_no_execution(read):
    gift = "102,2021-05-25T19:22:43Z,SRM/USD,buy,OTC,25,0,0,,,"
    found = read("ftx", FTX, FTX_ROW, gift)
    assert len(found.fills) == 1
    assert found.left_out == {"gift": 1}


def test_times_without_a_zone_are_those_of_the_zone_given(read):
    row = FTX_ROW.replace("2021-05-25T19:22:43.123456+00:00", '"5/25/2021, 3:22:43 PM"')
    assert read("ftx", FTX, row).fills[0].venue_time_ns == 1_621_956_163 * S
    there = read("ftx", FTX, row, timezone="America/New_York")
    assert there.fills[0].venue_time_ns == 1_621_970_563 * S


def test_an_hour_that_a_zone_had_twice_is_refused(read):
    row = FTX_ROW.replace("2021-05-25T19:22:43.123456+00:00", '"11/7/2021, 1:30:00 AM"')
    with pytest.raises(DataError) as raised:
        read("ftx", FTX, row, timezone="America/New_York")
    assert (raised.value.code, raised.value.line) == ("data-timezone", 2)


def test_coinbase_pro_fills_are_read_under_each_name_it_had(read):
    for name in ("Coinbase Pro", "gdax"):
        assert seen(read(name, PRO, PRO_ROW)) == [
            (
                "XLM/EUR@coinbase_pro",
                Side.BUY,
                Decimal("0.112815"),
                Decimal(1782),
                Decimal("0.301554495"),
                "EUR",
            )
        ]


def test_coinbase_pro_rows_whose_units_are_not_the_products_are_refused(read):
    with pytest.raises(DataError) as raised:
        read("gdax", PRO, PRO_ROW.replace(",XLM,", ",XRP,"))
    assert "size unit is 'XRP'" in raised.value.message
    assert raised.value.line == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "utf-8"])
def test_bittrex_of_2014_told_the_whole_money_as_price_in_several_encodings(read, encoding):
    row = (
        "90d3c9f7,EUR-ETH,LIMIT_BUY,0.03,0.0339,0.00000277,0.00110889,"
        "2/14/2017 3:01:00 PM,2/14/2017 3:02:30 PM"
    )
    found = read("bittrex", BITTREX_2014, row, encoding=encoding)
    (fill,) = found.fills
    assert fill.instrument == "ETH/EUR@bittrex"
    assert fill.price == Decimal("0.036963")
    assert (fill.fee, fill.fee_asset) == (Decimal("0.00000277"), "EUR")
    assert fill.venue_time_ns == 1_487_084_550 * S


def test_bittrex_of_2018_counts_what_was_filled_and_leaves_the_rest(read):
    part = (
        "aa,BTC-ETH,9/3/2017 1:32:23 PM,LIMIT_SELL,0.08,12.5,2.5,0.002,0.8,0.08,False,,0.0,"
        "False,9/3/2017 1:33:51 PM"
    )
    none = part.replace("aa,", "bb,").replace(",12.5,2.5,0.002,0.8", ",12.5,12.5,0,0")
    found = read("bittrex", BITTREX_2018, part, none)
    assert seen(found) == [
        (
            "ETH/BTC@bittrex",
            Side.SELL,
            Decimal("0.08"),
            Decimal(10),
            Decimal("0.002"),
            "BTC",
        )
    ]
    assert found.left_out == {"unfilled": 1}


def test_bittrex_of_2020_is_found_below_its_preamble(read):
    found = read(
        "bittrex global",
        '"Name: A. Person"',
        '"UserID: 1"',
        "",
        BITTREX_2020,
        "tx,2021-03-08 16:31:47.52,Bought,LIMIT,ETH-BTC,ETH,BTC,0.033,2,0.00016,0.066,3600,"
        "GTC,",
    )
    (fill,) = found.fills
    assert (fill.instrument, fill.price) == ("ETH/BTC@bittrex_global", Decimal("0.033"))
    assert fill.venue_time_ns == 1_615_221_107 * S + 520_000_000


def mex(symbol="XBTUSD", kind="Trade", fee="75", order="o1"):
    return (
        f"2020-12-05T12:34:56.789Z,{symbol},{kind},Buy,100,19000.5,-526302,0.00075,{fee},"
        f"Limit,100,0,19000.5,Submission,{order}"
    )


def test_bitmex_fees_are_satoshis_and_other_rows_are_left_out(read):
    found = read("bitmex", MEX, mex(), mex(kind="Funding"), mex(kind="Settlement"))
    assert seen(found) == [
        (
            "XBTUSD@bitmex",
            Side.BUY,
            Decimal("19000.5"),
            Decimal(100),
            Decimal("0.00000075"),
            "BTC",
        )
    ]
    assert found.left_out == {"funding": 1, "settlement": 1}


def test_bitmex_contracts_in_usdt_need_the_column_that_says_what_settles(read):
    with pytest.raises(DataError) as raised:
        read("bitmex", MEX, mex("XBTUSDT"))
    assert "settlCurrency" in raised.value.message
    wide = f"{MEX},settlCurrency"
    found = read("bitmex", wide, f"{mex('XBTUSDT', fee='2500000')},USDt")
    assert (found.fills[0].fee, found.fills[0].fee_asset) == (Decimal("2.5"), "USDT")


def test_bitmex_spot_symbols_become_ours(read):
    found = read("bitmex", f"{MEX},settlCurrency", f"{mex('XBT_USDT')},USDt")
    assert found.fills[0].instrument == "BTC/USDT@bitmex"


def test_td_ameritrade_trades_carry_all_their_fees(read):
    found = read(
        "TD Ameritrade",
        TDA,
        "07/26/2022,44092310443,Sold 30 GOOG @ 110.9,30,GOOG,110.9,6.95,3320.00,0.06,,,",
        "07/25/2022,44064812221,Bought 25 GOOG @ 108.12,25,GOOG,108.12,0.00,-2703.00,,,,",
        "07/02/2022,10223506553,ORDINARY DIVIDEND (HDV),,HDV,,,31.04,,,,",
        "***END OF FILE***",
    )
    assert seen(found) == [
        (
            "GOOG/USD@tdameritrade",
            Side.BUY,
            Decimal("108.12"),
            Decimal(25),
            Decimal(0),
            "USD",
        ),
        (
            "GOOG/USD@tdameritrade",
            Side.SELL,
            Decimal("110.9"),
            Decimal(30),
            Decimal("7.01"),
            "USD",
        ),
    ]
    assert found.fills[0].venue_time_ns == 1_658_707_200 * S
    assert found.left_out == {"ordinary dividend": 1}
    assert found.notes == ()


def test_td_ameritrade_options_have_the_symbol_of_their_terms(read):
    found = read(
        "tda",
        TDA,
        "01/04/2021,1,Bought 2 SPY Jan 15 2021 300.0 Call @ 70.1,2,"
        "SPY Jan 15 2021 300.0 Call,70.1,1.30,-14021.30,,,,",
    )
    assert found.fills[0].instrument == "SPY/USD:USD-210115-300-C@tdameritrade"


def test_a_td_ameritrade_file_without_its_end_is_noted(read):
    found = read("tda", TDA, "07/25/2022,1,Bought 1 A @ 1,1,A,1,0,-1,,,,")
    assert "may have been cut off" in found.notes[0]
    with pytest.raises(DataError, match="after the end"):
        read("tda", TDA, "***END OF FILE***", "07/25/2022,1,Bought 1 A @ 1,1,A,1,0,-1,,,,")


def test_binance_values_with_units_are_split_at_the_pair(read):
    found = read(
        "binance",
        "Date(UTC),Pair,Side,Price,Executed,Amount,Fee",
        '2022-01-02 03:04:05,1INCHUSDT,BUY,2.5,"1,0001INCH",2500USDT,0.004BNB',
        "2022-01-02 03:04:06,BTCEUR,SELL,40000,0.5BTC,20000EUR,20EUR",
    )
    assert seen(found) == [
        (
            "1INCH/USDT@binance",
            Side.BUY,
            Decimal("2.5"),
            Decimal(1000),
            Decimal("0.004"),
            "BNB",
        ),
        ("BTC/EUR@binance", Side.SELL, Decimal(40000), Decimal("0.5"), Decimal(20), "EUR"),
    ]


def test_binance_semicolons_are_read_and_an_unknown_quote_is_refused(read):
    head = "Date(UTC);Market;Type;Price;Amount;Total;Fee;Fee Coin"
    row = "2018-01-02 03:04:05;ETHBTC;BUY;0.05;2;0.1;0.002;ETH"
    assert read("binance", head, row).fills[0].instrument == "ETH/BTC@binance"
    with pytest.raises(DataError, match="Market is 'ETHXYZ'"):
        read("binance", head, row.replace("ETHBTC", "ETHXYZ"))


@pytest.mark.parametrize(
    ("pair", "symbol"),
    [
        ("XXBTZEUR", "BTC/EUR"),
        ("XBT/USD", "BTC/USD"),
        ("ADAEUR", "ADA/EUR"),
        ("XDGUSD", "DOGE/USD"),
        ("XETHXXBT", "ETH/BTC"),
        ("XBTUSDT", "BTC/USDT"),
    ],
)
def test_kraken_pairs_of_every_age_become_our_symbols(read, pair, symbol):
    row = f'TX,O,{pair},2021-01-02 03:04:05.1234,buy,limit,10,100,0.26,10,0,,"L1,L2"'
    found = read("kraken", KRAKEN, row)
    assert found.fills[0].instrument == f"{symbol}@kraken"
    assert found.fills[0].fee_asset == symbol.partition("/")[2]


# ---- what holds for all of them ------------------------------------------------------


def test_every_reader_belongs_to_a_venue_and_names_its_source():
    for venue, layouts in STATEMENTS.items():
        assert venues().find(venue).id == venue
        assert layouts
        for layout in layouts:
            assert layout.source.startswith("https://")
            assert "2026-11-21" in layout.source
            assert layout.fill or layout.words


@pytest.mark.parametrize(
    ("venue", "head", "words"),
    [
        ("bitmex", "transactTime,transactType,amount,fee,walletBalance", "trade history"),
        ("gdax", "type,time,amount,balance,amount/balance unit", "fills.csv"),
        ("ftx", "id,time,coin,size,status,txid", "Trade History"),
        (
            "kraken",
            "txid,refid,time,type,subtype,aclass,asset,amount,fee,balance",
            "export the trades",
        ),
        ("binance", "UTC_Time,Account,Operation,Coin,Change,Remark", "trade history"),
        ("bittrex", "Date,Currency,Type,Address,Memo/Tag,TxId,Amount", "order history"),
    ],
)
def test_an_export_without_prices_is_refused_and_says_which_one_has_them(
    read, venue, head, words
):
    with pytest.raises(DataError) as raised:
        read(venue, head, "1,2,3")
    assert raised.value.code == "data-kind"
    assert words in raised.value.hint


def test_a_file_of_another_kind_is_refused_with_the_columns_expected(read):
    with pytest.raises(DataError) as raised:
        read("ftx", "a,b,c", "1,2,3")
    assert raised.value.code == "data-columns"
    assert "Fee Currency" in raised.value.hint


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (",0.5,", ",half,", "data-value"),
        (",0.5,", ",NaN,", "data-value"),
        (",0.5,", ",-0.5,", "data-value"),
        (",0.5,", ",,", "data-value"),
        (",buy,", ",hold,", "data-value"),
        (",BTC/USD,", ",BTC@USD,", "data-value"),
        ("101,", ",", "data-value"),
        ("2021-05-25T", "2021-13-25T", "data-time"),
        ("2021-05-25T19:22:43.123456+00:00", "yesterday", "data-time"),
        (",13.3,USD,", ",13.3", "data-line"),
        (",13.3,USD,", ",13.3,USD,,more", "data-line"),
        ("101,", '"101,', "data-line"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_with_its_line_and_nothing_is_read(
    read, old, new, code
):
    assert old in FTX_ROW
    second = FTX_ROW.replace("101,", "102,")
    with pytest.raises(DataError) as raised:
        read("ftx", FTX, second, FTX_ROW.replace(old, new))
    assert (raised.value.code, raised.value.line) == (code, 3)


def test_lines_are_counted_as_an_editor_does_over_quoted_breaks(read):
    broken = FTX_ROW.replace(",Order,", ',"Or\nder",').replace("101,", "100,")
    with pytest.raises(DataError) as raised:
        read("ftx", FTX, broken, FTX_ROW.replace(",0.5,", ",half,"))
    assert raised.value.line == 4


def test_a_row_said_twice_counts_once_and_one_that_differs_is_refused(read):
    found = read("ftx", FTX, FTX_ROW, FTX_ROW)
    assert (len(found.fills), found.duplicates) == (1, 1)
    with pytest.raises(DataError) as raised:
        read("ftx", FTX, FTX_ROW, FTX_ROW.replace(",0.5,", ",0.6,"))
    assert (raised.value.code, raised.value.line) == ("data-duplicate", 3)
    assert "line 2" in raised.value.message


def test_equal_rows_of_an_export_without_ids_are_executions_of_their_own(read):
    once = read("bitmex", MEX, mex())
    twice = read("bitmex", MEX, mex(), mex())
    assert len({fill.key for fill in twice.fills}) == 2
    assert twice.fills[0].key == once.fills[0].key
    assert "1 rows are equal" in twice.notes[0]


def test_an_empty_or_missing_file_or_a_spreadsheet_is_told_apart(read, tmp_path, export):
    with pytest.raises(DataError) as raised:
        read("ftx")
    assert raised.value.code == "data-empty"
    file = export(FTX)
    file.write_bytes(b"PK\x03\x04\xff\xfe\xfa")
    from crossdock.app.venues.statements import read_statement

    with pytest.raises(DataError) as raised:
        read_statement("ftx", file)
    assert raised.value.code == "data-format"
    with pytest.raises(DataError) as raised:
        read_statement("ftx", tmp_path / "none.csv")
    assert raised.value.code == "data-missing"


def test_venues_without_a_reader_and_zones_that_are_none_are_refused(read):
    with pytest.raises(ConfigError, match="no export of Gemini"):
        layouts_of("gemini")
    with pytest.raises(ConfigError, match="no time zone"):
        read("ftx", FTX, FTX_ROW, timezone="Mars/Olympus")


# ---- properties ----------------------------------------------------------------------

amounts = st.decimals(
    min_value=Decimal("0.00000001"), max_value=Decimal(10) ** 12, places=8
).filter(lambda value: value > 0)


@given(total=amounts, quantity=amounts)
def test_the_price_of_one_times_the_quantity_is_the_money_paid(total, quantity):
    price = unit_price(total, quantity, Decimal(0))
    assert abs(price * quantity - total) < Decimal("1E-12")


@given(price=amounts, quantity=st.integers(min_value=1, max_value=10**9))
def test_a_price_that_is_exact_is_taken_as_told(price, quantity):
    assert unit_price(price * quantity, Decimal(quantity), price) == price


@settings(max_examples=40)
@given(
    rows=st.lists(
        st.tuples(
            st.integers(min_value=0, max_value=4_000_000_000_000),
            amounts,
            amounts,
            st.decimals(min_value=-100, max_value=100, places=10),
            st.sampled_from(["BUY", "SELL"]),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_every_digit_and_nanosecond_of_an_export_comes_through(tmp_path_factory, rows):
    from datetime import UTC, datetime, timedelta

    from crossdock.app.venues.statements import read_statement

    lines = [PRO]
    for number, (time_ms, size, price, fee, side) in enumerate(rows):
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=time_ms)
        stamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        lines.append(
            f"default,{number},BTC-USD,{side},{stamp},{size:f},BTC,{price:f},{fee:f},0,USD"
        )
    file = tmp_path_factory.mktemp("fills") / "fills.csv"
    file.write_text("\n".join(lines))
    found = read_statement("gdax", file)
    by_id = {int(fill.execution_id): fill for fill in found.fills}
    for number, (time_ms, size, price, fee, side) in enumerate(rows):
        fill = by_id[number]
        assert (fill.quantity, fill.price, fill.fee) == (size, price, fee)
        assert fill.venue_time_ns == time_ms * 1_000_000
        assert fill.side.value == side.lower()
    assert [f.venue_time_ns for f in found.fills] == sorted(
        f.venue_time_ns for f in found.fills
    )
    assert read_statement("gdax", file) == found
