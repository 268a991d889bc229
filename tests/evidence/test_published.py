"""What others published is told with its protocol, and nothing is made up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pneumo.errors import DataSetError
from pneumo.evidence.published import PROTOCOLS, PUBLISHED_FILE, read_published

NUMBERS = ("accuracy", "accuracy_up_to", "sensitivity", "specificity", "auc")


def test_every_number_is_a_share_and_every_source_says_what_it_was_measured_on() -> None:
    published = read_published()
    for entry in published:
        stated = [getattr(entry, name) for name in NUMBERS if getattr(entry, name) is not None]
        assert stated
        assert all(0.5 <= value <= 1 for value in stated)
        assert entry.protocol in PROTOCOLS
        assert entry.why.endswith(".")
    assert len({entry.source for entry in published}) == len(published)


def test_only_the_official_split_is_comparable() -> None:
    for entry in read_published():
        assert entry.comparable == (entry.protocol == "official split")
        assert (entry.n == 624) == entry.comparable


def test_known_results_are_those_of_their_papers() -> None:
    by_source = {entry.source: entry for entry in read_published()}
    kermany = by_source["Kermany 2018"]
    assert (kermany.accuracy, kermany.sensitivity, kermany.specificity) == (0.928, 0.932, 0.901)
    outside = by_source["Xin 2022, outside"]
    assert (outside.n, outside.auc, outside.accuracy) == (383, 0.54, None)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:200],
        lambda text: text.replace('"network"', '"net"'),
        lambda text: text.replace('"official split"', '"my own split"'),
        lambda text: json.dumps({"source": "one"}),
    ],
)
def test_damaged_table_is_refused_in_words(change, tmp_path: Path) -> None:
    path = tmp_path / "published.json"
    path.write_text(change(PUBLISHED_FILE.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(DataSetError, match=r"published\.json"):
        read_published(path)


def test_missing_table_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match="missing"):
        read_published(tmp_path / "published.json")
