"""What leaves as a file or to a language model is in the log first, or does not leave."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import streamlit as st
from sqlalchemy import event
from streamlit.testing.v1 import AppTest

from pneumo.casebook.journal import Act, JournalQuery
from pneumo.casebook.records import Case
from pneumo.casebook.storage.database import FILE_NAME, open_database
from pneumo.casebook.store import Casebook
from pneumo.errors import CasebookError, MissingCaseError
from pneumo.ui.widgets import reporting
from pneumo.ui.widgets.casebook_files import offer_case
from pneumo.ui.widgets.log import ACTS_A_PAGE, make_log
from pneumo.ui.widgets.making_files import FileOffer
from tests.app.test_access import AUTH, CLAIMS
from tests.app.test_second_opinion import Open, ask, no_keys_of_the_machine, open_page, plan_dir
from tests.app.test_second_opinion import server as opinion_server
from tests.casebook.drawn_cases import draw_case
from tests.opinion.language_model_server import LanguageModelServer

__all__ = ["no_keys_of_the_machine", "open_page", "plan_dir"]
server = opinion_server

ADA = f"{CLAIMS['iss']} {CLAIMS['sub']}"
OTHER = "https://id.example 43"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "casebook"
    monkeypatch.setenv("PNEUMO_CASEBOOK", str(folder))
    monkeypatch.delenv("PNEUMO_DATABASE_URL", raising=False)
    yield folder
    st.cache_resource.clear()


@pytest.fixture
def casebook(folder: Path) -> Iterator[Casebook]:
    casebook = Casebook(open_database(f"sqlite:///{folder / FILE_NAME}"))
    yield casebook
    casebook.close()


@pytest.fixture
def case(casebook: Casebook) -> Case:
    return casebook.save(draw_case(owner=ADA))


def acts(casebook: Casebook) -> list[tuple[Act, str, str]]:
    return [(entry.act, entry.case_id, entry.detail) for entry in casebook.journal.find()]


def report_offers(
    case: Case, note: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> list[FileOffer]:
    found: list[FileOffer] = []
    monkeypatch.setattr(reporting, "offer_files", lambda offers, **_: found.extend(offers))
    reporting.offer_report(lambda: case, None, models_dir=Path("none"), key="one", note=note)
    return found


def test_each_file_of_a_case_is_noted_when_it_is_made_and_not_before(
    casebook: Casebook, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    offers = [
        *offer_case(case, casebook),
        *report_offers(case, lambda kind: casebook.note_export(ADA, case.id, kind), monkeypatch),
    ]
    assert len(acts(casebook)) == 1
    for offer in offers:
        assert offer.make()
    exported = [(Act.EXPORTED, case.id, kind) for kind in ("FHIR", "CSV", "PDF", "HTML")]
    assert acts(casebook)[::-1][1:] == exported


def test_no_file_is_made_whose_line_cannot_be_written(
    casebook: Casebook, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbid(connection: object, _record: object) -> None:
        connection.execute("PRAGMA query_only = ON").close()  # type: ignore[attr-defined]

    event.listen(casebook.engine, "connect", forbid)
    casebook.engine.dispose()
    note = lambda kind: casebook.note_export(ADA, case.id, kind)  # noqa: E731
    for offer in (*offer_case(case, casebook), *report_offers(case, note, monkeypatch)):
        with pytest.raises(CasebookError):
            offer.make()
    with pytest.raises(CasebookError):
        make_log(casebook, ADA, JournalQuery())


def test_case_that_was_deleted_meanwhile_is_not_handed_on(casebook: Casebook, case: Case) -> None:
    casebook.delete(ADA, [case.id])
    for offer in offer_case(case, casebook):
        with pytest.raises(MissingCaseError):
            offer.make()


def test_film_that_a_signed_in_reader_sends_is_noted_with_its_receiver(
    open_page: Open, server: LanguageModelServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page()
    app.user = {"is_logged_in": True, **CLAIMS}
    ask(app.run())
    assert len(server.asked) == 1
    host = server.url.removeprefix("http://").removesuffix("/v1")
    casebook = Casebook(open_database(f"sqlite:///{folder / FILE_NAME}"))
    (entry,) = casebook.journal.find()
    casebook.close()
    assert (entry.owner, entry.name, entry.act) == (ADA, "ada@example.org", Act.SENT)
    assert entry.detail == f"sees at {host}"
    assert entry.case_id == ""


def test_no_casebook_is_made_for_an_opinion_where_nobody_signs_in(
    open_page: Open, server: LanguageModelServer, folder: Path
) -> None:
    ask(open_page())
    assert len(server.asked) == 1
    assert not folder.exists()


def open_log(app: AppTest, **claims: object) -> AppTest:
    app.secrets["auth"] = AUTH
    app.user = {"is_logged_in": True, **CLAIMS, "email_verified": True, **claims}
    return app.switch_page("pages/administration/log.py").run()


def test_reader_who_asks_for_the_log_is_refused_and_noted(app: AppTest, casebook: Casebook) -> None:
    open_log(app.run())
    assert "role admin" in app.error[0].value
    assert acts(casebook) == [(Act.REFUSED, "", "the page Who did what")]


def test_admin_who_looks_at_the_log_is_in_it_once_and_pages_to_its_end(
    app: AppTest, casebook: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PNEUMO_ADMINS", "ada@example.org")
    for number in range(ACTS_A_PAGE + 20):
        casebook.journal.note(OTHER, Act.OPENED, f"{number:032x}")
    open_log(app.run())
    assert not app.exception
    app.run()
    assert [act for act, _, _ in acts(casebook)].count(Act.LOG_OPENED) == 1
    shown = app.dataframe[0].value
    assert len(shown) == ACTS_A_PAGE
    assert shown["Who"][0] == "ada@example.org"
    assert shown["Their number"][0] == ADA
    assert f"{ACTS_A_PAGE + 21:,} acts" in app.main.markdown[1].value
    app.session_state[f"log page {hash(JournalQuery())}"] = 2
    app.run()
    assert len(app.dataframe[0].value) == 21
    assert "shown are 501 to 521" in app.main.markdown[1].value
    app.date_input[0].set_value([datetime(2020, 1, 1, tzinfo=UTC).date()]).run()
    assert "Take a filter away" in app.info[0].value


def test_log_is_handed_on_whole_and_that_is_noted(casebook: Casebook, case: Case) -> None:
    rows = list(
        csv.DictReader(io.StringIO(make_log(casebook, ADA, JournalQuery()).decode("utf-8-sig")))
    )
    assert [(row["owner"], row["act"], row["case_id"]) for row in rows] == [(ADA, "saved", case.id)]
    assert acts(casebook)[0] == (Act.LOG_EXPORTED, "", "1 lines")
