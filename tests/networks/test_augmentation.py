"""Variants of a film: the same when asked again, and never beyond what was allowed."""

from __future__ import annotations

import numpy as np

from pneumo.networks.augmentation import Augmentation, Variants, augment

STILL = Augmentation(
    rotation_degrees=0,
    shift=0,
    zoom=0,
    stretch=0,
    flip=False,
    brightness=0,
    contrast=0,
    gamma=0,
    blur=0,
    rescale=0,
    recompress=0,
    erase=0,
)


def film(seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (8, 8)).astype(np.uint8)
    return np.kron(coarse, np.ones((8, 8), np.uint8))


def test_no_range_means_no_change() -> None:
    same = augment(film(), np.random.default_rng(1), STILL, side=64)
    np.testing.assert_array_equal(same, film())


def test_the_same_variant_is_the_same_film_in_any_order() -> None:
    films = np.stack([film(seed) for seed in range(4)])
    variants = Variants(films, Augmentation(), seed=3)
    together = variants.batch(np.array([0, 1, 2, 3]), 5, 64)
    alone = variants.batch(np.array([2]), 5, 64)
    np.testing.assert_array_equal(alone[0], together[2])
    assert not np.array_equal(variants.batch(np.array([2]), 6, 64)[0], together[2])


def test_flipping_can_be_switched_off() -> None:
    half = np.zeros((64, 64), np.uint8)
    half[:, 32:] = 200

    def mirrored(flip: bool) -> int:
        how = Augmentation(**{**vars(STILL), "flip": flip})
        variants = [augment(half, np.random.default_rng(s), how, side=64) for s in range(40)]
        return sum(bool(v[:, :32].mean() > v[:, 32:].mean()) for v in variants)

    assert mirrored(flip=False) == 0
    assert 8 <= mirrored(flip=True) <= 32


def test_a_variant_is_shrunk_without_a_shift() -> None:
    small = Variants(film()[np.newaxis], STILL, seed=1).batch(np.array([0]), 0, 8)
    np.testing.assert_allclose(small[0].mean(), film().mean(), atol=2)
