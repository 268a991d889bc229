"""Decoders that hang, abort or are missing cost one frame, and neither the process nor the next."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

from pneumo.errors import DamagedFilmError, UnsupportedFilmError
from pneumo.intake import decoder_process, read_radiograph
from pneumo.intake.layout import Layout
from pneumo.intake.run_lengths import unpack_run_lengths
from tests.intake.synthetic_films import dicom, lossless_jpeg_dicom, ramp

Become = Callable[[str], None]

APART = (JPEGLSLossless, JPEG2000Lossless)


@pytest.fixture
def become(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Become]:
    """Let other code run in place of the decoders' process."""

    def put(code: str) -> None:
        script = tmp_path / "worker.py"
        script.write_text(code, encoding="utf-8")
        decoder_process.end_idle()
        monkeypatch.setattr(decoder_process, "_WORKER", script)

    yield put
    decoder_process.end_idle()


@pytest.mark.parametrize("syntax", APART, ids=lambda uid: uid.name)
def test_a_missing_decoder_is_named_with_advice(syntax, become: Become) -> None:
    become(
        "import struct, sys\n"
        "size = int(sys.stdin.buffer.readline().split()[-1])\n"
        "sys.stdin.buffer.read(size)\n"
        "sys.stdout.buffer.write(struct.pack('<BQ', 3, 0))\n"
    )
    with pytest.raises(UnsupportedFilmError, match=r"JPEG.*uncompressed"):
        read_radiograph(dicom(ramp(), syntax))


def test_a_decoder_that_aborts_costs_one_film(
    become: Become, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = decoder_process._WORKER
    become("import os; os.abort()")
    with pytest.raises(DamagedFilmError, match=r"JPEG-LS.*export or send the film again"):
        read_radiograph(dicom(ramp(), JPEGLSLossless))
    monkeypatch.setattr(decoder_process, "_WORKER", sound)
    assert read_radiograph(dicom(ramp(), JPEGLSLossless)).rows == ramp().shape[0]


def test_a_decoder_that_hangs_is_ended(become: Become, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder_process, "_PATIENCE_S", 0.3)
    become("import time; time.sleep(60)")
    began = time.monotonic()
    with pytest.raises(DamagedFilmError):
        read_radiograph(dicom(ramp(), JPEGLSLossless))
    assert time.monotonic() - began < 20
    assert not decoder_process._idle


def test_a_decoder_has_some_seconds_of_the_processor(
    become: Become, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = decoder_process._WORKER.read_text(encoding="utf-8")
    monkeypatch.setattr(decoder_process, "_LEAST_S", 0)
    endless = "def _ask_charls(frame):\n    while True:\n        pass\n\n\n"
    become(sound.replace('if __name__ == "__main__"', endless + 'if __name__ == "__main__"'))
    began = time.monotonic()
    with pytest.raises(DamagedFilmError):
        read_radiograph(dicom(ramp(), JPEGLSLossless))
    assert time.monotonic() - began < 30


def test_a_decoder_that_takes_all_memory_is_refused_it(
    become: Become, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = decoder_process._WORKER.read_text(encoding="utf-8")
    greedy = "def _ask_charls(frame):\n    return bytes(len(bytearray(2_000_000_000)))\n\n\n"
    become(sound.replace('if __name__ == "__main__"', greedy + 'if __name__ == "__main__"'))
    with pytest.raises(DamagedFilmError):
        read_radiograph(dicom(ramp(), JPEGLSLossless))


def test_the_process_stays_for_the_next_frame_and_is_replaced_when_gone() -> None:
    data = dicom(ramp(), JPEGLSLossless)
    decoder_process.end_idle()
    first = read_radiograph(data)
    (worker,) = decoder_process._idle
    read_radiograph(data)
    assert decoder_process._idle == [worker]
    worker.end()
    assert read_radiograph(data).fingerprint == first.fingerprint
    assert decoder_process._idle != [worker]
    decoder_process.end_idle()
    assert not decoder_process._idle


def test_no_key_reaches_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789")
    decoder_process.end_idle()
    read_radiograph(dicom(ramp(), JPEGLSLossless))
    (worker,) = decoder_process._idle
    environment = Path(f"/proc/{worker._process.pid}/environ").read_bytes()
    assert b"OPENBLAS_NUM_THREADS=1" in environment
    assert b"sk-test" not in environment


def test_frames_are_decoded_side_by_side_and_never_mixed_up() -> None:
    shades = [np.full((64, 64), 10 * k, dtype=np.uint8) for k in range(8)]
    for shade in shades:
        shade[::2] += 5
    files = [dicom(shade, JPEGLSLossless) for shade in shades]
    expected = [read_radiograph(dicom(shade)).fingerprint for shade in shades]
    found = [""] * len(files)

    def read(place: int) -> None:
        found[place] = read_radiograph(files[place]).fingerprint

    threads = [threading.Thread(target=read, args=(place,)) for place in range(len(files))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == expected
    assert len(decoder_process._idle) <= 2


def test_lossless_jpeg_still_comes_bit_by_bit(tmp_path: Path) -> None:
    film = read_radiograph(lossless_jpeg_dicom(ramp(), tmp_path))
    np.testing.assert_array_equal(film.pixels, ramp().astype(np.float32) / np.float32(255))


def layout(rows: int, columns: int, allocated: int = 8) -> Layout:
    return Layout(rows, columns, allocated, allocated, allocated - 1, False, False)


def test_runs_are_unpacked_as_pydicom_packs_them() -> None:
    values = np.random.default_rng(2).integers(0, 9, (40, 50)).astype(np.uint16) * 300
    film = read_radiograph(dicom(values, RLELossless))
    assert film.fingerprint == read_radiograph(dicom(values)).fingerprint


def test_runs_stop_at_the_size_of_the_frame() -> None:
    header = b"\x01\0\0\0\x40" + bytes(59)
    endless = header + b"\x81\x07" * 100_000
    assert unpack_run_lengths(endless, layout(8, 16)) == b"\x07" * 128


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x01\0\0\0\x40" + bytes(59),
        b"\x01\0\0\0\x40" + bytes(59) + b"\x05\1\2",
        b"\x02\0\0\0\x40" + bytes(59) + b"\x81\x07",
        b"\x01\0\0\0\xff\xff\xff\xff" + bytes(56) + b"\x81\x07",
    ],
)
def test_runs_that_do_not_fill_the_frame_are_refused(frame: bytes) -> None:
    with pytest.raises(ValueError, match=r"cut off|fit|enough"):
        unpack_run_lengths(frame, layout(8, 16))
