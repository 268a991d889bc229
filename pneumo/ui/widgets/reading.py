"""Films and readings → the parts of a page that show them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pneumo import (
    BALANCED,
    ENSEMBLE,
    EnsemblePlan,
    Explanation,
    Prediction,
    Verdict,
    find_doubts,
)
from pneumo.domain import Finding, Opinion
from pneumo.opinion.overlap import find_peak, peak_in_regions
from pneumo.ui import wording
from pneumo.ui.figures import reading as figures
from pneumo.ui.figures.style import STATIC, ink
from pneumo.ui.fragments import fragment
from pneumo.ui.opinion import words
from pneumo.ui.opinion.zones import outline_findings
from pneumo.ui.pictures import draw_colour_bar, draw_zones, lay_heat_map
from pneumo.ui.session import Film, Reading, Refusal
from pneumo.ui.widgets.charts import is_dark

_LOOKS = {
    Verdict.PNEUMONIA: ("red", ":material/pulmonology:"),
    Verdict.NORMAL: ("blue", ":material/check_circle:"),
    Verdict.INDETERMINATE: ("orange", ":material/help:"),
}
_ACROSS = 3
_STROKES = "solid where definite, dashed where probable, dotted where possible"
_RING = "Ring: where the heat map for PNEUMONIA of all networks peaks"


def label_film(film: Film) -> None:
    """Show a film's label as plain text, since file names are not ours to format."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(film.label)
        if film.synthetic:
            st.badge("SYNTHETIC", color="violet", icon=":material/science:")


def preview_films(films: Sequence[Film]) -> None:
    """Show the chosen films side by side, with what the intake found in each."""
    for start in range(0, len(films), _ACROSS):
        for column, film in zip(st.columns(_ACROSS), films[start : start + _ACROSS], strict=False):
            with column, st.container(border=True):
                label_film(film)
                st.image(film.picture, width="stretch", alt="Chest film, as chosen")
                st.caption(" · ".join(wording.describe_film(film.radiograph)))
                for note in film.radiograph.notes:
                    st.caption(note)
                warn_of_doubts(film)


def warn_of_doubts(film: Film) -> None:
    """Warn where the file itself gives a reason to distrust a verdict."""
    for doubt in find_doubts(film.radiograph):
        st.warning(f"{doubt} Do not rely on their verdict here.")


def list_refusals(refusals: Sequence[Refusal]) -> None:
    """Show which files could not be read, why, and what to do."""
    for refusal in refusals:
        with st.container(border=True):
            st.text(refusal.label)
            st.error(refusal.reason, icon=":material/block:")


def tell_of_failure(message: str) -> None:
    """Say that the networks cannot be asked, and that there is no verdict for that reason."""
    st.error(
        f"{message}\n\nWithout the networks that were calibrated together there is no verdict.",
        title="The networks cannot be asked",
        icon=":material/error:",
    )


def tell_of_replaced(version: str) -> None:
    """Say that the files on disk are no longer those of the version in memory, if there is one."""
    if version:
        st.info(
            "The networks on disk have changed since this server loaded them. Verdicts still come "
            f"from model version {version}, as each one says; restart the server to use what is "
            "on disk now.",
            icon=":material/update:",
        )


def choose_operating_point(plan: EnsemblePlan, *, key: str) -> str:
    """Let the visitor choose the threshold by its purpose, and return the point's name."""
    name = st.segmented_control(
        "Operating point",
        [point.name for point in plan.operating_points],
        default=BALANCED,
        required=True,
        format_func=wording.name_point,
        key=key,
        help="How probable pneumonia must be before a film is called PNEUMONIA.",
    )
    st.caption(wording.explain_point(plan.find_point(name)))
    return str(name)


def show_headline(verdict: Verdict) -> None:
    """Show a verdict in the one size and look that every reader's verdict has."""
    colour, icon = _LOOKS[verdict]
    st.header(f":{colour}[{icon} {verdict}]", anchor=False)


def show_verdict(film: Film, prediction: Prediction) -> None:
    """Show the card with the networks' verdict on one film."""
    with st.container(border=True):
        st.markdown("**The networks**")
        show_headline(prediction.verdict)
        st.write(wording.explain_verdict(prediction))
        if film.synthetic:
            st.caption("This film is synthetic and shows no child: the verdict is about nobody.")
        with st.container(horizontal=True):
            st.metric(
                "Probability of PNEUMONIA", wording.percent(prediction.probability), width="content"
            )
            st.metric(
                "Probability of NORMAL",
                wording.percent(1 - prediction.probability),
                width="content",
            )


def show_distribution(prediction: Prediction) -> None:
    """Show the probabilities of both classes as a chart."""
    st.subheader("Probability of each class", anchor=False)
    st.plotly_chart(
        ink(figures.draw_distribution(prediction), dark=is_dark()),
        config=STATIC,
        key="distribution",
        alt=f"Bar chart: PNEUMONIA {wording.percent(prediction.probability)}, "
        f"NORMAL {wording.percent(1 - prediction.probability)}",
    )


def show_members(prediction: Prediction, plan: EnsemblePlan) -> None:
    """Show what each network says by itself, and warn where they disagree."""
    st.subheader("What each network says", anchor=False)
    if prediction.split_vote:
        st.warning(
            f"{wording.describe_vote(prediction.members)} Look at this film with particular care.",
            title="Split vote",
            icon=":material/call_split:",
        )
    thresholds = {
        member.name: member.find_point(prediction.operating_point.name).threshold
        for member in plan.members
    }
    rows = figures.list_scores(prediction, thresholds)
    st.plotly_chart(
        ink(figures.draw_scores(rows), dark=is_dark()),
        config=STATIC,
        key="members",
        alt=wording.describe_vote(prediction.members),
    )
    st.caption(
        f"{wording.describe_spread(prediction)} A network says PNEUMONIA where its mark lies at "
        "or to the right of its own threshold, the upright line."
    )


def show_heat_map(
    reading: Reading, leaning: Verdict, *, key: str, opinion: Opinion | None = None
) -> None:
    """Show what was read beside the evidence that the networks found in it.

    See `show_explanations`.
    """
    maps = reading.analysis.explanations
    show_explanations(reading.film, maps, leaning, key=key, opinion=opinion)


@fragment()
def show_explanations(
    film: Film,
    maps: Sequence[Explanation],
    leaning: Verdict,
    *,
    key: str,
    opinion: Opinion | None = None,
) -> None:
    """Show a film beside the evidence that networks found in it.

    Args:
        film: the film.
        maps: its heat maps, at least one.
        leaning: the class whose evidence is shown first.
        key: tells this film's controls from another's.
        opinion: the second reader's, whose zones are drawn on the film; None without one.
    """
    also = "" if opinion is None else ", and what the language model names"
    st.subheader(f"Where the networks looked{also}", anchor=False)
    explanations = {explanation.name: explanation for explanation in maps}
    titles = {name: explanation.title for name, explanation in explanations.items()}
    titles[ENSEMBLE] = wording.ALL_TOGETHER
    left, right = st.columns(2)
    name = left.selectbox(
        "Heat map of",
        list(explanations),
        format_func=titles.__getitem__,
        key=f"map {key}",
    )
    verdict = right.segmented_control(
        "Evidence for",
        [Verdict.PNEUMONIA, Verdict.NORMAL],
        default=leaning,
        required=True,
        key=f"evidence {key} {leaning}",
    )
    opacity = st.slider("Opacity of the heat map (%)", 0, 100, 60, step=5, key=f"opacity {key}")
    overlay = lay_heat_map(film.picture, explanations[name], verdict, opacity=opacity / 100)
    left, right = st.columns(2)
    word = "Synthetic film" if film.synthetic else "Film"
    with left:
        if opinion is None:
            st.image(film.picture, caption=word, width="stretch", alt="Chest film")
        else:
            _show_zones(film, explanations[ENSEMBLE], opinion)
    right.image(
        overlay,
        caption=f"{word} with the evidence for {verdict} · {titles[name]}",
        width="stretch",
        alt=f"Chest film with a heat map of the evidence for {verdict}",
    )
    right.image(
        draw_colour_bar(verdict),
        width="stretch",
        caption="From no evidence (left) to the strongest in this film (right)",
        alt="Colour scale from no evidence to the strongest",
    )
    if opinion is not None:
        overlap = peak_in_regions(explanations[ENSEMBLE].evidence, opinion.findings)
        st.info(words.say_overlap(overlap, opinion.findings), icon=":material/join_inner:")
    st.caption(wording.HEAT_MAP_CAVEAT)


def _show_zones(film: Film, explanation: Explanation, opinion: Opinion) -> None:
    outlines = outline_findings(opinion.findings)
    word = "Synthetic film" if film.synthetic else "Film"
    st.image(
        draw_zones(film.picture, outlines, peak=find_peak(explanation.evidence)),
        caption=f"{word} with the zones that the language model names: {_STROKES}. {_RING}"
        if outlines
        else f"{word}: the language model names no zone of the lungs. {_RING}",
        width="stretch",
        alt=f"Chest film with {len(outlines)} zones that the language model names, outlined",
    )
    list_findings(opinion.findings)
    if undrawn := words.say_undrawn(opinion.findings):
        st.caption(undrawn)


def list_findings(findings: Sequence[Finding]) -> None:
    """List findings by the numbers that they carry on the film, as plain text."""
    if not findings:
        st.text("None named.")
    for number, finding in enumerate(findings, start=1):
        st.text(f"{number}  {finding.name}: {words.say_place(finding)}, {finding.certainty}")


def list_readings(
    readings: Sequence[Reading], predictions: Sequence[Prediction], refusals: Sequence[Refusal]
) -> None:
    """Show a table with one row a film, those that could not be read at its end.

    What the gate refused has no verdict here, unless the visitor asked for it all the same.
    """
    rows = []
    for reading, prediction in zip(readings, predictions, strict=True):
        film = reading.film
        mark = " (SYNTHETIC)" * film.synthetic + " (REFUSED BY THE GATE)" * film.overridden
        shown = {
            "Verdict": str(prediction.verdict),
            "Probability of pneumonia": wording.percent(prediction.probability),
            "Networks": "split vote" if prediction.split_vote else "agree",
        }
        withheld = {"Verdict": "none: refused", "Probability of pneumonia": "", "Networks": ""}
        rows.append({"Film": film.label + mark} | (withheld if reading.is_withheld else shown))
    rows += [
        {
            "Film": refusal.label,
            "Verdict": "none: not read",
            "Probability of pneumonia": "",
            "Networks": "",
        }
        for refusal in refusals
    ]
    st.dataframe(rows, hide_index=True, alt="One row a film with its verdict")
