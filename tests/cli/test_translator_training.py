"""`course train translator`: from a file of pairs to a model and its scores."""

import pytest
import sacrebleu

from course_lib.cli import app, find, network_run, translator
from course_lib.cli.pair_files import TextPair, read_pairs
from course_lib.cli.translator_run import parts, report
from course_lib.errors import CourseError

from .task_files import course, interrupted_at, problem

NAMES = ("Nina", "Taro", "Max", "Aiko", "Omar")
DEEDS = {"swam": "泳いだ", "sang": "歌った", "ran": "走った", "slept": "眠った"}
SMALL = ["--size", 16, "--heads", 2, "--layers", 1, "--vocab-size", 330, "--context", 24]
SMALL += ["--batch-tokens", 200, "--dropout", 0]


def made_up(names=NAMES):
    return [TextPair(f"{n} {deed}.", f"{n}が{ja}。") for n in names for deed, ja in DEEDS.items()]


def file_of(path, pairs):
    path.write_text("".join(f"{a}\t{b}\n" for a, b in pairs), encoding="utf-8")
    return path


@pytest.fixture
def pairs(tmp_path):
    return file_of(tmp_path / "a.tsv", made_up())


def test_a_translator_learns_is_saved_used_and_measured_as_sacrebleu_does(tmp_path, capsys, pairs):
    out = tmp_path / "t.safetensors"
    shown = course(capsys, "train", "translator", pairs, "-o", out, *SMALL, "--steps", 250)
    assert "tested on         1 pairs, 5 beams" in shown
    assert "learnt from       19 pairs" in shown
    text = tmp_path / "b.txt"
    text.write_text("Nina swam.\n\n  Omar ran. \n", encoding="utf-8")
    assert course(capsys, "translate", text, "-m", out) == ("Ninaが泳いだ。\n\nOmarが走った。\n")
    task = translator.load(out)
    tested = [*made_up(), TextPair("Max swam.", "海でMaxが泳いだ。")]
    found = translator.translate(task, [pair.source for pair in tested])
    exact = sum(a == pair.target for a, pair in zip(found, tested, strict=True))
    lines = report(task, tested)
    assert f"exact             {exact / len(tested):.1%}" in lines
    spaced = [[" ".join(text) for text in side] for side in (found, [p.target for p in tested])]
    bleu = sacrebleu.corpus_bleu(spaced[0], [spaced[1]], tokenize="none", smooth_method="none")
    chrf = sacrebleu.corpus_chrf(found, [[pair.target for pair in tested]])
    assert f"BLEU              {bleu.score:.1f}" in lines[2]
    assert f"chrF              {chrf.score:.1f}" in lines[3]
    assert 50 < bleu.score < 100


def test_the_seed_fixes_the_file_and_another_seed_makes_another(tmp_path, capsys, pairs):
    made = []
    for seed in (0, 0, 1):
        args = ["-o", tmp_path / "t.safetensors", "--seed", seed, "--steps", 3, *SMALL]
        course(capsys, "train", "translator", pairs, *args)
        made.append((tmp_path / "t.safetensors").read_bytes())
    assert made[0] == made[1] != made[2]


def test_ctrl_c_keeps_the_last_checkpoint_and_resume_ends_the_same(
    tmp_path, capsys, pairs, monkeypatch
):
    whole, out = tmp_path / "whole.safetensors", tmp_path / "t.safetensors"
    command = ["train", "translator", pairs, "--steps", 8, "--checkpoint-every", 3, *SMALL]
    course(capsys, *command, "-o", whole)
    with monkeypatch.context() as patch:
        patch.setattr(network_run, "progress", interrupted_at(5))
        course(capsys, *command, "-o", out, status=130)
    assert not out.exists()
    other = file_of(tmp_path / "other.tsv", made_up()[::-1])
    changed = ["train", "translator", other, *command[3:], "-o", out, "--resume"]
    assert "another run" in problem(capsys, *changed)
    course(capsys, *command, "-o", out, "--resume")
    assert out.read_bytes() == whole.read_bytes()


def test_a_text_is_learnt_from_or_tested_on_but_never_both():
    pairs = [TextPair(f"{i % 10}", f"{i}") for i in range(30)]
    learnt, tested = parts(pairs, None, 0.2, seed=0)
    assert len(learnt) == 24
    assert len(tested) == 6
    assert not {pair.source for pair in learnt} & {pair.source for pair in tested}
    assert sorted(learnt + tested) == sorted(pairs)


def test_pairs_of_the_dev_file_are_left_out(tmp_path, capsys, pairs):
    dev = file_of(tmp_path / "dev.tsv", [TextPair("Nina swam.", "x"), TextPair("Zoe ran.", "y")])
    args = ["-o", tmp_path / "t.safetensors", "--dev", dev, "--steps", 2, *SMALL]
    app.call(find("train"), ["translator", *map(str, [pairs, *args])])
    said = capsys.readouterr()
    assert "tested on         2 pairs" in said.out
    assert "learnt from       19 pairs" in said.out
    assert "1 pairs are left out" in said.err
    alone = file_of(tmp_path / "alone.tsv", made_up()[:1])
    assert "nothing left to learn from" in problem(
        capsys, "train", "translator", alone, "--dev", pairs, "-o", tmp_path / "u.safetensors"
    )


def test_pairs_that_do_not_fit_are_counted(tmp_path, capsys):
    long = TextPair("swam " * 100, "x")
    file = file_of(tmp_path / "a.tsv", [*made_up(), long, TextPair("y", "z " * 100)])
    args = ["-o", tmp_path / "t.safetensors", "--dev", file_of(tmp_path / "d.tsv", [long])]
    app.call(find("train"), ["translator", *map(str, [file, *args, "--steps", 2, *SMALL])])
    said = capsys.readouterr()
    assert "1 pairs have more than 24 tokens on a side and are left out" in said.err
    assert "tested on         1 pairs" in said.out
    fits = ["-o", tmp_path / "t.safetensors", "--context", 2, "--tokenizer", "characters"]
    assert "no pair fits: raise --context" in problem(capsys, "train", "translator", file, *fits)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "there are no pairs in"),
        ("\n \n", "there are no pairs in"),
        ("a\tb\nonly one side\n", "a.tsv, line 2 is not a text, a tab and its translation"),
        ("a\t\n", "a.tsv, line 1 is not"),
        ("\tb\n", "a.tsv, line 1 is not"),
        ("a\tb\n", "one text is too few"),
    ],
)
def test_files_that_teach_nothing_are_one_line(tmp_path, capsys, content, says):
    file = tmp_path / "a.tsv"
    file.write_text(content)
    out = tmp_path / "t.safetensors"
    assert says in problem(capsys, "train", "translator", file, "-o", out, *SMALL)
    assert not out.exists()


def test_columns_after_the_second_are_passed_over(tmp_path):
    file = tmp_path / "a.tsv"
    file.write_text("\ufeffone\t一\tCC BY\r\n\r\n two \t 二 \r\n", encoding="utf-8")
    assert read_pairs([file]) == [TextPair("one", "一"), TextPair("two", "二")]


def test_wrong_choices_are_refused_before_any_work(tmp_path, capsys, pairs):
    base = ["train", "translator", pairs, "-o", tmp_path / "t.safetensors"]
    assert "no tokenizer 'syllables'" in problem(capsys, *base, "--tokenizer", "syllables")
    assert "--dev-share must be more than 0" in problem(capsys, *base, "--dev-share", 0)
    assert "either --steps or --minutes" in problem(capsys, *base, "--steps", 3, "--minutes", 1)
    with pytest.raises(CourseError, match="label-smoothing"):
        course(capsys, *base, "--label-smoothing", 1.5)
