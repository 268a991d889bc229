"""Reports on a case and on a batch: what stands in them, and that they fit, escape and embed."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pypdf import PdfReader

from pneumo import read_plan
from pneumo.casebook import report
from pneumo.casebook.film_facts import FilmFacts
from pneumo.casebook.records import Case, CaseOpinion, Reference, Stage
from pneumo.casebook.report import report_html, report_pdf
from pneumo.casebook.reporting.batch import batch_report_html, batch_report_pdf
from pneumo.casebook.reporting.pdf import lay_out, print_pages
from pneumo.casebook.reporting.text import Setter
from pneumo.decision.worklist import WorklistRow
from pneumo.domain import Finding, MemberScore, Radiograph, Verdict
from pneumo.errors import ReportError
from pneumo.opinion.result import OpinionResult
from tests.casebook.drawn_cases import (
    NOON,
    draw_case,
    draw_mended,
    draw_opinion,
    draw_prediction,
    draw_reads,
)

pytest.importorskip("weasyprint", exc_type=OSError, reason="needs the library Pango")

PIXELS = np.random.default_rng(1).random((90, 120), dtype=np.float32)
FILM = Radiograph(PIXELS, "picture", "PNG", 8, fingerprint="ab" * 32)
HOSTILE = '<img src="file:///etc/passwd"><script>alert(1)</script>{{ 7 * 7 }}'
FINDINGS = ("consolidation", "effusion", "haze", "tube", "bronchogram", "hyperinflation")


def consult(**said: Any) -> OpinionResult:
    result = draw_opinion().result
    assert result.opinion is not None
    findings = tuple(Finding(name, "right", "lower", "probable") for name in FINDINGS)
    return replace(result, opinion=replace(result.opinion, **{"findings": findings} | said))


@pytest.fixture
def case(shipped_models: Path) -> Case:
    plan = read_plan(shipped_models)
    members = tuple(
        MemberScore(member.name, member.title, 0.2 + 0.2 * place, Verdict.PNEUMONIA)
        for place, member in enumerate(plan.members)
    )
    said = draw_prediction(0.9123, version=plan.version)
    prediction = replace(
        said.prediction, members=members, operating_point=plan.find_point("balanced")
    )
    alone, then = draw_reads()
    return draw_case(
        film=FilmFacts.of(FILM),
        predictions=(replace(said, prediction=prediction),),
        opinions=(CaseOpinion(consult()),),
        reads=(alone, then, replace(then, stage=Stage.AFTER_OPINION, cause=None)),
        owner="someone@example.org",
    )


def judge(case: Case, **quality: Any) -> Case:
    return replace(case, predictions=(replace(case.latest, quality=quality),))


def open_pdf(data: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(data))


def text_of(data: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in open_pdf(data).pages).split())


def fonts_of(data: bytes) -> list[Any]:
    fonts: list[Any] = []
    for page in open_pdf(data).pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            found = font.get_object()
            for inner in found.get("/DescendantFonts", [found]):
                fonts.append(inner.get_object()["/FontDescriptor"].get_object())
    return fonts


def test_report_holds_all_that_was_said_and_where_it_comes_from(
    case: Case, shipped_models: Path
) -> None:
    data = report_pdf(case, film=FILM, models_dir=shipped_models)
    assert len(open_pdf(data).pages) == 1
    text = text_of(data)
    assert text.count("Not a medical device") == 2
    for wanted in (
        "Case 1", "Probability of pneumonia 91.2%", "Custom CNN 20.0%", "MobileNetV2 80.0%",
        "Second opinion by a language model, sees, prompt radiologist v1: not a radiologist",
        "Clear lungs, it says.", "consolidation: right lower zone, probable", "1 alone NORMAL",
        "2 after the networks PNEUMONIA moderate right lower zone the heat map 32 s",
        "3 after the language model", "by follow-up film", "Cough for three days.", "winter",
        case.id, FILM.fingerprint, case.latest.prediction.model_version, "Pneumo 0.1.0", "a" * 64,
        "Balanced: PNEUMONIA from", "2026-11-23 12:00 UTC", "No decision about a patient",
    ):  # fmt: skip
        assert wanted in text, wanted
    assert "someone@example.org" not in text
    assert "Shortened" not in text


def test_rates_are_those_measured_on_test_films(case: Case, shipped_models: Path) -> None:
    from pneumo import read_results

    text = text_of(report_pdf(case, models_dir=shipped_models))
    together = read_results(shipped_models, "test")[-1]
    assert f"{together.sensitivity:.1%} {together.specificity:.1%}" in text
    assert "sensitivity of 390 with pneumonia, specificity of 234 normal ones" in text
    assert "Rule-out" in text


def test_rates_of_other_networks_are_not_claimed(case: Case, shipped_models: Path) -> None:
    prediction = replace(case.latest.prediction, model_version="0ld")
    older = replace(case, predictions=(replace(case.latest, prediction=prediction),))
    text = text_of(report_pdf(older, models_dir=shipped_models))
    assert "Not known here. The film was read by networks of version 0ld" in text
    assert "Rule-out" not in text


def test_missing_networks_cost_the_rates_only(case: Case, tmp_path: Path) -> None:
    assert "Not known here. The file ensemble.json is missing" in report_html(
        case, models_dir=tmp_path
    )


def test_film_and_heat_map_are_shown_with_words_for_who_cannot_see(
    case: Case, shipped_models: Path
) -> None:
    data = report_pdf(case, film=FILM, models_dir=shipped_models)
    page = open_pdf(data).pages[0]
    assert len(page.images) == 3  # film, heat map, colour scale
    assert sorted(image.image.mode for image in page.images if image.image) == ["L", "RGB", "RGB"]
    html = report_html(case, film=FILM, models_dir=shipped_models)
    assert all('alt="' in tag for tag in re.findall("<img[^>]*>", html))
    assert 'alt="Heat map of the evidence for PNEUMONIA over the chest film"' in html


def test_film_that_was_not_kept_is_replaced_by_even_grey(case: Case, shipped_models: Path) -> None:
    data = report_pdf(case, models_dir=shipped_models)
    assert len(open_pdf(data).pages[0].images) == 2
    assert "The film's pixels were not kept" in text_of(data)


def test_pdf_embeds_its_fonts_and_is_tagged_and_names_nobody(
    case: Case, shipped_models: Path
) -> None:
    data = report_pdf(replace(case, title="Jane Doe"), film=FILM, models_dir=shipped_models)
    fonts = fonts_of(data)
    assert fonts
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(font) for font in fonts)
    document = open_pdf(data)
    assert document.metadata is not None
    assert document.metadata.title == f"Pneumo report on case {case.id[:8]}"
    assert "Jane" not in str(document.metadata)
    root = document.trailer["/Root"]
    assert root["/Lang"] == "en"  # type: ignore[index]
    assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert b"pdfuaid" in data or b"pdfuaid" in root["/Metadata"].get_data()  # type: ignore[index]
    assert b"/URI" not in data


NOTE = {
    "Cyrillic": "жар три дня",
    "Greek": "πυρετός τρεις ημέρες",
    "Devanagari": "बुखार",
    "Chinese": "发烧三天",
    "Japanese": "三日間の発熱です",
    "Korean": "사흘째 열과 기침",
}


def has_noto() -> bool:
    listed = subprocess.run(["fc-list"], capture_output=True, text=True, check=False).stdout
    return "NotoSansCJK" in listed and "NotoSansDevanagari" in listed


needs_noto = pytest.mark.skipif(
    sys.platform != "linux" or not has_noto(), reason="needs fonts-noto-core and fonts-noto-cjk"
)


@needs_noto
def test_non_latin_notes_are_printed_and_can_be_copied(case: Case, shipped_models: Path) -> None:
    noted = replace(case, note="\n".join(NOTE.values()))
    data = report_pdf(noted, film=FILM, models_dir=shipped_models)
    text = text_of(data)
    # A vowel sign that is drawn before its consonant is copied where it is drawn.
    assert all(words in text for script, words in NOTE.items() if script != "Devanagari")
    assert "characters of words that are not our own" not in text
    names = {str(font["/FontName"]) for font in fonts_of(data)}
    assert any("Devanagari" in name for name in names)
    assert any("CJK" in name for name in names)


@needs_noto
def test_right_to_left_notes_are_shaped_and_start_at_the_right(
    case: Case, shipped_models: Path
) -> None:
    words = "سعال وحمى"
    noted = replace(case, note=f"{words}\n\u05d7\u05d5\u05dd (38.5).")
    html = report_html(noted, models_dir=shipped_models)
    assert f'<p dir="rtl">{words}</p>' in html
    places = []

    def visit(text: str, matrix: list[float], at: list[float], *_: object) -> None:
        if any("\u0590" <= sign <= "\u06ff" for sign in text):
            places.append((matrix[4] + at[4], text))

    page = open_pdf(report_pdf(noted, models_dir=shipped_models)).pages[0]
    page.extract_text(visitor_text=visit)
    assert places
    # A4 is 595 points wide: the words end at the right margin.
    assert min(x for x, _ in places) > 400
    names = {
        str(font["/FontName"]) for font in fonts_of(report_pdf(noted, models_dir=shipped_models))
    }
    assert any("Arab" in name or "DejaVu" in name for name in names)


def test_character_without_a_font_is_named_and_said(case: Case, shipped_models: Path) -> None:
    noted = replace(case, note="Odd: \U0010fff0 here.")  # of no script: no font has it
    text = text_of(report_pdf(noted, models_dir=shipped_models))
    assert "Odd: [u+10fff0] here." in text
    assert "in their place stand names in brackets" in text


def test_words_without_a_font_do_not_reach_a_log(
    case: Case, shipped_models: Path, caplog: pytest.LogCaptureFixture
) -> None:
    report_pdf(replace(case, note="\U0010fff0"), models_dir=shipped_models)
    assert not caplog.records


def test_hostile_words_stay_words(case: Case, shipped_models: Path) -> None:
    hostile = replace(
        case,
        title=HOSTILE,
        note=HOSTILE,
        tags=(HOSTILE,),
        reference=Reference(Verdict.NORMAL, HOSTILE, NOON),
        opinions=(CaseOpinion(consult(impression=HOSTILE, limitations=HOSTILE)),),
    )
    html = report_html(hostile, film=FILM, models_dir=shipped_models)
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}" in html
    assert "default-src 'none'" in html
    sources = re.findall(r'(?:src|href)="([^"]*)"', html)
    assert sources
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)
    data = report_pdf(hostile, film=FILM, models_dir=shipped_models)
    assert "alert(1)" in text_of(data)
    assert len(open_pdf(data).pages[0].images) == 3


def test_pdf_opens_no_file_and_no_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from weasyprint.urls import URLFetcher

    picture = tmp_path / "secret.svg"
    picture.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    opened: list[str] = []
    fetch = URLFetcher.open
    monkeypatch.setattr(
        URLFetcher,
        "open",
        lambda self, *a, **k: opened.append(a[0].full_url) or fetch(self, *a, **k),
    )
    html = f'<html lang="en"><title>t</title><img alt="a" src="{picture.as_uri()}">'
    print_pages(lay_out(html + '<img alt="b" src="http://127.0.0.1:9/x.png">'))
    assert opened == []


def test_full_case_with_long_texts_fits_one_page_and_says_what_is_left_out(
    case: Case, shipped_models: Path
) -> None:
    concerns = [
        {"name": "upside down", "message": "The film lies upside down. Turn it.", "refuses": True},
        {"name": "unlike", "message": "The film is unlike those learned from.", "refuses": False},
    ]
    full = judge(
        replace(
            case,
            note="Many words of a note that does not end. " * 200,
            title="A title " * 30,
            tags=tuple(f"tag {place}" for place in range(20)),
            opinions=(CaseOpinion(consult(impression="Long. " * 300, limitations="Too. " * 300)),),
        ),
        usability="refused",
        concerns=concerns,
        sets=[{"coverage": 0.9, "classes": ["PNEUMONIA", "NORMAL"]}],
    )
    data = report_pdf(full, film=FILM, models_dir=shipped_models)
    assert len(open_pdf(data).pages) == 1
    text = text_of(data)
    assert "The HTML report of this case holds all of them" in text
    assert re.search(r"[\d,]+ letters of the note", text)
    assert all(f"{name}: right lower zone" in text for name in FINDINGS)
    assert text.count("Not a medical device") == 2
    html = report_html(full, film=FILM, models_dir=shipped_models)
    assert html.count("does not end.") == 200
    assert "Shortened" not in html


@pytest.mark.parametrize("note", ["\n".join("x" * 60), "咳" * 4000, "a" * 9000, "w\u0301" * 2000])
def test_notes_of_any_shape_fit_one_page(note: str, case: Case, shipped_models: Path) -> None:
    data = report_pdf(replace(case, note=note), film=FILM, models_dir=shipped_models)
    assert len(open_pdf(data).pages) == 1


def test_case_that_cannot_fit_is_told(
    case: Case, shipped_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "_FITS", (replace(report._FITS[0], picture_mm=400),))
    with pytest.raises(ReportError, match="take the HTML report"):
        report_pdf(case, film=FILM, models_dir=shipped_models)


def test_refused_film_says_so_across_the_page(case: Case, shipped_models: Path) -> None:
    concern = {"name": "n", "message": "It is no chest film.", "refuses": True}
    refused = judge(case, usability="refused", concerns=[concern], gate_version="f00d")
    text = text_of(report_pdf(refused, film=FILM, models_dir=shipped_models))
    assert "REFUSED BY THE GATE, SHOWN AT THE READER'S WISH" in text
    assert "The gate: It is no chest film." in text
    assert "f00d" in text
    assert "REFUSED" not in text_of(report_pdf(case, film=FILM, models_dir=shipped_models))


def test_what_the_reader_did_to_the_film_is_printed_with_both_fingerprints(
    case: Case, shipped_models: Path
) -> None:
    mended = replace(case, film=replace(draw_mended(), fingerprint=case.film.fingerprint))
    text = text_of(report_pdf(mended, film=FILM, models_dir=shipped_models))
    assert "Before the film was read: Turned by 180 degrees by the reader. Inverted" in text
    html = report_html(mended, models_dir=shipped_models)
    assert mended.film.chosen_fingerprint in html
    assert "Before the film was read" not in report_html(case, models_dir=shipped_models)


def test_prediction_sets_are_said(case: Case, shipped_models: Path) -> None:
    sets = [{"coverage": 0.9, "classes": ["PNEUMONIA"]}, {"coverage": 0.95, "classes": []}]
    html = report_html(judge(case, sets=sets), models_dir=shipped_models)
    assert "Prediction set at 90% coverage: PNEUMONIA." in html
    assert "Prediction set at 95% coverage: neither class." in html


def test_synthetic_film_says_so(case: Case, shipped_models: Path) -> None:
    drawn = replace(case, film=replace(case.film, synthetic=True))
    assert "SYNTHETIC FILM: IT SHOWS NO CHILD" in text_of(
        report_pdf(drawn, film=FILM, models_dir=shipped_models)
    )


def test_case_with_nothing_but_scores_has_a_report(case: Case, shipped_models: Path) -> None:
    bare = replace(case, title="", note="", tags=(), opinions=(), reads=(), reference=None)
    text = text_of(report_pdf(bare, models_dir=shipped_models))
    for wanted in (
        "Untitled case", "No language model was asked", "No reader committed", "the case is open",
    ):  # fmt: skip
        assert wanted in text
    assert "note" not in text.lower()


def test_only_the_ends_of_many_reads_are_printed(case: Case, shipped_models: Path) -> None:
    many = replace(case, reads=case.reads * 5)
    text = text_of(report_pdf(many, models_dir=shipped_models))
    assert "1 alone" in text
    assert "15 after the language model" in text
    assert "9 of the reads" in text


def test_machine_without_pango_is_told_what_to_install(
    case: Case, shipped_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Absent:
        def find_spec(self, name: str, path: object = None, target: object = None) -> None:
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    for name in [name for name in sys.modules if name.split(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Absent(), *sys.meta_path])
    with pytest.raises(ReportError, match="apt install libpango"):
        report_pdf(case, models_dir=shipped_models)
    assert "Case 1" in report_html(case, models_dir=shipped_models)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("a\x00b\u202ec", "abc"),
        ("half \ud83d pair\tof it", "half  pair of it"),
        ("kept \u200dzero", "kept \u200dzero"),
    ],
)
def test_words_are_cleaned_of_what_is_no_letter(text: str, printed: str) -> None:
    assert Setter().set_passage(text).text == printed


def test_text_is_cut_at_a_word_and_never_within_a_sign() -> None:
    assert Setter().set_passage("one two three", most=9).text == "one two …"
    cut = Setter().set_passage("e\u0301" * 40, most=30)
    assert cut.paragraphs[0].text.removesuffix(" …").endswith("\u0301")
    assert cut.left_out + len(cut.text.removesuffix(" …")) == cut.letters == 80


def rows(n: int = 30) -> list[WorklistRow]:
    def row(file: str, **known: Any) -> WorklistRow:
        return WorklistRow(
            **{
                "file": file,
                "status": "ok",
                "operating_point": "balanced",
                "model_version": "v1",
            }
            | known
        )

    found = [
        row(
            f"/home/jane/films/film{place}.png",
            verdict="PNEUMONIA" if place % 2 else "NORMAL",
            probability=place / n,
            split_vote=place == 3,
            duplicate_of="/home/jane/films/film1.png" if place == 7 else "",
        )
        for place in range(n)
    ]
    broken = row("C:\\jane\\<b>bad</b>.png", status="error", reason="The file is no picture.")
    return [*found, broken]


def test_counts_of_a_batch_add_up(shipped_models: Path) -> None:
    html = batch_report_html(rows(), models_dir=shipped_models)
    counts = re.findall(r"<strong>(\d+)</strong>([^<]+)</td>", html)
    assert {name: int(count) for count, name in counts} == {
        "PNEUMONIA": 15,
        "NORMAL": 15,
        "INDETERMINATE": 0,
        "networks disagree": 1,
        "read, with a doubt": 0,
        "refused by the gate": 0,
        "same film as another": 1,
        "no single grey film": 0,
        "unreadable": 1,
    }


@pytest.mark.parametrize("show_refused", [True, False])
def test_what_the_gate_refused_is_counted_once_and_listed_apart(
    shipped_models: Path, show_refused: bool
) -> None:
    known: dict[str, Any] = {"operating_point": "balanced", "model_version": "v1"}
    scores = {"verdict": "PNEUMONIA", "probability": 0.9, "split_vote": True}
    quality = {"usability": "refused", "concerns": [{"message": "This is no film."}]}
    found = [
        WorklistRow("fine.png", "ok", verdict="NORMAL", probability=0.1, split_vote=False, **known),
        WorklistRow(
            "cat.png",
            "refused",
            reason="This is no film.",
            quality=quality,
            **known,
            **(scores if show_refused else {}),
        ),
        WorklistRow("frames.dcm", "refused", reason="It has two frames.", **known),
    ]
    html = batch_report_html(found, models_dir=shipped_models)
    counts = {
        name: int(count) for count, name in re.findall(r"<strong>(\d+)</strong>([^<]+)</td>", html)
    }
    assert {name for name, count in counts.items() if count} == {
        "NORMAL", "refused by the gate", "no single grey film"
    }  # fmt: skip
    assert sum(counts.values()) == 3
    assert "3 files, 1 read" in html
    assert html.count("cat.png") == html.count("This is no film.") == 1
    assert html.index("Refused by the gate: ") < html.index("cat.png") < html.index("Not read")


def test_batch_is_summed_up_with_conflicts_order_and_errors(shipped_models: Path) -> None:
    data = batch_report_pdf(rows(), models_dir=shipped_models, made_at=NOON)
    text = text_of(data)
    for wanted in (
        "31 files, 30 read", "networks disagree",
        "same film as film1.png", "The file is no picture.", "Model version: v1",
        "Operating point: balanced", "2026-11-23 12:00 UTC", "Page 1 of", "Not known here.",
        "No decision about a patient",
    ):  # fmt: skip
        assert wanted in text, wanted
    assert text.index("film29.png") < text.index("film28.png")
    assert "jane" not in text
    assert len(open_pdf(data).pages) <= 2


def test_batch_of_thousands_stays_a_summary(shipped_models: Path) -> None:
    data = batch_report_pdf(rows(2000), models_dir=shipped_models)
    assert len(open_pdf(data).pages) <= 5
    assert "1,940 more are not listed here" in text_of(data)


def test_batch_page_escapes_the_names_of_files(shipped_models: Path) -> None:
    html = batch_report_html(rows(), models_dir=shipped_models)
    assert "bad</b>" not in html
    assert "&lt;b&gt;bad" in html or "b&gt;.png" in html


def test_empty_batch_is_refused(shipped_models: Path) -> None:
    with pytest.raises(ReportError, match="at least one row"):
        batch_report_html([], models_dir=shipped_models)
