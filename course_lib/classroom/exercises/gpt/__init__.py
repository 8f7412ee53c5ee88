"""Lecture 08: shifted targets, the loss, an even look into the past, how far back names are."""

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.exercises.gpt import averages, loss, reach, shifting

EXERCISES: tuple[Exercise, ...] = (
    shifting.EXERCISE,
    loss.EXERCISE,
    averages.EXERCISE,
    reach.EXERCISE,
)
