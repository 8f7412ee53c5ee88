"""Lecture 01: counting words, smoothing the counts, scoring and writing a text."""

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.exercises.ngrams import (
    add_k,
    chain_rule,
    kneser_ney,
    order,
    perplexity,
    sampling,
)

EXERCISES: tuple[Exercise, ...] = (
    chain_rule.EXERCISE,
    perplexity.EXERCISE,
    add_k.EXERCISE,
    kneser_ney.EXERCISE,
    sampling.EXERCISE,
    order.EXERCISE,
)
