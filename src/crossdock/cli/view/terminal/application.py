"""The terminal dashboard: tabs, keys, and a desk that may leave and come back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Footer, Static, TabbedContent, TabPane

from crossdock.cli.view.terminal import panes
from crossdock.cli.view.terminal.connection import DeskConnection
from crossdock.cli.view.terminal.dialogs import Confirm, Kill
from crossdock.cli.view.terminal.grid import Grid
from crossdock.cli.view.terminal.pictures import Pictures, is_open
from crossdock.errors import Error

AGAIN_S = 1.0
JOURNAL_S = 2.0
TOPICS = (
    "status",
    "portfolio",
    "books",
    "orders",
    "positions",
    "fills",
    "strategies",
    "risk",
    "alerts",
    "doubts",
)
_TABS: Mapping[str, str] = {
    "overview": "Overview",
    "orders": "Orders",
    "books": "Books",
    "positions": "Position",
    "fills": "Fills",
    "strategies": "Strats",
    "risk": "Risk",
    "venues": "Venues",
    "journal": "Journal",
}
_SHOWN: Mapping[str, tuple[str, Callable[[Pictures], panes.Rows]]] = {
    "books": ("books", panes.books),
    "positions": ("positions", panes.positions),
    "fills": ("fills", panes.fills),
    "strategies": ("strategies", panes.strategies),
    "limits": ("risk", panes.limits),
    "streams": ("status", panes.streams),
}
"""Each grid by its id: the topic it follows, and its rows."""
_GRIDS: Mapping[str, tuple[str, ...]] = {
    "orders": ("orders",),
    "books": ("books", "ladder"),
    "positions": ("positions",),
    "fills": ("fills",),
    "strategies": ("strategies",),
    "risk": ("limits",),
    "venues": ("streams",),
    "journal": ("journal",),
}
"""What each tab shows beside each other, by id."""


class Terminal(App[None]):
    """Every change it asks for names the user and the door they came by."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = "crossdock"
    CSS = """
    #banner { height: 1; }
    Screen { overflow: hidden; }
    TabbedContent { height: 1fr; }
    ContentSwitcher { height: 1fr; }
    TabPane { padding: 0; height: 1fr; }
    Grid { height: 1fr; }
    #ladder { width: 36; }
    #words { padding: 0 1; }
    .dialog { width: 64; max-width: 95%; height: auto; padding: 1 2; border: round $primary; background: $surface; }
    .dialog Label { width: 100%; }
    .danger { border: round $error; }
    .dim { color: $text-muted; }
    #wrong { color: $error; }
    Confirm, Kill { align: center middle; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(n), f"tab('{tab}')", show=False) for n, tab in enumerate(_TABS, 1)),
        Binding("c", "cancel", "Cancel order"),
        Binding("s", "strategy('start')", "Start"),
        Binding("p", "strategy('pause')", "Pause"),
        Binding("x", "strategy('stop')", "Stop"),
        Binding("k", "kill", "KILL"),
        Binding("q", "quit", "Quit"),
    ]

    def __init__(self, desk: DeskConnection, by: str) -> None:
        super().__init__()
        self._desk = desk
        self._by = by
        self._pictures = Pictures()
        self._connected = False
        self._problem = ""
        self._symbol = ""
        self._in_hand = ""  # the order that was open when the cursor came to it

    def compose(self) -> ComposeResult:
        yield Static(id="banner")
        with TabbedContent(*_TABS.values()) as tabs:
            tabs.can_focus_children = True
            with TabPane(_TABS["overview"], id="overview"), VerticalScroll():
                yield Static(id="words")
            for tab, grids in _GRIDS.items():
                with TabPane(_TABS[tab], id=f"tab-{tab}"), Horizontal():
                    yield from (Grid(*panes.COLUMNS[each], id=each) for each in grids)
        yield Footer(compact=True)

    def on_mount(self) -> None:
        self._draw("")
        self._desk.choose(TOPICS)
        self.run_worker(self._watch(), exclusive=True, group="watch")
        self.set_interval(JOURNAL_S, self._read_journal)

    # ---- the desk --------------------------------------------------------------

    async def _watch(self) -> None:
        """Draw what the desk tells, and wait for it where it is away."""
        while True:
            try:
                async for line in self._desk.lines():
                    self._connected, self._problem = True, ""
                    self._draw(self._pictures.take(line))
            except Error as error:
                self._connected, self._problem = False, error.message
                self._draw("")
            await asyncio.sleep(AGAIN_S)

    def _draw(self, topic: str) -> None:
        base = self.screen_stack[0]
        if not base.query("#banner"):
            return  # it is ending: what the screen held is gone already
        banner = panes.banner(self._pictures, self._connected, self._problem)
        base.query_one("#banner", Static).update(banner)
        if topic in ("status", "portfolio", "alerts", "doubts"):
            base.query_one("#words", Static).update(panes.overview(self._pictures))
        for name, (followed, rows) in _SHOWN.items():
            if topic == followed:
                base.query_one(f"#{name}", Grid).show(rows(self._pictures))
        if topic == "orders":
            self._draw_orders(base.query_one("#orders", Grid))
        if self._symbol and topic == f"ladder:{self._symbol}":
            base.query_one("#ladder", Grid).show(panes.ladder(self._pictures, self._symbol))

    def _draw_orders(self, grid: Grid) -> None:
        grid.show(panes.orders(self._pictures, self._in_hand))
        self._hold(grid.chosen)

    def _hold(self, order_id: str | None) -> None:
        """Keep in hand what the cursor is on, from while it is open until it leaves it."""
        row = self._pictures.order(order_id)
        if order_id != self._in_hand:
            self._in_hand = row["order_id"] if row and is_open(row) else ""

    async def _read_journal(self) -> None:
        tabs = self.screen_stack[0].query_one(TabbedContent)
        if not self._connected or tabs.active != "tab-journal":
            return
        try:
            found = await self._desk.ask("search", limit=100)
        except Error as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.screen_stack[0].query_one("#journal", Grid).show(panes.journal(found))

    async def _do(self, op: str, **args: Any) -> None:
        """Ask the desk for something a person decided, and say how that went."""
        try:
            await self._desk.ask(op, **args)
        except Error as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.notify(f"{op}: done", markup=False)

    # ---- keys ------------------------------------------------------------------

    async def action_tab(self, name: str) -> None:
        tabs = self.query_one(TabbedContent)
        tabs.active = name if name == "overview" else f"tab-{name}"
        for grid in tabs.get_pane(tabs.active).query(Grid):
            grid.focus()
            break
        await self._read_journal()

    def on_data_table_row_highlighted(self, event: Grid.RowHighlighted) -> None:
        if event.data_table.id == "orders" and isinstance(event.data_table, Grid):
            self._hold(event.data_table.chosen)
        if event.data_table.id != "books" or event.row_key.value is None:
            return
        symbol = event.row_key.value.partition("@")[0]
        if symbol != self._symbol:
            self._symbol = symbol
            self._desk.choose([*TOPICS, f"ladder:{symbol}"])

    def action_cancel(self) -> None:
        order = self._chosen("orders")
        if order is None:
            self.notify("choose an order on its tab first", severity="warning")
            return
        row = self._pictures.order(order)
        if row is None or not is_open(row):
            how = "is gone" if row is None else f"has ended: {row['status']}"
            self.notify(f"order {order} {how}", severity="warning", markup=False)
            return
        what = f"{row['side']} {row['quantity']} {row.get('instrument', '')} of {row['account']}"

        def answered(said: bool | None) -> None:
            if said:
                self.run_worker(
                    self._do("cancel", order=order, by=self._by, door="terminal")
                )

        self.push_screen(Confirm(f"Cancel {what} ({order})?"), answered)

    def action_strategy(self, action: str) -> None:
        name = self._chosen("strategies")
        if name is None:
            self.notify("choose a strategy on its tab first", severity="warning")
            return

        def answered(said: bool | None) -> None:
            if said:
                asked = self._do(
                    "strategy", name=name, action=action, by=self._by, door="terminal"
                )
                self.run_worker(asked)

        self.push_screen(Confirm(f"{action.capitalize()} the strategy {name}?"), answered)

    def action_kill(self) -> None:
        status = self._pictures.whole("status")
        where = f"desk {status.get('desk', '?')}, {status.get('mode', '?').upper()}"

        def answered(said: tuple[str, bool] | None) -> None:
            if said is not None:
                reason, flatten = said
                asked = self._do(
                    "kill",
                    by=self._by,
                    reason=reason,
                    flatten=flatten,
                    door="terminal",
                )
                self.run_worker(asked)

        self.push_screen(Kill(where), answered)

    def _chosen(self, grid: str) -> str | None:
        """Return what is under the cursor of a grid, if its tab is open."""
        if self.query_one(TabbedContent).active != f"tab-{grid}":
            return None
        return self.query_one(f"#{grid}", Grid).chosen
