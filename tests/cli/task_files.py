"""Small files of every kind that `course train` learns tasks from, and how to call a command."""

import contextlib
import csv
import json
from pathlib import Path

import pytest

from course_lib.cli import app, find
from course_lib.errors import CourseError

SMALL = ["--size", 16, "--layers", 1, "--heads", 2, "--vocab-size", 300, "--context", 24]
QUICK = [*SMALL, "--steps", 4]
LEARNT = ["--steps", 60, "--lr", 3e-3, "--dropout", 0]
WORDS = {"good": ("lovely", "fine", "bright"), "bad": ("awful", "dull", "broken")}


def course(capsys: pytest.CaptureFixture, *args: object, status: int = 0) -> str:
    """Run a command; what it printed."""
    capsys.readouterr()
    assert app.call(find(str(args[0])), [str(arg) for arg in args[1:]]) == status
    return capsys.readouterr().out


def problem(capsys: pytest.CaptureFixture, *args: object) -> str:
    """The one line with which a command refuses."""
    with pytest.raises((CourseError, ValueError)) as error:
        course(capsys, *args)
    assert "\n" not in str(error.value)
    return str(error.value)


def table(path: Path, rows: list[dict]) -> Path:
    """A CSV or JSONL file, as its name says."""
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix in (".jsonl", ".json"):
            file.writelines(json.dumps(row) + "\n" for row in rows)
        else:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return path


def opinions(n: int = 40) -> list[dict]:
    """Texts whose one telling word gives the label away."""
    kinds = list(WORDS)
    return [
        {"text": f"the room was {WORDS[kinds[i % 2]][i % 3]} .", "label": kinds[i % 2]}
        for i in range(n)
    ]


def conll(path: Path, sentences: list[list[tuple[str, str]]]) -> Path:
    text = "\n\n".join("\n".join("\t".join(pair) for pair in s) for s in sentences)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def named(n: int = 30) -> list[list[tuple[str, str]]]:
    """People and places; which of them a name is, the word before it tells."""
    names = ("Rose", "Hill", "Nina", "Kyoto")
    return [
        [
            *(("I", "O"), ("met", "O"), (names[i % 4], "B-PERSON"), ("Lee", "I-PERSON")),
            *(("in", "O"), (names[(i + 1) % 4], "B-PLACE"), (".", "O")),
        ]
        for i in range(n)
    ]


def asked(n: int = 30, impossible: int = 0) -> list[dict]:
    """Who stands after "by" is the answer; the last questions have none."""
    rows = []
    for i in range(n):
        who = ("Nina", "Taro", "Max", "Aiko")[i % 4]
        passage = f"The boat was seen by {who} at noon."
        rows.append({"question": "Who saw the boat?", "passage": passage, "answer": who})
    for row in rows[n - impossible :]:
        row |= {"passage": "It rained.", "answer": None}
    return rows


def interrupted_at(step):
    """A progress bar at whose n-th step somebody presses Ctrl-C."""

    @contextlib.contextmanager
    def progress(n_steps):
        def on_step(i, _loss):
            if i == step:
                raise KeyboardInterrupt

        yield on_step

    return progress
