"""A generator and a view → how much of a body that chance has built each ray passes."""

from __future__ import annotations

import numpy as np

from pneumo.networks.decoys.rays import Field, Passage, Vector, View, cross, splat
from pneumo.networks.decoys.textures import SIDE, filtered

_Block = tuple[tuple[float, ...], tuple[float, ...], float]


def project_trunk(rng: np.random.Generator, view: View) -> Field:
    """Return how much each ray is weakened by a trunk that chance has built, shape (224, 224)."""
    wide, deep = rng.uniform(0.34, 0.44), rng.uniform(0.24, 0.38)
    trunk = cross(view, (0, 0, 0.25), (wide, deep, rng.uniform(1.0, 1.6)), rng.normal(0, 0.04))
    path = trunk.length()
    for side in (-1, 1):
        for centre, size, lean in _list_limbs(rng, side, wide, deep):
            limb = cross(view, centre, size, lean)
            path = path + limb.length() - limb.within(trunk).length()
    neck = cross(view, (0, -0.02, -0.62), (0.15, 0.15, rng.uniform(0.25, 0.4)), -0.1)
    path = path + neck.length() - neck.within(trunk).length()
    path = path - rng.uniform(0.6, 0.85) * _breathe(rng, view, wide, deep)
    path = path - _fill_with_gas(rng, view, wide, deep)
    bones = rng.uniform(0.2, 1.1) * (_stack(rng, view, deep) + _cage(rng, view, wide, deep))
    return np.maximum(path + bones, 0)


def project_head(rng: np.random.Generator, view: View) -> Field:
    """Return how much each ray is weakened by a head, likewise, with the neck on which it sits."""
    wide, deep, high = rng.uniform(0.26, 0.34), rng.uniform(0.33, 0.42), rng.uniform(0.28, 0.36)
    shell, tilt = rng.uniform(0.88, 0.95), rng.normal(0, 0.15)
    place = (0.0, 0.0, -0.12)
    skull = cross(view, place, (wide, deep, high), tilt)
    brain = cross(view, place, (shell * wide, shell * deep, shell * high), tilt)
    face = cross(view, (0, 0.4 * deep, 0.15), (0.7 * wide, 0.55 * deep, 0.3), 0.3)
    neck = cross(view, (0, -0.1, 0.5), (0.13, 0.14, 0.5), rng.normal(0.1, 0.1))
    path = skull.length() + face.length() - face.within(skull).length()
    path = path + neck.length() - neck.within(skull).length()
    path = path + rng.uniform(0.8, 2.5) * (skull.length() - brain.length())
    for side in (-1, 1):
        # An eye, the cavity in the cheek below it, and half of the nose.
        for x, y, z, reach in (
            (0.4, 0.75, -0.02, 0.09),
            (0.35, 0.7, 0.13, 0.08),
            (0, 0.8, 0.1, 0.05),
        ):
            hole = cross(view, (side * x * wide, y * deep, z), (reach, reach, reach), 0.0)
            path = path - rng.uniform(0.4, 0.9) * hole.length()
    around = np.linspace(-1.3, 1.3, 200)
    arch = np.stack([0.6 * wide * np.sin(around), deep * (0.25 + 0.65 * np.cos(around))], axis=1)
    for z, weight in ((0.22, 1.0), (0.26, 1.0), (0.36, 1.5), (0.39, 1.5)):
        bone = np.column_stack([arch, np.full(len(arch), z) + 0.03 * np.cos(around * 20)])
        path = path + 0.03 * splat(view, bone, np.full(len(bone), weight), 2.5 / view.size)
    _, down = view.place()
    for z in np.arange(0.3, 1.0, step := rng.uniform(0.07, 0.1)):
        block = cross(view, (0, -0.12, z), (0.07, 0.06, 0.12), 0.0).length()
        path = path + 0.8 * block * (np.abs(down - z) < 0.4 * step)
    return np.maximum(path * (1 + 0.05 * filtered(rng, rng.uniform(1.0, 1.8))), 0)


def _list_limbs(rng: np.random.Generator, side: int, wide: float, deep: float) -> list[_Block]:
    """Return a shoulder and a raised arm with its bone: centre, size and lean of each."""
    lean = rng.uniform(-1.3, 0.3)
    out, front, top = side * wide * 0.9, rng.uniform(-0.05, 0.2), rng.uniform(-0.65, -0.4)
    thick, shoulder = rng.uniform(0.04, 0.1), rng.uniform(0.3, 0.7) * deep
    return [
        ((out, -0.02, rng.uniform(-0.46, -0.36)), (0.1, shoulder, rng.uniform(0.1, 0.2)), 0.3),
        ((out, front, top), (thick, thick, 0.35), lean),
        ((out, front, top), (0.02, 0.02, 0.3), lean),
    ]


def _breathe(rng: np.random.Generator, view: View, wide: float, deep: float) -> Field:
    """Return how much air the rays pass: both lungs without heart and domes, and the windpipe."""
    lean, top = rng.uniform(0.0, 0.3), rng.uniform(0.3, 0.4)
    heart = cross(
        view,
        (rng.uniform(0.02, 0.08), rng.uniform(0.2, 0.5) * deep, rng.uniform(0.08, 0.18)),
        (rng.uniform(0.1, 0.16), rng.uniform(0.4, 0.55) * deep, rng.uniform(0.1, 0.17)),
        rng.uniform(-0.4, 0.8),
    )
    air = cross(view, (0, -0.1 * deep, -0.4), (0.02, 0.02, 0.3), 0.15).length()
    for side in (-1, 1):
        lung = cross(
            view,
            (side * 0.49 * wide, 0, rng.uniform(-0.02, 0.04)),
            (0.4 * wide, rng.uniform(0.74, 0.86) * deep, top),
            lean,
        )
        dome = cross(
            view,
            (side * 0.45 * wide, rng.uniform(0, 0.15), rng.uniform(0.46, 0.54)),
            (0.6 * wide, rng.uniform(0.9, 1.3) * deep, rng.uniform(0.26, 0.34)),
            0.0,
        )
        full = lung.length() - lung.within(heart).length() - lung.within(dome).length()
        hilum = np.array([side * 0.15 * wide, -0.1 * deep, 0.0])
        air = air + np.maximum(full - _branch(rng, view, hilum, lung), 0)
    return np.asarray(air * (1 + 0.08 * filtered(rng, rng.uniform(1.0, 1.8))))


def _branch(rng: np.random.Generator, view: View, hilum: Vector, lung: Passage) -> Field:
    """Return the vessels that spread from where they enter a lung."""
    steps = np.linspace(0.12, 1, 70)[:, np.newaxis]
    ends = rng.normal(0, 1, (24, 3)) * [0.12, 0.14, 0.2]
    bends = rng.normal(0, 0.04, (24, 3))
    paths = [hilum + steps * end + steps**2 * bend for end, bend in zip(ends, bends, strict=True)]
    weights = np.tile(1.2 - steps[:, 0], len(paths))
    seen = splat(view, np.concatenate(paths), weights, rng.uniform(0.8, 1.6))
    return np.asarray(np.where(lung.length() > 0, rng.uniform(0.005, 0.02) * seen, 0.0))


def _fill_with_gas(rng: np.random.Generator, view: View, wide: float, deep: float) -> Field:
    """Return the gas of stomach and bowels."""
    gas = np.zeros((SIDE, SIDE))
    for _ in range(int(rng.integers(2, 16))):
        centre = rng.uniform((-0.7 * wide, -0.2 * deep, 0.4), (0.7 * wide, 0.7 * deep, 1.1))
        bubble = cross(view, tuple(centre), tuple(rng.uniform(0.02, 0.08, 3)), rng.uniform(-1, 1))
        gas = gas + rng.uniform(0.4, 0.9) * bubble.length()
    return gas


def _stack(rng: np.random.Generator, view: View, deep: float) -> Field:
    """Return the spine with its spinous processes, the breast bone, shoulder blades and hips."""
    step, bend = rng.uniform(0.06, 0.085), rng.uniform(0.01, 0.05)
    _, down = view.place()
    spine = np.zeros((SIDE, SIDE))
    blocks: list[_Block] = []
    for height in np.arange(-0.8, 1.05, step):
        back = -0.62 * deep - bend * (np.cos(2.2 * height) - 0.5)
        block = cross(view, (0, back, height), (0.048, 0.044, 0.1), 0.0).length()
        spine += block * (np.abs(down - height) < 0.4 * step)
        blocks.append(((0, back - 0.2 * deep, height + 0.02), (0.008, 0.12 * deep, 0.018), 0.3))
    blocks.append(((0, 0.85 * deep, -0.05), (0.035, 0.012, 0.19), 0.12))
    for side in (-1, 1):
        blocks.append(((side * 0.24, -0.85 * deep, -0.22), (0.1, 0.008, 0.13), -0.1))
        blocks.append(((side * 0.2, -0.2 * deep, 0.98), (0.14, 0.04, 0.13), 0.5))
        blocks.append(((side * 0.25, 0.0, 1.14), (0.055, 0.055, 0.055), 0.0))
    return np.asarray(spine + sum(cross(view, *block).length() for block in blocks))


def _cage(rng: np.random.Generator, view: View, wide: float, deep: float) -> Field:
    """Return the ribs and collar bones."""
    slope, paths = rng.uniform(0.12, 0.28), []
    around = np.linspace(0, rng.uniform(2.2, 2.7), 220)
    for number, height in enumerate(np.linspace(-0.42, 0.3, 12)):
        open_ = min(1.0, 0.45 + 0.12 * number) * 0.9
        for side in (-1, 1):
            across = side * wide * open_ * np.sin(around)
            front = -deep * open_ * np.cos(around) * 0.95
            paths.append(
                np.stack([across, front, height + slope * (1 - np.cos(around)) / 2], axis=1)
            )
    for side in (-1, 1):
        along = np.linspace(0, 1, 220)
        collar = [side * wide * 0.85 * along, 0.7 * deep - 0.5 * deep * along, -0.36 - 0.05 * along]
        paths.append(np.stack(collar, axis=1))
    points = np.concatenate(paths)
    return 0.02 * splat(view, points, np.ones(len(points)), rng.uniform(1.2, 2.4) / view.size)
