"""Lecture 00: how exercises work, on three small functions that the whole course builds upon."""

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.exercises.welcome import bits, counting, following

EXERCISES: tuple[Exercise, ...] = (counting.EXERCISE, bits.EXERCISE, following.EXERCISE)
