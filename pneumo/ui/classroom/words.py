"""What a class stands at → the plain words on its pages."""

from __future__ import annotations

from pneumo.classroom.records import ClassPlan, Progress, Standing

SYNTHETIC_CAVEAT = (
    '**SYNTHETIC films.** They are drawn from statistics and show no child. Their "class" is '
    "only whose statistics a film was drawn from: nobody has a diagnosis, and there is nothing "
    "medical to be learned from being right."
)

HOW_TO_READ = (
    "Read each film and say how sure you are that it shows pneumonia, by one press: a button, or "
    "the key with its number. You cannot go back to a film."
)


def say_clock(seconds: int | None) -> str:
    """Say how long a film may be read.

    >>> say_clock(30), say_clock(None)
    ('30 seconds a film', 'no clock')
    """
    return "no clock" if seconds is None else f"{seconds} seconds a film"


def say_duration(seconds: float) -> str:
    """Say a time in minutes and seconds.

    >>> say_duration(59.6), say_duration(125)
    ('1 min 0 s', '2 min 5 s')
    """
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"


def say_task(standing: Standing) -> str:
    """Say what students are about to do."""
    return f"{standing.films} films, {say_clock(standing.seconds)}. {HOW_TO_READ}"


def say_time_left(progress: Progress, seconds: int | None) -> str:
    """Say how long a session can still take at most, if nobody goes away."""
    if seconds is None or not progress.seats:
        return "no clock"
    slowest = min(seat.over for seat in progress.seats)
    return say_duration((progress.films - slowest) * seconds)


def describe_plan(plan: ClassPlan) -> str:
    """Say what a class reads, without a word about any single film."""
    ill = sum(film.label for film in plan.films)
    where = "synthetic films" if plan.is_synthetic else f"films of the {plan.split} split"
    return (
        f"n = {len(plan.films)} {where}: {ill} pneumonia, {len(plan.films) - ill} normal; "
        f"{say_clock(plan.seconds)}; model version {plan.model_version}"
    )
