"""The second opinions of a case → the lines that a report has for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pneumo.casebook.records import CaseOpinion
from pneumo.casebook.reporting.text import Fit, Paragraph, Passage, Setter, beyond, say_cut
from pneumo.opinion.result import OpinionResult
from pneumo.wording import say_opinion, say_place


@dataclass(frozen=True)
class OpinionLines:
    """The second opinion: what it is, what it says, and what else is to be known of it."""

    label: Paragraph
    verdict: str
    summary: str
    impression: Passage
    findings: tuple[tuple[Paragraph, str], ...]
    asides: tuple[tuple[str, Passage], ...]


def compose_opinion(
    opinions: Sequence[CaseOpinion], fit: Fit, setter: Setter
) -> tuple[OpinionLines | None, list[str]]:
    """Return the last blind opinion's lines, None without one, and what of it is left out."""
    blind = [said.result for said in opinions if not said.informed and said.result.opinion]
    if not blind or (opinion := blind[-1].opinion) is None:
        return None, []
    impression = setter.set_passage(opinion.impression, most=fit.prose)
    adequacy = "" if opinion.image_adequate == "yes" else opinion.adequacy_reason
    asides = [
        (f"Film good enough: {opinion.image_adequate}", adequacy),
        ("What it could not judge", opinion.limitations),
        *_say_informed(opinions),
    ]
    set_asides = tuple(
        (label, setter.set_passage(text, most=fit.aside)) for label, text in asides if text
    )
    lines = OpinionLines(
        label=setter.set_line(_label_opinion(blind[-1], fit, setter)),
        verdict=opinion.verdict,
        summary=say_opinion(opinion),
        impression=impression,
        findings=tuple(
            (
                setter.set_line(found.name, most=fit.finding),
                f"{say_place(found)}, {found.certainty}",
            )
            for found in opinion.findings[: fit.rows]
        ),
        asides=set_asides,
    )
    return lines, [
        *say_cut("the impression", impression.left_out, "letters"),
        *say_cut("the findings", beyond(opinion.findings, fit.rows)),
        *say_cut("the opinion's asides", sum(p.left_out for _, p in set_asides), "letters"),
    ]


def _label_opinion(result: OpinionResult, fit: Fit, setter: Setter) -> str:
    model = setter.set_line(result.model, most=fit.line).text
    prompt = f"{result.prompt_name} {result.prompt_version}"
    return f"Second opinion by a language model, {model}, prompt {prompt}: not a radiologist"


def _say_informed(opinions: Sequence[CaseOpinion]) -> list[tuple[str, str]]:
    informed = [said.result.opinion for said in opinions if said.informed and said.result.opinion]
    if not informed or (last := informed[-1]) is None:
        return []
    return [("Read again, with the networks' scores before it", f"{last.verdict}. {last.changes}")]


def say_silence(opinions: Sequence[CaseOpinion]) -> str:
    """Say why there is no second opinion."""
    if not opinions:
        return "No language model was asked about this film."
    problem = opinions[-1].result.problem
    why = f" ({problem.title.lower().rstrip('.')})" if problem else ""
    return f"A language model was asked and gave no opinion that can be used{why}."
