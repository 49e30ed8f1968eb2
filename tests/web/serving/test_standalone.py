"""A dashboard in a process of its own, beside a desk."""

import signal

FLAG = "/api/v1/flags/paper_only"


async def test_a_process_of_its_own_asks_the_desk_and_pushes_what_it_says(
    desk, serve, person
):
    dashboard = await serve()
    ada = await person(dashboard.url)
    assert (await ada.enter(dashboard.link))[0] == 200
    await ada.listen("flags")
    await ada.until(paper_only=False)
    status, told = await ada.post(FLAG, method="PUT", value=True)
    assert (status, told[1]["value"]) == (200, True)
    assert desk.asked == [
        {"name": "paper_only", "value": True, "by": "ada", "door": "dashboard"}
    ]
    desk.push()
    await ada.until(paper_only=True)

    desk.hang_up()  # it comes back by itself, with all that is so by then
    desk.push(trading=False)
    await ada.until(trading=False)

    dashboard.process.send_signal(signal.SIGINT)  # clients who stay do not keep it
    assert await dashboard.end(signal.SIGINT) == 0
