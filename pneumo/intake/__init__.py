"""The front desk: the bytes of one file come in, a checked `Radiograph` or a refusal goes out."""

from pneumo.intake.reading import read_radiograph

__all__ = ["read_radiograph"]
