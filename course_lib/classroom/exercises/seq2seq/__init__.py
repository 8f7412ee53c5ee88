"""Lecture 06: teacher forcing, additive attention, greedy writing, curves over length and age."""

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.exercises.seq2seq import attention, curve, forcing, forgetting, writing

EXERCISES: tuple[Exercise, ...] = (
    forcing.EXERCISE,
    attention.EXERCISE,
    writing.EXERCISE,
    curve.EXERCISE,
    forgetting.EXERCISE,
)
