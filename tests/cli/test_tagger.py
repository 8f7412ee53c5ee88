"""`course train tagger` and `course tag`: entities, parts of speech, long sentences."""

import pytest

from course_lib.cli import app, find
from course_lib.cli.task_run import space_between

from .task_files import (
    LEARNT,
    QUICK,
    SMALL,
    conll,
    course,
    named,
    problem,
)


def test_a_tagger_learns_is_saved_and_used(tmp_path, capsys):
    file, out = conll(tmp_path / "a.conll", named()), tmp_path / "t.safetensors"
    shown = course(capsys, "train", "tagger", file, "-o", out, *SMALL, *LEARNT)
    assert "learnt from       27" in shown
    assert "tested on         21 words" in shown
    lines = shown.splitlines()
    accuracy, f1, other, other_f1 = lines[2], lines[3], lines[5], lines[6]
    assert accuracy == "accuracy          1.000 [0.845, 1.000]"
    assert f1 == "entity F1         1.000 [1.000, 1.000]"
    assert float(other.split()[1]) < 1
    assert float(other_f1.split()[2]) < 1
    text = tmp_path / "b.txt"
    text.write_text("I met Kyoto Lee in Nina.\n")
    found = course(capsys, "tag", out, text).split("\n\n")[0].splitlines()
    tags = ["O", "O", "B-PERSON", "I-PERSON", "O", "B-PLACE", "O"]
    assert [line.split("\t")[1] for line in found] == tags
    app.call(find("tag"), [str(out), str(file)])
    said = capsys.readouterr()
    assert said.out.split("\n\n")[:2] == file.read_text().split("\n\n")[:2]
    assert "entity F1         1.000" in said.err


def test_parts_of_speech_are_no_entities_and_long_sentences_are_read_in_parts(tmp_path, capsys):
    sentence = [("I", "PRON"), ("swam", "VERB")]
    file = conll(tmp_path / "a.conll", [sentence * 30, *[sentence] * 9])
    out = tmp_path / "t.safetensors"
    args = ["tagger", file, "--dev", file, "-o", out, *SMALL, *LEARNT]
    app.call(find("train"), [str(arg) for arg in args])
    said = capsys.readouterr()
    assert "entity" not in said.out
    assert "tested on         78 words" in said.out
    assert "accuracy          1.000 [" in said.out
    assert "have more than 24 tokens and are read in parts" in said.err
    words = [line.split("\t") for line in course(capsys, "tag", out, file).splitlines() if line]
    assert words == [list(pair) for pair in sentence * 39]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "there are no words in"),
        ("# a remark\n-DOCSTART- O\n\n", "there are no words in"),
        ("Nina\tB-X\nswam\n\nI\tO\n", "a.conll, line 2: 'swam' is not a word and its tag"),
        ("Nina\tB-X\nswam\t\n", "a.conll, line 2: 'swam\\t' is not a word and its tag"),
        ("Nina O\n\nswam O\n\nI O\n", "the labels are O: to tell"),
        ("Nina O\n", "one text is too few"),
    ],
)
def test_tagged_files_that_teach_nothing_are_one_line(tmp_path, capsys, content, says):
    file = tmp_path / "a.conll"
    file.write_text(content)
    args = ["train", "tagger", file, "-o", tmp_path / "t.safetensors", *QUICK]
    assert says in problem(capsys, *args)


def test_tags_unseen_in_training_count_as_wrong(tmp_path, capsys):
    file = conll(tmp_path / "a.conll", named(6))
    dev = conll(tmp_path / "dev.conll", [[("Hana", "B-BOAT"), ("swam", "O")]])
    args = ["tagger", file, "--dev", dev, "-o", tmp_path / "t.safetensors", *QUICK]
    app.call(find("train"), [str(arg) for arg in args])
    assert (
        "1 tags are unseen in training, and so count as wrong: 'B-BOAT'" in capsys.readouterr().err
    )


def test_japanese_words_stand_without_spaces():
    assert space_between(["川", "で", "泳い", "だ"]) == ""
    assert space_between(["I", "swam", "川"]) == " "
