"""A network's raw evidence → maps on one scale, laid over a film of any size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pneumo.domain import Explanation, Verdict

Floats = NDArray[np.float32]


def scale_map(evidence: Floats) -> Floats:
    """Scale a map so that its strongest position, of either sign, is 1 or -1.

    A map that is zero everywhere stays zero. Shape as given.
    """
    peak = float(np.abs(evidence).max())
    return (evidence / peak if peak > 0 else evidence).astype(np.float32)


def resize_map(evidence: Floats, rows: int, columns: int) -> Floats:
    """Interpolate a coarse map over a film, shape (rows, columns), bilinearly."""
    picture = Image.fromarray(np.ascontiguousarray(evidence, dtype=np.float32))
    return np.asarray(picture.resize((columns, rows), Image.Resampling.BILINEAR))


def join_maps(maps: Sequence[Floats], weights: Sequence[float]) -> Floats:
    """Return the weighted mean of scaled maps, on the finest grid among them, scaled again."""
    rows, columns = max(evidence.shape for evidence in maps)
    resized = [
        weight * resize_map(evidence, rows, columns)
        for evidence, weight in zip(maps, weights, strict=True)
    ]
    return scale_map(np.sum(resized, axis=0, dtype=np.float32))


def evidence_for(explanation: Explanation, verdict: Verdict, *, rows: int, columns: int) -> Floats:
    """Lay the evidence for one class over a film.

    Args:
        explanation: one network's map.
        verdict: PNEUMONIA takes the positive evidence, NORMAL the negative one.
        rows: height of the film in pixels.
        columns: width of the film in pixels.

    Returns:
        Shape (rows, columns), float32 in [0, 1]; 1 is the network's strongest evidence of either
        kind, so that a film with little to say for a class has a dim map.
    """
    sign = -1.0 if verdict is Verdict.NORMAL else 1.0
    return np.clip(resize_map(sign * explanation.evidence, rows, columns), 0.0, 1.0)
