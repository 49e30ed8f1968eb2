"""A run's report: what it earned, how, and on which assumptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from html import escape
from math import prod
from typing import TYPE_CHECKING

import crossdock
from crossdock.analysis.equity import monthly_returns
from crossdock.app.backtest.figures import NONE, figure, figures_of, formula, money
from crossdock.app.backtest.report.page import (
    bullets,
    chart,
    facts,
    page,
    paragraph,
    section,
)
from crossdock.app.backtest.report.series import TRADES, series_of
from crossdock.app.backtest.summary import moment, terms_of, where_of

if TYPE_CHECKING:
    from crossdock.app.replay.run import Run

_CARDS = (
    *("total_return", "cagr", "max_drawdown", "sharpe", "sortino", "calmar"),
    *("trades", "win_rate", "profit_factor", "time_in_market"),
)
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_REASONS = 40
_HOLD = "Buy and hold is the initial equity put into the first close, without fees."


def document(run: Run) -> str:
    """Return the report's HTML. Raises ExtraMissing without plotly."""
    title = f"{run.strategy} on {where_of(run)}"
    return page(title, _body(run), series_of(run))


def _body(run: Run) -> Iterator[str]:
    yield _header(run)
    yield _cards(run)
    yield section(
        "Equity, drawdown and exposure",
        chart("curves"),
        paragraph(_HOLD if run.bars is not None else ""),
    )
    if run.bars is not None and len(run.bars):
        yield section(
            "Candles and trades",
            chart("candles"),
            '<p class="quiet" id="candles-note"></p>',
        )
    if months := monthly_returns(run.curve):
        yield section("Monthly returns", _months(months))
    if run.trades:
        yield _trades(run)
    yield section("All figures", _figures(run))
    if run.refused or run.unfilled or run.alarms:
        yield _troubles(run)
    yield section("How it was made", facts(_making(run)))


def _header(run: Run) -> str:
    final = run.initial_equity + run.pnl
    times = run.curve.time_ns
    period = f"{moment(times[0])} to {moment(times[-1])}" if times else "no time at all"
    params, defaults = _named(run.params), _named(run.defaults)
    return (
        f"<header><h1>{escape(run.strategy)}</h1>"
        + paragraph(f"{where_of(run)} · {period}", "where")
        + paragraph(params or ("" if defaults else "no parameters"))
        + paragraph(f"by default {defaults}" if defaults else "")
        + f'<p><strong class="{_tone(run.pnl)}">{money(run.pnl)} '
        f"{escape(str(run.currency))}</strong> "
        + escape(f"from {money(run.initial_equity)} to {money(final)}")
        + escape(f", after {money(run.fees)} of fees")
        + escape(f" and {money(run.funding)} of funding" if run.funding else "")
        + "</p></header>"
    )


def _named(params: Mapping[str, object]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in params.items() if value != "")


def _cards(run: Run) -> str:
    found = figures_of(run)
    cards = "".join(
        f'<div class="card" title="{escape(formula(name))}">'
        f"<dt>{escape(figure(name).label)}</dt>"
        f"<dd>{escape(figure(name).shown(found.get(name)))}</dd></div>"
        for name in _CARDS
    )
    return f'<dl class="cards">{cards}</dl>'


def _figures(run: Run) -> str:
    body = "".join(
        f"<tr><td>{escape(figure(name).label)}</td>"
        f"<td>{escape(figure(name).shown(value))}</td>"
        f"<td>{escape(formula(name))}</td></tr>"
        for name, value in figures_of(run).items()
    )
    return (
        '<div class="scroll"><table class="formulas"><thead><tr><th>Figure</th>'
        '<th class="number">Value</th><th>Computed as</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _months(table: Mapping[int, Mapping[int, float]]) -> str:
    most = max((abs(each) for year in table.values() for each in year.values()), default=0)
    heads = "".join(f"<th>{name}</th>" for name in ("Year", *_MONTHS, "Total"))
    rows = []
    for year, months in sorted(table.items()):
        cells = [_month(months.get(number), most) for number in range(1, 13)]
        whole = prod(1 + each for each in months.values()) - 1
        total = f'<td class="{_tone(whole)}">{whole:.1%}</td>'
        rows.append(f"<tr><th>{year}</th>{''.join(cells)}{total}</tr>")
    return (
        f'<div class="scroll"><table class="months"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _month(value: float | None, most: float) -> str:
    if value is None:
        return f"<td>{NONE}</td>"
    depth = round(55 * abs(value) / most) if most else 0
    tone = "teal" if value >= 0 else "red"
    shade = f"color-mix(in srgb, var(--{tone}) {depth}%, transparent)"
    return f'<td style="background: {shade}">{value:.1%}</td>'


def _trades(run: Run) -> str:
    count = len(run.trades)
    note = f"The last {TRADES:,} of {count:,} trades." if count > TRADES else ""
    return section(
        "Trades",
        paragraph(note) if note else "",
        '<div class="scroll"><table class="trades"><thead><tr></tr></thead>'
        "<tbody></tbody></table></div>",
        '<div class="pages"><button id="earlier">Earlier</button>'
        '<span class="quiet" id="trades-shown"></span>'
        '<button id="later">Later</button></div>',
    )


def _troubles(run: Run) -> str:
    reasons = Counter(run.refused).most_common()
    lines = [
        f"{words} ({count:,} times)" if count > 1 else words
        for words, count in reasons[:_REASONS]
    ]
    if len(reasons) > _REASONS:
        lines.append(f"and {len(reasons) - _REASONS:,} other reasons")
    parts = []
    if lines:
        parts += [paragraph(f"{len(run.refused):,} orders were refused."), bullets(lines)]
    if run.unfilled:
        parts += [
            paragraph(f"{len(run.unfilled):,} orders ended with nothing filled:"),
            bullets(run.unfilled[:_REASONS]),
        ]
    if run.alarms:
        parts += [paragraph("Alarms:"), bullets(run.alarms, "alarms")]
    return section("Refusals, orders unfilled, alarms", *parts)


def _making(run: Run) -> Iterator[tuple[str, str]]:
    yield "Source", run.source
    for instrument in run.instruments.values():
        yield str(instrument.id), terms_of(instrument)
    for name, words in run.models.items():
        yield f"Model: {name.replace('_', ' ')}", words
    ended = f"{len(run.unfilled):,} unfilled, {len(run.refused):,} refused"
    yield "Orders", f"{run.orders:,}, {ended}, {len(run.fills):,} fills"
    yield (
        "Events",
        f"{run.events:,} in {run.seconds:.2f} s ({run.events_per_s:,.0f} a second)",
    )
    for note in run.notes:
        yield "Note", note
    yield "Journal SHA-256", run.journal_sha256
    yield "Made by", f"crossdock {crossdock.__version__}"


def _tone(value: object) -> str:
    return "loss" if value < 0 else "gain"  # type: ignore[operator]
