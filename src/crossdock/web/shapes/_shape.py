"""What every shape agrees on."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    WithJsonSchema,
)
from pydantic_core import core_schema

from crossdock.web.exact_numbers import WrittenNumber

MOST_DIGITS = 30  # of an amount before the point, and as many after it


@dataclass(frozen=True, slots=True)
class Written:
    """Text of one form; `words` tell which, where something else is given."""

    pattern: str
    words: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        text: Any = {**handler(source), "pattern": self.pattern}
        return core_schema.custom_error_schema(
            text, custom_error_type="written", custom_error_message=self.words
        )


def exact_text(value: Any) -> Any:
    """Return a number that JSON holds as the plain text of it, all else as it is.

    A float whose text is not known stays one, and is refused: some digits are gone.
    """
    if isinstance(value, WrittenNumber):
        try:
            number = Decimal(value.text)
        except InvalidOperation:  # an exponent beyond every bound
            return value
        return f"{number:f}" if abs(number.adjusted()) <= MOST_DIGITS else value
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_whole else value


def amount_schema(pattern: str, mode: Literal["validation", "serialization"]) -> Any:
    """Return how an amount is told: as text, which may come as a number, too."""
    text = {"type": "string", "pattern": pattern, "examples": ["0.05"]}
    either = {"anyOf": [text, {"type": "number"}]} if mode == "validation" else text
    return WithJsonSchema(either, mode=mode)


_AMOUNT = r"^-?\d{1,30}(\.\d{1,30})?$"
_SIZE = r"^(?=.*[1-9])\d{1,30}(\.\d{1,30})?$"

Amount = Annotated[
    str,
    Written(_AMOUNT, 'a plain decimal number, like "0.05" or 0.05'),
    BeforeValidator(exact_text),
    amount_schema(_AMOUNT, "validation"),
    amount_schema(_AMOUNT, "serialization"),
]
"""A plain decimal number as text, so that no digit of it is lost."""


def _above_zero(amount: str) -> str:
    if Decimal(amount) <= 0:
        raise ValueError(f"{amount} is not above zero; give an amount that is, like 0.5")
    return amount


Size = Annotated[
    Amount,
    AfterValidator(_above_zero),
    amount_schema(_SIZE, "validation"),
    amount_schema(_SIZE, "serialization"),
]
"""An amount above zero."""

Name = Annotated[
    str,
    Written(
        r"^[a-z0-9][a-z0-9_-]{0,30}$",
        "31 characters at most: lower-case letters, digits, - and _",
    ),
    Field(examples=["alpha"]),
]


Moment = Annotated[int, Field(ge=0, le=2**63 - 1)]
"""UTC nanoseconds."""


Lower = AfterValidator(str.lower)
"""Words taken as people write them, BUY, or as the desk does, buy."""


class Asked(BaseModel):
    """What a client sends: a name that is not known is refused, not passed over."""

    model_config = ConfigDict(extra="forbid")


class Told(BaseModel):
    """What a client is sent. Fields without a value are there, and null."""

    model_config = ConfigDict(
        extra="ignore",
        from_attributes=True,
        json_schema_serialization_defaults_required=True,
    )
