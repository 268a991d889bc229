"""Two who change one case: what only one of them changed is kept, and nobody overwrites unseen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pneumo.casebook.store import Casebook
from pneumo.errors import ChangedCaseError
from tests.casebook.drawn_cases import draw_case

OWNER = ""


def test_same_words_are_not_overwritten_unseen(casebook: Casebook) -> None:
    seen = casebook.save(draw_case())
    theirs = casebook.update(OWNER, seen.id, note="theirs")
    with pytest.raises(ChangedCaseError, match="changed the note since you saw the case"):
        casebook.update(OWNER, seen.id, note="mine", seen=seen)
    assert casebook.open(OWNER, seen.id).note == "theirs"
    assert casebook.update(OWNER, seen.id, note="mine", seen=theirs).note == "mine"


def test_other_words_are_changed_side_by_side(casebook: Casebook) -> None:
    seen = casebook.save(draw_case())
    casebook.update(OWNER, seen.id, title="Theirs")
    case = casebook.update(OWNER, seen.id, note="mine", seen=seen)
    assert (case.title, case.note) == ("Theirs", "mine")


def test_same_words_typed_by_both_are_no_conflict(casebook: Casebook) -> None:
    seen = casebook.save(draw_case())
    casebook.update(OWNER, seen.id, note="the same")
    assert casebook.update(OWNER, seen.id, note="the same", seen=seen).note == "the same"


def test_answer_of_somebody_else_is_not_taken_back_unseen(casebook: Casebook) -> None:
    answer = draw_case().reference
    seen = casebook.save(draw_case(reference=None))
    casebook.update(OWNER, seen.id, reference=answer)
    other = draw_case(2).reference
    assert other is not None
    with pytest.raises(ChangedCaseError, match="changed the answer"):
        casebook.update(OWNER, seen.id, reference=replace(other, source="else"), seen=seen)
