"""Lecture 03: windows, softmax and its gradient, negative samples, subsampling, analogies."""

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.exercises.word2vec import (
    agreement,
    analogies,
    gradient,
    negatives,
    pairs,
    subsampling,
)

EXERCISES: tuple[Exercise, ...] = (
    pairs.EXERCISE,
    gradient.EXERCISE,
    negatives.EXERCISE,
    subsampling.EXERCISE,
    analogies.EXERCISE,
    agreement.EXERCISE,
)
