"""What a reader committed to, film by film → how well they read alone and with the machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import nan

from pneumo.casebook.records import CaseReads, Cause, Read, Reference, Stage
from pneumo.domain import Verdict
from pneumo.evidence.kappa import kappa
from pneumo.evidence.metrics import Estimate
from pneumo.evidence.paired_tests import McNemar, compare_decisions
from pneumo.evidence.resampling import Resampling

LEAST_DISCORDANT = 6
"""Films that were right in one way only, below which McNemar's exact p cannot fall under 0.05."""

LEAST_FOR_KAPPA = 10
"""Films below which drawing them anew tells nothing of Cohen's kappa."""


@dataclass(frozen=True)
class Performance:
    """How often verdicts are as the answers say, each share with its 95% interval (Wilson 1927).

    A share of no film is nan, with n = 0.

    Attributes:
        sensitivity: share of the pneumonias called PNEUMONIA; INDETERMINATE counts as not found.
        specificity: share of the normal films called NORMAL; INDETERMINATE counts as not cleared.
        decided_sensitivity: the same where INDETERMINATE is left out.
        decided_specificity: likewise.
        undecided: films called INDETERMINATE.
    """

    sensitivity: Estimate
    specificity: Estimate
    decided_sensitivity: Estimate
    decided_specificity: Estimate
    undecided: int


@dataclass(frozen=True)
class Alike:
    """How far a reader and the networks call films alike, where both take a side.

    Attributes:
        share: of films called alike, with its 95% interval (Wilson 1927); at least one film.
        kappa: agreement beyond chance (Cohen 1960); None below LEAST_FOR_KAPPA films, nan where
            both call all films the same.
    """

    share: Estimate
    kappa: Estimate | None


@dataclass(frozen=True)
class Switches:
    """Changes of a verdict on films with a known answer that one cause brought about.

    Attributes:
        cause: what the reader named; None where nothing was named.
        better: from a verdict that was not right to the right one.
        worse: from the right verdict to another.
        neither: from one that was not right to another such.
    """

    cause: Cause | None
    better: int
    worse: int
    neither: int


@dataclass(frozen=True)
class ReaderSummary:
    """How a reader read, alone and with the machine.

    Attributes:
        n_read: films read before the machine spoke; each film once, by its first read.
        n_left_out: reads of a film that had been read before, or whose answer was known by then.
        n_open: films that wait for an answer.
        n_unanswered: films with an answer, but no read after the machine spoke.
        n_measured: films with an answer, read alone and with the machine: what is measured.
        alone: the reader before the machine spoke; None where no film is measured.
        final: the reader's last read of the same films; None likewise.
        networks: the networks' leaning on the same films; None likewise.
        test: alone (first) against final (second) on the same films; None likewise.
        switches: changes of the verdict on these films, a line for each cause.
        alike_alone: the first read and the networks' leaning, on all films that were called
            PNEUMONIA or NORMAL; None where there is no such film.
        alike_final: likewise the last read, where there is one after the machine spoke.
    """

    n_read: int
    n_left_out: int
    n_open: int
    n_unanswered: int
    n_measured: int
    alone: Performance | None
    final: Performance | None
    networks: Performance | None
    test: McNemar | None
    switches: tuple[Switches, ...]
    alike_alone: Alike | None
    alike_final: Alike | None


def summarise_reader(cases: Iterable[CaseReads]) -> ReaderSummary:
    """Measure a reader against the answers that are known, and against the networks.

    A film that was read several times counts once, by the read that came first: a later one
    remembers. Reads that were committed after the answer was known are left out.
    """
    every = [case for case in cases if case.reads]
    films = _first_of_each(every)
    known = [film for film in films if film.reference]
    measured = [film for film in known if len(film.reads) > 1]
    later = [film for film in films if len(film.reads) > 1]
    return ReaderSummary(
        n_read=len(films),
        n_left_out=len(every) - len(films),
        n_open=len(films) - len(known),
        n_unanswered=len(known) - len(measured),
        n_measured=len(measured),
        alone=_perform(measured, [film.reads[0].verdict for film in measured]),
        final=_perform(measured, [film.reads[-1].verdict for film in measured]),
        networks=_perform(measured, [film.leaning for film in measured]),
        test=_compare(measured),
        switches=_count_switches(measured),
        alike_alone=_agree(films, [film.reads[0] for film in films]),
        alike_final=_agree(later, [film.reads[-1] for film in later]),
    )


def _first_of_each(cases: Sequence[CaseReads]) -> list[CaseReads]:
    """Return every film once, with what was read of it while its answer was unknown.

    Where a film was saved twice and resolved once, the answer holds for both.
    """
    answers: dict[str, Reference] = {}
    for case in cases:
        answer, known = case.reference, answers.get(case.fingerprint)
        if answer and (known is None or answer.resolved_at < known.resolved_at):
            answers[case.fingerprint] = answer
    found: dict[str, CaseReads] = {}
    for case in sorted(cases, key=lambda case: case.reads[0].read_at):
        answer = answers.get(case.fingerprint)
        reads = tuple(r for r in case.reads if answer is None or r.read_at <= answer.resolved_at)
        if reads and reads[0].stage is Stage.ALONE:
            film = replace(case, reads=reads, reference=answer)
            found.setdefault(case.fingerprint, film)
    return list(found.values())


def _answer(film: CaseReads) -> Verdict | None:
    return film.reference.verdict if film.reference else None


def _perform(films: Sequence[CaseReads], verdicts: Sequence[Verdict]) -> Performance | None:
    if not films:
        return None

    def measure(answer: Verdict, *, decided: bool) -> Estimate:
        said = [
            verdict
            for film, verdict in zip(films, verdicts, strict=True)
            if _answer(film) is answer and not (decided and verdict is Verdict.INDETERMINATE)
        ]
        return measure_share(sum(verdict is answer for verdict in said), len(said))

    return Performance(
        sensitivity=measure(Verdict.PNEUMONIA, decided=False),
        specificity=measure(Verdict.NORMAL, decided=False),
        decided_sensitivity=measure(Verdict.PNEUMONIA, decided=True),
        decided_specificity=measure(Verdict.NORMAL, decided=True),
        undecided=sum(verdict is Verdict.INDETERMINATE for verdict in verdicts),
    )


def measure_share(count: int, n: int) -> Estimate:
    """Return a share of n films with its 95% interval (Wilson 1927), nan where there is no film.

    Wilson's interval is sound for a handful of films, where drawing them anew is not.

    >>> print(f"{measure_share(4, 5):.0%}")
    80% (38% to 96%)
    """
    from statsmodels.stats.proportion import proportion_confint

    if not n:
        return Estimate(nan, nan, nan, 0)
    low, high = proportion_confint(count, n, method="wilson")
    return Estimate(count / n, float(low), float(high), n)


def _compare(films: Sequence[CaseReads]) -> McNemar | None:
    """Test whether the reader is right as often alone as with the machine."""
    if not films:
        return None
    # The test asks who is right: a film that is not called right, whatever it is called instead,
    # counts as called the opposite of its answer.
    alone, final = (
        [film.reads[place].verdict is _answer(film) for film in films] for place in (0, -1)
    )
    return compare_decisions([True] * len(films), alone, final)


def _count_switches(films: Sequence[CaseReads]) -> tuple[Switches, ...]:
    """Count the changes of a verdict, step by step, since each step has a cause of its own."""
    counted: dict[Cause | None, list[int]] = {cause: [0, 0, 0] for cause in Cause}
    for film in films:
        for before, after in pairwise(film.reads):
            if before.verdict is not after.verdict:
                line = counted.setdefault(after.cause, [0, 0, 0])
                line[_direction(before.verdict, after.verdict, _answer(film))] += 1
    return tuple(Switches(cause, *line) for cause, line in counted.items())


def _direction(before: Verdict, after: Verdict, answer: Verdict | None) -> int:
    """Return 0 for a change to the right verdict, 1 for one away from it, 2 for neither."""
    if after is answer:
        return 0
    return 1 if before is answer else 2


def _agree(films: Sequence[CaseReads], reads: Sequence[Read]) -> Alike | None:
    pairs = [
        (film.leaning, read.verdict)
        for film, read in zip(films, reads, strict=True)
        if read.verdict is not Verdict.INDETERMINATE
    ]
    if not pairs:
        return None
    networks, reader = zip(*pairs, strict=True)
    share = measure_share(sum(one is other for one, other in pairs), len(pairs))
    if len(pairs) < LEAST_FOR_KAPPA:
        return Alike(share, None)
    # Every film is a group of its own: a casebook does not know which films are of one child.
    groups = Resampling([str(place) for place in range(len(pairs))])
    return Alike(share, kappa(reader, networks, groups))
