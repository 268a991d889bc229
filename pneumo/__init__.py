"""Pneumo reads paediatric chest films: the façade with every public name.

>>> import pneumo
>>> pneumo.read_settings({}).models_dir.name
'models'
"""

from pneumo.decision.ensemble import Ensemble, EnsemblePlan, read_plan
from pneumo.decision.operating import BALANCED, OPERATING_POINTS, RULE_IN, RULE_OUT
from pneumo.domain import (
    CLASSES,
    ENSEMBLE,
    Analysis,
    Explanation,
    MemberScore,
    OperatingPoint,
    Prediction,
    Radiograph,
    Verdict,
)
from pneumo.errors import (
    AccessError,
    CasebookError,
    ClassroomError,
    DamagedFilmError,
    DamagedWeightsError,
    DataSetError,
    FilmError,
    MissingCaseError,
    MissingWeightsError,
    ModelError,
    NotAnImageError,
    OversizedFilmError,
    PneumoError,
    ReportError,
    SettingsError,
    TrainingError,
    UnsupportedFilmError,
)
from pneumo.evidence.metrics import Estimate
from pneumo.evidence.results import Result, read_results
from pneumo.intake import read_radiograph
from pneumo.intake.quality import find_doubts
from pneumo.intake.synthetic import draw_synthetic_film
from pneumo.networks.cards import read_card
from pneumo.networks.explanation import evidence_for
from pneumo.settings import Settings, read_settings

__version__ = "0.1.0"

__all__ = [
    "BALANCED",
    "CLASSES",
    "ENSEMBLE",
    "OPERATING_POINTS",
    "RULE_IN",
    "RULE_OUT",
    "AccessError",
    "Analysis",
    "CasebookError",
    "ClassroomError",
    "DamagedFilmError",
    "DamagedWeightsError",
    "DataSetError",
    "Ensemble",
    "EnsemblePlan",
    "Estimate",
    "Explanation",
    "FilmError",
    "MemberScore",
    "MissingCaseError",
    "MissingWeightsError",
    "ModelError",
    "NotAnImageError",
    "OperatingPoint",
    "OversizedFilmError",
    "PneumoError",
    "Prediction",
    "Radiograph",
    "ReportError",
    "Result",
    "Settings",
    "SettingsError",
    "TrainingError",
    "UnsupportedFilmError",
    "Verdict",
    "draw_synthetic_film",
    "evidence_for",
    "find_doubts",
    "read_card",
    "read_plan",
    "read_radiograph",
    "read_results",
    "read_settings",
]
