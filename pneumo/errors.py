"""Every error that the project raises on purpose, on one screen.

Each message says what was expected, what came and what to do. Pages and commands show the
message as it is; any other exception is a bug and surfaces as one. No message ever holds a
patient's data.
"""

from __future__ import annotations


class PneumoError(Exception):
    """Base of every error that a user can mend."""


class FilmError(PneumoError):
    """The bytes handed in cannot be read as one chest film."""


class NotAnImageError(FilmError):
    """The bytes are empty or in no format that the intake knows."""


class DamagedFilmError(FilmError):
    """The format is known, but the bytes are cut off or corrupt."""


class OversizedFilmError(FilmError):
    """The film has more bytes or pixels than the intake agrees to decode."""


class UnsupportedFilmError(FilmError):
    """A valid file that is not one grey projection image: colour, several frames, no pixels."""


class DataSetError(PneumoError):
    """A folder is not laid out as the data set is, or a film's name cannot be read."""


class TrainingError(PneumoError):
    """A training run cannot start or go on as it was asked for."""


class ModelError(PneumoError):
    """The shipped networks cannot be served, so there is no verdict."""


class MissingWeightsError(ModelError):
    """A file of a trained network is not there."""


class DamagedWeightsError(ModelError):
    """A file of a trained network is truncated, swapped or does not fit its description."""


class OpinionError(PneumoError):
    """A second opinion cannot be asked for as it was set up."""


class PromptError(OpinionError):
    """A prompt's file is missing or unsound, or what it asks for was not given."""


class EndpointError(OpinionError):
    """A provider, an address, a model's name or a key cannot be used."""


class CasebookError(PneumoError):
    """The casebook cannot be opened, or what was asked of it cannot be done."""


class UnwritableError(CasebookError):
    """The casebook cannot be written to just now; what it holds may still be read."""


class ChangedCaseError(CasebookError):
    """Somebody else has changed the same part of a case since it was seen."""


class MissingCaseError(CasebookError):
    """No such case is in the casebook of whoever asks."""


class ClassroomError(PneumoError):
    """A classroom session cannot be begun, joined or gone on with as it was asked for."""


class ReportError(PneumoError):
    """A report cannot be made on this machine, or of this case."""


class AccessError(PneumoError):
    """Whoever asks may not do this, or must sign in first, or asks too often."""


class SettingsError(PneumoError):
    """An environment variable has a value that cannot be used."""
