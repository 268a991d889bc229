"""A network's folder → what can be said of it without loading it: its card and its hash."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pneumo.errors import DamagedWeightsError, MissingWeightsError

ARCHITECTURE, WEIGHTS, CARD = "architecture.json", "weights.safetensors", "card.json"


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


def hash_network(folder: Path) -> str:
    """Return the SHA-256 of a network's architecture and weights together, hexadecimal.

    Raises:
        MissingWeightsError: a file is not there.
    """
    digest = hashlib.sha256()
    for name in (ARCHITECTURE, WEIGHTS):
        path = folder / name
        if not path.is_file():
            raise MissingWeightsError(
                f"The file {name} of the network {folder.name} is missing. Restore the folder "
                f"models/{folder.name} from the release, or train it with `python -m pneumo train`."
            )
        with path.open("rb") as file:  # Piece by piece: the weights fill as much memory again.
            hashlib.file_digest(file, lambda: digest)
    return digest.hexdigest()
