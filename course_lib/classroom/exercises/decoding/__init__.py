"""Lecture 09: choosing the next token, searching for whole texts, and what that costs."""

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.exercises.decoding import beam, cost, divergence, heat, nucleus

EXERCISES: tuple[Exercise, ...] = (
    cost.EXERCISE,
    heat.EXERCISE,
    nucleus.EXERCISE,
    beam.EXERCISE,
    divergence.EXERCISE,
)
