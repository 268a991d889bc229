"""Every kind of decoy by name: those drawn from nothing, and those made from a film."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pneumo.networks.decoys import bodies, drawings, projections, spoiled, textures
from pneumo.networks.decoys.textures import Picture

DRAWN: dict[str, Callable[[np.random.Generator], Picture]] = {
    draw.__name__.removeprefix("draw_"): draw
    for draw in (
        textures.draw_clouds,
        textures.draw_marble,
        textures.draw_leaves,
        textures.draw_light,
        drawings.draw_window,
        drawings.draw_page,
        drawings.draw_plot,
        drawings.draw_lines,
        drawings.draw_sign,
        bodies.draw_slice,
        bodies.draw_brain,
        bodies.draw_bones,
        bodies.draw_hand,
        projections.draw_side_view,
        projections.draw_oblique,
        projections.draw_belly,
        projections.draw_head,
        bodies.draw_column,
        bodies.draw_pelvis,
        bodies.draw_fan,
        bodies.draw_breast,
    )
}
"""Kinds that need no film."""

SPOILED: dict[str, Callable[[Picture, np.random.Generator], Picture]] = {
    spoil.__name__: spoil
    for spoil in (
        spoiled.enlarge,
        spoiled.enlarge_middle,
        spoiled.keep_a_side,
        spoiled.keep_an_end,
        spoiled.shuffle,
        spoiled.scramble,
        spoiled.swirl,
        spoiled.lay_beside,
        spoiled.look_through,
    )
}
"""Kinds that are made from a film, shape (224, 224), float32 in [0, 1]."""


def draw_decoy(kind: str, film: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw one decoy.

    Args:
        kind: a key of DRAWN or SPOILED.
        film: shape (224, 224), uint8; only SPOILED kinds look at it.
        rng: where all chance comes from.

    Returns:
        Shape (224, 224), uint8; a third of them inverted, as films are on some screens.
    """
    if kind in DRAWN:
        picture = DRAWN[kind](rng)
    else:
        picture = SPOILED[kind](film.astype(np.float32) / np.float32(255), rng)
    if rng.random() < 0.33:
        picture = 1 - picture
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
