"""Stored values of a DICOM film come in, grey values as a reading room shows them go out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset
from pydicom.pixels.processing import apply_rescale, apply_windowing

from pneumo.intake.elements import element, first_item, numbers, text, whole
from pneumo.intake.elements import values as values_of
from pneumo.intake.film import STRETCHED, find_contrast, sample
from pneumo.intake.layout import Layout

Floats = NDArray[np.floating]
Step = Callable[[NDArray[Any]], Floats]

_LEAST_SPREAD = 0.2
"""A display that squeezes the middle 98% of a film into less grey than this hides the lungs."""
_LEAST_SHADES = 0.05
"""Share of pixels that must be neither black nor white for a film to be more than a stencil."""
_BAND_ROWS = 256
_MOST_WINDOWS = 8
"""Devices write one to three; what a film shows after so many is no accident any more."""
_TRIED_PIXELS = 50_000
_LONGEST_TABLE = 65536
_FARTHEST_ENTRY = 2**31


def show(
    values: NDArray[np.integer], ds: FileDataset, layout: Layout
) -> tuple[NDArray[np.float32], list[str]]:
    """Return grey values in [0, 1] with notes on how they came about.

    In the order of PS3.4 N.2: padding is set aside (PS3.3 C.7.5.1.1.2), the Modality LUT or
    rescale applied (C.11.1), then the VOI LUT or the first window (C.11.2) that shows the film;
    one that lies outside the data is ignored. Without a usable one, 8-bit films stay as they
    are and others are stretched between the 0.5th and 99.5th percentile. MONOCHROME1 is
    inverted (C.7.6.3.1.2), padding painted black.

    Presentation LUT Shape INVERSE only repeats what MONOCHROME1 says (C.8.11.3.1.2), so the
    photometric interpretation alone decides and nothing is inverted twice.

    Args:
        values: stored values, shape (rows, columns).
        ds: the data set that they come from.
        layout: its checked pixel layout.
    """
    notes: list[str] = []
    padding = _padding(values, ds)
    thinned = sample(values)
    seen = thinned if padding is None else thinned[~sample(padding)]
    world = _world(ds, layout, notes)
    display = _display(seen, world, ds, layout, notes)
    grey = np.empty(values.shape, dtype=np.float32)
    # pydicom calculates in float64 with several copies: band by band, memory stays bounded.
    for start in range(0, layout.rows, _BAND_ROWS):
        band = slice(start, start + _BAND_ROWS)
        grey[band] = display(world(values[band]))
    if layout.inverted:
        np.subtract(1.0, grey, out=grey)
        notes.append("Inverted, because the film is stored as MONOCHROME1 (bone dark).")
    elif text(ds, "PresentationLUTShape") == "INVERSE":
        notes.append("Presentation LUT Shape INVERSE contradicts MONOCHROME2 and was not followed.")
    if padding is not None:
        grey[padding] = 0.0
        notes.append("Padding around the exposed field was set to black.")
    return grey, notes


def _padding(values: NDArray[np.integer], ds: FileDataset) -> NDArray[np.bool_] | None:
    low = whole(ds, "PixelPaddingValue")
    if low is None:
        return None
    high = whole(ds, "PixelPaddingRangeLimit")
    low, high = sorted((low, low if high is None else high))
    padding = np.asarray((values >= low) & (values <= high))
    # A film that is padding through and through shows how wrong the value is.
    if not padding.any() or padding.all() or sample(padding).all():
        return None
    return padding


def _world(ds: FileDataset, layout: Layout, notes: list[str]) -> Step:
    """Return the function from stored values to those that a window speaks of."""
    table = _table(ds, "ModalityLUTSequence", layout)
    if table is not None:
        notes.append("The Modality LUT of the file was applied.")
        return table[0]
    slope, intercept = numbers(ds, "RescaleSlope"), numbers(ds, "RescaleIntercept")
    if slope[:1] == [0.0]:
        notes.append("A Rescale Slope of zero was ignored.")
        slope, intercept = [], []
    rescale = Dataset()
    rescale.RescaleSlope = slope[0] if slope else 1.0
    rescale.RescaleIntercept = intercept[0] if intercept else 0.0
    return lambda stored: np.asarray(apply_rescale(stored, rescale))


def _display(
    stored: NDArray[np.integer], world: Step, ds: FileDataset, layout: Layout, notes: list[str]
) -> Step:
    """Return the function from world values to grey that shows these pixels."""
    seen = world(stored)
    tried = sample(seen, _TRIED_PIXELS)
    offered = False
    for name, display in _offered(ds, layout):
        if _shows(display(tried)):
            notes.append(f"Shown through the file's own {name}.")
            return display
        offered = True
    if offered:
        notes.append("The file's own window lies outside the data and was ignored.")
    elif layout.stored <= 8 and "ModalityLUTSequence" not in ds:
        lowest = -(2 ** (layout.stored - 1)) if layout.signed else 0
        display = _stretch(*sorted(world(np.array([lowest, lowest + 2**layout.stored - 1]))))
        if _shows(display(tried)):
            return display
    notes.append(STRETCHED)
    return _stretch(*find_contrast(seen))


def _offered(ds: FileDataset, layout: Layout) -> Iterator[tuple[str, Step]]:
    table = _table(ds, "VOILUTSequence", layout)
    if table is not None:
        look_up, bits = table
        yield "VOI LUT", lambda world: look_up(world) / (2**bits - 1)
    function = text(ds, "VOILUTFunction")
    if function not in ("LINEAR_EXACT", "SIGMOID"):
        function = "LINEAR"
    centers, widths = numbers(ds, "WindowCenter"), numbers(ds, "WindowWidth")
    for center, width in list(zip(centers, widths, strict=False))[:_MOST_WINDOWS]:
        if width >= 1.0 or (width > 0.0 and function != "LINEAR"):
            yield "window", window(center, width, function)


def _table(ds: FileDataset, keyword: str, layout: Layout) -> tuple[Step, int] | None:
    """Return the look-up in a sequence's first table and its bits; None if absent or senseless.

    pydicom's own look-up wraps around where values or a long table exceed the type of the
    entries, and cannot read 8-bit entries packed as PS3.3 C.11.2.1.1 asks.
    """
    item = first_item(ds, keyword)
    if item is None:
        return None
    try:
        count, first, bits = (int(number) for number in values_of(item, "LUTDescriptor"))
        count = count or _LONGEST_TABLE
        data = element(item, "LUTData")
        entries = b"" if data is None else data.value
        if isinstance(entries, bytes):
            wide = "<u2" if ds.original_encoding[1] else ">u2"
            packed = bits <= 8 and len(entries) in (count, count + 1)
            entries = np.frombuffer(entries, dtype="u1" if packed else wide)
        entries = np.array(entries[:count], dtype=np.float64)
    except Exception:  # pydicom meets a garbled table with a dozen kinds of errors
        return None
    # One number alone is no table, and has no length either.
    if entries.ndim != 1 or not 1 <= count <= min(len(entries), _LONGEST_TABLE):
        return None
    if not np.isfinite(entries).all():
        return None
    if not 8 <= bits <= 16 or abs(first) > _FARTHEST_ENTRY:
        return None
    if layout.signed and first >= 32768:  # a negative number that was written as unsigned
        first -= 65536
    last = count - 1
    return lambda world: entries[
        np.clip(world.astype(np.float64) - first, 0, last).astype(np.int64)
    ], bits


def window(center: float, width: float, function: str = "LINEAR") -> Step:
    """Return the display function of one window, onto [0, 1] (PS3.3 C.11.2.1.2 and .3).

    Args:
        center: Window Center, in units after the Modality LUT.
        width: Window Width, positive, for LINEAR at least 1.
        function: LINEAR, LINEAR_EXACT or SIGMOID.

    >>> window(50, 100, "LINEAR_EXACT")(np.array([0.0, 50.0, 100.0]))
    array([0. , 0.5, 1. ])
    """
    described = Dataset()
    described.WindowCenter, described.WindowWidth = center, width
    described.VOILUTFunction = function
    # pydicom maps onto the range of the stored bits: of one bit, that is 0 to 1.
    described.BitsStored, described.PixelRepresentation = 1, 0
    described.PhotometricInterpretation = "MONOCHROME2"

    def display(world: Floats) -> Floats:
        # Far below a sigmoid, exp is infinite and grey 0, as it should be.
        with np.errstate(over="ignore"):
            return np.asarray(apply_windowing(world, described))

    return display


def _stretch(low: float, high: float) -> Step:
    if high <= low:
        return np.zeros_like
    return window((low + high) / 2, high - low, "LINEAR_EXACT")


def _shows(grey: Floats) -> bool:
    if grey.size == 0:
        return False
    low, high = np.percentile(grey, (1.0, 99.0))
    shades = np.mean((grey > 0.01) & (grey < 0.99))
    return bool(high - low >= _LEAST_SPREAD and shades >= _LEAST_SHADES)
