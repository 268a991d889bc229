"""A session's desk → the form that sets up whom to ask, and how."""

from __future__ import annotations

import streamlit as st

from pneumo import Settings
from pneumo.errors import OpinionError
from pneumo.opinion.cache import open_cache
from pneumo.opinion.connection import Connection, check_connection
from pneumo.opinion.endpoint import Endpoint
from pneumo.opinion.keys import Secret
from pneumo.opinion.picture import MOST_MASKED
from pneumo.opinion.prompt import RADIOLOGIST, list_prompts
from pneumo.opinion.providers import PROVIDERS
from pneumo.opinion.repeats import MOST_REPEATS
from pneumo.ui.fragments import fragment
from pneumo.ui.opinion.consultation import Consultation
from pneumo.ui.opinion.desk import Desk, find_endpoint
from pneumo.ui.opinion.errand import Errand

_POLL_S = 0.5
_LONGEST_S = 900
OPEN_KEY = "opinion set-up"
"""The session's state of whether the form is open."""


def set_up(desk: Desk, consultation: Consultation, settings: Settings, *, key: str) -> None:
    """Let the visitor choose whom to ask and how; the desk takes it.

    Args:
        desk: takes what holds for the session.
        consultation: takes what is about this film.
        settings: what was set from outside.
        key: tells this film's controls from another's.
    """
    form = st.expander(
        "Set up the second opinion",
        icon=":material/tune:",
        key=OPEN_KEY,
        on_change="rerun",
    )
    with form:
        if not form.open:
            return
        left, right = st.columns(2)
        with left:
            _choose_model(desk)
            endpoint = _find(desk, settings)
            _take_key(desk, endpoint)
            desk.timeout_s = st.number_input(
                "Time-out of one reading (seconds)",
                1,
                max(_LONGEST_S, desk.timeout_s),
                desk.timeout_s,
                key="opinion timeout",
            )
        with right:
            _choose_question(desk, consultation, settings, key=key)
        left, right = st.columns(2)
        with left:
            if endpoint is not None:
                _offer_test(desk, endpoint)
        with right:
            _offer_to_forget(settings)


def _choose_model(desk: Desk) -> None:
    desk.provider = st.selectbox(
        "Provider",
        list(PROVIDERS),
        index=list(PROVIDERS).index(desk.provider) if desk.provider in PROVIDERS else 0,
        format_func=lambda name: PROVIDERS[name].title,
        key="opinion provider",
    )
    provider = PROVIDERS[desk.provider]
    if provider.note:
        st.caption(provider.note)
    listed = _listed(desk)
    names = list(dict.fromkeys([*filter(None, [desk.model]), *provider.models, *listed]))
    model = st.selectbox(
        "Model",
        names,
        index=names.index(desk.model) if desk.model else None,
        accept_new_options=True,
        placeholder="Choose or type a model with vision",
        key=f"opinion model {desk.provider}",
    )
    desk.models[desk.provider] = (model or "").strip()
    address = st.text_input(
        "Address of the server",
        value=desk.address,
        placeholder=provider.base_url or "https://…/v1",
        key=f"opinion address {desk.provider}",
        help="Empty for the provider's own address, which is shown in grey.",
    )
    desk.addresses[desk.provider] = address.strip()


def _listed(desk: Desk) -> tuple[str, ...]:
    """Return the models that the chosen provider's server listed when it was tested last."""
    if desk.test is None or desk.tested is None or desk.test.is_running:
        return ()
    return desk.test.outcome().models if desk.tested.provider.name == desk.provider else ()


def _find(desk: Desk, settings: Settings) -> Endpoint | None:
    if not desk.model:
        return None
    try:
        return find_endpoint(desk, settings)
    except OpinionError as error:
        st.error(str(error))
        return None


def _take_key(desk: Desk, endpoint: Endpoint | None) -> None:
    """Take a key for this session: it leaves the field at once, and is never shown again."""
    field = f"opinion key {desk.provider}"
    st.text_input(
        "Key, for this session only",
        type="password",
        disabled=endpoint is None,
        placeholder="Choose a model first" if endpoint is None else "",
        key=field,
        on_change=_keep_key,
        args=(desk, endpoint.host if endpoint else "", field),
    )
    if desk.key_fault:
        st.error(desk.key_fault)
    if endpoint is None:
        return
    if endpoint.host in desk.keys:
        st.caption("A typed key is held in memory for this session and sent to this host only.")
        if st.button("Forget the key", icon=":material/key_off:"):
            del desk.keys[endpoint.host]
            st.rerun()
    elif endpoint.key is not None:
        st.caption("A key was found in the environment or in `.streamlit/secrets.toml`.")
    elif endpoint.provider.needs_key:
        variable = endpoint.provider.key_variables[0]
        st.caption(f"No key yet. Instead of typing it here, set `{variable}`.")
    else:
        st.caption("This provider asks for no key.")


def _keep_key(desk: Desk, host: str, field: str) -> None:
    typed, st.session_state[field] = st.session_state[field], ""
    desk.key_fault = ""
    if not typed.strip() or not host:
        return
    try:
        desk.keys[host] = Secret(typed)
    except OpinionError as error:
        desk.key_fault = str(error)


def _choose_question(
    desk: Desk, consultation: Consultation, settings: Settings, *, key: str
) -> None:
    prompts = {prompt.version: prompt for prompt in list_prompts(settings.prompts_dir, RADIOLOGIST)}
    versions = list(prompts)
    desk.prompt_version = st.segmented_control(
        "Prompt version",
        versions,
        default=desk.prompt_version if desk.prompt_version in versions else versions[0],
        required=True,
        key="opinion prompt",
    )
    st.caption(f"{prompts[desk.prompt_version].purpose}.")
    consultation.age = st.text_input(
        "Age of this child (optional)", value=consultation.age, key=f"opinion age {key}"
    )
    consultation.question = st.text_input(
        "Clinical question (optional)",
        value=consultation.question,
        key=f"opinion question {key}",
        help="Both are sent as you type them: no name, no date of birth.",
    )
    desk.mask_percent = st.slider(
        "Black out the border (% of each side)",
        0,
        round(100 * MOST_MASKED),
        desk.mask_percent,
        key="opinion mask",
        help="Hides letters that are burned into the film near its edges.",
    )
    desk.repeats = st.segmented_control(
        "Readings of the same film",
        list(range(1, MOST_REPEATS + 1)),
        default=desk.repeats,
        required=True,
        key="opinion repeats",
        help="More than one shows whether the model agrees with itself; each is paid for.",
    )


def _offer_test(desk: Desk, endpoint: Endpoint) -> None:
    running = desk.test is not None and desk.test.is_running
    fragment(run_every=_POLL_S if running else None)(_show_test)(desk, endpoint, running)


def _show_test(desk: Desk, endpoint: Endpoint, was_running: bool) -> None:
    pressed = st.button(
        "Test the connection",
        icon=":material/wifi_tethering:",
        disabled=desk.test is not None and desk.test.is_running,
        help="Sends no film: the server's models are listed, or the model is asked to say OK.",
    )
    if pressed:
        desk.tested = endpoint
        desk.test = Errand(lambda tell, cancelled: check_connection(endpoint))
        st.rerun()
    if desk.test is not None and desk.test.is_running:
        st.caption(f"Testing … {desk.test.elapsed_s:.0f} s")
    elif was_running:
        st.rerun()
    elif found := desk.connection_to(endpoint):
        _show_connection(found)


def _show_connection(found: Connection) -> None:
    if found.problem is None:
        st.success(found.sentence, icon=":material/check:")
    else:
        st.warning(found.sentence, icon=":material/block:")


def _offer_to_forget(settings: Settings) -> None:
    if st.button("Forget stored answers", icon=":material/delete:"):
        try:
            removed = open_cache(settings.cache_dir).forget()
        except OpinionError as error:
            st.error(str(error))
        else:
            st.success(f"Removed {removed:,} stored {'answer' if removed == 1 else 'answers'}.")
    st.caption(
        "An answer is kept, without the film, on the machine that runs this page: in its user's "
        "cache folder, or in the one that `PNEUMO_CACHE` names. The same question about the same "
        "film is then answered from there, unless it is asked anew."
    )
