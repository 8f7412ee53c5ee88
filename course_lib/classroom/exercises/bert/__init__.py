"""Lecture 11: two texts in a row, hidden words, two losses, the best guess for a hole, senses."""

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.exercises.bert import both_sides, hiding, loss, pairs, senses

EXERCISES: tuple[Exercise, ...] = (
    pairs.EXERCISE,
    hiding.EXERCISE,
    loss.EXERCISE,
    both_sides.EXERCISE,
    senses.EXERCISE,
)
