"""Several networks on the same films → whether they differ, how far they agree, and where not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pneumo import CLASSES, ENSEMBLE
from pneumo.evidence.comparison import Pair
from pneumo.evidence.metrics import METRICS
from pneumo.evidence.scores import Scored
from pneumo.ui.evidence import differences
from pneumo.ui.evidence.compared import agreement_of, differences_of, disagreements_of, tests_of
from pneumo.ui.evidence.scored import describe_films
from pneumo.ui.figures.comparison import draw_agreement
from pneumo.ui.fragments import fragment
from pneumo.ui.widgets.charts import keep_table, show_chart

_INDEPENDENT = (
    "It takes films as independent of each other, which films of one child are not: where a child "
    "has several films, its p is too small. The bootstrap in the third tab draws whole patient "
    "groups and respects that."
)
_CORRECTION = (
    "p is the chance of a difference at least as large if the two were equally good, corrected by "
    "Holm's method for the number of pairs; below 0.05 a difference counts as larger than chance "
    "explains. Intervals are those of each pair alone, so one can leave zero out although the "
    "corrected p is above 0.05."
)


@fragment()
def show_tests(networks: Sequence[Scored], point: str) -> None:
    """Show the paired tests of every pair, a plain sentence each; only the open tab computes."""
    st.subheader("Is a difference larger than chance?", anchor=False)
    st.write("Every pair of networks, on the same films.")
    auc, decisions, anything = st.tabs(
        ["AUC (DeLong)", "Decisions (McNemar)", "Any metric (bootstrap)"],
        on_change="rerun",
        key="paired tests",
    )
    if auc.open:
        with auc:
            _show_auc(networks, point)
    if decisions.open:
        with decisions:
            _show_decisions(networks, point)
    if anything.open:
        with anything:
            _show_bootstrap(networks, point)
    st.caption(f"{describe_films(networks[0])}. {_CORRECTION}")


def _show_auc(networks: Sequence[Scored], point: str) -> None:
    pairs = sorted(tests_of(networks, point), key=lambda pair: pair.auc_p_corrected)
    titles = _titles(networks)
    _list([differences.describe_auc(pair, titles, pairs=len(pairs)) for pair in pairs])
    keep_table(_tabulate(pairs, titles), name=f"compare_{networks[0].split}_pairs")
    st.caption(f"DeLong's test of two AUCs on the same films. {_INDEPENDENT}")


def _show_decisions(networks: Sequence[Scored], point: str) -> None:
    pairs = sorted(tests_of(networks, point), key=lambda pair: pair.decision_p_corrected)
    titles = _titles(networks)
    _list([differences.describe_decisions(pair, titles, pairs=len(pairs)) for pair in pairs])
    keep_table(_tabulate(pairs, titles), name=f"compare_{networks[0].split}_pairs")
    st.caption(
        f"McNemar's test of two networks' decisions at the operating point {point}: only films "
        f"that one alone calls rightly count. {_INDEPENDENT}"
    )


def _show_bootstrap(networks: Sequence[Scored], point: str) -> None:
    key = str(
        st.selectbox(
            "Metric",
            list(METRICS),
            index=list(METRICS).index("recall"),
            format_func=lambda key: METRICS[key].title,
            key="paired metric",
        )
    )
    titles = _titles(networks)
    found = sorted(differences_of(networks, key, point), key=lambda pair: pair.p_corrected)
    _list([differences.describe_metric(pair, titles, pairs=len(found)) for pair in found])
    rows = [
        {
            "first": titles[pair.first],
            "second": titles[pair.second],
            "metric": key,
            "difference": pair.paired.difference.value,
            "low": pair.paired.difference.low,
            "high": pair.paired.difference.high,
            "p": pair.paired.p,
            "p_corrected": pair.p_corrected,
            "n": pair.paired.difference.n,
        }
        for pair in found
    ]
    keep_table(pd.DataFrame(rows), name=f"compare_{networks[0].split}_bootstrap_{key}")
    better = "above" if METRICS[key].better == "higher" else "below"
    st.caption(
        "Patient groups are drawn 2,000 times with replacement, the same ones for both networks. "
        f"{METRICS[key].meaning} To lie {better} is better."
    )


def _titles(networks: Sequence[Scored]) -> dict[str, str]:
    return {network.name: network.title for network in networks}


def _list(sentences: Sequence[str]) -> None:
    if sentences:
        st.markdown("\n".join(f"- {sentence}" for sentence in sentences))
    else:
        st.info("It takes two networks to compare.")


def _tabulate(pairs: Sequence[Pair], titles: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "first": titles[pair.first],
                "second": titles[pair.second],
                "auc_difference": pair.delong.difference,
                "low": pair.delong.low,
                "high": pair.delong.high,
                "auc_p": pair.delong.p,
                "auc_p_corrected": pair.auc_p_corrected,
                "only_first_right": pair.mcnemar.only_a_right,
                "only_second_right": pair.mcnemar.only_b_right,
                "decision_p": pair.mcnemar.p,
                "decision_p_corrected": pair.decision_p_corrected,
            }
            for pair in pairs
        ]
    )


@fragment()
def show_agreement(networks: Sequence[Scored], point: str) -> None:
    """Show how far networks decide alike, and the films on which they do not."""
    st.subheader("Where they agree, and where not", anchor=False)
    measures = {
        False: "Share of same decisions",
        True: "Beyond chance (Cohen's kappa)",
    }
    kappa = bool(
        st.segmented_control(
            "Agreement as",
            list(measures),
            default=False,
            required=True,
            format_func=measures.__getitem__,
            key="agreement measure",
        )
    )
    table = agreement_of(networks, point, kappa=kappa)
    meaning = (
        "Kappa is 0 where two agree as often as chance would, and 1 where they always agree."
        if kappa
        else "The share of films that two networks put on the same side."
    )
    show_chart(
        draw_agreement(table, is_share=not kappa),
        table.rename_axis("network").reset_index(),
        name=f"compare_{networks[0].split}_{'kappa' if kappa else 'agreement'}",
        alt=f"{measures[kappa]} of each two networks",
        note=f"{meaning} {describe_films(networks[0])}, at the operating point {point}. Networks "
        "that err on the same films agree too: agreement is no proof of being right.",
    )
    _list_disagreements(networks, point)


def _list_disagreements(networks: Sequence[Scored], point: str) -> None:
    voters = [network for network in networks if network.name != ENSEMBLE]
    if len(voters) < 2:
        return
    st.write(differences.describe_votes(voters, point=point))
    table = disagreements_of(networks, point)
    if table.empty:
        return
    shares = [network.title for network in networks]
    shown = table.assign(label=[CLASSES[label] for label in table["label"]])
    shown[shares] = 100 * shown[shares]
    columns: dict[str, Any] = {
        "file": st.column_config.TextColumn("Film", pinned=True),
        "label": "Official label",
        "networks_saying_pneumonia": f"Of {len(voters)} say PNEUMONIA",
    }
    columns |= {title: st.column_config.NumberColumn(format="%.1f%%") for title in shares}
    st.dataframe(
        shown[["file", "label", "networks_saying_pneumonia", *shares]],
        hide_index=True,
        height=320,
        column_config=columns,
        alt="Films on which the networks disagree, with the probability that each gives",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            "The most evenly split votes first. Numbers are calibrated probabilities of pneumonia; "
            "each network votes by its own threshold, and the ensemble has no vote.",
            width="stretch",
        )
        keep_table(table, name=f"compare_{networks[0].split}_disagreements")
