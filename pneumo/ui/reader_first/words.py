"""What a reader committed to, and how well they read → the plain words of the pages."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pneumo import Estimate, Verdict
from pneumo.casebook.reader import LEAST_DISCORDANT, LEAST_FOR_KAPPA, ReaderSummary
from pneumo.casebook.records import Read, Stage
from pneumo.domain import Finding, Side, Zone
from pneumo.evidence.paired_tests import McNemar
from pneumo.opinion.overlap import Overlap
from pneumo.wording import join_names, say_place

CANNOT_TELL = "Cannot tell"
"""What INDETERMINATE is called where a person reads."""

STAGES = {
    Stage.ALONE: "Before the machine spoke",
    Stage.AFTER_NETWORKS: "After the networks",
    Stage.AFTER_OPINION: "After the language model",
}

HOW_INDETERMINATE_COUNTS = (
    "A film that you called “cannot tell” counts as not right: a pneumonia as not found, a normal "
    "film as not cleared. The lines “without cannot tell” leave such films out."
)

_SURE = 0.05


def say_verdict(verdict: Verdict) -> str:
    """Return a reader's verdict as a person would say it.

    >>> say_verdict(Verdict.INDETERMINATE), say_verdict(Verdict.NORMAL)
    ('Cannot tell', 'NORMAL')
    """
    return CANNOT_TELL if verdict is Verdict.INDETERMINATE else str(verdict)


def say_read(read: Read) -> str:
    """Say what a reader committed to: verdict, certainty, and the place unless all is normal."""
    words = f"{say_verdict(read.verdict)}, certainty {read.certainty}"
    return words if read.verdict is Verdict.NORMAL else f"{words}, {say_place(read)}"


def say_step(read: Read, before: Read | None) -> str:
    """Say in a line what a reader committed to, when, and what changed their mind."""
    stage = STAGES[read.stage]
    if before is not None and _content(read) == _content(before):
        return f"**{stage}:** kept."
    words = f"**{stage}:** {say_read(read)}"
    if read.cause is not None:
        words += f", because of {read.cause}"
    return f"{words}{_say_seconds(read)}."


def _content(read: Read) -> tuple[str, ...]:
    return read.verdict, read.certainty, read.side, read.zone


def _say_seconds(read: Read) -> str:
    return "" if read.seconds is None else f" (film on show for {read.seconds:.0f} s)"


def place_of(side: Side | None, zone: Zone | None) -> tuple[Finding, ...]:
    """Return the place that a reader names as a finding, for what draws and compares findings."""
    if side is None or zone is None:
        return ()
    return (Finding("your finding", side, zone, "definite"),)


def say_own_overlap(overlap: Overlap, verdict: Verdict) -> str:
    """Say where the heat map peaks, and whether the zone that the reader named holds the peak."""
    if overlap.peak is None:
        return "No part of the networks' heat map speaks for pneumonia."
    peak = f"The networks' heat map for PNEUMONIA peaks in {overlap.place}"
    if overlap.place == "outside the lungs":
        peak = "The networks' heat map for PNEUMONIA peaks outside the lungs"
    if verdict is Verdict.NORMAL:
        return f"{peak}."
    if overlap.inside is None:
        return f"{peak}; you named no zone of the lungs to compare with."
    return f"{peak}, {'in' if overlap.inside else 'not in'} the zone that you named."


def say_missing(missing: Sequence[str]) -> str:
    """Name what is still to be chosen before a read can be committed.

    >>> say_missing(["certainty", "zone"])
    'Still to choose: certainty and zone.'
    """
    return f"Still to choose: {join_names(missing)}."


def say_counts(summary: ReaderSummary) -> str:
    """Say how many films were read, and which of them are measured."""
    words = f"You committed to a read of {_films(summary.n_read)} before the machine spoke."
    if summary.n_measured:
        verb = "is" if summary.n_measured == 1 else "are"
        words += f" {_films(summary.n_measured)} with a known answer {verb} measured here, by your "
        words += "first and your last read."
    if summary.n_open:
        words += f" {_films(summary.n_open)} {'waits' if summary.n_open == 1 else 'wait'} for an "
        words += "answer."
    if summary.n_unanswered:
        words += (
            f" Of {_films(summary.n_unanswered)} the answer is known, but you never said whether "
            "the machine changed your mind."
        )
    if summary.n_left_out:
        words += (
            f" Left out: {_reads(summary.n_left_out)} of a film that you had read before, or whose "
            "answer you knew."
        )
    return words


def _films(n: int) -> str:
    return f"{n:,} film" if n == 1 else f"{n:,} films"


def _reads(n: int) -> str:
    return f"{n:,} read" if n == 1 else f"{n:,} reads"


def say_share(estimate: Estimate) -> str:
    """Return a share with its 95% interval and n, or that no film defines it."""
    if math.isnan(estimate.value):
        return "no such film"
    return f"{estimate:.0%}, n = {estimate.n:,}"


def say_test(test: McNemar, n: int) -> str:
    """Say whether the reader is right more often with the machine than alone.

    Args:
        test: alone first, with the machine second.
        n: films on which both were measured.
    """
    alone, final = test.only_a_right, test.only_b_right
    words = (
        f"Of {_films(n)}, you were right only with the machine on {final:,}, and right only alone "
        f"on {alone:,}."
    )
    if alone + final < LEAST_DISCORDANT:
        return (
            f"{words} These are too few to tell the machine's help from chance: at least "
            f"{LEAST_DISCORDANT} such films are needed."
        )
    chance = "less than 0.1%" if test.p < 0.001 else f"{test.p:.1%}"
    words += (
        " If the machine changed nothing, a difference at least this large would come about in "
        f"{chance} of such series (McNemar's test{', exact' if test.exact else ''})."
    )
    if test.p >= _SURE:
        return f"{words} So these films do not show that it changes how often you are right."
    return f"{words} So on these films the machine {'helped' if final > alone else 'harmed'} you."


def say_agreement(summary: ReaderSummary) -> str:
    """Say how far the reader and the networks call films alike, empty where nothing is known."""
    sides = {"alone": summary.alike_alone, "with the machine": summary.alike_final}
    found = {title: alike for title, alike in sides.items() if alike is not None}
    if not found:
        return ""
    shares = "; ".join(f"{title} {say_share(alike.share)}" for title, alike in found.items())
    measured = [
        f"{title} {alike.kappa:.2f}" for title, alike in found.items() if alike.kappa is not None
    ]
    beyond = f"It is measured from {LEAST_FOR_KAPPA} films on."
    if measured:
        beyond = f"It is {join_names(measured)}."
    return (
        f"You and the networks call films alike: {shares}. Cohen's kappa takes off what chance "
        f"alone would give (0 is chance, 1 is full agreement). {beyond} Films that you called "
        "“cannot tell” are left out; no answer is needed for this. To agree more is no merit by "
        "itself: the networks can be wrong."
    )
