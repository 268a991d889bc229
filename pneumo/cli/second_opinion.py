"""`second-opinion`: the films of a split and a language model → what it says of each, measured."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import threading
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pneumo.cli.options import add_data
from pneumo.errors import EndpointError, OpinionError
from pneumo.settings import read_settings

if TYPE_CHECKING:
    from pneumo.evidence.metrics import Estimate
    from pneumo.opinion.endpoint import Endpoint
    from pneumo.opinion.survey import SurveyRun
    from pneumo.opinion.survey_order import SurveyOrder

_INTERRUPTED = 130
_SECRETS = Path(".streamlit", "secrets.toml")


def add_second_opinion(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of `second-opinion`."""
    settings = read_settings()
    parser.description = (
        "Have a vision language model read the films of a split, blind, and measure it as the "
        "networks are measured. Every answer is kept as it comes; the same command goes on where "
        "a run was cut off. Only grey pixels leave, and only to the host that is named first. "
        "The key comes from the environment or from .streamlit/secrets.toml."
    )
    parser.set_defaults(run=_ask)
    add_data(parser)
    parser.add_argument(
        "--out",
        type=Path,
        default=settings.models_dir,
        metavar="MODELS",
        help="folder of the trained networks; the answers go into `opinions` there",
    )
    _add_questions(parser)
    _add_server(parser)
    parser.add_argument(
        "--yes",
        action="store_true",
        help="send without asking; not needed for a server on this machine",
    )
    parser.add_argument(
        "--anew", action="store_true", help="forget earlier answers and ask about all films"
    )


def _add_questions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--split",
        choices=("train", "val", "test"),
        default="test",
        help="the first answer about test is written to the ledger",
    )
    parser.add_argument(
        "--limit",
        type=_positive,
        metavar="N",
        help="about N films, whole patient groups, in the classes' own proportion; all by "
        "default. A larger N later reads the same films and further ones",
    )
    parser.add_argument("--prompt", default="v1", metavar="VERSION", help="v1 by default")
    parser.add_argument(
        "--repeats", type=_positive, default=1, metavar="K", help="readings of each film, 1 to 5"
    )
    parser.add_argument(
        "--mask",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="blacken this share of each side at each border, 0 to 0.25, where films carry names",
    )


def _add_server(parser: argparse.ArgumentParser) -> None:
    settings = read_settings()
    parser.add_argument("--model", default=settings.opinion_model, metavar="NAME")
    parser.add_argument("--provider", default=settings.opinion_provider, metavar="NAME")
    parser.add_argument("--base-url", default=settings.opinion_base_url, metavar="URL")
    parser.add_argument(
        "--workers", type=_positive, default=4, metavar="W", help="readings at the same time"
    )
    parser.add_argument(
        "--requests-per-minute", type=_positive, metavar="R", help="no bound by default"
    )
    parser.add_argument(
        "--timeout-s",
        type=_positive,
        default=settings.opinion_timeout_s,
        metavar="S",
        help="most seconds for one reading",
    )


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"expected a positive whole number, not {text!r}")
    return int(text)


def _ask(options: argparse.Namespace) -> int:
    from pneumo.intake.collection import collect_films
    from pneumo.opinion.endpoint import make_endpoint
    from pneumo.opinion.prices import read_prices
    from pneumo.opinion.prompt import RADIOLOGIST, read_prompt
    from pneumo.opinion.survey import run_survey
    from pneumo.opinion.survey_crew import Manner
    from pneumo.opinion.survey_order import SurveyOrder

    prompts = read_settings().prompts_dir
    endpoint = make_endpoint(
        options.provider,
        options.model,
        base_url=options.base_url,
        secrets=_read_secrets(),
        timeout_s=options.timeout_s,
        prices=read_prices(prompts),
    )
    order = SurveyOrder(
        films=collect_films(options.data, (options.split,)),
        split=options.split,
        endpoint=endpoint,
        prompt=read_prompt(prompts, RADIOLOGIST, options.prompt),
        limit=options.limit,
        repeats=options.repeats,
        mask_share=options.mask,
    )
    if endpoint.lacks_key:
        raise EndpointError(
            f"{endpoint.provider.title} wants a key: set {endpoint.provider.key_variables[0]} in "
            "the environment, or choose a model on this machine, for example with `--provider "
            "ollama`."
        )
    progress = _Progress()
    with _stops_on_interrupt() as stopped:
        run = run_survey(
            order,
            options.out,
            manner=Manner(options.workers, options.requests_per_minute),
            anew=options.anew,
            command=_name_command(options),
            stopped=stopped,
            on_begin=lambda done, everything: _begin(
                order, progress, done, everything, is_agreed=options.yes
            ),
            on_answer=progress.count,
        )
    progress.close()
    for line in _summarise(run, order):
        print(line)
    if run.stopped_by is not None:
        raise OpinionError(
            f"The survey stopped: {run.stopped_by.message} What was answered is kept; the same "
            "command goes on from there."
        )
    return _INTERRUPTED if run.interrupted else 0


class _Progress:
    """The bar on standard error."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._cost = 0.0
        self._without = 0

    def begin(self, done: int, everything: int) -> None:
        from tqdm import tqdm

        self._bar = tqdm(
            desc="reading", initial=done, total=everything, unit="film", file=sys.stderr
        )

    def count(self, answer: Any) -> None:
        result = answer.result
        self._cost += result.cost_usd or 0.0
        self._without += result.problem is not None
        shown: dict[str, object] = {"no opinion": self._without}
        if self._cost:
            shown["cost"] = f"${self._cost:.2f}"
        self._bar.set_postfix(shown, refresh=False)
        self._bar.update()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def _begin(
    order: SurveyOrder, progress: _Progress, done: int, everything: int, *, is_agreed: bool
) -> None:
    """Say what will be sent where, and make sure that it is meant.

    Raises:
        OpinionError: the films would leave this machine, and nobody agreed to that.
    """
    for line in _announce(order, done, everything):
        print(line)
    sys.stdout.flush()
    if everything > done and not (order.endpoint.stays_here or is_agreed):
        _demand_consent(order.endpoint, everything - done)
    progress.begin(done, everything)


def _announce(order: SurveyOrder, done: int, everything: int) -> Iterator[str]:
    from pneumo.opinion.reading import OpinionReader

    endpoint, left = order.endpoint, everything - done
    where = "stays on this machine" if endpoint.stays_here else "leaves this machine"
    size = f"at most {order.prompt.image_side_px:,} pixels a side"
    mask = f", {order.mask_share:.0%} of each border blackened" if order.mask_share else ""
    yield (
        f"{left:,} readings to ask of {endpoint.model} at {endpoint.host} ({where}); "
        f"{done:,} of {everything:,} are there already."
    )
    yield (
        f"Sent with each: the film's grey pixels ({size}{mask}) and the prompt "
        f"{order.prompt.name}/{order.prompt.version}; no name, no label, no score."
    )
    if not endpoint.stays_here:
        with OpinionReader(endpoint) as reader:
            worst = order.worst_cost_usd(words=reader.preview(order.prompt), readings=left)
        yield (
            f"No price of {endpoint.model} is on file (prompts/prices.toml)."
            if worst is None
            else f"Cost: at most ${worst:.2f}, if each answer is long, has to be mended, and each "
            "picture is as dear as it gets; usually a small part of that."
        )


def _demand_consent(endpoint: Endpoint, left: int) -> None:
    if not sys.stdin.isatty():
        raise OpinionError(
            f"{left:,} readings would be sent to {endpoint.host}: give --yes if that is meant. "
            "Nothing was sent."
        )
    if input(f"Send them to {endpoint.host}? [y/N] ").strip().lower() not in ("y", "yes"):
        raise OpinionError("Nothing was sent.")


def _summarise(run: SurveyRun, order: SurveyOrder) -> Iterator[str]:
    from pneumo.opinion.survey_metrics import measure_survey
    from pneumo.opinion.surveys import read_survey

    facts = run.facts
    if unreadable := facts["unreadable"]:
        yield f"Not sent, since they cannot be read: {', '.join(unreadable)}."
    if run.table.empty:
        return
    found = measure_survey(read_survey(run.folder, order.split))
    yield (
        f"{facts['films_read']:,} of {facts['films_planned']:,} films answered or accounted for, "
        f"{facts['readings_open']:,} readings to be asked again."
    )
    if found.decided is not None:
        yield (
            f"Among {found.n_decided:,} films with a verdict: sensitivity "
            f"{_say(found.decided.sensitivity)}, specificity {_say(found.decided.specificity)}."
        )
    yield (
        f"Counting films without one as not found and not cleared: sensitivity "
        f"{_say(found.all_films.sensitivity)}, specificity {_say(found.all_films.specificity)}."
    )
    yield (
        f"Indeterminate {_say(found.indeterminate)}, refused {_say(found.refused)}, failed "
        f"{_say(found.failed)}."
    )
    if found.consistency is not None:
        yield f"Agrees with itself in {found.consistency:.1%} of a film's readings."
    if facts["cost_usd"]:
        yield f"Cost so far: ${facts['cost_usd']:.2f}."
    yield f"Written to {run.folder}."
    if run.interrupted:
        yield "Interrupted: the same command goes on from there."


def _say(estimate: Estimate) -> str:
    return f"{estimate:.1%}, n = {estimate.n:,}"


def _name_command(options: argparse.Namespace) -> str:
    """Return the call as the ledger keeps it: without a folder or an address."""
    command = f"python -m pneumo second-opinion --split {options.split}"
    if options.limit:
        command += f" --limit {options.limit}"
    return (
        f"{command} --provider {shlex.quote(options.provider)} --model "
        f"{shlex.quote(options.model)} --prompt {shlex.quote(options.prompt)}"
    )


def _read_secrets() -> Mapping[str, object]:
    """Return Streamlit's secrets file of the present folder, empty if there is none.

    Raises:
        EndpointError: it cannot be read.
    """
    if not _SECRETS.is_file():
        return {}
    try:
        return tomllib.loads(_SECRETS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # Not chained: the parser's own message may quote a key.
        raise EndpointError(f"{_SECRETS} is no TOML file: correct it.") from None


@contextmanager
def _stops_on_interrupt() -> Iterator[threading.Event]:
    """Turn the first Ctrl-C, or a wish to terminate, into an event; the next one kills."""
    stopped = threading.Event()
    before: dict[signal.Signals, Any] = {}

    def stop(number: int, frame: object) -> None:
        stopped.set()
        for each, handler in before.items():
            signal.signal(each, handler)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, stop)
    try:
        yield stopped
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
