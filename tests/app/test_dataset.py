"""Visits to the page The data."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pneumo.evidence.audit.folder import audit_folder
from pneumo.evidence.audit.records import Audit, write_audit
from pneumo.ui.evidence.dataset_words import conclude, describe_overlap
from pneumo.ui.figures import dataset_tables as tables
from tests.conftest import draw_film

PAGE = "pages/evidence/dataset.py"


@pytest.fixture(scope="module")
def audit(tiny_data: Path) -> Audit:
    return audit_folder(tiny_data)


def visit(app: AppTest) -> AppTest:
    app.run().switch_page(PAGE).run()
    assert not app.exception
    return app


def test_every_number_on_show_is_the_audits(app: AppTest, models: Path, audit: Audit) -> None:
    write_audit(audit, models / "dataset_audit.json")
    visit(app)
    assert not app.error
    text = str([table.value.to_dict() for table in app.table])
    assert "40 (50.0%)" in text  # the normal films of train
    assert any("n = 112 films" in caption.value for caption in app.caption)
    assert any("no number does" in found.value for found in app.markdown)
    assert len(app.get("plotly_chart")) == 6


def test_another_measure_and_another_pair_are_a_choice_away(
    app: AppTest, models: Path, audit: Audit
) -> None:
    write_audit(audit, models / "dataset_audit.json")
    visit(app)
    measure, pair = (
        app.selectbox(key="measure of the films"),
        app.selectbox(key="pair of mean films"),
    )
    assert not any("Width" in option for option in measure.options)  # all films are equally wide
    measure.select("Brightness · audited files").run()
    pair.select_index(len(pair.options) - 1).run()
    app.segmented_control(key="unit of the difference").set_value("cohens_d").run()
    assert not app.exception
    assert any("Mean grey of a film" in caption.value for caption in app.caption)


def test_without_an_audit_the_page_names_the_command(app: AppTest) -> None:
    visit(app)
    assert "python -m pneumo audit" in app.error[0].value


def test_a_new_audit_is_shown_without_a_restart(app: AppTest, models: Path, audit: Audit) -> None:
    path = models / "dataset_audit.json"
    path.write_text("{", encoding="utf-8")
    visit(app)
    assert "cut off" in app.error[0].value
    write_audit(audit, path)
    app.run()
    assert not app.error


def test_one_class_in_one_split_is_a_page_and_no_traceback(
    app: AppTest, models: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "train" / "PNEUMONIA"
    folder.mkdir(parents=True)
    draw_film(1, 1).save(folder / "person1_virus_1.jpeg")
    (folder / "person1_virus_2.jpeg").write_bytes(b"no film")
    write_audit(audit_folder(tmp_path / "data"), models / "dataset_audit.json")
    visit(app)
    assert not app.error
    assert any("1 further films" in found.value for found in app.warning)
    assert any("nothing can overlap" in found.value for found in app.markdown)


def test_shares_of_a_split_add_up(audit: Audit) -> None:
    table = tables.tabulate_kinds(audit)
    assert table.groupby("split")["share"].sum().round(9).eq(1).all()
    sizes = tables.tabulate_group_sizes(audit)
    assert sizes["films"].sum() == audit.films
    assert sizes["groups"].sum() == 14 * 4


def test_the_shipped_audit_says_what_misleads(shipped_models: Path) -> None:
    from pneumo.evidence.audit.records import read_audit

    audit = read_audit(shipped_models)
    said = " ".join(conclude(audit))
    assert "74.3% of train and 62.5% of test" in said
    assert "the normal films differ most" in said
    assert "none spans two splits, none has two labels" in said
    assert "170 of the 202 person numbers" in " ".join(describe_overlap(audit))
