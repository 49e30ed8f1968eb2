"""Runs kept on disk, one folder each, and compared.

    runs/BTC-USDT/2026-11-21/145820-sma_cross/
        run.json  trades.parquet  equity.parquet  report.html

beneath the user's data folder; its path below `runs` is the run's id. Series are CSV
where polars is not installed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossdock.app.backtest.fingerprint import source_sha256
from crossdock.app.backtest.frames import COLUMNS, Columns, frame_of
from crossdock.app.backtest.report import document
from crossdock.app.backtest.summary import moment, plain, summary_of
from crossdock.app.nearest import did_you_mean
from crossdock.app.paths import user_folders
from crossdock.errors import ConfigError
from crossdock.model import symbol_of

if TYPE_CHECKING:
    from crossdock.app.replay.run import Run

FORMAT = 1  # of run.json
_SERIES = ("trades", "equity", "fills")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_ID = re.compile(r"[^./][^/]*/[0-9-]+/[^./][^/]*")
_MOST_NAMES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRun:
    """A run read back: its summary; its series are files in `folder`."""

    id: str
    folder: Path
    kept_at: str  # ISO 8601, UTC
    summary: Mapping[str, Any]

    def file(self, name: str) -> Path | None:
        """Return the file of `trades`, `equity`, `fills` or `report`, None if not kept."""
        found = sorted(self.folder.glob(f"{name}.*"))
        return found[0] if found else None


def keep_run(
    run: Run,
    *,
    root: Path | None = None,
    report: bool = False,
    as_csv: bool | None = None,
    now_ns: Callable[[], int] = time.time_ns,
) -> KeptRun:
    """Write a run's folder, whole or not at all, and return it.

    Two of the same second get different names. Series are Parquet; CSV `as_csv`, or
    where polars is missing. Raises ConfigError when it cannot be written.
    """
    root = runs_folder() if root is None else root
    kept_ns = now_ns()
    told = {
        "format": FORMAT,
        "kept_at": moment(kept_ns - kept_ns % 1_000_000_000),
        "source_sha256": source_sha256(run),
        **summary_of(run),
        "refusals": plain(run.refused),
        "unfilled_orders": plain(run.unfilled),
    }
    page = document(run) if report else None
    if as_csv is None:
        as_csv = find_spec("polars") is None
    when = datetime.fromtimestamp(kept_ns // 1_000_000_000, UTC)
    day = root / _symbol(run) / f"{when:%Y-%m-%d}"
    try:
        day.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=day, prefix=".unfinished-"))
        try:
            _fill(made, run, told, page, as_csv=as_csv)
            made.chmod(0o755)
            folder = _named(made, day, f"{when:%H%M%S}-{_safe(run.strategy)}")
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
    except OSError as error:
        raise ConfigError(
            f"the run cannot be kept in {day}: {error.strerror or error}",
            code="config-file",
            hint="make room, or set CROSSDOCK_HOME to a folder you may write to",
        ) from error
    return _read(root, folder)


def kept_runs(*, root: Path | None = None) -> list[KeptRun]:
    """Return every kept run, newest first."""
    root = runs_folder() if root is None else root
    found = [_read(root, file.parent) for file in root.glob("*/*/*/run.json")]
    return sorted(
        (run for run in found if not run.folder.name.startswith(".")),
        key=lambda run: (run.kept_at, run.id),
        reverse=True,
    )


def load_run(name: str, *, root: Path | None = None) -> KeptRun:
    """Return a kept run by its id, its last part, or `last`. Raises ConfigError."""
    root = runs_folder() if root is None else root
    if _ID.fullmatch(name) and (root / name / "run.json").exists():
        return _read(root, root / name)  # whatever became of the others
    known = kept_runs(root=root)
    found = [run for run in known if name in (run.id, run.folder.name)]
    if name == "last":
        found = known[:1]
    if len(found) == 1:
        return found[0]
    ids = [run.id for run in known]
    if found:
        raise ConfigError(
            f"{len(found)} kept runs are called {name}",
            code="run-unknown",
            hint=f"say {' or '.join(run.id for run in found)}",
        )
    raise ConfigError(
        f"there is no kept run {name}",
        code="run-unknown",
        hint=did_you_mean(name, ids[:20]) if ids else "keep one: crossdock backtest --keep",
    )


def compare(
    names: Iterable[str | KeptRun], *, root: Path | None = None
) -> list[dict[str, Any]]:
    """Return one row for each thing runs differ in or are measured by, a column a run.

    A row has `what` ("run", "params", "terms", "models" or "figures"), `name`, `values` in
    the order of `names`, and `differs`. What is equal in all is left out, figures excepted.
    """
    runs = [
        each if isinstance(each, KeptRun) else load_run(each, root=root) for each in names
    ]
    rows = [
        *_rows("run", [_identity(run.summary) for run in runs]),
        *_rows("params", [run.summary["params"] for run in runs]),
        *_rows("terms", [run.summary["terms"] for run in runs]),
        *_rows("models", [run.summary["models"] for run in runs]),
    ]
    figures = [
        {
            **{name: run.summary[name] for name in ("pnl", "fees", "orders", "fills")},
            **run.summary["figures"],
        }
        for run in runs
    ]
    return [row for row in rows if row["differs"]] + _rows("figures", figures)


def runs_folder() -> Path:
    return user_folders().data / "runs"


def _identity(summary: Mapping[str, Any]) -> dict[str, Any]:
    names = (
        *("strategy", "source", "source_sha256", "timeframe", "first_time", "last_time"),
        *("currency", "initial_equity", "version", "journal_sha256"),
    )
    return {
        **{name: summary.get(name) for name in names},
        "instruments": ", ".join(summary["instruments"]),
    }


def _rows(what: str, columns: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    names = dict.fromkeys(name for column in columns for name in column)
    rows = []
    for name in names:
        values = [column.get(name) for column in columns]
        differs = any(value != values[0] for value in values)
        rows.append({"what": what, "name": name, "values": values, "differs": differs})
    return rows


def _fill(
    folder: Path, run: Run, told: Mapping[str, Any], page: str | None, *, as_csv: bool
) -> None:
    for name in _SERIES:
        if as_csv:
            _write_csv(folder / f"{name}.csv", COLUMNS[name](run))
        else:
            frame_of(run, name).write_parquet(folder / f"{name}.parquet")
    if page is not None:
        (folder / "report.html").write_text(page, "utf-8")
    # Last, and the one that makes the folder a run.
    with (folder / "run.json").open("w", encoding="utf-8") as opened:
        json.dump(told, opened, indent=1, allow_nan=False)
        opened.write("\n")
        opened.flush()
        os.fsync(opened.fileno())


def _write_csv(path: Path, columns: Columns) -> None:
    import csv

    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def _named(made: Path, day: Path, name: str) -> Path:
    """Give the finished folder its name, or the next one that is free."""
    for number in range(1, _MOST_NAMES):
        folder = day / (name if number == 1 else f"{name}-{number}")
        if folder.exists():
            continue
        try:
            return made.rename(folder)
        except FileExistsError:
            continue
        except OSError:
            # A folder that is there and not empty: another process was first.
            if not folder.exists():
                raise
    raise FileExistsError(f"{_MOST_NAMES} runs of one second")


def _read(root: Path, folder: Path) -> KeptRun:
    file = folder / "run.json"
    try:
        told = json.loads(file.read_text("utf-8"))
        if told["format"] > FORMAT:
            raise ConfigError(
                f"{file} was kept by a newer crossdock",
                code="run-unknown",
                hint="update this one",
            )
        kept_at = str(told["kept_at"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{file} does not read: {error}", code="run-unknown", hint="remove its folder"
        ) from error
    name = folder.relative_to(root).as_posix()
    return KeptRun(id=name, folder=folder, kept_at=kept_at, summary=told)


def _symbol(run: Run) -> str:
    symbols = [symbol_of(name) for name in run.instruments]
    return _safe("+".join(symbols[:3])) if symbols else "none"


def _safe(text: str) -> str:
    """Return text that is a file's name everywhere and never hidden."""
    return _UNSAFE.sub("-", text).strip("-.")[:80] or "unnamed"
