"""A film with its network's features → whether it is one that the networks were made for.

`models/gate.json` names the network whose features are looked at, the thresholds, and the films
they come from; `models/gate.safetensors` holds the matrices. `pneumo.evidence.gating` fits both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pneumo.decision.conformal import to_records
from pneumo.decision.sight import Lens
from pneumo.decision.thresholds import Thresholds
from pneumo.domain import FilmQuality, PredictionSet
from pneumo.errors import DamagedWeightsError
from pneumo.intake.pixel_quality import Range, find_pixel_concerns, measure_pixels
from pneumo.intake.quality import FilmFile, find_file_concerns
from pneumo.networks.zoo import Tap

GATE_FILE, GATE_ARRAYS = "gate.json", "gate.safetensors"


@dataclass(frozen=True, eq=False)
class Gate:
    """What decides whether a film is read, with where its thresholds come from.

    Attributes:
        network: the network whose features are looked at.
        weights_sha256: that network's hash; of another one the features mean nothing.
        taps: the layers whose summaries make up the features.
        ranges: of `measure_pixels`.
        thresholds: of the learned part.
        lens: the learned part.
        fitted_on: how many films, of which part of the data, seeds and quantiles.
        measured: rates on held-out training films, each with n and a 95% interval.
        version: first 12 digits of the file's SHA-256; it covers the matrices' hash too.
    """

    network: str
    weights_sha256: str
    taps: tuple[Tap, ...]
    ranges: Mapping[str, Range]
    thresholds: Thresholds
    lens: Lens
    fitted_on: Mapping[str, Any]
    measured: Mapping[str, Any]
    version: str = ""

    @classmethod
    def load(cls, models_dir: Path) -> Gate | None:
        """Read the gate of a models folder, None if it has none.

        Raises:
            DamagedWeightsError: its files are cut off or do not belong together.
        """
        path = models_dir / GATE_FILE
        if not path.is_file():
            return None
        from safetensors import SafetensorError
        from safetensors.numpy import load

        try:
            stored, arrays = path.read_bytes(), (models_dir / GATE_ARRAYS).read_bytes()
            content = json.loads(stored)
            if hashlib.sha256(arrays).hexdigest() != content["arrays_sha256"]:
                raise ValueError("other matrices")
            return cls(
                network=content["network"],
                weights_sha256=content["weights_sha256"],
                taps=tuple((str(layer), int(grid)) for layer, grid in content["taps"]),
                ranges={name: Range(**ends) for name, ends in content["ranges"].items()},
                thresholds=Thresholds(**content["thresholds"]),
                # Widened once, not with each film.
                lens=Lens(**{name: a.astype(np.float32) for name, a in load(arrays).items()}),
                fitted_on=content["fitted_on"],
                measured=content["measured"],
                version=_shorten(stored),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, SafetensorError) as error:
            raise DamagedWeightsError(
                f"The files of the gate, {GATE_FILE} and {GATE_ARRAYS}, are missing in part, cut "
                "off or do not belong together. Restore the folder models from the release, or "
                "fit the gate anew with `python -m pneumo gate`."
            ) from error

    def save(self, models_dir: Path) -> str:
        """Write both files, and return the version, which is the first one's hash."""
        from safetensors.numpy import save

        kept = vars(self.lens) | {"project": self.lens.project.astype(np.float16)}
        arrays = save({name: np.ascontiguousarray(a) for name, a in kept.items()})
        content = {
            "network": self.network,
            "weights_sha256": self.weights_sha256,
            "taps": [list(tap) for tap in self.taps],
            "arrays_sha256": hashlib.sha256(arrays).hexdigest(),
            "ranges": {name: asdict(ends) for name, ends in self.ranges.items()},
            "thresholds": asdict(self.thresholds),
            "fitted_on": self.fitted_on,
            "measured": self.measured,
        }
        stored = (json.dumps(content, indent=2) + "\n").encode()
        (models_dir / GATE_ARRAYS).write_bytes(arrays)
        (models_dir / GATE_FILE).write_bytes(stored)
        return _shorten(stored)

    def check(
        self, file: FilmFile, film: NDArray[np.float32], features: NDArray[np.float32]
    ) -> FilmQuality:
        """Judge one film.

        Args:
            file: what is known of it before anybody looks.
            film: the networks' input, shape (224, 224), in [0, 1].
            features: shape (k,), from the same pass as the network's score.
        """
        (sight,) = self.lens.look(features[np.newaxis])
        concerns = [
            *find_file_concerns(file),
            *self.thresholds.judge(sight, in_colour=file.in_colour),
            *find_pixel_concerns(measure_pixels(film), self.ranges),
        ]
        return FilmQuality.of(
            concerns,
            distance=round(sight.distance, 4),
            distance_threshold=self.thresholds.distance_warns,
            gate_version=self.version,
        )


def _shorten(stored: bytes) -> str:
    return hashlib.sha256(stored).hexdigest()[:12]


def read_facts(models_dir: Path) -> dict[str, Any]:
    """Return what `gate.json` says of itself, without the matrices; {} if there is no gate.

    Raises:
        DamagedWeightsError: it is no JSON.
    """
    path = models_dir / GATE_FILE
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise DamagedWeightsError(
            f"The file {GATE_FILE} is cut off or corrupt. Restore the folder models from the "
            "release, or fit the gate anew with `python -m pneumo gate`."
        ) from error


def to_record(quality: FilmQuality | None, sets: Sequence[PredictionSet] = ()) -> dict[str, Any]:
    """Return a film's quality, and what cannot be ruled out, as plain values for JSON.

    Args:
        quality: None if nothing was checked; then the record is empty, or holds the sets alone.
        sets: by coverage; left out if there are none.
    """
    record: dict[str, Any] = {}
    if quality is not None:
        record = asdict(quality) | {
            "usability": str(quality.usability),
            "concerns": [asdict(concern) for concern in quality.concerns],
        }
    return record | {"sets": said} if (said := to_records(sets)) else record
