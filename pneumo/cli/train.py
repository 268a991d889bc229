"""`train`: the data set → trained networks, a folder each."""

from __future__ import annotations

import argparse
from pathlib import Path

from pneumo.cli.options import add_data
from pneumo.errors import TrainingError


def add_train(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of `train`."""
    parser.set_defaults(run=_train)
    add_data(parser)
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
