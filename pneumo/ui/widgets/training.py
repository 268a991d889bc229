"""The name of a network → the curves of its training, or why there are none."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pneumo import ENSEMBLE, DataSetError
from pneumo.ui.evidence.history import read_history
from pneumo.ui.figures.training import draw_losses, draw_validation_auc
from pneumo.ui.widgets.charts import show_chart


def show_training(models_dir: Path, name: str) -> None:
    """Show how a network got better from epoch to epoch."""
    st.subheader("Training", anchor=False)
    if name == ENSEMBLE:
        st.write(
            "All together were not trained: they join the networks' scores. Choose a single "
            "network to see its training curves."
        )
        return
    try:
        history = read_history(models_dir / name)
    except DataSetError as error:
        st.info(str(error))
        return
    kept = history[history["kept"]].tail(1)
    ringed = f" The ring is the epoch that was kept, {kept['epoch'].iloc[0]}." if len(kept) else ""
    note = f"n = {len(history)} epochs.{ringed}"
    left, right = st.columns(2)
    with left:
        st.markdown("**Loss**: how far the scores lie from the labels; lower is better")
        show_chart(
            draw_losses(history),
            history,
            name=f"{name}_training_loss",
            alt="Loss in training and on held-out films over the epochs",
            note=f"{note} Training films are altered at random, and their labels softened, so "
            "their loss may lie above that of the held-out films.",
        )
    with right:
        st.markdown("**AUC on the held-out films**: higher is better")
        show_chart(
            draw_validation_auc(history),
            history,
            name=f"{name}_training_auc",
            alt="AUC on held-out films over the epochs",
            note=f"{note} Epochs compete only with epochs on films of the same size.",
        )
