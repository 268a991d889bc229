"""Scores → verdicts: calibration, operating points, the ensemble, the worklist."""
