"""A trained network ⇄ the files that it is served from.

models/<name>/architecture.json     the Keras graph
models/<name>/weights.safetensors   kernels in float16, vectors in float32, class order
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from pneumo.domain import CLASSES
from pneumo.errors import DamagedWeightsError
from pneumo.networks.cards import ARCHITECTURE, WEIGHTS, hash_network

if TYPE_CHECKING:
    import keras

_CLASS_ORDER = ",".join(CLASSES)


def save_network(network: keras.Model, folder: Path) -> None:
    """Write a network's architecture and weights.

    Kernels are rounded to float16, which halves the file; biases and batch statistics, whose
    range is wider and whose share is small, stay float32.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ARCHITECTURE).write_text(network.to_json(), encoding="utf-8")
    arrays = {variable.path: _compact(np.asarray(variable)) for variable in network.weights}
    save_file(arrays, folder / WEIGHTS, metadata={"classes": _CLASS_ORDER})


def _compact(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(np.float16 if array.ndim > 1 else np.float32)


def identify_network(folder: Path, *, weights_sha256: str | None = None) -> str:
    """Return the hash of a network's files, see `hash_network`; Keras is not needed for it.

    Args:
        folder: one network's folder.
        weights_sha256: what the hash must be; None accepts any.

    Raises:
        MissingWeightsError: a file is not there.
        DamagedWeightsError: the hash is another one.
    """
    found = hash_network(folder)
    if weights_sha256 is not None and found != weights_sha256:
        raise DamagedWeightsError(
            f"The weights of {folder.name} are not those that the ensemble was calibrated with "
            f"(expected {weights_sha256[:12]}, found {found[:12]}). Restore the folder "
            f"models/{folder.name} from the release, or calibrate anew."
        )
    return found


def load_network(folder: Path, *, weights_sha256: str | None = None) -> keras.Model:
    """Read a network back, in float32.

    Args:
        folder: one network's folder.
        weights_sha256: what `hash_network` must give; None accepts any.

    Raises:
        MissingWeightsError: a file is not there.
        DamagedWeightsError: a file is cut off, swapped, of another class order, or does not fit
            the architecture.
    """
    import keras

    identify_network(folder, weights_sha256=weights_sha256)
    try:
        network = keras.models.model_from_json((folder / ARCHITECTURE).read_text(encoding="utf-8"))
        with safe_open(folder / WEIGHTS, framework="numpy") as stored:
            class_order = (stored.metadata() or {}).get("classes")
            arrays = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise DamagedWeightsError(
            f"The files of {folder.name} are cut off or corrupt. Restore the folder "
            f"models/{folder.name} from the release."
        ) from error
    if class_order != _CLASS_ORDER:
        raise DamagedWeightsError(
            f"The weights of {folder.name} are for the classes {class_order}, but {_CLASS_ORDER} "
            f"is expected. Restore the folder models/{folder.name} from the release."
        )
    _assign(network, arrays, folder.name)
    return network


def _assign(network: keras.Model, arrays: dict[str, NDArray[Any]], name: str) -> None:
    wanted = {variable.path: tuple(variable.shape) for variable in network.weights}
    given = {path: array.shape for path, array in arrays.items()}
    if wanted != given:
        raise DamagedWeightsError(
            f"The weights of {name} do not fit its architecture. Restore the folder "
            f"models/{name} from the release."
        )
    network.set_weights([arrays[v.path].astype(np.float32) for v in network.weights])
