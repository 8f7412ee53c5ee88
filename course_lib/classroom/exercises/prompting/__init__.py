"""Lecture 14: prompts, scores of answers, calibration, shots, constraints, orders."""

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.exercises.prompting import (
    calibrated,
    curve,
    following,
    likelihood,
    orders,
    shots,
)

EXERCISES: tuple[Exercise, ...] = (
    shots.EXERCISE,
    likelihood.EXERCISE,
    calibrated.EXERCISE,
    curve.EXERCISE,
    orders.EXERCISE,
    following.EXERCISE,
)
