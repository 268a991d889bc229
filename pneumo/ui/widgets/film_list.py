"""A cell of the confusion matrix → its films, and each with its heat map on demand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from pneumo import CLASSES, DataSetError, FilmError, ModelError, Settings, Verdict
from pneumo.evidence.scores import Scored
from pneumo.ui.asking import ask_networks
from pneumo.ui.evidence.data_copy import HOW_TO_SET, read_film
from pneumo.ui.evidence.outcomes import MISSED, OUTCOMES, Outcome
from pneumo.ui.fragments import fragment
from pneumo.ui.resources import networks_in
from pneumo.ui.session import Reading
from pneumo.ui.widgets.reading import show_heat_map
from pneumo.ui.wording import name_point, percent

CELL = "cell"
"""Key of the control; a click on the confusion matrix moves it too."""

_CELLS = {cell.short: cell for cell in OUTCOMES}
_SHOWN = "film of the evidence"
_ICON = ":material/radiology:"


def chosen_cell() -> Outcome:
    """Return the cell of the confusion matrix whose films the visitor wants to see."""
    return _CELLS[st.session_state.get(CELL, MISSED.short)]


def choose_cell() -> Outcome:
    """Let the visitor choose a cell of the confusion matrix."""
    st.subheader("The films behind the numbers", anchor=False)
    st.session_state.setdefault(CELL, MISSED.short)
    short = st.segmented_control(
        "Films in", list(_CELLS), required=True, format_func=_name_cell, key=CELL
    )
    return _CELLS[str(short)]


def _name_cell(short: str) -> str:
    return _CELLS[short].name


@fragment()
def list_films(scored: Scored, threshold: float, outcome: Outcome, settings: Settings) -> None:
    """List the films with an outcome, and show one where the visitor has the data set."""
    places = outcome.find(scored, threshold)
    if len(places) == 0:
        st.info(f"{outcome.title}: none of the {scored.n:,} films at {threshold:.1%}.")
        return
    st.write(f"{len(places):,} of {scored.n:,} films, those with the most wrong score first.")
    chosen = _choose_row(scored, threshold, outcome, places)
    if settings.data_dir is None:
        st.caption(HOW_TO_SET)
    elif chosen is None:
        st.caption("Choose a row to see its film with the heat map.")
    else:
        _offer_film(scored, int(chosen), settings)


def tabulate_films(scored: Scored, threshold: float, places: NDArray[np.intp]) -> pd.DataFrame:
    """Return a row a film: file, group, probability in per cent, label, and the verdicts."""
    probability = scored.probability[places]
    table = pd.DataFrame(
        {
            "File": [scored.files[place] for place in places],
            "Probability (%)": 100 * probability,
            "Official label": [CLASSES[label] for label in scored.y_true[places]],
            f"Called at {threshold:.1%}": _call(probability, threshold),
        }
    )
    for point in scored.operating_points:
        table[name_point(point.name)] = _call(probability, point.threshold)
    return table.assign(**{"Patient group": [scored.groups[place] for place in places]})


def _call(probability: NDArray[np.float64], threshold: float) -> list[str]:
    return [CLASSES[called] for called in (probability >= threshold).astype(int)]


def _choose_row(
    scored: Scored, threshold: float, outcome: Outcome, places: NDArray[np.intp]
) -> int | None:
    """Show the films as a table and return the place of the chosen one, if any."""
    # A row's number means another film in another list: the choice must not outlive the list.
    key = f"films {scored.name} {scored.split} {outcome.short} {threshold:.6f}"
    event: Any = st.dataframe(
        tabulate_films(scored, threshold, places),
        hide_index=True,
        height=min(320, 37 * (len(places) + 1)),
        column_config={"Probability (%)": st.column_config.NumberColumn(format="%.1f")},
        on_select="rerun",
        selection_mode="single-row",
        key=key,
        alt=f"{outcome.title}: one row a film with its probability and verdicts",
    )
    rows = [row for row in event.selection.rows if row < len(places)]
    return int(places[rows[0]]) if rows else None


def _offer_film(scored: Scored, place: int, settings: Settings) -> None:
    file, label = scored.files[place], int(scored.y_true[place])
    shown: tuple[str, Reading] | None = st.session_state.get(_SHOWN)
    pressed = st.button("Show the film with its heat map", type="primary", icon=_ICON)
    st.text(file)
    if pressed:
        try:
            film = read_film(settings, file, split=scored.split, label=label)
            shown = (file, ask_networks([film], networks_in(settings.models_dir))[0])
        except (DataSetError, FilmError, ModelError) as error:
            st.error(str(error))
            return
        st.session_state[_SHOWN] = shown
    if shown and shown[0] == file:
        _show_film(shown[1], scored.probability[place], label)


def _show_film(reading: Reading, probability: float, label: int) -> None:
    prediction = reading.analysis.prediction
    said = [f"all together {percent(prediction.probability)}"]
    said += [f"{member.title} {percent(member.probability)}" for member in prediction.members]
    st.write(
        f"Official label {CLASSES[label]}. Read anew, the probability of pneumonia is: "
        f"{', '.join(said)}. In the table: {percent(probability)}."
    )
    leaning = Verdict.PNEUMONIA if probability >= 0.5 else Verdict.NORMAL
    show_heat_map(reading, leaning, key=f"evidence {reading.film.label}")
