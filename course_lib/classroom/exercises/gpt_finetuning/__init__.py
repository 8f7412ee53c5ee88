"""Lecture 10: both orders, the vector at the end, the joint loss, what pre-training is worth."""

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.exercises.gpt_finetuning import ends, joint, orders, worth

EXERCISES: tuple[Exercise, ...] = (
    orders.EXERCISE,
    ends.EXERCISE,
    joint.EXERCISE,
    worth.EXERCISE,
)
