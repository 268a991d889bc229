"""What a second reader said, and what became of it → the plain words of the page.

Nothing that a model wrote goes into these words: it is shown apart, as plain text.
"""

from __future__ import annotations

from collections.abc import Sequence

from pneumo.domain import Finding
from pneumo.opinion.agreement import Concord, ConcordRecord
from pneumo.opinion.endpoint import Endpoint
from pneumo.opinion.locations import regions_of
from pneumo.opinion.overlap import Overlap
from pneumo.opinion.providers import PROVIDERS, Provider, is_loopback
from pneumo.opinion.repeats import Spread
from pneumo.opinion.result import OpinionResult
from pneumo.ui.evidence.estimates import say_interval, say_number
from pneumo.ui.wording import join_names, name_split
from pneumo.wording import say_opinion, say_place

__all__ = [
    "CAVEAT",
    "DECLINED",
    "SILENT",
    "STATES",
    "UNDECIDED",
    "list_facts",
    "say_numbers",
    "say_opinion",
    "say_overlap",
    "say_place",
    "say_receiver",
    "say_record",
    "say_spread",
    "say_undrawn",
    "say_unmeasured",
    "say_what_to_set",
]

CAVEAT = (
    "A language model sounds sure even where it is wrong. It is a second reader for teaching, and "
    "never changes the networks' verdict."
)

STATES = {
    Concord.BOTH_POSITIVE: ("Both say PNEUMONIA", "The networks and the language model agree."),
    Concord.BOTH_NEGATIVE: (
        "Both say NORMAL",
        "The networks and the language model agree. Two readers can miss the same thing.",
    ),
    Concord.NETWORKS_ONLY: (
        "Only the networks say PNEUMONIA",
        "The language model says NORMAL. One of them is wrong: look at this film with particular "
        "care.",
    ),
    Concord.MODEL_ONLY: (
        "Only the language model says PNEUMONIA",
        "The networks say NORMAL. One of them is wrong: look at this film with particular care.",
    ),
}
"""Title and sentence of the four states in which both sides took a side."""

UNDECIDED = (
    "The language model takes no side",
    "It calls the film INDETERMINATE, so there is nothing to agree or to disagree with.",
)
DECLINED = (
    "The language model declined to read this film",
    "A refusal says nothing about the film, so there is nothing to agree or to disagree with.",
)
SILENT = (
    "No second opinion on this film",
    "The language model gave no answer that can be used, so there is nothing to compare.",
)


def say_what_to_set() -> str:
    """Say in one sentence what asks a hosted model, and what a local one."""
    hosted = [entry for entry in PROVIDERS.values() if entry.needs_key]
    local = [entry for entry in PROVIDERS.values() if _is_local(entry.base_url)]
    return (
        "Set `PNEUMO_OPINION_PROVIDER` and `PNEUMO_OPINION_MODEL` in the environment or in "
        f"`.streamlit/secrets.toml`: for a hosted model ({_names(hosted)}) with its key, such as "
        f"`{hosted[0].key_variables[0]}`; for a model on this machine ({_names(local)}) with "
        "`PNEUMO_OPINION_BASE_URL` where its server is not at its usual address; or open "
        "**Set up the second opinion** below."
    )


def _names(entries: Sequence[Provider]) -> str:
    return ", ".join(entry.name for entry in entries)


def _is_local(base_url: str) -> bool:
    return bool(base_url) and is_loopback(base_url)


def say_receiver(endpoint: Endpoint, *, with_context: bool) -> str:
    """Name the host that will receive the film, and what it will not receive."""
    words = " and age and question as typed" if with_context else ""
    sentence = (
        f"{endpoint.host} will receive the film's grey pixels{words}; no name, no file name, no "
        "DICOM header, and not the networks' score."
    )
    if endpoint.stays_here:
        return f"{sentence} The film stays on this machine, unless that server hands it on."
    if endpoint.base_url.startswith("http://"):
        return f"{sentence} The connection is not encrypted (http): others may read along."
    return sentence


def say_numbers(result: OpinionResult) -> str:
    """Say what a reading took: time, tokens and cost, and whether it came from the cache.

    Returns:
        Words of our own only.
    """
    tokens = "tokens not counted by the server"
    if result.tokens_in is not None and result.tokens_out is not None:
        tokens = f"{result.tokens_in:,} tokens in, {result.tokens_out:,} out"
    took, price = f"{result.latency_s:.1f} s", _say_price(result.cost_usd)
    if result.cached:
        took = f"**From the cache**, nothing was sent · asked at {_moment(result)}, {took}"
    return f"{took} · {tokens} · {price}"


def _say_price(cost_usd: float | None) -> str:
    if cost_usd is None:
        return "price not on file"
    # In words: two dollar signs would be taken for a formula's bounds.
    return f"{cost_usd:.4f} US dollars" if cost_usd else "no cost"


def _moment(result: OpinionResult) -> str:
    return result.asked_at.replace("T", " ").removesuffix("+00:00") + " UTC"


def list_facts(result: OpinionResult) -> list[str]:
    """Return who answered and what was asked, a line each. The model's own name is among them."""
    reported = result.model_reported
    answered = f" (answered as {reported})" if reported not in ("", result.model) else ""
    picture = result.parameters
    size = f"{picture.get('picture_columns')} by {picture.get('picture_rows')} pixels"
    return [
        f"Model: {result.model}{answered}",
        f"Host: {result.host}",
        f"Prompt: {result.prompt_name} {result.prompt_version} (SHA-256 {result.prompt_hash[:12]})",
        f"Asked: {_moment(result)}, in {result.attempts} "
        f"{'request' if result.attempts == 1 else 'requests'}, picture of {size}",
    ]


def say_spread(spread: Spread) -> str:
    """Say how often each verdict was given, and how far the model agrees with itself."""
    counts = [f"{count} {verdict}" for verdict, count in spread.verdicts.items() if count]
    counts += [f"{spread.refused} refused"] if spread.refused else []
    counts += [f"{spread.failed} without an answer"] if spread.failed else []
    said = f"{len(spread.results)} readings of this film: {', '.join(counts)}."
    if spread.consistency is not None and spread.opinions > 1:
        said += f" Consistency {spread.consistency:.0%} ({max(spread.verdicts.values())} of "
        said += f"{spread.opinions} opinions agree)."
    if spread.opinions and spread.modal is None:
        said += " No verdict is the most frequent: the model contradicts itself."
    return f"{said} {_say_total(spread)}"


def _say_total(spread: Spread) -> str:
    costs = [result.cost_usd for result in spread.results if not result.cached]
    if not costs:
        return "All from the cache: nothing was sent."
    known = [cost for cost in costs if cost is not None]
    price = _say_price(sum(known) if len(known) == len(costs) else None)
    return f"In all: {sum(r.latency_s for r in spread.results if not r.cached):.1f} s, {price}."


def say_overlap(overlap: Overlap, findings: Sequence[Finding]) -> str:
    """Say whether the zones that the model names hold the heat map's peak."""
    if overlap.peak is None:
        return (
            "No part of the networks' heat map speaks for pneumonia, so there is no peak to "
            "compare with the language model's findings."
        )
    peak = f"The networks' heat map for PNEUMONIA peaks in {overlap.place}"
    if overlap.place == "outside the lungs":
        peak = "The networks' heat map for PNEUMONIA peaks outside the lungs"
    if overlap.inside is None:
        return f"{peak}; the language model names no zone of the lungs to compare with."
    if not overlap.inside:
        return f"{peak}; none of the zones that the language model names holds that point."
    numbers = [f"{findings.index(finding) + 1}" for finding in overlap.hits]
    word, verb = ("finding", "lies") if len(numbers) == 1 else ("findings", "lie")
    return f"{peak}; {word} {join_names(numbers)} of the language model {verb} there too."


def say_undrawn(findings: Sequence[Finding]) -> str:
    """Name the findings that cannot be drawn, empty where all can."""
    numbers = [str(k) for k, finding in enumerate(findings, start=1) if not regions_of(finding)]
    if not numbers:
        return ""
    word, verb = ("Finding", "names") if len(numbers) == 1 else ("Findings", "name")
    return f"{word} {join_names(numbers)} {verb} no zone of the lungs and cannot be drawn."


def say_record(record: ConcordRecord) -> str:
    """Say how often the networks were right in a state on scored films.

    The language model's name is not among the words.
    """
    films = name_split(record.split).lower()
    right = record.network_right
    if right is None:
        return f"On the {films} that this model also read, this state did not occur."
    return (
        f"On the {films} that this model also read, this state occurred {record.n:,} times, and "
        f"the networks were right in {say_number(right.value, is_share=True)} of them (95% "
        f"interval {say_interval(right, is_share=True)}, n = {right.n:,})."
    )


def say_unmeasured(result: OpinionResult) -> str:
    """Say that nobody has measured this model, and which command does."""
    # A name is the visitor's, but a back-tick in it would end the command.
    model = result.model.replace("`", "")
    return (
        "How often the networks are right in this state has not been measured for this language "
        "model: `python -m pneumo second-opinion --data DIR --split test --limit N "
        f"--provider {result.provider} --model {model}` measures it."
    )
