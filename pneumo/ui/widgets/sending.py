"""A film on show → the buttons that send it: after consent, with all that leaves to be seen."""

from __future__ import annotations

import streamlit as st

from pneumo.opinion.endpoint import Endpoint
from pneumo.opinion.picture import encode_film
from pneumo.ui.opinion import words
from pneumo.ui.opinion.consultation import Inquiry
from pneumo.ui.opinion.desk import Desk
from pneumo.ui.opinion.subject import Subject


def offer_first(subject: Subject) -> None:
    """Offer to ask a language model about a film for the first time."""
    inquiry = subject.prepare()
    if inquiry is None:
        _tell_what_to_set(subject.desk)
        return
    endpoint = inquiry.reader.endpoint
    st.write("It reads the film itself, blind: it is not told what the networks say.")
    st.text(f"Model: {endpoint.model} ({endpoint.provider.title})")
    agreed = _ask_consent(endpoint, inquiry, subject)
    _offer(subject, inquiry, "Ask the language model", agreed=agreed, is_main=True)
    _show_what_is_sent(subject, inquiry)


def offer_retry(subject: Subject) -> None:
    """Offer to ask again after a reading that brought no opinion."""
    inquiry = subject.prepare()
    if inquiry is None:
        _tell_what_to_set(subject.desk)
        return
    agreed = _has_consent(inquiry, subject)
    _offer(subject, inquiry, "Try again", agreed=agreed, is_main=True)
    _show_what_is_sent(subject, inquiry)


def offer_further(subject: Subject) -> None:
    """Offer, after an opinion, an informed reading and one more blind one.

    The latter goes past earlier answers unless the set-up was changed meanwhile.
    """
    asked = subject.consultation.inquiry
    buttons = st.container(horizontal=True)
    with buttons:
        _offer_informed(subject)
    inquiry = subject.prepare()
    if inquiry is None:
        _tell_what_to_set(subject.desk)
        return
    changed = asked is not None and not asked.asks_as(inquiry)
    agreed = _has_consent(inquiry, subject)
    with buttons:
        label = "Ask with the new set-up" if changed else "Ask anew"
        _offer(subject, inquiry, label, agreed=agreed, anew=not changed)
    _show_what_is_sent(subject, inquiry)


def _offer(
    subject: Subject,
    inquiry: Inquiry,
    label: str,
    *,
    agreed: bool,
    is_main: bool = False,
    anew: bool = False,
) -> None:
    pressed = st.button(
        label,
        type="primary" if is_main else "secondary",
        icon=":material/forum:" if is_main else ":material/refresh:",
        disabled=not agreed,
        key=f"ask {subject.key}",
        help="Sends the film even if an earlier answer is stored." if anew else None,
    )
    if pressed:
        subject.ask(inquiry, anew=anew)
        st.rerun()


def _offer_informed(subject: Subject) -> None:
    again = subject.consultation.informed is not None
    pressed = st.button(
        "Ask informed once more" if again else "Ask again, informed",
        icon=":material/compare:",
        key=f"informed {subject.key}",
        help="A second reading by the same model at the same host. It is told its first answer, "
        "the networks' score and where their heat map peaks, and must say what it changes.",
    )
    if pressed:
        subject.ask_informed()
        st.rerun()


def _tell_what_to_set(desk: Desk) -> None:
    title = "No key is set" if desk.model else "No language model is set up"
    st.info(words.say_what_to_set(), title=title, icon=":material/key:")
    st.caption("Nothing is sent, and nothing is made up, until then.")


def _has_consent(inquiry: Inquiry, subject: Subject) -> bool:
    """Return whether the visitor agreed to the host before, or does so now."""
    endpoint = inquiry.reader.endpoint
    return endpoint.host in subject.desk.agreed or _ask_consent(endpoint, inquiry, subject)


def _ask_consent(endpoint: Endpoint, inquiry: Inquiry, subject: Subject) -> bool:
    """Name the host that will receive the film, and return whether the visitor agrees.

    The visitor is asked once a session for each host, and can take the word back.
    """
    agreed_hosts = subject.desk.agreed
    if endpoint.stays_here:
        st.badge("stays on this machine", icon=":material/home:", color="green")
    else:
        st.badge("leaves this machine", icon=":material/outbound:", color="orange")
    with_context = any(inquiry.context.values())
    # Plain text: the host is whatever was typed.
    st.text(words.say_receiver(endpoint, with_context=with_context))
    agreed = st.checkbox(
        "I agree, for this session and this host",
        value=endpoint.host in agreed_hosts,
        key=f"agree {endpoint.host} {subject.key}",
    )
    if agreed:
        agreed_hosts.add(endpoint.host)
    else:
        agreed_hosts.discard(endpoint.host)
    return agreed


def _show_what_is_sent(subject: Subject, inquiry: Inquiry) -> None:
    """Show the picture and the words of a blind reading, drawn up only if somebody looks."""
    sent = st.expander("What is sent", key=f"sent {subject.key}", on_change="rerun")
    with sent:
        if not sent.open:
            return
        picture = encode_film(
            subject.radiograph,
            side_px=inquiry.prompt.image_side_px,
            mask_share=inquiry.mask_share,
        )
        st.image(
            picture.png,
            width="stretch",
            caption=f"Grey pixels, {picture.columns} by {picture.rows}, "
            f"{len(picture.png) / 1024:,.0f} KiB",
            alt="The film as it is sent",
        )
        st.caption(
            "Letters that were burned into the film are pixels too: black out the border in the "
            "set-up if there are any."
        )
        st.code(
            inquiry.reader.preview(inquiry.prompt, inquiry.context),
            language=None,
            wrap_lines=True,
            height=320,
        )
