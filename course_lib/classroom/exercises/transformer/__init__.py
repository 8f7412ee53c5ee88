"""Lecture 07: attention, masks, heads, the size of a Transformer, and what depth does to tokens."""

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.exercises.transformer import attend, depth, heads, masks, size

EXERCISES: tuple[Exercise, ...] = (
    attend.EXERCISE,
    masks.EXERCISE,
    heads.EXERCISE,
    size.EXERCISE,
    depth.EXERCISE,
)
