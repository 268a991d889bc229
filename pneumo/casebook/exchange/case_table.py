"""Cases → one CSV table, one row a case, that is safe to open in a spreadsheet.

A share such as a probability lies in [0, 1], as its column's name says; times are ISO 8601, UTC.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pneumo.casebook.records import Case, Damaged, Read
from pneumo.opinion.result import OpinionResult
from pneumo.spreadsheet import guard

_ERROR = "error"


def tabulate_cases(cases: Iterable[Case | Damaged]) -> list[dict[str, Any]]:
    """Return a row a case: names in snake_case → numbers, texts, or None for what is not known.

    Rows of cases with other networks have other columns `member_<name>_probability_0_to_1`. That
    of a case which cannot be read holds nothing but its id and the `error`.
    """
    return [
        {"case_id": case.case_id, _ERROR: case.reason}
        if isinstance(case, Damaged)
        else _describe(case)
        for case in cases
    ]


def write_table(rows: Iterable[dict[str, Any]]) -> bytes:
    """Return rows as CSV in UTF-8 with the mark that spreadsheets know it by.

    Columns are all that any row has, in the order they come, errors last; what a row lacks is
    empty.
    """
    kept = list(rows)
    names = sorted(_order_names(kept), key=lambda name: name == _ERROR)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, restval="")
    writer.writeheader()
    writer.writerows({name: guard(cell) for name, cell in row.items()} for row in kept)
    return out.getvalue().encode("utf-8-sig")


def say_time(moment: datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC, to the millisecond; None for none.

    >>> say_time(datetime(2026, 11, 23, 14, 5, tzinfo=UTC))
    '2026-11-23T14:05:00.000Z'
    """
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _order_names(rows: list[dict[str, Any]]) -> list[str]:
    """Return every column's name, each network's beside those of the others."""
    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(row))
    members = [name for name in names if name.startswith("member_")]
    if not members:
        return list(names)
    place = list(names).index(members[0])
    others = [name for name in names if not name.startswith("member_")]
    return [*others[:place], *members, *others[place:]]


def _describe(case: Case) -> dict[str, Any]:
    return {
        "case_id": case.id,
        "title": case.title,
        "created_at_utc": say_time(case.created_at),
        "updated_at_utc": say_time(case.updated_at),
        **_describe_film(case),
        **_describe_networks(case),
        **_describe_opinion(case),
        **_describe_reads(case),
        "conflicts": "; ".join(case.conflicts),
        **_describe_reference(case),
        "tags": "; ".join(case.tags),
        "note": case.note,
    }


def _describe_film(case: Case) -> dict[str, Any]:
    film = case.film
    return {
        "film_sha256": film.fingerprint,
        "film_height_px": film.rows,
        "film_width_px": film.columns,
        "film_source": film.source,
        "film_encoding": film.encoding,
        "film_is_synthetic": film.synthetic,
        "film_is_kept": case.has_film,
        "film_mends": "; ".join(film.mends),
        "film_sha256_as_chosen": film.chosen_fingerprint,
    }


def _describe_networks(case: Case) -> dict[str, Any]:
    """Describe what the networks said last."""
    latest = case.latest
    prediction, point = latest.prediction, latest.prediction.operating_point
    return {
        "networks_read_at_utc": say_time(latest.read_at),
        "networks_readings": len(case.predictions),
        "networks_verdict": str(prediction.verdict),
        "mark": "; ".join(case.marks),
        "networks_leaning": str(prediction.leaning),
        "networks_probability_0_to_1": prediction.probability,
        "operating_point": point.name,
        "threshold_0_to_1": point.threshold,
        "model_version": prediction.model_version,
        **{
            f"member_{member.name}_probability_0_to_1": member.probability
            for member in prediction.members
        },
        "networks_spread_0_to_1": prediction.spread,
        "networks_split_vote": prediction.split_vote,
        "film_usability": latest.quality.get("usability"),
        "gate_version": latest.quality.get("gate_version"),
        "gate_distance": latest.quality.get("distance"),
        "gate_distance_threshold": latest.quality.get("distance_threshold"),
        "gate_reasons": " ".join(latest.concerns),
    }


def _describe_opinion(case: Case) -> dict[str, Any]:
    """Describe the last blind opinion that is one."""
    result: OpinionResult | None = case.opinion
    opinion = result.opinion if result else None
    return {
        "opinions": len(case.opinions),
        "opinion_verdict": str(opinion.verdict) if opinion else None,
        "opinion_certainty": opinion.certainty if opinion else None,
        "opinion_impression": opinion.impression if opinion else None,
        "opinion_provider": result.provider if result else None,
        "opinion_model": result.model if result else None,
        "opinion_prompt": f"{result.prompt_name} {result.prompt_version}" if result else None,
        "opinion_prompt_sha256": result.prompt_hash if result else None,
        "opinion_asked_at_utc": result.asked_at if result else None,
    }


def _describe_reads(case: Case) -> dict[str, Any]:
    first, last = (case.reads[0], case.reads[-1]) if case.reads else (None, None)
    return {
        "reads": len(case.reads),
        **_describe_read("first_read", first),
        **_describe_read("last_read", last),
    }


def _describe_read(name: str, read: Read | None) -> dict[str, Any]:
    return {
        f"{name}_verdict": str(read.verdict) if read else None,
        f"{name}_certainty": read.certainty if read else None,
        f"{name}_side": read.side if read else None,
        f"{name}_zone": read.zone if read else None,
        f"{name}_stage": str(read.stage) if read else None,
        f"{name}_cause": str(read.cause) if read and read.cause else None,
        f"{name}_seconds": read.seconds if read else None,
        f"{name}_at_utc": say_time(read.read_at) if read else None,
    }


def _describe_reference(case: Case) -> dict[str, Any]:
    reference = case.reference
    return {
        "reference_verdict": str(reference.verdict) if reference else None,
        "reference_source": reference.source if reference else None,
        "resolved_at_utc": say_time(reference.resolved_at) if reference else None,
    }
