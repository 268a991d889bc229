"""A radiograph → the reasons, if any, to doubt that the networks were made for it.

Only what the file itself says is looked at: modality, view and size.
"""

from __future__ import annotations

from pneumo.domain import Radiograph

# DICOM PS3.3 C.7.3.1.1.1: projection radiography; OT is what scanned films often carry.
_PROJECTION = frozenset({"CR", "DX", "RG", "OT", "SC"})
_LATERAL = frozenset({"LL", "RL", "LLD", "RLD", "LLO", "RLO"})
_SIDE = 224


def find_doubts(radiograph: Radiograph) -> tuple[str, ...]:
    """Return one sentence for each reason to distrust a score of this film; empty if none."""
    doubts = []
    if radiograph.modality is not None and radiograph.modality not in _PROJECTION:
        doubts.append(
            f"The file says modality {radiograph.modality}; the networks know plain films only."
        )
    if radiograph.view in _LATERAL:
        doubts.append(
            f"The file says view {radiograph.view}; the networks know frontal films only."
        )
    if min(radiograph.rows, radiograph.columns) < _SIDE:
        doubts.append(
            f"The film has {radiograph.columns} x {radiograph.rows} pixels; the networks know "
            f"films of at least {_SIDE} pixels a side only."
        )
    return tuple(doubts)
