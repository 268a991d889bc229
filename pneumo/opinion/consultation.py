"""A radiograph and a prompt → one opinion, from the cache if it was given before."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from pneumo.domain import Radiograph
from pneumo.opinion.cache import AnswerCache, name_question
from pneumo.opinion.picture import encode_film
from pneumo.opinion.prompt import Prompt
from pneumo.opinion.reading import OpinionReader
from pneumo.opinion.result import OpinionResult


def consult(
    radiograph: Radiograph,
    prompt: Prompt,
    reader: OpinionReader,
    *,
    context: Mapping[str, str] | None = None,
    mask_share: float = 0.0,
    cache: AnswerCache | None = None,
    repeat: int = 0,
    anew: bool = False,
    before_sending: Callable[[], None] | None = None,
    on_text: Callable[[str], None] | None = None,
    cancelled: threading.Event | None = None,
) -> OpinionResult:
    """Ask for a second opinion on a film.

    Args:
        radiograph: the film; only its pixels leave.
        prompt: the question.
        reader: who is asked.
        context: values of the prompt's variables, as the user gave them.
        mask_share: share of each side, in [0, 0.25], that is blackened at each border.
        cache: where earlier answers lie; None asks always and keeps nothing.
        repeat: counts the readings of the same film, from 0: each is kept by itself.
        anew: ask also if there is an earlier answer, and keep the new one.
        before_sending: called when the film is about to be sent, and not for an earlier answer; if
            it raises, nothing is sent.
        on_text: see `OpinionReader.read`.
        cancelled: likewise.

    Raises:
        PromptError: a variable is missing or not declared.
    """
    picture = encode_film(radiograph, side_px=prompt.image_side_px, mask_share=mask_share)
    question = name_question(
        reader.endpoint, prompt, picture, words=prompt.render(context), repeat=repeat
    )
    if cache is not None and not anew:
        earlier = cache.find(question)
        if earlier is not None:
            return earlier
    if before_sending is not None:
        before_sending()
    result = reader.read(picture, prompt, context, on_text=on_text, cancelled=cancelled)
    if cache is not None:
        cache.keep(question, result)
    return result
