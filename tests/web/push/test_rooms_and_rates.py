import asyncio

import pytest

from crossdock.web.push.topics import SUBJECTS, period_s, subject_of


async def test_a_room_begins_with_a_snapshot_and_goes_on_with_what_changed(
    serve, listen, row
):
    site = await serve()
    client = await listen(site)
    assert await client.subscribe("books", rate=10) == {"ok": True, "refused": []}
    assert site.desk.topics == ("books",)
    site.desk.say("books", [row.book("A@x", "1"), row.book("B@x", "2")], "snapshot", at=7)
    ((event, first),) = await client.until(1)
    assert event == "market_data_update"
    assert first == {
        "topic": "books",
        "seq": 1,
        "at": 7,
        "kind": "snapshot",
        "data": [row.book("A@x", "1"), row.book("B@x", "2")],
    }
    site.desk.say("books", [row.book("B@x", "3")])
    _, (_, second) = await client.until(2)
    assert second["kind"] == "change"
    assert second["data"] == [row.book("B@x", "3")]


async def test_one_watch_of_the_desk_does_for_all_and_ends_with_the_last(serve, listen):
    site = await serve()
    one, other = await listen(site), await listen(site)
    await one.subscribe("status", "ladder:BTC/USDT")
    await other.subscribe("status")
    assert site.desk.topics == ("ladder:BTC/USDT", "status")
    assert len(site.desk._watchers._all) == 1
    await one.io.call("unsubscribe", {"rooms": ["status", "ladder:BTC/USDT"]})
    assert site.desk.topics == ("status",)
    await other.io.disconnect()
    while site.push.clients.keys() - {one.io.get_sid()}:
        await asyncio.sleep(0)
    assert site.desk.topics == ()


async def test_who_comes_late_is_told_all_that_is_known(serve, listen, row):
    site = await serve()
    first = await listen(site)
    await first.subscribe("books", rate=10)
    site.desk.say("books", [row.book("A@x", "1")], "snapshot")
    await first.until(1)
    site.desk.say("books", [row.book("B@x", "2")])
    late = await listen(site)
    await late.subscribe("books")
    ((_, told),) = await late.until(1)
    assert told["kind"] == "snapshot"
    assert told["data"] == [row.book("A@x", "1"), row.book("B@x", "2")]


async def test_many_changes_at_once_are_one_message_with_the_newest(serve, listen, row):
    site = await serve()
    client = await listen(site)
    await client.subscribe("books", rate=10)
    site.desk.say("books", [row.book("A@x", "0")], "snapshot")
    await client.until(1)
    for number in range(1, 1000):
        site.desk.say("books", [row.book(f"{'AB'[number % 2]}@x", str(number))])
    _, (_, told) = await client.until(2)
    assert told["data"] == [row.book("A@x", "998"), row.book("B@x", "999")]
    assert len(client.heard) == 2


async def test_clients_of_one_rate_are_sent_one_text_made_once(serve, listen, row):
    site = await serve()
    made = []
    encode = site.push.rooms._encode
    site.push.rooms._encode = lambda *what: made.append(what) or encode(*what)
    clients = [await listen(site) for _ in range(5)]
    for client in clients:
        await client.subscribe("books", rate=10)
    site.desk.say("books", [row.book("A@x", "1")], "snapshot")
    for client in clients:
        await client.until(1)
    site.desk.say("books", [row.book("A@x", "2")])
    for client in clients:
        await client.until(2)
    assert len(made) == 2


async def test_what_the_desk_says_is_wrong_with_a_room_reaches_who_is_in_it(serve, listen):
    site = await serve()
    client = await listen(site)
    await client.subscribe("ladder:NO/SUCH")
    wrong = {"code": "unknown-symbol", "message": "there is no NO/SUCH", "hint": ""}
    site.desk.say("ladder:NO/SUCH", wrong, "error")
    ((event, told),) = await client.until(1)
    assert (event, told["kind"], told["data"]) == ("ladder_update", "error", wrong)


async def test_a_room_that_is_none_is_refused_and_the_others_are_entered(serve, listen):
    site = await serve()
    client = await listen(site)
    answer = await client.subscribe("nonsense", "status", "candle:BTC/USDT", "ladder:")
    assert answer["ok"] is False
    assert [each["room"] for each in answer["refused"]] == [
        "nonsense",
        "candle:BTC/USDT",
        "ladder:",
    ]
    assert {each["code"] for each in answer["refused"]} == {"unknown-topic"}
    assert site.desk.topics == ("status",)


@pytest.mark.parametrize("event", ["subscribe", "unsubscribe"])
@pytest.mark.parametrize(
    "asked", ["garbage", None, {}, {"rooms": "books"}, {"rooms": ["books", 7]}, ["books"]]
)
async def test_rooms_that_are_no_list_are_refused_in_words(serve, listen, event, asked):
    """Else a client would wait for ever for what it believes it has asked for."""
    site = await serve()
    client = await listen(site)
    answer = await client.io.call(event, asked)
    assert answer["ok"] is False
    assert answer["error"]["code"] == "bad-argument"
    assert answer["error"]["detail"] == "`rooms` is a list of names"
    assert "books" in answer["error"]["hint"]
    assert site.desk.topics == ()


async def test_the_number_of_rooms_and_of_questions_is_bounded(serve, listen):
    site = await serve()
    client = await listen(site)
    answer = await client.subscribe(*(f"ladder:S{n}" for n in range(101)))
    assert [each["code"] for each in answer["refused"]] == ["rate-limited"]
    for _ in range(3):
        answer = await client.subscribe(*(f"nonsense{n}" for n in range(101)))
    assert "rate-limited" in {each["code"] for each in answer["refused"]}


async def test_a_room_of_the_desk_itself_tells_that_no_desk_is_there(serve, listen):
    site = await serve()
    client = await listen(site)
    await client.subscribe("desk")
    ((event, told),) = await client.until(1)
    assert event == "desk_update"
    assert told["data"]["is_connected"] is False


async def test_polling_works_as_the_socket_does(serve, listen, row):
    site = await serve()
    client = await listen(site, transports=["polling"])
    await client.subscribe("books", rate=10)
    for number in range(4):
        kind = "change" if number else "snapshot"
        site.desk.say("books", [row.book("A@x", str(number))], kind)
        heard = await client.until(number + 1)
        assert heard[-1][1]["data"] == [row.book("A@x", str(number))]
    (connected,) = site.push.clients
    await site.push.server.disconnect(connected)  # which also ends the poll under way


@pytest.mark.parametrize(
    ("room", "asked", "seconds"),
    [
        ("books", None, 1),
        ("books", 10, 0.1),
        ("books", 1000, 0.1),
        ("books", 3, 0.5),
        ("ladder", None, 0.1),
        ("ladder", 0.5, 2),
        ("ladder", 1e-9, 10),
        ("portfolio", None, 0.1),
        ("risk", None, 1),
    ],
)
def test_a_rate_is_rounded_down_to_one_that_others_share(room, asked, seconds):
    assert period_s(SUBJECTS[room], asked) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("room", "is_one"),
    [
        ("candle:BTC/USDT:1m", True),
        ("candle:BTC/USDT@alpha:1m", True),
        ("candle:BTC/USDT:", False),
        ("ladder:BTC/USDT", True),
        ("ladder", False),
        ("status:x", False),
        ("platform:mine", True),
        ("platform:NOT ONE", False),
        ("ladder:" + "x" * 300, False),
        ("", False),
    ],
)
def test_only_rooms_that_can_be_are_rooms(room, is_one):
    assert (subject_of(room) is not None) is is_one


async def test_whoever_listens_to_the_desk_hears_at_once_that_it_went_and_came_back(
    serve, listen
):
    site = await serve()
    client = await listen(site)
    await client.subscribe("desk")
    site.desk._stand(True)
    site.desk._stand(False, "no desk answers")
    await client.until(1, of="desk")
    site.desk._stand(True)
    async with asyncio.timeout(10):
        count = 1
        while not (heard := await client.until(count, of="desk"))[-1][1]["data"][
            "is_connected"
        ]:
            count = len(heard) + 1
    assert {event for event, _ in heard} == {"desk_update"}
    assert {message["kind"] for _, message in heard} == {"snapshot"}
    assert heard[-1][1]["data"].keys() == {"is_connected", "since_ns", "words"}
