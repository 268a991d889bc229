"""Seconds that are left → a countdown that runs in the browser and asks nothing of the server."""

from __future__ import annotations

import streamlit as st

# Written "\\3c", since Streamlit drops a style with a "<" in it.
_STYLE = """<style>
@property --pneumo-seconds { syntax: "\\3c integer>"; inherits: false; initial-value: 0; }
@keyframes pneumo-empty { from { transform: scaleX(1); } to { transform: scaleX(0); } }
@keyframes pneumo-count {
  from { --pneumo-seconds: var(--pneumo-limit); } to { --pneumo-seconds: 0; }
}
.pneumo-clock { display: flex; gap: 0.8rem; align-items: center; }
.pneumo-clock i {
  flex: 1; height: 8px; border-radius: 4px; background: currentColor; opacity: 0.75;
  transform-origin: left; animation: pneumo-empty linear forwards;
}
.pneumo-clock b { min-width: 3.2rem; text-align: right; font-variant-numeric: tabular-nums; }
.pneumo-clock b::after {
  counter-reset: pneumo-left var(--pneumo-seconds); content: counter(pneumo-left) " s";
  animation: pneumo-count linear forwards;
}
.pneumo-clock i, .pneumo-clock b::after {
  animation-duration: calc(var(--pneumo-limit) * 1s);
  animation-delay: calc(var(--pneumo-gone) * -1s);
}
</style>"""


def show_countdown(seconds_left: float, *, limit: int) -> None:
    """Show how much of the time for a film is left, as a bar and as a number.

    Args:
        seconds_left: at this moment.
        limit: seconds that there were in the beginning.
    """
    st.html(_STYLE)
    gone = limit - seconds_left
    st.html(
        f'<div class="pneumo-clock" role="timer" aria-label="{limit} seconds for this film" '
        f'style="--pneumo-limit: {limit}; --pneumo-gone: {gone:.2f}"><i></i><b></b></div>'
    )
