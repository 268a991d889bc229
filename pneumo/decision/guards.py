"""A models folder and its plan → the gate and the prediction sets that belong to the networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pneumo.decision.conformal import Conformal
from pneumo.decision.gate import Gate
from pneumo.errors import DamagedWeightsError

if TYPE_CHECKING:
    from pneumo.decision.ensemble import EnsemblePlan

_Guard = TypeVar("_Guard", Gate, Conformal)


@dataclass(frozen=True, eq=False)
class Guards:
    """What keeps the networks' word from being taken for more than it is worth.

    Attributes:
        gate: says whether a film is one of theirs; None without one that fits them.
        conformal: says what they cannot rule out; None likewise.
        faults: why one of them is not there although its files are, a sentence each.
    """

    gate: Gate | None = None
    conformal: Conformal | None = None
    faults: tuple[str, ...] = ()

    @classmethod
    def load(cls, models_dir: Path, plan: EnsemblePlan) -> Guards:
        """Read what a models folder has; what is damaged or of other networks is left out.

        A verdict without its guards, and the page saying so, is better than none.
        """
        faults: list[str] = []
        gate = _load_or_note(Gate.load, models_dir, faults)
        conformal = _load_or_note(Conformal.load, models_dir, faults)
        hashes = {member.name: member.weights_sha256 for member in plan.members}
        if gate and hashes.get(gate.network) != gate.weights_sha256:
            gate = None
            faults.append(
                "The gate was fitted to other networks than these. Fit it anew with "
                "`python -m pneumo gate`."
            )
        if conformal and conformal.model_version != plan.version:
            conformal = None
            faults.append(
                "The prediction sets were calibrated for other networks than these. Make them "
                "anew with `python -m pneumo coverage`."
            )
        return cls(gate, conformal, tuple(faults))


def _load_or_note(
    load: Callable[[Path], _Guard | None], models_dir: Path, faults: list[str]
) -> _Guard | None:
    try:
        return load(models_dir)
    except DamagedWeightsError as error:
        faults.append(str(error))
        return None
