"""The page Is it cheating?: whether networks read lungs, or what merely goes with the label."""

import streamlit as st

from pneumo import DataSetError, read_settings
from pneumo.ui.widgets import shortcuts as widgets
from pneumo.ui.widgets.baselines import show_baselines
from pneumo.ui.widgets.second_read import expert_of, show_expert

NOT_LOOKING = """
Before asking what networks look at, ask how far one gets without looking. This classifier knows
only facts about the file, such as its size, and never sees a pixel. Whatever it reaches is there
for a network to pick up by accident.
"""
DISTORTED = """
Each network scores the same films again with a part hidden or a property changed. The films were
held out of training: no network learned from them. The official test films were not touched for
this, so it is no further look at them.
"""
SECOND_READ = """
An expert who had no part in the data set read the official test films again, for another project.
The networks' scores of these films are those already on record: nothing was scored for this.
"""
BOUNDS = """
- **A network that fails a test is caught; one that passes is not cleared.** It may use a hint
  that none of these tests takes away.
- **A blackened film is a film that no network has seen.** A falling curve shows that something
  needed is gone, or that the network is confused by black. A high curve is the stronger evidence:
  what is left was enough.
- **The frame of a film is not free of disease.** How a sick child is held, how it breathes and
  where the picture is cut can all go with pneumonia. A network that uses them is right for the
  wrong reason, here, and wrong elsewhere.
- **These are held-out training films,** which the networks know better than the test films. The
  curves tell how much a distortion takes away; they do not tell how good a network is.
- **The expert is one person,** not named, whose circumstances of reading are not known. Where
  expert and label differ, either may be wrong.
- **A classifier of file facts shows what could be used, not what is used.**
"""


def _page() -> None:
    st.title("Is it cheating?", anchor=False)
    st.write("Does a network look at the lungs, or at something that merely goes with the label?")
    models_dir = read_settings().models_dir
    st.subheader("A classifier that never looks at the picture", anchor=False)
    st.markdown(NOT_LOOKING)
    show_baselines(models_dir)
    st.subheader("What is left when a part of the film is taken away", anchor=False)
    st.markdown(DISTORTED)
    stress = None
    try:
        stress = widgets.stress_of(models_dir)
        widgets.show_remains(stress)
    except DataSetError as error:
        st.info(str(error))
    widgets.show_distortions(stress, models_dir)
    st.subheader("A second read by an expert", anchor=False)
    st.markdown(SECOND_READ)
    try:
        show_expert(expert_of(models_dir))
    except DataSetError as error:
        st.info(str(error))
    st.subheader("What this shows, and what it does not", anchor=False)
    st.markdown(BOUNDS)


_page()
