"""The environment, read once at the edge, as one frozen record."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pneumo.errors import SettingsError

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """What the user can set from outside.

    Attributes:
        models_dir: PNEUMO_MODELS, folder of the trained networks; `models` by default.
        data_dir: PNEUMO_DATA, the user's own copy of the data set; None if not set.
        max_pixels: PNEUMO_MAX_PIXELS, most pixels that the intake decodes; 100 million.
        max_bytes: PNEUMO_MAX_BYTES, largest file that the intake reads; 200 MiB.
    """

    models_dir: Path = REPOSITORY / "models"
    data_dir: Path | None = None
    max_pixels: int = 100_000_000
    max_bytes: int = 200 * 1024 * 1024


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings that an environment asks for.

    >>> read_settings({"PNEUMO_MAX_PIXELS": "1000"}).max_pixels
    1000

    Raises:
        SettingsError: a number is not a positive whole number.
    """
    given = os.environ if environment is None else environment
    data = given.get("PNEUMO_DATA")
    return Settings(
        models_dir=Path(given.get("PNEUMO_MODELS") or Settings.models_dir),
        data_dir=Path(data) if data else None,
        max_pixels=_positive(given, "PNEUMO_MAX_PIXELS", Settings.max_pixels),
        max_bytes=_positive(given, "PNEUMO_MAX_BYTES", Settings.max_bytes),
    )


def _positive(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name)
    if not text:
        return default
    if not text.isdecimal() or int(text) == 0:
        raise SettingsError(f"{name} must be a positive whole number, not {text!r}: set it anew.")
    return int(text)
