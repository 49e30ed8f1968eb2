"""The node every indicator is made of, and what a node is in each of its two lives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from types import ModuleType
from typing import Any, ClassVar, NamedTuple

from crossdock.model import Bar

NAN = float("nan")

Pull = Callable[[Bar], Any]
"""Takes the next bar and returns the node's value for it; anything while it warms up."""

Column = Any
"""A numpy array of floats, or a tuple of them."""


class Live(NamedTuple):
    """A node that is fed bar by bar. `state` is JSON-able; None for a node without."""

    pull: Pull
    state: Callable[[], Any] | None = None
    restore: Callable[[Any], None] | None = None


class Expression(ABC):
    """A value for every bar, defined once: fed bar by bar, or over whole columns.

    `warm_up` is the bars until its first value; `lead` is what the node itself adds to
    that of its inputs. Both forms do the same operations in the same order, so they
    give the same floats.
    """

    __slots__ = ("inputs", "lead", "warm_up")

    is_endless: ClassVar[bool] = False
    """Whether every value holds all that came since the first, undiminished."""

    def __init__(self, *inputs: Expression, lead: int = 0) -> None:
        self.inputs = inputs
        self.lead = lead
        self.warm_up: int = max((each.warm_up for each in inputs), default=1) + lead

    @property
    def skipped(self) -> int:
        """Bars before the inputs have their first values, which state must not see."""
        return self.warm_up - self.lead - 1

    @abstractmethod
    def live(self, *pulls: Pull) -> Live:
        """Return a fresh node that is fed by those of its inputs."""

    @abstractmethod
    def over(self, np: ModuleType, *columns: Column) -> Column:
        """Return the values, `lead` fewer than there are in each of the columns.

        Columns are of equal length and begin where every input has its first value.
        """

    def __add__(self, other: Expression | float) -> Expression:
        return plus(self, other)

    __radd__ = __add__

    def __sub__(self, other: Expression | float) -> Expression:
        return minus(self, other)

    def __rsub__(self, other: float) -> Expression:
        return plus(times(self, -1.0), other)

    def __mul__(self, other: Expression | float) -> Expression:
        return times(self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: float) -> Expression:
        """Divide by a constant; `ratio` divides by an expression, which may be 0."""
        return Fixed(_DIVIDE, self, other)


class Operation(NamedTuple):
    """Arithmetic as closures, for the hot path, and as one operator on columns."""

    of_two: Callable[[Pull, Pull], Pull]
    of_fixed: Callable[[Pull, float], Pull]
    columns: Callable[[Column, Any], Column]


class Binary(Expression):
    """Two expressions joined by an operation."""

    __slots__ = ("_operation",)

    def __init__(self, operation: Operation, left: Expression, right: Expression) -> None:
        super().__init__(left, right)
        self._operation = operation

    def live(self, *pulls: Pull) -> Live:
        left, right = pulls
        return Live(self._operation.of_two(left, right))

    def over(self, np: ModuleType, *columns: Column) -> Column:
        left, right = columns
        return self._operation.columns(left, right)


class Fixed(Expression):
    """An expression joined to a constant by an operation."""

    __slots__ = ("_constant", "_operation")

    def __init__(self, operation: Operation, of: Expression, constant: float) -> None:
        super().__init__(of)
        self._operation = operation
        self._constant = float(constant)

    def live(self, *pulls: Pull) -> Live:
        (pull,) = pulls
        return Live(self._operation.of_fixed(pull, self._constant))

    def over(self, np: ModuleType, *columns: Column) -> Column:
        (column,) = columns
        return self._operation.columns(column, self._constant)


_ADD = Operation(
    lambda left, right: lambda bar: left(bar) + right(bar),
    lambda of, constant: lambda bar: of(bar) + constant,
    lambda left, right: left + right,
)
_SUBTRACT = Operation(
    lambda left, right: lambda bar: left(bar) - right(bar),
    lambda of, constant: lambda bar: of(bar) - constant,
    lambda left, right: left - right,
)
_MULTIPLY = Operation(
    lambda left, right: lambda bar: left(bar) * right(bar),
    lambda of, constant: lambda bar: of(bar) * constant,
    lambda left, right: left * right,
)
_DIVIDE = Operation(
    lambda left, right: lambda bar: left(bar) / right(bar),
    lambda of, constant: lambda bar: of(bar) / constant,
    lambda left, right: left / right,
)


def _joined(operation: Operation) -> Callable[[Expression, Expression | float], Expression]:
    def join(left: Expression, right: Expression | float) -> Expression:
        if isinstance(right, Expression):
            return Binary(operation, left, right)
        return Fixed(operation, left, right)

    return join


plus, minus, times = _joined(_ADD), _joined(_SUBTRACT), _joined(_MULTIPLY)
