"""Lecture 15: masks, a pipeline by hand, names with scores, similar texts, two models apart."""

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.exercises.hugging_face import fills, masks, names, parting, similar

EXERCISES: tuple[Exercise, ...] = (
    masks.EXERCISE,
    fills.EXERCISE,
    names.EXERCISE,
    similar.EXERCISE,
    parting.EXERCISE,
)
