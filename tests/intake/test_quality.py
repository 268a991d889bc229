"""What a file itself says against a score of its film."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pneumo.domain import Radiograph
from pneumo.intake.quality import find_doubts

FRONTAL = Radiograph(
    np.zeros((300, 400), np.float32), "dicom", "DICOM, uncompressed", 12, view="AP", modality="DX"
)


def test_a_frontal_film_raises_no_doubt() -> None:
    assert find_doubts(FRONTAL) == ()
    assert find_doubts(replace(FRONTAL, view=None, modality=None)) == ()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"modality": "CT"}, "modality CT"),
        ({"view": "LL"}, "view LL"),
        ({"pixels": np.zeros((200, 400), np.float32)}, "400 x 200"),
    ],
)
def test_each_doubt_says_what_was_found(change: dict, word: str) -> None:
    (doubt,) = find_doubts(replace(FRONTAL, **change))
    assert word in doubt
