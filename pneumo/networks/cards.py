"""A network's `card.json` ⇄ what is known about where the network comes from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pneumo.errors import DamagedWeightsError, MissingWeightsError

CARD = "card.json"


def read_card(folder: Path) -> dict[str, Any]:
    """Read the card of the network in a folder.

    Raises:
        MissingWeightsError: there is none.
        DamagedWeightsError: it is no JSON object.
    """
    path = folder / CARD
    if not path.is_file():
        raise MissingWeightsError(
            f"The card of the network {folder.name} is missing. Restore the folder "
            f"models/{folder.name} from the release."
        )
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DamagedWeightsError(f"The card of the network {folder.name} is no JSON.") from error
    if not isinstance(card, dict):
        raise DamagedWeightsError(f"The card of the network {folder.name} is no JSON object.")
    return card


def write_card(folder: Path, card: dict[str, Any]) -> None:
    """Write a network's card."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CARD).write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
