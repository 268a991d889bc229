"""The page The data: what the films are, and what in them could mislead a network."""

import streamlit as st

from pneumo import read_settings
from pneumo.ui.evidence.dataset_words import conclude
from pneumo.ui.widgets import dataset as widgets
from pneumo.ui.widgets.mean_films import show_mean_films

OWN_FOLDER = """
Any folder in the layout of the data set can be audited, also one with a single split:

```text
python -m pneumo audit DIR
```

`DIR` holds `train`, `val` or `test`, each with `NORMAL` and `PNEUMONIA`. This page then shows that
folder; `--out FILE` writes the result elsewhere. Films are read on your own machine. The result
holds numbers, mean films of eight or more films, and the names of films that have a copy or cannot
be read.
"""
MEANS = """
The mean of many films shows what a class has in common: how it lies, how it was exposed, where the
picture was cut. A network can learn all of that. Where two means differ outside the lungs, the
difference need not come from pneumonia.
"""


def _page() -> None:
    st.title("The data", anchor=False)
    st.write("What is in the data, and what could mislead a network?")
    audit = widgets.audit_of(read_settings().models_dir)
    widgets.show_origin(audit)
    st.subheader("Splits and classes", anchor=False)
    widgets.show_classes(audit)
    st.subheader("Children and their films", anchor=False)
    widgets.show_patients(audit)
    st.markdown("**Are there children in train as well as in test?**")
    widgets.show_overlap(audit)
    st.subheader("Size, shape and brightness", anchor=False)
    widgets.show_measures(audit)
    st.subheader("Duplicates", anchor=False)
    widgets.show_duplicates(audit)
    st.subheader("Mean films", anchor=False)
    st.markdown(MEANS)
    show_mean_films(audit)
    st.subheader("What this means", anchor=False)
    for line in conclude(audit):
        st.markdown(f"- {line}")
    with st.expander("Audit your own folder"):
        st.markdown(OWN_FOLDER)


_page()
