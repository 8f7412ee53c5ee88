"""Two readers for the demo page, each learnt in seconds from the shipped encoder when asked for.

A pre-trained encoder needs few labels; here they are those of some hundred stories of Riverbank.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from course_lib.cli import classifier, tagger
from course_lib.cli.labelled_files import Columns, Row
from course_lib.cli.tagged_files import Sentence
from course_lib.cli.task_models import TaskModel
from course_lib.cli.task_run import NewEncoder, TaskOptions
from course_lib.data import riverbank
from course_lib.data.riverbank import Story
from course_lib.models import checkpoints

ENCODER = "bert_riverbank"
N_STORIES = 400
N_STEPS = 60


def options() -> TaskOptions:
    """From the shipped encoder, with nothing to be written."""
    return TaskOptions(
        files=[],
        out=Path("unused.safetensors"),
        dev=None,
        dev_share=0.1,
        pretrained=checkpoints.FOLDER / f"{ENCODER}.safetensors",
        new=NewEncoder(),
        freeze="none",
        steps=N_STEPS,
        lr=1e-3,
        batch_tokens=1024,
        seed=0,
        device="cpu",
    )


def spaced(words: Sequence[str]) -> str:
    """Words as the encoder's tokenizer finds them: with spaces between."""
    return " ".join(words)


@cache
def topic_reader() -> TaskModel:
    """Says what a story is about."""
    rows = [Row(spaced(story.words), None, story.topic, (), "") for story in _stories()]
    return classifier.train_classifier(rows, Columns(), False, options())


@cache
def name_reader() -> TaskModel:
    """Tags people, places, organisations and dates."""
    sentences = [
        Sentence(list(sentence.words), list(sentence.entities))
        for story in _stories()
        for sentence in story.sentences
    ]
    return tagger.train_tagger(sentences, options())


@cache
def _stories() -> list[Story]:
    return riverbank.load("train")[:N_STORIES]
