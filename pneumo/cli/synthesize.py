"""`synthesize`: the data set → the model that synthetic films are drawn from."""

from __future__ import annotations

import argparse

from pneumo.cli.options import add_data, add_models


def add_synthesize(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of `synthesize`."""
    parser.set_defaults(run=_synthesize)
    add_models(parser)
    add_data(parser)


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
