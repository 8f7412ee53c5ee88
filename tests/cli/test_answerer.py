"""`course train answerer` and `course answer`: JSONL and SQuAD, no answers, long passages."""

import io
import json

import pytest

from course_lib.cli import app, find, task_models

from .task_files import (
    QUICK,
    SMALL,
    asked,
    course,
    problem,
    table,
)


def test_an_answerer_learns_is_saved_and_used(tmp_path, capsys, monkeypatch):
    file, out = table(tmp_path / "a.jsonl", asked()), tmp_path / "q.safetensors"
    options = [*SMALL, "--tokenizer", "words", "--steps", 80, "--lr", 3e-3, "--dropout", 0]
    shown = course(capsys, "train", "answerer", file, "-o", out, *options)
    assert "learnt from       27" in shown
    assert "exact match       1.000 [1.000, 1.000]" in shown
    assert "always the whole passage:\nexact match       0.000" in shown
    monkeypatch.setattr("sys.stdin", io.StringIO("The boat was seen by Max at noon."))
    assert course(capsys, "answer", out, "-q", "Who saw the boat?") == "Max\n"
    app.call(find("answer"), [str(out), str(file)])
    said = capsys.readouterr()
    assert said.out.split() == [row["answer"] for row in asked()]
    assert "F1                1.000" in said.err
    assert "name a file of questions, or ask one" in problem(capsys, "answer", out)


def squad(rows: list[dict]) -> dict:
    paragraphs = [
        {
            "context": row["passage"],
            "qas": [
                {
                    "question": row["question"],
                    "id": str(i),
                    "is_impossible": row["answer"] is None,
                    "answers": []
                    if row["answer"] is None
                    else [
                        {"text": row["answer"], "answer_start": row["passage"].index(row["answer"])}
                    ]
                    * 2,
                }
            ],
        }
        for i, row in enumerate(rows)
    ]
    return {"version": "2.0", "data": [{"title": "x", "paragraphs": paragraphs}]}


def test_squads_own_form_and_questions_without_an_answer(tmp_path, capsys):
    file, out = tmp_path / "a.json", tmp_path / "q.safetensors"
    file.write_text(json.dumps(squad(asked(30, impossible=10))))
    options = ["--tokenizer", "words", *SMALL, "--steps", 80, "--lr", 3e-3, "--dropout", 0]
    course(capsys, "train", "answerer", file, "--dev", file, "-o", out, *options)
    assert task_models.load(out, "answerer").declines
    app.call(find("answer"), [str(out), str(file)])
    said = capsys.readouterr()
    assert said.out.split("\n")[20:30] == [""] * 10
    assert "tested on         30 questions" in said.err
    assert "exact match       1.000" in said.err


def test_passages_longer_than_the_model_are_read_in_parts(tmp_path, capsys):
    rows = asked()
    for row in rows[::3]:
        row["passage"] = "It rained and rained and rained . " * 8 + row["passage"]
    file, out = table(tmp_path / "a.jsonl", rows), tmp_path / "q.safetensors"
    options = ["--tokenizer", "words", *SMALL, "--steps", 120, "--lr", 3e-3, "--dropout", 0]
    args = ["answerer", file, "--dev", file, "-o", out, *options]
    app.call(find("train"), [str(arg) for arg in args])
    said = capsys.readouterr()
    assert "10 passages do not fit into 24 tokens and are read in parts" in said.err
    found = course(capsys, "answer", out, file).split("\n")[:-1]
    right = sum(f == row["answer"] for f, row in zip(found, rows, strict=True))
    assert right >= 27


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"passage": "a b", "answer": "b"}, "there is no question"),
        ({"question": "a", "answer": "b"}, "there is no passage"),
        ({"question": "a", "passage": "a b"}, 'say "answer": null'),
        ({"question": "a", "passage": "a b", "answer": "c"}, "'c' does not stand in the passage"),
        ({"question": "a", "passage": "a b", "answer": "b", "start": 0}, "'b' does not stand"),
        ({"question": "a", "passage": "a b", "answer": 3}, "the answer must be a text"),
        ({"question": "a", "passage": "a b", "answer": None}, "no question has an answer"),
    ],
)
def test_questions_that_teach_nothing_are_one_line(tmp_path, capsys, row, says):
    file = table(tmp_path / "a.jsonl", [row] * 3)
    args = ["train", "answerer", file, "-o", tmp_path / "q.safetensors", *QUICK]
    assert says in problem(capsys, *args)


@pytest.mark.parametrize("content", ["{", "[]", '{"data": 3}', '{"data": [{"paragraphs": [{}]}]}'])
def test_files_that_are_not_in_squads_form(tmp_path, capsys, content):
    file = tmp_path / "a.json"
    file.write_text(content)
    args = ["train", "answerer", file, "-o", tmp_path / "q.safetensors", *QUICK]
    assert "is not in the form of SQuAD" in problem(capsys, *args)


def test_a_question_that_leaves_no_room_is_named(tmp_path, capsys):
    rows = [*asked(6), {"question": "Who " * 30, "passage": "Nina did.", "answer": "Nina"}]
    file = table(tmp_path / "a.jsonl", rows)
    args = ["train", "answerer", file, "-o", tmp_path / "q.safetensors", *QUICK]
    says = problem(capsys, *args, "--dev", file)
    assert "the model reads 24 tokens at once, which is too few for 'Who Who" in says
