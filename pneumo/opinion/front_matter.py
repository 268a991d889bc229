"""The front matter of a prompt's file, checked: unknown keys are errors."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from pneumo.opinion.answer import SCHEMAS


class FrontMatter(BaseModel):
    """What a prompt's file says about itself, see prompts/README.md."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    version: str
    purpose: str = Field(min_length=1)
    temperature: float = Field(ge=0, le=2)
    image_side_px: int = Field(ge=224, le=2048)
    detail: Literal["low", "high", "auto"]
    schema_version: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @field_validator("schema_version")
    @classmethod
    def _known(cls, version: str) -> str:
        if version not in SCHEMAS:
            raise ValueError(f"expected one of {', '.join(SCHEMAS)}")
        return version
