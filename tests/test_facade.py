"""The façade keeps its list of public names honest."""

from __future__ import annotations

import inspect

import pneumo


def test_every_name_that_is_promised_is_there_once_and_sorted() -> None:
    assert len(set(pneumo.__all__)) == len(pneumo.__all__)
    for name in pneumo.__all__:
        assert hasattr(pneumo, name)


def test_every_public_name_is_promised() -> None:
    public = {
        name
        for name, value in vars(pneumo).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert public == set(pneumo.__all__)


def test_every_error_descends_from_one() -> None:
    errors = [value for value in vars(pneumo).values() if inspect.isclass(value)]
    raised = [value for value in errors if issubclass(value, Exception)]
    assert raised
    assert all(issubclass(value, pneumo.PneumoError) for value in raised)
