"""A film → the networks' joint verdict, as `models/ensemble.json` says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from pneumo.decision.calibration import Calibration, to_probability
from pneumo.decision.conformal import Conformal
from pneumo.decision.gate import Gate
from pneumo.decision.operating import BALANCED, decide, lean
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
from pneumo.networks.films import squash
from pneumo.networks.serving import Scores, ServedNetwork, load_served_networks
from pneumo.networks.zoo import SIDE

ENSEMBLE_FILE = "ensemble.json"

_FILMS_AT_ONCE = 2
"""Single films that are read at once where several visitors ask: each network has one film at a
time, and what one film no longer needs of the processor the next one takes. Eight visitors then
wait for less than eight films' time."""

_Guard = TypeVar("_Guard", Gate, Conformal)


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
        DamagedWeightsError: it is no plan.
    """
    path = models_dir / ENSEMBLE_FILE
    if not path.is_file():
        raise MissingWeightsError(
            f"The file {ENSEMBLE_FILE} is missing from the models folder, so no trained network "
            "can be served. Restore the folder models from the release."
        )
    stored = path.read_bytes()
    try:
        content = json.loads(stored)
        return EnsemblePlan(
            members=tuple(_read_member(member) for member in content["members"]),
            calibration=Calibration(**content["calibration"]),
            operating_points=_read_points(content["operating_points"]),
            fitted_on=content["fitted_on"],
            version=hashlib.sha256(stored).hexdigest()[:12],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedWeightsError(
            f"The file {ENSEMBLE_FILE} is cut off or corrupt. Restore the folder models from the "
            "release."
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
            ModelError: a file is missing, damaged, or not the one that was calibrated.
        """
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
        """
        if len(films) == 1:
            with self._turns.turn():
                return self._ask(films)
        return self._ask(films)

    def _ask(self, films: NDArray[np.float32]) -> dict[str, Scores]:
        return {
            member.name: self._networks[member.name].score(films) for member in self.plan.members
        }

    def analyze(self, radiograph: Radiograph, *, operating_point: str = BALANCED) -> Analysis:
        """Read one film.

        Args:
            radiograph: the film.
            operating_point: "rule-out", "balanced" or "rule-in".

        Raises:
            ModelError: no operating point has that name.
        """
        films = squash(radiograph)[np.newaxis]
        scores = self.score(films)
        logits = {name: float(score.logit[0]) for name, score in scores.items()}
        prediction = predict(self.plan, logits, operating_point=operating_point)
        (quality,) = self.check([FilmFile.of(radiograph)], films, scores)
        return Analysis(
            prediction=prediction,
            explanations=_explain(self.plan, scores),
            quality=quality,
            sets=self.list_sets(prediction.probability),
        )

    def check(
        self,
        files: Sequence[FilmFile],
        films: NDArray[np.float32],
        scores: Mapping[str, Scores],
    ) -> list[FilmQuality]:
        """Judge whether films are such as the networks were made for; no network runs.

        Where there is no gate, the files' own words are all that is judged by, and the
        qualities' `gate_version` is empty.

        Args:
            files: what is known of each film, in the order of the rest.
            films: what was scored, shape (n, 224, 224).
            scores: what `score` returned for them.
        """
        gate = self.guards.gate
        features = scores[gate.network].features if gate else None
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
    shares = {
        member.name: float(to_probability(member.calibration.apply(logits[member.name])))
        for member in plan.members
    }
    return _judge(plan, float(plan.mix(logits)), shares, operating_point)


def _judge(
    plan: EnsemblePlan, probability: float, shares: Mapping[str, float], operating_point: str
) -> Prediction:
    """Put calibrated probabilities, the joint one and each member's, to an operating point."""
    point = plan.find_point(operating_point)
    members = tuple(
        MemberScore(
            member.name,
            member.title,
            shares[member.name],
            lean(shares[member.name], member.find_point(operating_point)),
        )
        for member in plan.members
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


def _explain(plan: EnsemblePlan, scores: Mapping[str, Scores]) -> tuple[Explanation, ...]:
    """Scale each member's map to [-1, 1], and join them as the ensemble joins the scores."""
    from pneumo.networks.explanation import join_maps, scale_map

    maps = {name: scale_map(score.evidence[0]) for name, score in scores.items()}
    joint = join_maps([maps[m.name] for m in plan.members], [m.weight for m in plan.members])
    return (
        Explanation(ENSEMBLE, "Ensemble", joint),
        *(Explanation(m.name, m.title, maps[m.name]) for m in plan.members),
    )
