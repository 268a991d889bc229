"""An editable file of prices, and counted tokens → what a reading cost."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from pneumo.errors import OpinionError

PRICES_FILE = "prices.toml"


@dataclass(frozen=True)
class Price:
    """What a model costs.

    Attributes:
        input_usd: US dollars per million tokens that it reads.
        output_usd: US dollars per million tokens that it writes.
        as_of: when the price was looked up, "" if unknown.
        source: where, "" if unknown.
    """

    input_usd: float
    output_usd: float
    as_of: str = ""
    source: str = ""

    def cost(self, tokens_in: int | None, tokens_out: int | None) -> float | None:
        """Return the US dollars of a reading, None if the server did not count its tokens.

        >>> Price(2.0, 8.0).cost(1_000_000, 500_000)
        6.0
        """
        if self.input_usd == 0 and self.output_usd == 0:
            return 0.0
        if tokens_in is None or tokens_out is None:
            return None
        return (tokens_in * self.input_usd + tokens_out * self.output_usd) / 1e6


def read_prices(prompts_dir: Path) -> dict[str, Price]:
    """Return the prices on file, by pattern of model names; empty without a file.

    Raises:
        OpinionError: the file is no table of prices.
    """
    path = prompts_dir / PRICES_FILE
    if not path.is_file():
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        prices = {
            pattern: Price(
                float(table["input_usd"]),
                float(table["output_usd"]),
                str(table.get("as_of", "")),
                str(table.get("source", "")),
            )
            for pattern, table in tables.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OpinionError(
            f"The file {PRICES_FILE} must give each model `input_usd` and `output_usd`, numbers "
            "per million tokens: correct it, or remove it."
        ) from error
    for pattern, price in prices.items():
        if not all(math.isfinite(usd) and usd >= 0 for usd in (price.input_usd, price.output_usd)):
            raise OpinionError(f"The price of {pattern} in {PRICES_FILE} must not be negative.")
    return prices


def find_price(model: str, prices: Mapping[str, Price]) -> Price | None:
    """Return the price of the longest pattern that fits a model's name, None if none does.

    >>> find_price("gpt-4o-mini", {"gpt-4o*": Price(2.5, 10), "gpt-4o-mini*": Price(0.15, 0.6)})
    Price(input_usd=0.15, output_usd=0.6, as_of='', source='')
    """
    fitting = [pattern for pattern in prices if fnmatchcase(model, pattern)]
    return prices[max(fitting, key=len)] if fitting else None
