"""What is asked before something is done that cannot be taken back."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Checkbox, Input, Label

KILL_WORD = "KILL"


class Confirm(ModalScreen[bool]):
    """Yes with `y` alone: Enter may be left over from before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes"),
        Binding("n,escape", "answer(False)", "No"),
    ]

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(self._question, markup=False)
            yield Label("y yes   n no", classes="dim")

    def action_answer(self, said: bool) -> None:
        self.dismiss(said)


class Kill(ModalScreen[tuple[str, bool] | None]):
    """Ends with (reason, whether to flatten), or None when it is given up."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "Give up")]

    def __init__(self, where: str) -> None:
        super().__init__()
        self._where = where

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog danger"):
            yield Label(self._where, id="where", markup=False)
            yield Label("Cancel every order of ours and refuse new ones.")
            yield Checkbox("also close our positions", id="flatten")
            yield Input(placeholder="reason", id="reason")
            yield Input(placeholder=f"type {KILL_WORD} and Enter; Esc gives up", id="word")
            yield Label("", id="wrong")

    def on_mount(self) -> None:
        self.query_one("#word", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if self.query_one("#word", Input).value.strip() != KILL_WORD:
            self.query_one("#wrong", Label).update(f"not done: the word is {KILL_WORD}")
            return
        reason = self.query_one("#reason", Input).value.strip()
        self.dismiss((reason or "from the terminal", self.query_one(Checkbox).value))

    def action_give_up(self) -> None:
        self.dismiss(None)
