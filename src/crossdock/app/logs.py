"""Logs: structlog and the standard library in one stream, scrubbed of every secret.

Modules log by `logging.getLogger(__name__)`; `bound(correlation=…)` adds words to
every line that is logged inside it, in this task and the ones it starts.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import MutableMapping
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

import structlog
from structlog.contextvars import bound_contextvars as bound
from structlog.stdlib import ProcessorFormatter
from structlog.typing import Processor

from crossdock.app.settings.models import DeskSettings, LogFormat
from crossdock.toolkit.secrets import Masker

__all__ = ["Logs", "bound"]

_MEGABYTE = 1_000_000

_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
)


class Logs:
    """Logging as the settings ask, from `with` to its end.

    The file is always JSON, complete and for its owner only. The stream is human or JSON;
    tracebacks reach it only with `debug`.
    """

    def __init__(
        self,
        settings: DeskSettings,
        masker: Masker,
        *,
        stream: TextIO | None = None,
        debug: bool = False,
    ) -> None:
        stream = sys.stderr if stream is None else stream
        on_terminal = stream.isatty()
        human = settings.log_format is LogFormat.HUMAN or (
            settings.log_format is LogFormat.AUTO and on_terminal
        )
        self._level = logging.DEBUG if debug else _LEVELS[settings.log_level]
        self.file = settings.log_folder / f"{settings.name}.log"

        shown = logging.StreamHandler(stream)
        last = _human(colors=on_terminal) if human else _json()
        brief = () if debug else (_without_traceback,)
        shown.setFormatter(_Scrubbed(masker, (*brief, *last)))

        kept = _OwnersFile(
            self.file,
            maxBytes=settings.log_megabytes * _MEGABYTE,
            backupCount=settings.log_files - 1,
            encoding="utf-8",
            delay=True,
        )
        kept.setFormatter(_Scrubbed(masker, _json()))
        self._handlers: tuple[logging.Handler, ...] = (shown, kept)
        self._level_before = logging.WARNING

    def __enter__(self) -> Self:
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        structlog.configure(
            processors=[*_SHARED, ProcessorFormatter.wrap_for_formatter],
            logger_factory=structlog.stdlib.LoggerFactory(),
            wrapper_class=structlog.stdlib.BoundLogger,
            cache_logger_on_first_use=False,
        )
        root = logging.getLogger()
        self._level_before = root.level
        root.setLevel(self._level)
        for handler in self._handlers:
            root.addHandler(handler)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        root = logging.getLogger()
        root.setLevel(self._level_before)
        for handler in self._handlers:
            root.removeHandler(handler)
            handler.close()
        structlog.reset_defaults()


_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


class _Scrubbed(ProcessorFormatter):
    """Scrubs the finished line, so that no field and no traceback escapes it."""

    def __init__(self, masker: Masker, processors: tuple[Processor, ...]) -> None:
        super().__init__(
            foreign_pre_chain=[*_SHARED, structlog.stdlib.ExtraAdder()],
            processors=[ProcessorFormatter.remove_processors_meta, *processors],
        )
        self._masker = masker

    def format(self, record: logging.LogRecord) -> str:
        return self._masker.scrub(super().format(record))


class _OwnersFile(RotatingFileHandler):
    """A log file only its owner reads. When it cannot be written, says so once."""

    _failed = False

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(
            self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600
        )
        return os.fdopen(descriptor, "a", encoding=self.encoding)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the base's name
        # Logging must never stop a desk, nor flood the terminal when a disk is full.
        if not self._failed:
            self._failed = True
            error = sys.exc_info()[1]
            path = Path(self.baseFilename)
            sys.stderr.write(f"crossdock: the log {path} cannot be written: {error}\n")


def _human(*, colors: bool) -> tuple[Processor, ...]:
    return (
        structlog.dev.ConsoleRenderer(
            colors=colors,
            timestamp_key="time",
            # Rich's tracebacks print local variables, and those may hold secrets.
            exception_formatter=structlog.dev.plain_traceback,
        ),
    )


def _json() -> tuple[Processor, ...]:
    return (
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
    )


def _without_traceback(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = f"{type(error).__name__}: {error}"
    return event
