"""The command line: words → one of the project's tasks, with an exit status."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from pneumo.errors import PneumoError, TrainingError
from pneumo.settings import read_settings

if TYPE_CHECKING:
    from pneumo.decision.worklist import WorklistRow


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 with the reason on standard error."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except PneumoError as error:
        print(f"pneumo: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pneumo", description="Train, score and apply the networks."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_train(commands.add_parser("train", help="train networks on the data set"))
    _add_calibrate(commands.add_parser("calibrate", help="join trained networks into an ensemble"))
    _add_evaluate(commands.add_parser("evaluate", help="score a split of the data set"))
    _add_results(commands.add_parser("results", help="print the table of measured results"))
    _add_predict(commands.add_parser("predict", help="read films and folders of films"))
    _add_synthesize(commands.add_parser("synthesize", help="fit the model of synthetic films"))
    return parser


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_train)
    _add_data(parser)
    parser.add_argument(
        "--model",
        nargs="+",
        metavar="NAME",
        default=["custom_cnn", "vgg16", "resnet50"],
        help="networks of the zoo",
    )
    parser.add_argument(
        "--protocol",
        choices=("frozen", "finetune"),
        default="finetune",
        help="train the head alone on cached features, or everything",
    )
    parser.add_argument(
        "--init",
        metavar="WEIGHTS",
        help=".keras file of a body to start from, or `none` for random weights; "
        "ImageNet weights of keras.applications by default",
    )
    parser.add_argument(
        "--preprocessing",
        choices=("signed", "caffe", "torch"),
        help="pixels that --init was trained with",
    )
    parser.add_argument(
        "--reduction",
        type=int,
        default=1,
        metavar="N",
        help="average N x N pixels before the body: faster by N x N, and coarser",
    )
    parser.add_argument(
        "--schedule",
        type=_schedule,
        metavar="EPOCHS@SIDE,…",
        help="epochs at each side in pixels, such as 3@160,4@224",
    )
    parser.add_argument("--epochs", type=int, metavar="N", help="short for --schedule N@224")
    parser.add_argument("--learning-rate", type=float, default=3e-4)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument(
        "--averaging", type=float, default=0.99, help="momentum of the moving average of weights"
    )
    parser.add_argument("--variants", type=int, help="augmented variants of each film")
    parser.add_argument(
        "--teacher",
        nargs="+",
        type=Path,
        default=[],
        metavar="FOLDER",
        help="trained networks whose mean score is learned besides the labels",
    )
    parser.add_argument("--no-flip", action="store_true", help="never mirror a film")
    parser.add_argument("--dtype", default="float32", choices=("float32", "mixed_bfloat16"))
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--fold", type=int, default=0, help="the fold that is held out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs"),
        metavar="DIR",
        help="the networks' folders go here",
    )
    parser.add_argument("--cache", type=Path, default=Path("runs/cache"), metavar="DIR")
    parser.add_argument("--resume", action="store_true", help="go on where a run was cut off")


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder that holds train, val and test",
    )


def _schedule(text: str) -> tuple[tuple[int, int], ...]:
    try:
        pairs = [part.split("@") for part in text.split(",")]
        return tuple((int(side), int(epochs)) for epochs, side in pairs)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected such as 3@160,4@224, not {text!r}") from None


def _train(options: argparse.Namespace) -> int:
    from pneumo.networks import workshop
    from pneumo.networks.augmentation import Augmentation
    from pneumo.networks.training import Recipe
    from pneumo.networks.zoo import SIDE, find_network

    specs = [find_network(name) for name in options.model]
    frozen = options.protocol == "frozen"
    if options.schedule and options.epochs:
        raise TrainingError("--schedule and --epochs say the same: give one of them.")
    recipe = Recipe(
        schedule=options.schedule or ((SIDE, options.epochs or (40 if frozen else 5)),),
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        averaging=options.averaging,
        variants=options.variants or (1 if frozen else 64),
        dtype=options.dtype,
        seed=options.seed,
        augmentation=Augmentation(flip=not options.no_flip),
    )
    collection = workshop.read_collection(options.data, folds=options.folds, fold=options.fold)
    for spec in specs:
        order = workshop.Order(
            spec=spec,
            protocol=options.protocol,
            recipe=recipe,
            folder=options.out / spec.name,
            cache=options.cache,
            init=None if options.init in (None, "none") else Path(options.init),
            from_nothing=options.init == "none",
            preprocessing=options.preprocessing,
            reduction=options.reduction,
            folds=options.folds,
            fold=options.fold,
            teachers=tuple(options.teacher),
            resume=options.resume,
        )
        card = workshop.train(order, collection)
        print(
            f"{spec.name}: validation AUC {card['validation']['auc']:.4f} "
            f"(n = {card['validation']['n']}), {card['seconds']:.0f} s, in {order.folder}"
        )
    return 0


def _add_models(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--models",
        type=Path,
        default=read_settings().models_dir,
        metavar="DIR",
        help="folder of the trained networks",
    )


def _add_calibrate(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_calibrate)
    _add_models(parser)
    parser.add_argument("names", nargs="+", metavar="NAME", help="members of the ensemble")


def _calibrate(options: argparse.Namespace) -> int:
    from pneumo.evidence.evaluation import calibrate

    plan = calibrate(options.models, options.names)
    print(f"ensemble {plan.version} of {', '.join(options.names)}")
    for point in plan.operating_points:
        print(
            f"  {point.name}: threshold {point.threshold:.3f}, sensitivity "
            f"{point.sensitivity:.3f}, specificity {point.specificity:.3f} (n = {point.n})"
        )
    return 0


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_evaluate)
    _add_models(parser)
    _add_data(parser)
    parser.add_argument(
        "--split",
        choices=("train", "val", "test"),
        default="test",
        help="each look at test is written to the ledger",
    )


def _evaluate(options: argparse.Namespace) -> int:
    from pneumo.evidence.evaluation import evaluate
    from pneumo.evidence.results import to_markdown

    command = f"python -m pneumo evaluate --split {options.split}"
    results = evaluate(options.data, options.models, split=options.split, command=command)
    print(to_markdown(results))
    return 0


def _add_results(parser: argparse.ArgumentParser) -> None:
    from pneumo.decision.operating import BALANCED, OPERATING_POINTS

    parser.set_defaults(run=_results)
    _add_models(parser)
    parser.add_argument("--split", default="test", help="a split that has been scored")
    parser.add_argument("--operating-point", choices=OPERATING_POINTS, default=BALANCED)


def _results(options: argparse.Namespace) -> int:
    from pneumo.evidence.results import measure, to_markdown

    results = measure(options.models, options.split, operating_point=options.operating_point)
    print(to_markdown(results))
    return 0


def _add_predict(parser: argparse.ArgumentParser) -> None:
    from pneumo.decision.operating import BALANCED, OPERATING_POINTS

    parser.set_defaults(run=_predict)
    _add_models(parser)
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE_OR_FOLDER")
    output = parser.add_mutually_exclusive_group()
    output.add_argument(
        "--json", action="store_true", help="JSON Lines on standard output (the default)"
    )
    output.add_argument("--csv", type=Path, metavar="OUT", help="write a CSV file instead")
    parser.add_argument("--operating-point", choices=OPERATING_POINTS, default=BALANCED)


def _predict(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from pneumo.decision.ensemble import Ensemble
    from pneumo.decision.worklist import find_files, read_files

    files = find_files(options.paths)
    if not files:
        raise PneumoError("The folders given hold no file: point predict at chest films.")
    ensemble = Ensemble.load(options.models)
    rows = tqdm(
        read_files(
            ensemble, files, operating_point=options.operating_point, settings=read_settings()
        ),
        "reading",
        len(files),
        unit="film",
        file=sys.stderr,
    )
    if options.csv is None:
        was_read = _write_json_lines(rows, sys.stdout)
    else:
        members = [member.name for member in ensemble.plan.members]
        try:
            with options.csv.open("w", newline="", encoding="utf-8") as file:
                was_read = _write_csv(rows, members, file)
        except OSError as error:
            raise PneumoError(f"{options.csv} cannot be written: {error.strerror}.") from error
    return 0 if was_read else 1


def _write_json_lines(rows: Iterable[WorklistRow], out: IO[str]) -> bool:
    was_read = False
    for row in rows:
        out.write(json.dumps(asdict(row)) + "\n")
        out.flush()
        was_read = was_read or bool(row.verdict)
    return was_read


def _write_csv(rows: Iterable[WorklistRow], members: Sequence[str], out: IO[str]) -> bool:
    columns = [
        "file",
        "status",
        "reason",
        "verdict",
        "probability",
        *(f"member_{name}" for name in members),
        "spread",
        "operating_point",
        "model_version",
    ]
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    was_read = False
    for row in rows:
        cells: dict[str, Any] = asdict(row)
        scores = cells.pop("members")
        writer.writerow(cells | {f"member_{name}": scores.get(name) for name in members})
        was_read = was_read or bool(row.verdict)
    return was_read


def _add_synthesize(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_synthesize)
    _add_models(parser)
    _add_data(parser)


def _synthesize(options: argparse.Namespace) -> int:
    import numpy as np

    from pneumo.intake.collection import collect_films
    from pneumo.intake.synthetic import SYNTHETIC_FILE, fit_synthetic_films
    from pneumo.networks.films import load_films, shrink_films
    from pneumo.networks.zoo import SIDE

    films = collect_films(options.data, ("train",))
    labels = np.array([film.label for film in films])
    # The components hold no finer detail than half the networks' side shows.
    model = fit_synthetic_films(shrink_films(load_films(films), SIDE // 2), labels)
    path = options.models / SYNTHETIC_FILE
    path.write_bytes(model)
    print(f"{path.name}: {len(model) / 1e6:.1f} MB from {len(films)} films")
    return 0
