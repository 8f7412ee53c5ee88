"""Lecture 13: what a joint model is given, cross-attention, smoothed labels, clipping, chance."""

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.exercises.translation import (
    chance,
    clipping,
    crossing,
    marks,
    smoothing,
)

EXERCISES: tuple[Exercise, ...] = (
    marks.EXERCISE,
    crossing.EXERCISE,
    smoothing.EXERCISE,
    clipping.EXERCISE,
    chance.EXERCISE,
)
