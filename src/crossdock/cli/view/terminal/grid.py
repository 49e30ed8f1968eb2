"""A table that changes in place: nothing jumps, and the cursor stays on its row."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.widgets import DataTable

Cells = tuple[Text, ...]


class Grid(DataTable[Text]):
    def __init__(self, *columns: str, id: str) -> None:  # noqa: A002  as textual has it
        """Take the columns' names, with a `>` before those that are aligned right."""
        super().__init__(id=id, cursor_type="row", zebra_stripes=True)
        self._names = tuple(name.removeprefix(">") for name in columns)
        self._right = {name[1:] for name in columns if name.startswith(">")}
        self._shown: dict[str, Cells] = {}

    def on_mount(self) -> None:
        for name in self._names:
            self.add_column(name, key=name)

    @property
    def chosen(self) -> str | None:
        """The key of the row under the cursor."""
        keys = list(self._shown)
        return keys[self.cursor_row] if 0 <= self.cursor_row < len(keys) else None

    def show(self, rows: Sequence[tuple[str, Sequence[object]]]) -> None:
        """Show these rows, in this order, by their keys."""
        wanted = {key: tuple(map(self._cell, self._names, cells)) for key, cells in rows}
        if list(wanted) == list(self._shown):
            for key, cells in wanted.items():
                for name, old, new in zip(
                    self._names, self._shown[key], cells, strict=True
                ):
                    if old != new or old.style != new.style:
                        self.update_cell(key, name, new, update_width=True)
        else:
            chosen = self.chosen
            top = self.scroll_y
            self.clear()
            for key, cells in wanted.items():
                self.add_row(*cells, key=key)
            if chosen in wanted:
                self.move_cursor(row=list(wanted).index(chosen), scroll=False)
                self.scroll_to(y=top, animate=False)
        self._shown = wanted

    def _cell(self, name: str, value: object) -> Text:
        text = (
            value if isinstance(value, Text) else Text("" if value is None else str(value))
        )
        text.justify = "right" if name in self._right else "left"
        return text
