"""What stands in a report → HTML that holds its own style, with everybody's words escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pneumo import __version__
from pneumo.wording import CAVEAT, LIMITS, name_point, percent

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).with_name("templates")

# The pages' words, without their Markdown.
_CAUTION = CAVEAT.replace("**", "")
_LIMITATIONS = [
    " ".join(item.replace("**", "").split())
    for item in LIMITS.strip().removeprefix("- ").split("\n- ")
]


def fill_template(name: str, **values: object) -> str:
    """Fill one of the room's templates; every value is escaped."""
    return _environment().get_template(name).render(**values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {"percent": percent, "point": name_point}
    environment.globals |= {
        "version": __version__,
        "caution": _CAUTION,
        "limitations": _LIMITATIONS,
    }
    return environment
