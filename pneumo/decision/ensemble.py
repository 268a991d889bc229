"""A film → the networks' joint verdict, as `models/ensemble.json` says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pneumo.decision.calibration import Calibration, to_probability
from pneumo.decision.guards import Guards
from pneumo.decision.operating import BALANCED, decide, lean
from pneumo.decision.partial import NoJointVerdictError, PartAnalysis
from pneumo.decision.turns import Turns
from pneumo.domain import (
    ENSEMBLE,
    Analysis,
    Explanation,
    FilmQuality,
    MemberScore,
    OperatingPoint,
    Prediction,
    PredictionSet,
    Radiograph,
)
from pneumo.errors import DamagedWeightsError, MissingWeightsError, ModelError
from pneumo.intake.quality import FilmFile, find_file_concerns
from pneumo.networks.faults import told_as_model_error
from pneumo.networks.films import squash
from pneumo.networks.serving import Scores, ServedNetwork, load_served_networks
from pneumo.networks.zoo import SIDE

ENSEMBLE_FILE = "ensemble.json"

_FILMS_AT_ONCE = 2
"""Single films that are read at once where several visitors ask: each network has one film at a
time, and what one film no longer needs of the processor the next one takes. Eight visitors then
wait for less than eight films' time."""


@dataclass(frozen=True)
class Member:
    """One network in the ensemble, with what was fitted for it on held-out films."""

    name: str
    title: str
    weights_sha256: str
    weight: float
    calibration: Calibration
    operating_points: tuple[OperatingPoint, ...]

    def find_point(self, name: str) -> OperatingPoint:
        """Return this network's own operating point of that name.

        Raises:
            ModelError: there is none.
        """
        return _find_point(self.operating_points, name)

    def share(self, logit: float) -> float:
        """Return the calibrated probability of pneumonia, in [0, 1], of an uncalibrated logit."""
        return float(to_probability(self.calibration.apply(logit)))


@dataclass(frozen=True)
class EnsemblePlan:
    """What `models/ensemble.json` holds.

    Attributes:
        members: the networks; their weights add up to 1.
        calibration: applied to the weighted mean of the members' calibrated log odds.
        operating_points: rule-out, balanced, rule-in of the ensemble.
        fitted_on: which films all of this was fitted on, and how many.
        version: first 12 digits of the file's SHA-256; it covers the weights' hashes too.
    """

    members: tuple[Member, ...]
    calibration: Calibration
    operating_points: tuple[OperatingPoint, ...]
    fitted_on: Mapping[str, Any]
    version: str

    def find_point(self, name: str) -> OperatingPoint:
        """Return the ensemble's operating point of that name.

        Raises:
            ModelError: there is none.
        """
        return _find_point(self.operating_points, name)

    def mix(self, logits: Mapping[str, Any]) -> NDArray[np.float64]:
        """Return the ensemble's calibrated probability from the members' uncalibrated logits."""
        joint = sum(m.weight * m.calibration.apply(logits[m.name]) for m in self.members)
        return to_probability(self.calibration.apply(np.asarray(joint)))

    def rejudge(self, prediction: Prediction, *, operating_point: str) -> Prediction:
        """Return one of this plan's predictions at another operating point; no network runs.

        Raises:
            ModelError: no operating point has that name.
        """
        shares = {member.name: member.probability for member in prediction.members}
        return _judge(self, prediction.probability, shares, operating_point)


def _find_point(points: Sequence[OperatingPoint], name: str) -> OperatingPoint:
    for point in points:
        if point.name == name:
            return point
    names = ", ".join(point.name for point in points)
    raise ModelError(f"No operating point is called {name!r}. Choose from: {names}.")


def write_plan(plan: EnsemblePlan, models_dir: Path) -> None:
    """Write `ensemble.json`; the plan's own version is left out, since it is the file's hash."""
    content = asdict(plan)
    del content["version"]
    (models_dir / ENSEMBLE_FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def read_plan(models_dir: Path) -> EnsemblePlan:
    """Read `ensemble.json`.

    Raises:
        MissingWeightsError: it is not there.
        DamagedWeightsError: it cannot be read, or is no plan.
    """
    path = models_dir / ENSEMBLE_FILE
    if not path.is_file():
        raise MissingWeightsError(
            f"The file {ENSEMBLE_FILE} is missing from the models folder, so no trained network "
            "can be served. Restore the folder models from the release."
        )
    try:
        stored = path.read_bytes()
        content = json.loads(stored)
        return EnsemblePlan(
            members=tuple(_read_member(member) for member in content["members"]),
            calibration=Calibration(**content["calibration"]),
            operating_points=_read_points(content["operating_points"]),
            fitted_on=content["fitted_on"],
            version=hashlib.sha256(stored).hexdigest()[:12],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedWeightsError(
            f"The file {ENSEMBLE_FILE} is cut off or corrupt, or cannot be read. Restore the "
            "folder models from the release."
        ) from error


def _read_member(content: dict[str, Any]) -> Member:
    return Member(
        **content
        | {
            "calibration": Calibration(**content["calibration"]),
            "operating_points": _read_points(content["operating_points"]),
        }
    )


def _read_points(content: Sequence[dict[str, Any]]) -> tuple[OperatingPoint, ...]:
    return tuple(OperatingPoint(**point | {"band": tuple(point["band"])}) for point in content)


class Ensemble:
    """The shipped networks, loaded and ready to read films from any thread."""

    def __init__(
        self,
        plan: EnsemblePlan,
        networks: Mapping[str, ServedNetwork],
        *,
        guards: Guards | None = None,
    ) -> None:
        """Take a plan, each of its members' served networks by name, and what guards them."""
        self.plan = plan
        self.guards = guards or Guards()
        self._networks = networks
        self._turns = Turns(places=_FILMS_AT_ONCE)

    @classmethod
    def load(cls, models_dir: Path, *, many_films: bool = False) -> Ensemble:
        """Load the plan and every network that it names.

        Args:
            models_dir: the folder of the networks.
            many_films: whether films will come by the hundred, as in an archive, and not one at
                a time, as from visitors. Either way reads both; the other then takes longer to
                begin, or longer for a film.

        Raises:
            ModelError: a file is missing, damaged, or not the one that was calibrated; or the
                machine has no memory or no room for them.
        """
        with told_as_model_error("The networks could not be loaded"):
            plan = read_plan(models_dir)
            guards = Guards.load(models_dir, plan)
            names = [member.name for member in plan.members]
            networks = load_served_networks(
                [models_dir / name for name in names],
                weights_sha256=[member.weights_sha256 for member in plan.members],
                many_films=many_films,
                taps={guards.gate.network: guards.gate.taps} if guards.gate else {},
            )
            return cls(plan, dict(zip(names, networks, strict=True)), guards=guards)

    def warm_up(self) -> None:
        """Read a blank film, so that the first real one does not wait for what is made once."""
        self.score(np.zeros((1, SIDE, SIDE), dtype=np.float32))

    def score(self, films: NDArray[np.float32]) -> dict[str, Scores]:
        """Return each member's scores of films, shape (n, 224, 224), float32 in [0, 1].

        Whoever asks for one film gets all the processor for it, as soon as those before are served
        but the last.

        Raises:
            ModelError: a network failed on them.
        """
        scores, failures = self._ask(films)
        for failure in failures:
            raise failure
        return scores

    def _ask(self, films: NDArray[np.float32]) -> tuple[dict[str, Scores], list[ModelError]]:
        """Return the scores of the members that answer, and why others do not."""
        scores: dict[str, Scores] = {}
        failures = []
        with self._turns.turn() if len(films) == 1 else nullcontext():
            for member in self.plan.members:
                try:
                    scores[member.name] = self._networks[member.name].score(films)
                except ModelError as error:
                    failures.append(error)
        return scores, failures

    def analyze(self, radiograph: Radiograph, *, operating_point: str = BALANCED) -> Analysis:
        """Read one film.

        Args:
            radiograph: the film.
            operating_point: "rule-out", "balanced" or "rule-in".

        Raises:
            NoJointVerdictError: a network failed; it holds what the others say.
            ModelError: no operating point has that name.
        """
        films = squash(radiograph)[np.newaxis]
        scores, failures = self._ask(films)
        if failures:
            (quality,) = self.check([FilmFile.of(radiograph)], films, scores)
            raise NoJointVerdictError(failures, self._hear(scores, quality, operating_point))
        logits = {name: float(score.logit[0]) for name, score in scores.items()}
        prediction = predict(self.plan, logits, operating_point=operating_point)
        (quality,) = self.check([FilmFile.of(radiograph)], films, scores)
        return Analysis(
            prediction=prediction,
            explanations=_explain(self.plan, scores),
            quality=quality,
            sets=self.list_sets(prediction.probability),
        )

    def _hear(
        self, scores: Mapping[str, Scores], quality: FilmQuality, operating_point: str
    ) -> PartAnalysis:
        """Return what the members that answered say of one film."""
        answered = [member for member in self.plan.members if member.name in scores]
        logits = {member.name: float(scores[member.name].logit[0]) for member in answered}
        members = tuple(
            _score_member(member, member.share(logits[member.name]), operating_point)
            for member in answered
        )
        return PartAnalysis(members, _explain_each(answered, scores), quality)

    def check(
        self,
        files: Sequence[FilmFile],
        films: NDArray[np.float32],
        scores: Mapping[str, Scores],
    ) -> list[FilmQuality]:
        """Judge whether films are such as the networks were made for; no network runs.

        Where there is no gate, or its network gave no scores, the files' own words are all that
        is judged by, and the qualities' `gate_version` is empty.

        Args:
            files: what is known of each film, in the order of the rest.
            films: what was scored, shape (n, 224, 224).
            scores: what `score` returned for them.
        """
        gate = self.guards.gate
        found = scores.get(gate.network) if gate else None
        features = found.features if found else None
        if gate is None or features is None:
            return [FilmQuality.of(find_file_concerns(file)) for file in files]
        return [gate.check(*given) for given in zip(files, films, features, strict=True)]

    def list_sets(self, probability: float) -> tuple[PredictionSet, ...]:
        """Return the classes that a calibrated probability cannot rule out, by coverage."""
        conformal = self.guards.conformal
        return conformal.list_sets(probability) if conformal else ()


def predict(
    plan: EnsemblePlan, logits: Mapping[str, float], *, operating_point: str = BALANCED
) -> Prediction:
    """Return the joint verdict on one film from its members' uncalibrated logits."""
    shares = {member.name: member.share(logits[member.name]) for member in plan.members}
    return _judge(plan, float(plan.mix(logits)), shares, operating_point)


def _judge(
    plan: EnsemblePlan, probability: float, shares: Mapping[str, float], operating_point: str
) -> Prediction:
    """Put calibrated probabilities, the joint one and each member's, to an operating point."""
    point = plan.find_point(operating_point)
    members = tuple(
        _score_member(member, shares[member.name], operating_point) for member in plan.members
    )
    return Prediction(
        verdict=decide(probability, point),
        leaning=lean(probability, point),
        probability=probability,
        members=members,
        spread=max(shares.values()) - min(shares.values()),
        split_vote=len({member.verdict for member in members}) > 1,
        operating_point=point,
        model_version=plan.version,
    )


def _score_member(member: Member, share: float, operating_point: str) -> MemberScore:
    verdict = lean(share, member.find_point(operating_point))
    return MemberScore(member.name, member.title, share, verdict)


def _explain(plan: EnsemblePlan, scores: Mapping[str, Scores]) -> tuple[Explanation, ...]:
    """Scale each member's map to [-1, 1], and join them as the ensemble joins the scores."""
    from pneumo.networks.explanation import join_maps

    each = _explain_each(plan.members, scores)
    joint = join_maps([one.evidence for one in each], [m.weight for m in plan.members])
    return (Explanation(ENSEMBLE, "Ensemble", joint), *each)


def _explain_each(
    members: Sequence[Member], scores: Mapping[str, Scores]
) -> tuple[Explanation, ...]:
    from pneumo.networks.explanation import scale_map

    return tuple(
        Explanation(m.name, m.title, scale_map(scores[m.name].evidence[0])) for m in members
    )
