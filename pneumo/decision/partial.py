"""A film that a network failed on → what the other networks say by themselves, and no verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pneumo.domain import Explanation, FilmQuality, MemberScore, Usability
from pneumo.errors import ModelError


@dataclass(frozen=True, eq=False)
class PartAnalysis:
    """What the networks that answered say of one film.

    The joint probability was calibrated for all of them together, so there is none.

    Attributes:
        members: the own scores of those that answered; empty if none did.
        explanations: a heat map of each of them.
        quality: what the gate says of the film; without a `gate_version` if it could not be asked,
            None if there is nothing to guard.
    """

    members: tuple[MemberScore, ...]
    explanations: tuple[Explanation, ...]
    quality: FilmQuality | None

    @property
    def is_worth_showing(self) -> bool:
        """Whether a network answered, and the gate does not refuse the film."""
        is_refused = self.quality is not None and self.quality.usability is Usability.REFUSED
        return bool(self.members) and not is_refused


class NoJointVerdictError(ModelError):
    """One or several networks failed on a film, for the reason given.

    Attributes:
        part: what the others say.
    """

    def __init__(self, failures: Sequence[ModelError], part: PartAnalysis) -> None:
        """Take why each network failed, and what the others say."""
        reasons = " ".join(str(failure) for failure in failures)
        super().__init__(f"There is no joint verdict. {reasons}")
        self.part = part
