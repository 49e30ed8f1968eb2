import math

import pytest

from crossdock.app.backtest.grids.crew import Crew, Lost, usable_cores


def evaluated(workers, pieces):
    """Have expressions evaluated by workers; return the results in order of the pieces."""
    with Crew(eval, workers) as crew:
        return [result for _, result in sorted(crew.results(pieces), key=lambda it: it[0])]


def test_every_piece_is_done_once_wherever():
    pieces = list(range(20))
    with Crew(math.factorial, 2) as crew:
        found = dict(crew.results(pieces))
    assert found == {place: math.factorial(place) for place in pieces}


def test_a_worker_that_dies_loses_its_piece_and_nothing_else():
    found = evaluated(2, ["1 + 1", "__import__('os')._exit(7)", "2 + 2", "3 + 3"])
    assert found == [2, Lost("its worker process ended with code 7"), 4, 6]


def test_work_that_raises_ends_its_worker_and_not_the_rest(capfd):
    found = evaluated(1, ["1 / 0", "5"])
    assert found == [Lost("its worker process ended with code 1"), 5]
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_what_work_prints_does_not_disturb_the_answers(capfd):
    assert evaluated(1, ["print('hello') or 5", "6"]) == [5, 6]
    assert "hello" in capfd.readouterr().err


def test_leaving_ends_workers_in_the_middle_of_their_work():
    never = "__import__('threading').Event().wait()"
    with pytest.raises(KeyboardInterrupt), Crew(eval, 2) as crew:
        for place, _ in crew.results(["1", never, never]):
            assert place == 0
            members = set(crew._members)
            raise KeyboardInterrupt
    assert members
    assert all(member._process.poll() is not None for member in members)
    assert not any(thread.is_alive() for thread in crew._threads)


def test_no_more_workers_start_than_there_are_pieces():
    with Crew(math.sqrt, 8) as crew:
        assert list(crew.results([9.0])) == [(0, 3.0)]
        assert len(crew._threads) == 1


def test_work_that_cannot_be_sent_is_refused_at_once():
    with pytest.raises(Exception, match="pickle"):
        Crew(lambda piece: piece, 2)


def test_at_least_one_core_can_be_used():
    assert usable_cores() >= 1
