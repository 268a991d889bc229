"""A DICOM data set comes in, what it says of view, part of the body, machine and age goes out."""

from __future__ import annotations

import re

from pydicom.dataset import FileDataset

from pneumo.domain import ADULT
from pneumo.intake.elements import code, text

# View Code Sequence (0054,0220), PS3.16 CID 4010: SNOMED CT, and the older SNOMED RT.
_VIEWS = {
    "399348003": "AP", "R-10206": "AP",
    "272479007": "PA", "R-10214": "PA", "R-40888": "PA",
    "399067008": "LATERAL", "R-102CD": "LATERAL",
    "399173006": "LEFT LATERAL", "R-10236": "LEFT LATERAL",
    "399198007": "RIGHT LATERAL", "R-10232": "RIGHT LATERAL",
    "399260004": "MEDIO LATERAL", "R-10224": "MEDIO LATERAL",
    "399352003": "LATERO MEDIAL", "R-10228": "LATERO MEDIAL",
}  # fmt: skip

# Anatomic Region Sequence (0008,2218), PS3.16 CID 4009, with the codes that it had earlier.
_REGIONS = {
    "816094009": "CHEST", "51185008": "CHEST", "T-D3000": "CHEST",
    "113197003": "RIB", "T-11300": "RIB",
    "80891009": "HEART", "T-32000": "HEART",
    "818981001": "ABDOMEN", "113345001": "ABDOMEN", "T-D4000": "ABDOMEN",
    "818982008": "ABDOMEN AND PELVIS",
    "816092008": "PELVIS", "12921003": "PELVIS", "T-D6000": "PELVIS",
    "69536005": "HEAD", "T-D1100": "HEAD",
    "89546000": "SKULL", "T-11100": "SKULL",
    "45048000": "NECK", "T-D1600": "NECK",
    "421060004": "SPINE", "T-D04FF": "SPINE",
    "122494005": "CERVICAL SPINE", "T-11501": "CERVICAL SPINE",
    "122495006": "THORACIC SPINE", "T-11502": "THORACIC SPINE",
    "122496007": "LUMBAR SPINE", "T-11503": "LUMBAR SPINE",
    "76752008": "BREAST", "T-04000": "BREAST",
    "16982005": "SHOULDER", "T-D2220": "SHOULDER",
    "51299004": "CLAVICLE", "T-12310": "CLAVICLE",
    "40983000": "UPPER ARM", "T-D8200": "UPPER ARM",
    "85050009": "HUMERUS", "T-12410": "HUMERUS",
    "16953009": "ELBOW", "T-15430": "ELBOW",
    "14975008": "FOREARM", "T-D8500": "FOREARM",
    "74670003": "WRIST", "T-15460": "WRIST",
    "85562004": "HAND", "T-D8700": "HAND",
    "7569003": "FINGER", "T-D8800": "FINGER",
    "29836001": "HIP", "T-D2500": "HIP", "24136001": "HIP", "T-15710": "HIP",
    "71341001": "FEMUR", "T-12710": "FEMUR",
    "68367000": "THIGH", "T-D9100": "THIGH",
    "72696002": "KNEE", "T-D9200": "KNEE",
    "30021000": "LEG", "T-D9400": "LEG",
    "70258002": "ANKLE", "T-15750": "ANKLE",
    "56459004": "FOOT", "T-D9700": "FOOT",
    "29707007": "TOE", "T-D9800": "TOE",
}  # fmt: skip

_OLDEST = 110
"""Years. Files that were made anonymous often say 1900 for a date of birth."""


def read_modality(ds: FileDataset) -> str | None:
    """Return the kind of machine, such as "DX", None if the file does not say it."""
    return text(ds, "Modality")


def read_view(ds: FileDataset) -> str | None:
    """Return View Position, else what View Code Sequence says of it; None if neither does."""
    return text(ds, "ViewPosition") or _VIEWS.get(code(ds, "ViewCodeSequence") or "")


def read_body_part(ds: FileDataset) -> str | None:
    """Return Body Part Examined, else what Anatomic Region Sequence says; None if neither does."""
    return text(ds, "BodyPartExamined") or _REGIONS.get(code(ds, "AnatomicRegionSequence") or "")


def read_age_years(ds: FileDataset) -> int | None:
    """Return the age in whole years, at most ADULT; None if the file does not say it.

    Patient's Age, an Age String (PS3.5 6.2) or one that lacks its zeros; days, weeks and months
    are those of infants, and are rounded down. Without one, the years from birth to examination,
    of whose dates nothing else is kept. De-identification asks that nobody over 90 can be told
    apart (PS3.15 annex E); from ADULT on nobody is.
    """
    age = re.fullmatch(r"0*(\d{1,3})([DWMY])", text(ds, "PatientAge") or "")
    if age is not None:
        in_a_year = {"D": 365, "W": 52, "M": 12, "Y": 1}[age[2]]
        return min(int(age[1]) // in_a_year, ADULT)
    born, taken = _date(ds, "PatientBirthDate"), _date(ds, "StudyDate")
    if born is None or taken is None:
        return None
    years = taken[0] - born[0] - (taken[1:] < born[1:])
    return min(years, ADULT) if 0 <= years <= _OLDEST else None


def _date(ds: FileDataset, keyword: str) -> tuple[int, int, int] | None:
    """Return year, month and day of a date (PS3.5 6.2), None if it is none."""
    found = re.fullmatch(r"(\d{4}) ?(\d\d) ?(\d\d)", text(ds, keyword) or "")
    if found is None:
        return None
    year, month, day = (int(number) for number in found.groups())
    return (year, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None
