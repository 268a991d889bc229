"""The networks' folders → how large each is and how it was made, a row each."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pneumo import ENSEMBLE, EnsemblePlan, ModelError, read_card
from pneumo.networks.cards import WEIGHTS
from pneumo.ui.evidence.cards import UNKNOWN, describe_card

_NUMBERS = ("parameters", "parameters_trained", "weights_bytes")


def tabulate_making(models_dir: Path, plan: EnsemblePlan) -> pd.DataFrame:
    """Return what the cards and the files say of each network, the ensemble last.

    Returns:
        Columns name, parameters, parameters_trained, weights_bytes (each a whole number or
        missing), initialisation, protocol and learned_from (words).
    """
    rows = [_row(models_dir / member.name) for member in plan.members]
    table = pd.DataFrame(rows).astype(dict.fromkeys(_NUMBERS, "Int64"))
    joint = {column: table[column].sum(skipna=False) for column in _NUMBERS}
    together = f"joins the {len(rows)} networks above"
    table.loc[len(table)] = {
        "name": ENSEMBLE,
        **joint,
        **dict.fromkeys(("initialisation", "protocol", "learned_from"), together),
    }
    return table


def _row(folder: Path) -> dict[str, object]:
    try:
        card = read_card(folder)
        facts, counts = describe_card(card), card.get("parameters", {})
        total, trained = counts.get("total"), counts.get("trained")
    except (ModelError, AttributeError, TypeError, ValueError):
        facts, total, trained = {}, None, None
    weights = folder / WEIGHTS
    return {
        "name": folder.name,
        "parameters": total if isinstance(total, int) else None,
        "parameters_trained": trained if isinstance(trained, int) else None,
        "weights_bytes": weights.stat().st_size if weights.is_file() else None,
        "initialisation": facts.get("Started from", UNKNOWN),
        "protocol": facts.get("Training", UNKNOWN),
        "learned_from": facts.get("Learned from", UNKNOWN),
    }
