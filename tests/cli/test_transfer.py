import csv
import math

import pytest
import torch
from typer.testing import CliRunner

from course_lib.cli import COMMANDS, transfer_runs
from course_lib.cli import transfer as command
from course_lib.cli.app import load as load_app
from course_lib.cli.checkpoint_recipes import RECIPES
from course_lib.cli.checkpoints import write as write_checkpoint
from course_lib.cli.transfer_kinds import AMOUNTS, LABELS, SCORES, Row
from course_lib.cli.transfer_runs import Run
from course_lib.cli.transfer_tasks import TASKS, TransferTask
from course_lib.cli.transfer_words import ANSWERS, ENTITIES, TAGS
from course_lib.data import riverbank
from course_lib.data.corpora import Answer
from course_lib.errors import CourseError
from course_lib.training.bert_recipes import bert_riverbank

STORIES = riverbank.load("train")[:40]
MATERIAL = RECIPES["bert_riverbank"].material(40)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small encoder that has read little, in the place of the shipped one."""
    path = tmp_path_factory.mktemp("checkpoints")
    rng = torch.Generator().manual_seed(0)
    model = bert_riverbank(MATERIAL.train, MATERIAL.tokenizer.vocab, rng, 5, d_model=32)
    write_checkpoint("bert_riverbank", model, MATERIAL, path)
    return path


def words(n):
    """Rows whose answer is a word of the text, so that a small model learns it quickly."""
    colours = ["red", "green", "blue"]
    return [(colours[i % 3], f"the bird was {colours[i % 3]} .") for i in range(n)]


def labels(n):
    return [Row(text, colour) for colour, text in words(n)]


def pairs(n):
    return [Row(text, 5.0 * (i % 3 == 1), text) for i, (_, text) in enumerate(words(n))]


def amounts(n):
    return [Row(text, 2.0 * (i % 3), None, (float(i % 5),)) for i, (_, text) in enumerate(words(n))]


def tags(n):
    return [Row(text.split(), ["D", "N", "V", colour, "."]) for colour, text in words(n)]


def entities(n):
    return [Row(text.split(), ["O", "O", "O", f"B-{colour}", "O"]) for colour, text in words(n)]


def answers(n):
    found = []
    for i, (colour, text) in enumerate(words(n)):
        told = i % 4 > 0
        target, passage = ((Answer(13, colour),), text) if told else ((), "it rained .")
        found.append(Row("what colour ?", target, passage))
    return found


SMALL = {
    "labels": (LABELS, labels),
    "scores": (SCORES, pairs),
    "amounts": (AMOUNTS, amounts),
    "tags": (TAGS, tags),
    "entities": (ENTITIES, entities),
    "answers": (ANSWERS, answers),
}


def task(name):
    kind, make = SMALL[name]
    return TransferTask("bert_riverbank", kind, lambda: (make(60), make(21)))


@pytest.mark.parametrize("name", SMALL)
def test_each_kind_of_task_is_learnt_and_scored(name, folder):
    study = command.Study(name, task(name), folder, 3.0, steps=60)
    runs = {run.method: run for run in study.runs([0], [0], ["scratch"])}
    assert runs["scratch"].score > 0.9, runs
    assert runs["scratch"].n_labels == 60
    assert runs["majority"].score < 0.8
    assert all(run.minutes == 0 for run in runs.values())
    if name != "answers":  # for which there is no linear model
        assert runs["words"].score > 0.9, runs


def test_a_frozen_encoder_stays_and_a_tuned_one_moves(folder, monkeypatch):
    seen = {}
    score = LABELS.score

    def spy(model, rows, train, reader):
        seen[method] = model.encoder.tokens.weight.detach().clone()
        return score(model, rows, train, reader)

    small = task("labels")
    study = command.Study("labels", small._replace(kind=LABELS._replace(score=spy)), folder, 3.0, 2)
    for method in ("frozen", "fine-tuned"):
        run = next(iter(study.runs([6], [0], [method])))
        assert (run.minutes, run.n_labels) == (3.0, 6)
    shipped = command.checkpoints.load("bert_riverbank", folder).model.encoder.tokens.weight
    assert seen["frozen"].equal(shipped)
    assert not seen["fine-tuned"].equal(shipped)


def test_the_same_seed_gives_the_same_rows_and_the_same_score(folder):
    study = command.Study("labels", task("labels"), folder, 0.0, steps=3)
    scores = [next(iter(study.runs([9], [1], ["fine-tuned"]))).score for _time in range(2)]
    assert scores[0] == scores[1]
    rows = labels(60)
    assert command.drawn(rows, 9, 1) == command.drawn(rows, 20, 1)[:9]
    assert command.drawn(rows, 9, 1) != command.drawn(rows, 9, 2)


def test_the_command_writes_a_table(folder, tmp_path, monkeypatch):
    monkeypatch.setitem(command.TASKS, "labels", task("labels"))
    app = load_app(next(c for c in COMMANDS if c.name == "transfer"))
    out = tmp_path / "runs.csv"
    options = ["labels", "--labels", "6", "--seeds", "2", "--steps", "2", "--minutes", "1.5"]
    result = CliRunner().invoke(app, [*options, "--from", str(folder), "--out", str(out)])
    assert result.exit_code == 0, result.exception
    rows = list(csv.DictReader(out.open()))
    methods = sorted([*command.METHODS, "majority", "words"] * 2)
    assert [row["method"] for row in rows] == methods
    assert {row["minutes"] for row in rows} == {"0.0", "1.5"}
    assert all(0 <= float(row["score"]) <= 1 for row in rows)


def test_a_task_that_is_none_is_named(folder):
    app = load_app(next(c for c in COMMANDS if c.name == "transfer"))
    result = CliRunner().invoke(app, ["poetry"])
    assert isinstance(result.exception, CourseError)
    assert "poetry" in str(result.exception)


RIVERBANK = [name for name in TASKS if name.startswith("riverbank") and name != "riverbank_stars"]


@pytest.mark.parametrize("name", RIVERBANK)
def test_riverbank_makes_rows_of_the_right_kind(name, monkeypatch):
    monkeypatch.setattr(riverbank, "load", lambda part: STORIES)
    train, test = TASKS[name].load()
    assert train
    assert test
    for row in train[:50]:
        if TASKS[name].kind is ANSWERS:
            found = [row.second[answer.start : answer.end] for answer in row.target]
            assert found == [answer.text for answer in row.target]
        elif TASKS[name].kind in (TAGS, ENTITIES):
            assert len(row.text) == len(row.target)
        elif TASKS[name].kind is SCORES:
            assert 0 <= row.target <= 5
        else:
            assert isinstance(row.target, str)


def test_stars_come_with_their_numbers():
    train, test = TASKS["riverbank_stars"].load()
    assert {row.target for row in test} == {1.0, 2.0, 3.0, 4.0, 5.0}
    assert all(len(row.numbers) == 3 and not any(map(math.isnan, row.numbers)) for row in train)


def a_run(task, method, n_labels, seed, minutes, score):
    return Run(task, method, n_labels, seed, minutes, "accuracy", score, 1.0)


RUNS = [
    a_run("one", "scratch", 100, 0, 0.0, 0.5),
    a_run("one", "scratch", 100, 1, 0.0, 0.7),
    a_run("one", "fine-tuned", 100, 0, 5.0, 0.9),
    a_run("one", "words", 100, 0, 0.0, 0.65),
    a_run("two", "fine-tuned", 100, 0, 5.0, 0.4),
]


def test_a_file_keeps_what_it_has_and_the_later_of_two_equal_runs(tmp_path):
    path = tmp_path / "runs.csv"
    assert transfer_runs.read(path) == []
    transfer_runs.write(RUNS, path)
    again = RUNS[0]._replace(score=0.6)
    transfer_runs.write([*transfer_runs.read(path), again], path)
    found = transfer_runs.read(path)
    assert len(found) == len(RUNS)
    assert again in found
    path.write_text("a,b\n1,2\n")
    with pytest.raises(CourseError, match="no table"):
        transfer_runs.read(path)


def test_seeds_are_averaged_and_drawn(tmp_path):
    scores = transfer_runs.grouped(RUNS)
    assert scores["one", "scratch", 100, 0.0] == [0.5, 0.7]
    assert transfer_runs.summary(RUNS).row_count == 4
    first, second = transfer_runs.curves(RUNS).axes
    assert first.lines[0].get_xydata().ravel().tolist() == pytest.approx([0, 0.6, 5, 0.9])
    assert second.lines[0].get_xydata().ravel().tolist() == pytest.approx([5, 0.4])
    with pytest.raises(CourseError, match="no runs"):
        transfer_runs.curves([])
    transfer_runs.write(RUNS, tmp_path / "runs.csv")
    app = load_app(next(c for c in COMMANDS if c.name == "transfer"))
    drawing = ["--out", str(tmp_path / "runs.csv"), "--draw", str(tmp_path / "curves.svg")]
    assert CliRunner().invoke(app, drawing).exit_code == 0
    assert (tmp_path / "curves.svg").stat().st_size > 1000
