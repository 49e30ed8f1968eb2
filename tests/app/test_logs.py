import io
import json
import logging
import stat

import pytest
import structlog

from crossdock.app.logs import Logs, bound
from crossdock.app.settings import DeskSettings
from crossdock.toolkit.secrets import Masker, Secret

SECRET = "hunter2-and-more"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def desk(folder, **changes):
    values = {
        "journal": folder / "journal",
        "control": folder / "desk.sock",
        "log_folder": folder / "logs",
        "durability": "process",
    }
    return DeskSettings.model_validate({**values, **changes})


@pytest.fixture
def written(tmp_path):
    """Run `speak` under logs; return what the stream and the file hold."""

    def run(speak, *, stream=None, debug=False, **changes):
        stream = stream or io.StringIO()
        masker = Masker([Secret(SECRET)])
        with Logs(desk(tmp_path, **changes), masker, stream=stream, debug=debug) as logs:
            speak(logging.getLogger("crossdock.test"))
        text = logs.file.read_text() if logs.file.is_file() else ""
        return stream.getvalue(), text

    return run


def test_a_line_is_json_off_a_terminal_and_always_in_the_file(written):
    stream, file = written(lambda log: log.info("filled %s", 3, extra={"price": "1.5"}))
    for text in (stream, file):
        line = json.loads(text)
        assert line["event"] == "filled 3"
        assert line["price"] == "1.5"
        assert line["level"] == "info"
        assert line["logger"] == "crossdock.test"
        assert line["time"].endswith("Z")


def test_a_terminal_gets_words_and_the_file_still_gets_json(written):
    stream, file = written(lambda log: log.info("filled"), stream=Terminal())
    assert "filled" in stream
    assert not stream.startswith("{")
    assert json.loads(file)["event"] == "filled"


def test_the_format_setting_beats_the_terminal(written):
    stream, _ = written(
        lambda log: log.info("filled"), stream=Terminal(), log_format="json"
    )
    assert json.loads(stream)["event"] == "filled"


def test_structlog_and_the_standard_library_reach_the_same_place(written):
    stream, _ = written(
        lambda log: structlog.get_logger("crossdock.other").info("sent", venue="alpha")
    )
    line = json.loads(stream)
    assert (line["event"], line["venue"], line["logger"]) == (
        "sent",
        "alpha",
        "crossdock.other",
    )


def test_a_correlation_id_is_on_every_line_inside_its_scope_and_on_none_outside(written):
    def speak(log):
        with bound(correlation="c-1"):
            log.info("inside")
            structlog.get_logger().info("inside too")
        log.info("outside")

    stream, _ = written(speak)
    lines = [json.loads(line) for line in stream.splitlines()]
    assert [line.get("correlation") for line in lines] == ["c-1", "c-1", None]


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("stream", [Terminal, io.StringIO])
def test_a_secret_reaches_neither_message_nor_field_nor_traceback(written, debug, stream):
    def speak(log):
        log.info("key is %s", SECRET, extra={"key": SECRET})
        try:
            raise ValueError(f"bad key {SECRET}")
        except ValueError:
            log.exception("failed")

    stream, file = written(speak, stream=stream(), debug=debug)
    for text in (stream, file):
        assert "***" in text
        assert SECRET not in text


def test_a_traceback_is_in_the_file_and_on_the_stream_only_with_debug(written):
    def speak(log):
        try:
            raise ValueError("odd lot")
        except ValueError:
            log.exception("failed")

    stream, file = written(speak)
    assert json.loads(stream)["error"] == "ValueError: odd lot"
    assert "Traceback" not in stream
    assert "Traceback" in json.loads(file)["exception"]
    assert "Traceback" in written(speak, debug=True)[0]


@pytest.mark.parametrize(
    ("level", "expected"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)]
)
def test_the_level_is_the_least_that_is_written(written, level, expected):
    def speak(log):
        for name in ("debug", "info", "warning", "error"):
            getattr(log, name)("said")

    assert len(written(speak, log_level=level)[0].splitlines()) == expected


def test_files_turn_over_at_their_size_and_the_oldest_goes(tmp_path, written):
    def speak(log):
        for _ in range(35):
            log.info("x" * 100_000)

    written(speak, log_megabytes=1, log_files=2)
    sizes = [path.stat().st_size for path in (tmp_path / "logs").iterdir()]
    assert len(sizes) == 2
    assert max(sizes) <= 1_000_000


def test_log_files_are_for_their_owner_only(tmp_path, written):
    written(lambda log: log.info("said"))
    (file,) = (tmp_path / "logs").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_log_that_cannot_be_written_is_told_once_and_raises_nothing(
    tmp_path, written, capsys
):
    def speak(log):
        (tmp_path / "logs" / "main.log").mkdir()
        log.info("one")
        log.info("two")

    written(speak)
    assert capsys.readouterr().err.count("cannot be written") == 1


def test_logging_is_as_before_after_the_end(written):
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    written(lambda log: log.info("said"))
    assert (root.level, list(root.handlers)) == before
