"""A case → the versions, hashes and times at the foot of its report."""

from __future__ import annotations

from datetime import datetime

from pneumo import __version__
from pneumo.casebook.records import Case, CasePrediction
from pneumo.casebook.reporting.text import Fit, Setter, say_moment
from pneumo.wording import name_point, percent


def trace(case: Case, setter: Setter, made_at: datetime, fit: Fit) -> list[tuple[str, str]]:
    """Return names and values that a report can be traced by, in order.

    Args:
        case: saved or not.
        setter: sets whatever is not our own words.
        made_at: the report's time, UTC.
        fit: how much of it is printed.
    """
    film, latest = case.film, case.latest
    point = latest.prediction.operating_point
    pairs = [
        ("Case", case.id),
        ("Film, SHA-256 of its pixels", film.fingerprint),
        *((("Film as it was chosen, SHA-256", film.chosen_fingerprint),) if film.mends else ()),
        ("Film", f"{film.columns:,} by {film.rows:,} pixels, {film.encoding}"),
        ("Model version", latest.prediction.model_version),
        (
            "Operating point",
            f"{name_point(point.name)}: PNEUMONIA from {percent(point.threshold)}, chosen on "
            f"{point.n:,} validation films",
        ),
        ("Read by the networks", say_moment(latest.read_at)),
    ]
    if gate := latest.quality.get("gate_version"):
        pairs.append(("Gate version", str(gate) + say_distance(latest)))
    if result := case.opinion or (case.opinions[-1].result if case.opinions else None):
        pairs += [
            (
                "Language model",
                setter.set_line(f"{result.model} at {result.host}", most=fit.line).text,
            ),
            ("Prompt", f"{result.prompt_name} {result.prompt_version}"),
            ("Prompt, SHA-256", result.prompt_hash),
        ]
        if result.asked_at:
            pairs.append(("Language model asked", say_moment(result.asked_at)))
    return [
        *pairs,
        ("Case begun, changed", f"{say_moment(case.created_at)}, {say_moment(case.updated_at)}"),
        ("Software", f"Pneumo {__version__}"),
        ("Report made", say_moment(made_at)),
    ]


def say_distance(said: CasePrediction) -> str:
    """Say how unlike the training films the gate found a film; empty if it did not measure that."""
    distance, most = (said.quality.get(key) for key in ("distance", "distance_threshold"))
    if distance is None or most is None:
        return ""
    return f"; distance from the training films {distance:.2f}, warned about from {most:.2f}"
