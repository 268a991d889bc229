"""An audit of a data set → the parts of the page The data."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pneumo import CLASSES
from pneumo.evidence.audit.duplicates import HASH_DISTANCE, LIKENESS, LONGEST_LIST
from pneumo.evidence.audit.patients import WIDE_GAP
from pneumo.evidence.audit.records import AUDIT_FILE, FILMS, ORIGINALS, SOURCES, Audit, read_audit
from pneumo.ui.evidence import dataset_words as words
from pneumo.ui.figures import dataset as figures
from pneumo.ui.figures import dataset_tables as tables
from pneumo.ui.fragments import fragment
from pneumo.ui.widgets.charts import show_chart

_MEDIAN, _P5, _P95 = 3, 1, 5
"""Places in `Distribution.quantiles`."""

_ACROSS = ("Sets across splits", "Sets with two labels", "Sets with two numbers")


def audit_of(models_dir: Path) -> Audit:
    """Return the audit that lies in the models folder, read once a change of its file.

    Raises:
        DataSetError: the file is missing, damaged or of another format.
    """
    path = models_dir / AUDIT_FILE
    status = path.stat() if path.is_file() else None
    return _read(models_dir, (status.st_mtime_ns, status.st_size) if status else None)


# A resource, not data: records are frozen, and need no copy a visit.
@st.cache_resource(show_spinner=False, max_entries=4)
def _read(models_dir: Path, stamp: tuple[int, int] | None) -> Audit:
    return read_audit(models_dir / AUDIT_FILE)


def show_origin(audit: Audit) -> None:
    """Say what was audited and when, and which films could not be read."""
    st.caption(
        f"Audited on {audit.date[:10]}: n = {audit.films:,} films, data fingerprint "
        f"{audit.fingerprint[:12]}. Everything below is counted on these films unless it says "
        "otherwise. Counts of a whole data set have no sampling error, so they carry no interval."
    )
    if audit.unreadable:
        st.warning(f"{audit.unreadable:,} further films could not be read and are left out.")
        with st.expander(f"The first {len(audit.unreadable_films)} of them"):
            st.dataframe(
                {
                    "File": [film.file for film in audit.unreadable_films],
                    "Split": [film.split for film in audit.unreadable_films],
                    "Class": [CLASSES[film.label] for film in audit.unreadable_films],
                    "Reason": [film.reason for film in audit.unreadable_films],
                },
                hide_index=True,
            )


def show_classes(audit: Audit) -> None:
    """Show how many films each split has, and of what."""
    table = tables.tabulate_kinds(audit)
    kinds = list(dict.fromkeys(table["kind"]))
    rows = {"": ["Films", "Patient groups", *kinds]}
    for split in audit.splits:
        films = table[table["split"] == split].set_index("kind")["films"]
        groups = sum(part.groups for part in audit.parts if part.split == split)
        rows[split] = [f"{films.sum():,}", f"{groups:,}"] + [
            f"{films.get(kind, 0):,} ({films.get(kind, 0) / films.sum():.1%})" for kind in kinds
        ]
    st.table(rows, border="horizontal")
    show_chart(
        figures.draw_kinds(table),
        table,
        name="splits and classes",
        alt="Bars: share of normal, bacterial and viral films in each split",
        note=f"n = {audit.films:,} films. Bacterial or viral is what the file name says; the "
        "networks only learn normal against pneumonia.",
    )


def show_patients(audit: Audit) -> None:
    """Show how many films a patient group has, where the splits lie, and what they share."""
    table = tables.tabulate_group_sizes(audit)
    largest = max(audit.group_sizes, key=lambda found: max(found.groups))
    groups = sum(sum(found.groups.values()) for found in audit.group_sizes)
    st.markdown(
        "The file name carries a number: `person12_bacteria_34` is a film of person 12 of the "
        "bacterial series. Films of one series and number are a **patient group**, the nearest "
        f"thing to a child that is known. There are {groups:,} groups; the largest, "
        f"{largest.largest}, has {max(largest.groups)} films. A child with many films counts often."
    )
    show_chart(
        figures.draw_group_sizes(table),
        table,
        name="films a patient group",
        alt="Bars: share of each series' films by how many films their patient group has",
        note=f"n = {audit.films:,} films of {groups:,} patient groups.",
    )
    st.markdown(
        "Where in the numbering do the splits lie? In the official data set they go by number "
        "rather than by lot. Films with neighbouring numbers may have more in common than those "
        "with distant ones; what the order of the numbers means is not recorded."
    )
    stretches = tables.tabulate_stretches(audit)
    show_chart(
        figures.draw_stretches(stretches),
        stretches,
        name="numbers of each split",
        alt="Lines: the stretches of numbers that each split has in each series",
        note=f"n = {audit.films:,} films. A line ends where the next {WIDE_GAP} numbers or more "
        "are missing from the split.",
    )


def show_overlap(audit: Audit) -> None:
    """Show the numbers that occur in train as well as in test, and what that means."""
    found = {overlap.key: overlap for overlap in audit.overlaps}
    listed = [found[key] for key in words.OVERLAPS if key in found]
    if listed:
        st.table(
            {
                "If a child is …": [words.OVERLAPS[overlap.key] for overlap in listed],
                "in train": [f"{overlap.train:,}" for overlap in listed],
                "in test": [f"{overlap.test:,}" for overlap in listed],
                "in both": [f"{overlap.both:,}" for overlap in listed],
                "test films concerned": [f"{overlap.films_test:,}" for overlap in listed],
            },
            border="horizontal",
        )
    for line in words.describe_overlap(audit):
        st.markdown(f"- {line}")


@fragment()
def show_measures(audit: Audit) -> None:
    """Let the visitor choose a measure, and show how it is spread in each class and split."""
    if constants := words.describe_constants(audit):
        st.markdown(constants)
    order = [(key, source) for source in (ORIGINALS, FILMS) for key in words.MEASURES]
    measures = [m for key, source in order if (m := audit.find_measure(key, source))]
    varying = {words.name_measure(measure): measure for measure in measures if measure.varies}
    if varying:
        measure = varying[st.selectbox("Measure", list(varying), key="measure of the films")]
        table = tables.tabulate_measure(measure)
        unit = 1000 if measure.key == "bytes" else 1
        show_chart(
            figures.draw_measure(table, measure),
            table,
            name=words.name_measure(measure).replace(" · ", " of ").lower(),
            alt=f"Histograms of {words.name_measure(measure)} by class and split",
            note=f"Measured on {SOURCES[measure.source]}. All lines have the same bins; the "
            "outermost also hold the films that lie beyond them, 0.5% at each end.",
        )
        st.table(
            {
                "Split": [part.split for part in measure.parts],
                "Class": [CLASSES[part.label] for part in measure.parts],
                "n": [f"{part.n:,}" for part in measure.parts],
                "Median": [_say(part.quantiles[_MEDIAN] / unit) for part in measure.parts],
                "90% of the films": [
                    f"{_say(part.quantiles[_P5] / unit)} to {_say(part.quantiles[_P95] / unit)}"
                    for part in measure.parts
                ],
            },
            border="horizontal",
        )
        st.caption(f"{figures.AXES[measure.key]}.")
    st.caption(words.describe_colour(audit))


def _say(value: float) -> str:
    """Return a measured value with three digits or more."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def show_duplicates(audit: Audit) -> None:
    """Show how many films are the same, how that was found, and which."""
    rows = {
        "": ["Sets", "Films in them", *(f"Sets within {split}" for split in audit.splits), *_ACROSS]
    }
    for found in audit.duplicates:
        rows[words.KINDS[found.kind]] = [
            f"{count:,}"
            for count in (
                found.sets,
                found.films,
                *(found.within.get(split, 0) for split in audit.splits),
                found.across_splits,
                found.across_labels,
                found.across_groups,
            )
        ]
    st.table(rows, border="horizontal")
    st.caption(
        f"n = {audit.films:,} films, each compared with all others. The last column leaves exact "
        f"copies out: two films are candidates if their perceptual hashes (pHash) differ in at "
        f"most {HASH_DISTANCE} of 64 bits, and the same film if their fine detail correlates above "
        f"{LIKENESS:g} at the best shift. This finds copies that were compressed, brightened, "
        "slightly cut or turned. It misses copies that were mirrored or enlarged."
    )
    copies = [
        {
            "Set": f"{found.kind} {place}",
            "Split": film.split,
            "Class": CLASSES[film.label],
            "File": film.file,
            "Patient group": film.group,
        }
        for found in audit.duplicates
        if found.kind != "bytes"
        for place, films in enumerate(found.listed, start=1)
        for film in films
    ]
    if copies:
        with st.expander("Which films these are"):
            st.caption(
                f"At most {LONGEST_LIST} sets of each kind, those with two labels, splits or "
                "numbers first."
            )
            st.dataframe(copies, hide_index=True, alt="One row a film that has a copy")
