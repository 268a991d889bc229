"""A reader's reads, with answers and without → what is measured of them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pneumo.casebook.reader import ReaderSummary, measure_share, summarise_reader
from pneumo.casebook.records import CaseReads, Cause, Read, Reference, Stage
from pneumo.domain import Verdict

ILL, WELL, UNSURE = Verdict.PNEUMONIA, Verdict.NORMAL, Verdict.INDETERMINATE
BEGIN = datetime(2026, 3, 1, 8, tzinfo=UTC)
LATER = BEGIN + timedelta(days=30)


def read_alone(verdict: Verdict, minute: int = 0) -> Read:
    at = BEGIN + timedelta(minutes=minute)
    return Read(verdict, "moderate", "right", "lower", Stage.ALONE, at, None, 20.0)


def read_later(verdict: Verdict, cause: Cause | None = None, minute: int = 1) -> Read:
    at = BEGIN + timedelta(minutes=minute)
    return Read(verdict, "moderate", "right", "lower", Stage.AFTER_NETWORKS, at, cause, 40.0)


def film(
    name: str, *reads: Read, answer: Verdict | None = None, networks: Verdict = ILL, **more: Any
) -> CaseReads:
    reference = Reference(answer, "follow-up", LATER) if answer else None
    facts: dict[str, Any] = {"probability": 0.7, "operating_point": "balanced"}
    facts |= {"case_id": name, "fingerprint": name, "leaning": networks, "reference": reference}
    return CaseReads(**facts | {"reads": reads} | more)


def six_films() -> list[CaseReads]:
    """Three pneumonias and three normal films; every kind of switch once."""
    return [
        film("a", read_alone(ILL), read_later(ILL), answer=ILL),
        film("b", read_alone(WELL), read_later(ILL, Cause.NETWORKS), answer=ILL),
        film("c", read_alone(ILL), read_later(UNSURE, Cause.HEAT_MAP), answer=ILL, networks=WELL),
        film("d", read_alone(WELL), read_later(WELL), answer=WELL, networks=WELL),
        film("e", read_alone(UNSURE), read_later(ILL, Cause.NETWORKS), answer=WELL),
        film("f", read_alone(UNSURE), read_later(WELL, Cause.SECOND_LOOK), answer=WELL),
    ]


def switches(summary: ReaderSummary) -> dict[Cause | None, tuple[int, int, int]]:
    return {line.cause: (line.better, line.worse, line.neither) for line in summary.switches}


def test_reader_is_measured_alone_and_with_the_machine_on_the_same_films() -> None:
    summary = summarise_reader(six_films())
    assert (summary.n_read, summary.n_measured, summary.n_open) == (6, 6, 0)
    alone, final, networks = summary.alone, summary.final, summary.networks
    assert alone is not None
    assert final is not None
    assert networks is not None
    assert alone.sensitivity.n == alone.specificity.n == 3
    assert alone.sensitivity.value == pytest.approx(2 / 3)
    assert alone.specificity.value == pytest.approx(1 / 3)
    assert final.sensitivity.value == pytest.approx(2 / 3)
    assert final.specificity.value == pytest.approx(2 / 3)
    assert networks.sensitivity.value == pytest.approx(2 / 3)
    assert networks.specificity.value == pytest.approx(1 / 3)


def test_cannot_tell_counts_as_not_right_and_is_also_left_out() -> None:
    alone = summarise_reader(six_films()).alone
    assert alone is not None
    assert alone.undecided == 2
    # Of the normal films one was called NORMAL and two “cannot tell”.
    assert (alone.decided_specificity.value, alone.decided_specificity.n) == (1.0, 1)
    assert (alone.decided_sensitivity.value, alone.decided_sensitivity.n) == (2 / 3, 3)


def test_switches_are_for_better_or_for_worse_by_their_cause() -> None:
    found = switches(summarise_reader(six_films()))
    assert found == {
        Cause.NETWORKS: (1, 0, 1),
        Cause.HEAT_MAP: (0, 1, 0),
        Cause.OPINION: (0, 0, 0),
        Cause.SECOND_LOOK: (1, 0, 0),
    }


def test_each_step_of_a_film_counts_with_its_own_cause() -> None:
    opinion = Read(ILL, "low", "left", "upper", Stage.AFTER_OPINION, LATER, Cause.OPINION)
    reads = (read_alone(ILL), read_later(WELL, Cause.NETWORKS), opinion)
    summary = summarise_reader([film("a", *reads, answer=ILL)])
    found = switches(summary)
    assert found[Cause.NETWORKS] == (0, 1, 0)
    assert found[Cause.OPINION] == (1, 0, 0)
    assert summary.test is not None
    assert (summary.test.only_a_right, summary.test.only_b_right) == (0, 0)


def test_change_of_certainty_alone_is_no_switch() -> None:
    surer = Read(ILL, "high", "right", "lower", Stage.AFTER_NETWORKS, BEGIN, Cause.NETWORKS)
    summary = summarise_reader([film("a", read_alone(ILL), surer, answer=ILL)])
    assert set(switches(summary).values()) == {(0, 0, 0)}


def test_interval_of_a_share_is_wilsons() -> None:
    # 81 of 263: Newcombe (1998), Statistics in Medicine 17:857, table I.
    found = measure_share(81, 263)
    assert found.low == pytest.approx(0.2553, abs=5e-5)
    assert found.high == pytest.approx(0.3662, abs=5e-5)
    assert found.n == 263
    nothing = measure_share(0, 0)
    assert math.isnan(nothing.value)
    assert nothing.n == 0


def test_one_class_only_leaves_the_other_share_undefined() -> None:
    alone = summarise_reader([film("a", read_alone(ILL), read_later(ILL), answer=ILL)]).alone
    assert alone is not None
    assert math.isnan(alone.specificity.value)
    assert alone.specificity.n == 0


def test_films_without_an_answer_wait_and_still_tell_of_agreement() -> None:
    reads = [(ILL, ILL), (WELL, WELL), (UNSURE, WELL)]
    cases = [
        film(str(place), read_alone(verdict), networks=networks)
        for place, (verdict, networks) in enumerate(reads)
    ]
    summary = summarise_reader(cases)
    assert (summary.n_open, summary.n_measured) == (3, 0)
    assert summary.alone is None
    assert summary.test is None
    assert summary.alike_alone is not None
    assert (summary.alike_alone.share.value, summary.alike_alone.share.n) == (1.0, 2)
    assert summary.alike_alone.kappa is None
    assert summary.alike_final is None


def test_kappa_with_the_networks_takes_off_what_chance_gives() -> None:
    # Both call half of 20 films pneumonia and agree on 16: 0.8 against 0.5 by chance.
    said = [(ILL, ILL)] * 8 + [(WELL, WELL)] * 8 + [(ILL, WELL)] * 2 + [(WELL, ILL)] * 2
    cases = [
        film(str(place), read_alone(verdict), networks=networks)
        for place, (verdict, networks) in enumerate(said)
    ]
    alike = summarise_reader(cases).alike_alone
    assert alike is not None
    assert alike.kappa is not None
    assert alike.kappa.value == pytest.approx(0.6)
    assert alike.kappa.low < 0.6 < alike.kappa.high
    assert alike.kappa.n == 20


def test_film_read_twice_counts_once_by_its_first_read() -> None:
    first = film("a", read_alone(ILL), read_later(ILL), answer=ILL)
    second = film("b", read_alone(WELL, 60), read_later(WELL, minute=61), fingerprint="a")
    for order in ([first, second], [second, first]):
        summary = summarise_reader(order)
        assert (summary.n_read, summary.n_left_out, summary.n_measured) == (1, 1, 1)
        assert summary.alone is not None
        assert summary.alone.sensitivity.value == 1.0


def test_reads_after_the_answer_was_known_do_not_count() -> None:
    known = Reference(ILL, "follow-up", BEGIN + timedelta(seconds=30))
    peeked = film("a", read_alone(WELL), read_later(ILL, Cause.OPINION), reference=known)
    late = film("b", read_alone(ILL, 5), read_later(ILL, minute=6), reference=known)
    summary = summarise_reader([peeked, late])
    assert (summary.n_read, summary.n_left_out) == (1, 1)
    assert (summary.n_unanswered, summary.n_measured) == (1, 0)


def test_paired_test_asks_who_is_right_and_not_who_says_pneumonia() -> None:
    # Alone wrong and then right, on films of both classes: the machine helps on all eight.
    helped = [
        film(str(place), read_alone(before), read_later(after, Cause.NETWORKS), answer=after)
        for place, (before, after) in enumerate([(WELL, ILL), (ILL, WELL)] * 4)
    ]
    test = summarise_reader(helped).test
    assert test is not None
    assert (test.only_a_right, test.only_b_right) == (0, 8)
    assert test.exact
    assert test.p == pytest.approx(2 / 2**8)


def test_no_read_at_all_is_said_and_not_measured() -> None:
    summary = summarise_reader([film("a", answer=ILL)])
    assert summary.n_read == summary.n_left_out == 0
    assert summary.alone is None
    assert summary.alike_alone is None
