"""Lecture 02: paths of hidden states, their sums, the best one, and counting them."""

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.exercises.hidden_markov import (
    expected,
    forward,
    path,
    transitions,
    viterbi,
)

EXERCISES: tuple[Exercise, ...] = (
    path.EXERCISE,
    forward.EXERCISE,
    viterbi.EXERCISE,
    transitions.EXERCISE,
    expected.EXERCISE,
)
