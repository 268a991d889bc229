"""The test ledger → the list of every look at the official test films."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pneumo import DataSetError, EnsemblePlan
from pneumo.evidence.ledger import read_ledger


def show_ledger(models_dir: Path, plan: EnsemblePlan) -> None:
    """Show every look at the official test films, and warn if it lacks these networks'."""
    st.subheader("Every look at the test films", anchor=False)
    st.write(
        "Each time networks, or the gate, are tried on the test films is written down. Who looks "
        "often and keeps the best has chosen on the test films, and their numbers are no longer a "
        "measurement."
    )
    try:
        looks = read_ledger(models_dir)
    except DataSetError as error:
        st.info(str(error))
        return
    st.dataframe(
        {
            "When (UTC)": [f"{look.date:%d %B %Y, %H:%M}" for look in looks],
            "Model version": [look.model_version for look in looks],
            "Command": [look.command for look in looks],
        },
        hide_index=True,
        alt="A row a look at the official test films",
    )
    st.caption(f"{len(looks)} {'look' if len(looks) == 1 else 'looks'} so far.")
    if plan.version not in {look.model_version for look in looks}:
        st.warning(
            f"The ledger has no look by the present networks (model version {plan.version})."
        )
