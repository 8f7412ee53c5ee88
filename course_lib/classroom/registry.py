"""All exercises of the course, found one lecture after the other."""

import difflib
import importlib
import pkgutil
from collections.abc import Iterator

from course_lib.classroom import exercises
from course_lib.classroom.exercise import Exercise
from course_lib.errors import CourseError
from course_lib.i18n import _

# In teaching order; the records of 01_ngrams are in course_lib.classroom.exercises.ngrams.
LECTURES = (
    *("00_welcome", "01_ngrams", "02_hidden_markov", "03_word2vec", "04_tokenization", "05_rnn"),
    *("06_seq2seq", "07_transformer", "08_gpt", "09_decoding", "10_gpt_finetuning", "11_bert"),
    *("12_bert_finetuning", "13_translation", "14_prompting", "15_hugging_face", "16_scaling"),
)


def all_exercises() -> Iterator[Exercise]:
    """Every record, in teaching order. A lecture's module is imported when its turn comes."""
    present = {module.name for module in pkgutil.iter_modules(exercises.__path__)}
    for lecture in LECTURES:
        name = lecture.partition("_")[2]
        if name in present:
            yield from importlib.import_module(f"{exercises.__name__}.{name}").EXERCISES


def find(name: str) -> Exercise:
    """The exercise whose function is called `name`. Raises CourseError, naming the nearest one.

    It imports no lecture after the one it finds: the first lectures stay free of torch's start-up.
    """
    names = []
    for exercise in all_exercises():
        if exercise.name == name:
            return exercise
        names.append(exercise.name)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5) or names[:1]
    message = _("no exercise is called {name}; did you mean {near}?")
    raise CourseError(message.format(name=name, near=", ".join(near)))
