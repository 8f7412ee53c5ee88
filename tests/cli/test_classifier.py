"""`course train classifier` and `course classify`: labels and numbers, pairs, columns."""

import io
import json

import pytest
import torch

from course_lib.cli import app, find, task_models, task_run
from course_lib.cli.task_run import set_aside
from course_lib.models.heads import ClassifierWithNumbers

from .task_files import (
    LEARNT,
    QUICK,
    SMALL,
    course,
    interrupted_at,
    opinions,
    problem,
    table,
)


@pytest.mark.parametrize("name", ["a.csv", "a.json"])
def test_a_classifier_learns_is_saved_and_used(tmp_path, capsys, name):
    file, out = table(tmp_path / name, opinions()), tmp_path / "new" / "c.safetensors"
    shown = course(capsys, "train", "classifier", file, "-o", out, *SMALL, *LEARNT)
    assert "learnt from       36" in shown
    assert "tested on         4 texts" in shown
    assert "accuracy          1.000 [0.510, 1.000]" in shown
    assert "always 'bad': accuracy 0." in shown
    texts = tmp_path / "texts.txt"
    texts.write_text("the room was dull .\n\nthe room was fine .\n")
    lines = course(capsys, "classify", out, texts).splitlines()
    assert [line.split("\t")[0] for line in lines] == ["bad", "good"]
    assert all(float(line.split("\t")[1]) > 0.5 for line in lines)
    assert lines[0].endswith("\tthe room was dull .")
    app.call(find("classify"), [str(out), str(file)])
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 40
    assert "accuracy          1.000 [0.912, 1.000]" in said.err


def test_the_seed_fixes_the_model_and_saving_changes_nothing(tmp_path, capsys):
    file, made = table(tmp_path / "a.csv", opinions()), []
    for seed in (0, 0, 1):
        out = tmp_path / "c.safetensors"
        course(capsys, "train", "classifier", file, "-o", out, "--seed", seed, *QUICK)
        made.append(out.read_bytes())
    assert made[0] == made[1] != made[2]
    task_models.save(task_models.load(out, "classifier"), tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == made[2]


def test_pairs_come_from_a_second_column_or_behind_a_tab(tmp_path, capsys, monkeypatch):
    rows = [
        {"text": a, "second": b, "label": "same" if a == b else "other"}
        for a in "abcd"
        for b in "abcd"
    ]
    file, out = table(tmp_path / "a.csv", rows), tmp_path / "c.safetensors"
    course(capsys, "train", "classifier", file, "-o", out, *QUICK)
    monkeypatch.setattr("sys.stdin", io.StringIO("a\tb\n"))
    assert course(capsys, "classify", out).endswith("\ta\tb\n")
    single = table(tmp_path / "single.csv", [{"text": "a", "label": "same"}])
    train = ["train", "classifier", file, "--dev", single, "-o", out, *QUICK]
    assert "one has a second text, the other has none" in problem(capsys, *train)


def scored(n: int = 40) -> list[dict]:
    return [{"text": "fine " * (i % 4), "label": 10 * (i % 4) + 0.5, "age": i} for i in range(n)]


def test_labels_that_are_numbers_are_predicted_as_numbers(tmp_path, capsys):
    file, out = table(tmp_path / "a.csv", scored()), tmp_path / "c.safetensors"
    steps = [*SMALL, "--steps", 150, "--lr", 3e-3, "--dropout", 0]
    shown = course(capsys, "train", "classifier", file, "-o", out, *steps)
    r_squared = float(shown.split("R²")[1].split()[0])
    assert r_squared > 0.9
    assert "always the mean, 16" in shown
    assert task_models.load(out, "classifier").labels == []
    texts = tmp_path / "b.txt"
    texts.write_text("fine fine\n")
    assert float(course(capsys, "classify", out, texts).split("\t")[0]) == pytest.approx(20, abs=4)
    course(capsys, "train", "classifier", file, "-o", out, "--target", "labels", *QUICK)
    assert len(task_models.load(out, "classifier").labels) == 4


def test_zero_and_one_are_labels_unless_told_otherwise(tmp_path, capsys):
    rows = [{"text": row["text"], "label": int(row["label"] == "good")} for row in opinions()]
    file, out = table(tmp_path / "a.csv", rows), tmp_path / "c.safetensors"
    course(capsys, "train", "classifier", file, "-o", out, *QUICK)
    assert task_models.load(out, "classifier").labels == ["0", "1"]
    course(capsys, "train", "classifier", file, "-o", out, "--target", "numbers", *QUICK)
    assert task_models.load(out, "classifier").labels == []


def test_columns_of_numbers_are_read_too(tmp_path, capsys):
    """The label is in the number alone; one column is constant, one has gaps."""
    rows = [
        {"text": "a room", "label": "dear" if i % 2 else "cheap", "price": 10 + 80 * (i % 2),
         "stars": 3, "age": "" if i % 3 else i}
        for i in range(40)
    ]  # fmt: skip
    file, out = table(tmp_path / "a.csv", rows), tmp_path / "c.safetensors"
    numbers = ["--number", "price", "--number", "stars", "--number", "age"]
    shown = course(capsys, "train", "classifier", file, "-o", out, *numbers, *SMALL, *LEARNT)
    assert "accuracy          1.000" in shown
    task = task_models.load(out, "classifier")
    assert isinstance(task.model, ClassifierWithNumbers)
    assert task.scaler.n_columns == 4  # and whether the age is missing
    assert task.columns.numbers == ("price", "stars", "age")
    new = table(tmp_path / "new.jsonl", [{"text": "a", "price": 95, "stars": 3, "age": None}])
    assert course(capsys, "classify", out, new).startswith("dear\t")
    plain = tmp_path / "b.txt"
    plain.write_text("a room\n")
    assert "reads numbers, too: give a CSV" in problem(capsys, "classify", out, plain)
    table(new, [{"text": "a", "price": "much", "stars": 3, "age": 1}])
    assert "new.jsonl, line 1: price is 'much'" in problem(capsys, "classify", out, new)
    table(new, [{"text": "a", "price": 1}])
    assert "no column 'stars'; there are: text, price" in problem(capsys, "classify", out, new)


def test_columns_may_have_other_names(tmp_path, capsys):
    rows = [{"satz": row["text"], "urteil": row["label"]} for row in opinions()]
    file, out = table(tmp_path / "a.csv", rows), tmp_path / "c.safetensors"
    names = ["--text", "satz", "--label", "urteil"]
    course(capsys, "train", "classifier", file, "-o", out, *names, *QUICK)
    assert len(course(capsys, "classify", out, file).splitlines()) == 40
    says = problem(capsys, "train", "classifier", file, "-o", out, *QUICK)
    assert "a.csv, line 2: there is no column 'text'; there are: satz, urteil" in says


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "there are no rows in"),
        ("text,label\n", "there are no rows in"),
        ("text,label\na,x\nb\n", "line 3: 1 values, but the first line names 2 columns"),
        ("text,label\na,x\nb,\n", "line 3: there is no label"),
        ('text,label\n"a,x\n', "a.csv: "),
        ("text,label\na,x\nb,x\nc,x\n", "the labels are x: to tell texts apart"),
        ("text,label\na,x\n", "one text is too few"),
        ("text,label\na,x\nb,y\n", "every text has a label of its own"),
        ("text,label\na,1.5\nb,1.5\nc,1.5\n", "all labels are 1.5: there is nothing to learn"),
    ],
)
def test_tables_that_teach_nothing_are_one_line(tmp_path, capsys, content, says):
    file, out = tmp_path / "a.csv", tmp_path / "c.safetensors"
    file.write_text(content)
    assert says in problem(capsys, "train", "classifier", file, "-o", out, *QUICK)
    assert not out.exists()


@pytest.mark.parametrize("line", ["{", "[1]", '"text"', "text"])
def test_lines_that_are_no_json_object(tmp_path, capsys, line):
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps(opinions()[0]) + f"\n{line}\n")
    for kind in ("classifier", "answerer"):
        command = ["train", kind, file, "-o", tmp_path / "m.safetensors", *QUICK]
        says = problem(capsys, *command)
        assert "a.jsonl, line 2 is no JSON object" in says or "line 1: there is no" in says


def test_semicolons_quotes_and_a_byte_order_mark(tmp_path, capsys):
    lines = [f'"the; room\nwas ""{row["text"]}""";{row["label"]}' for row in opinions(10)]
    file, out = tmp_path / "a.csv", tmp_path / "c.safetensors"
    file.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(["text;label", *lines]).encode())
    assert "learnt from       9" in course(capsys, "train", "classifier", file, "-o", out, *QUICK)
    first = course(capsys, "classify", out, file).splitlines()[0]
    assert first.endswith('\tthe; room was "the room was lovely ."')


def test_empty_texts_long_texts_and_strange_labels_are_told_and_kept(tmp_path, capsys):
    rows = opinions(20)
    rows[3]["text"], rows[4]["text"] = "", "   "
    rows[5]["text"] = "long " * 100
    file, out = table(tmp_path / "a.csv", rows), tmp_path / "c.safetensors"
    dev = table(tmp_path / "dev.csv", [*opinions(4), {"text": "x", "label": "odd"}])
    args = ["classifier", file, "--dev", dev, "-o", out, *QUICK, "--tokenizer", "words"]
    app.call(find("train"), [str(arg) for arg in args])
    said = capsys.readouterr()
    assert "2 texts are empty" in said.err
    assert "1 texts have more than 24 tokens: their ends are not read" in said.err
    assert "1 texts have a label unseen in training, and so count as wrong: 'odd'" in said.err
    assert "learnt from       20" in said.out
    assert "tested on         5 texts" in said.out
    assert len(course(capsys, "classify", out, file).splitlines()) == 20


def test_ctrl_c_keeps_nothing_and_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(task_run, "progress", interrupted_at(1))
    file, out = table(tmp_path / "a.csv", opinions()), tmp_path / "c.safetensors"
    args = ["classifier", file, "-o", out, *QUICK]
    assert app.call(find("train"), [str(arg) for arg in args]) == 130
    assert "stopped: nothing is kept" in capsys.readouterr().err
    assert not out.exists()


def test_a_labels_last_text_is_not_set_aside():
    labels = ["a"] * 20 + ["b"] * 2 + ["c"]
    for seed in range(20):
        learnt, tested = set_aside(23, 0.5, torch.Generator().manual_seed(seed), labels)
        assert sorted(learnt + tested) == list(range(23))
        assert len(tested) == 12
        assert {labels[i] for i in learnt} == {"a", "b", "c"}
    assert set_aside(2, 0.01, torch.Generator().manual_seed(0))[1] in ([0], [1])
