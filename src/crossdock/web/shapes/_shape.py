"""What every shape agrees on."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

Amount = Annotated[str, Field(pattern=r"^-?\d{1,30}(\.\d{1,30})?$", examples=["0.05"])]
"""A plain decimal number as text, so that no digit of it is lost."""


def _above_zero(amount: str) -> str:
    if Decimal(amount) <= 0:
        raise ValueError(f"{amount} is not above zero; give an amount that is, like 0.5")
    return amount


Size = Annotated[
    Amount,
    AfterValidator(_above_zero),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(?=.*[1-9])\d{1,30}(\.\d{1,30})?$",
            "examples": ["0.05"],
        }
    ),
]
"""An amount above zero."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,30}$", examples=["alpha"])]


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
