"""Lecture 12: numbers made comparable, tags on pieces, names from tags, answers, labels saved."""

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.exercises.bert_finetuning import (
    answer,
    entities,
    labels,
    pieces,
    scaling,
)

EXERCISES: tuple[Exercise, ...] = (
    scaling.EXERCISE,
    pieces.EXERCISE,
    entities.EXERCISE,
    answer.EXERCISE,
    labels.EXERCISE,
)
