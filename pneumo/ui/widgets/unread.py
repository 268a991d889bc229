"""Films that a network failed on → what the other networks say of them, and no verdict."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pneumo import Verdict
from pneumo.decision.partial import PartAnalysis
from pneumo.ui import wording
from pneumo.ui.session import Unread
from pneumo.ui.widgets.reading import label_film, show_explanations


def show_parts(unread: Sequence[Unread], *, key: str) -> None:
    """Show what is said of each film that some of the networks answered about.

    Args:
        unread: the films that have no verdict.
        key: tells this visit's controls from another's.
    """
    for place, one in enumerate(unread):
        if one.part is not None and one.part.is_worth_showing:
            with st.container(border=True):
                label_film(one.film)
                st.warning(
                    "No joint verdict: a network failed on this film. This is what the others say "
                    "by themselves; ask again to hear all of them.",
                    icon=":material/error:",
                )
                _show_scores(one.part)
                show_explanations(
                    one.film, one.part.explanations, Verdict.PNEUMONIA, key=f"part {key} {place}"
                )


def _show_scores(part: PartAnalysis) -> None:
    st.markdown("**Probability of PNEUMONIA by each network that answered**")
    with st.container(horizontal=True):
        for member in part.members:
            st.metric(member.title, wording.percent(member.probability), width="content")
    words = (
        "Each is the network's own calibrated probability. The verdict was calibrated for all "
        "networks together, so these make none."
    )
    if part.quality is not None:
        for concern in part.quality.concerns:
            st.warning(concern.message)
        if not part.quality.gate_version:
            words += " Whether this is a film for the networks could not be checked either."
    st.caption(words)
