"""`course train`, `evaluate` and `generate` on small files."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from course_lib.cli import app, find, model_kinds
from course_lib.cli.model_kinds import Trained
from course_lib.errors import CourseError
from course_lib.interop.word_vectors import load_text
from course_lib.models.ngram import NGramModel
from course_lib.text.vocab import Vocab
from course_lib.text.word_tokenizer import words_of

STORY = "The river runs to the sea.\nI swam across the river.\n\nThe bank opens at nine.\n"


def course(capsys: pytest.CaptureFixture, *args: object) -> str:
    """Run a command; what it printed."""
    capsys.readouterr()
    assert app.call(find(str(args[0])), [str(arg) for arg in args[1:]]) == 0
    return capsys.readouterr().out


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "story.txt"
    path.write_text(STORY)
    return path


def test_an_ngram_model_from_a_file_to_a_score(tmp_path: Path, story: Path, capsys):
    out = tmp_path / "new folder" / "m.safetensors"
    assert f"3 texts, 19 words, 13 of them different -> {out}" in course(
        capsys, "train", "ngram", story, "--out", out
    )
    rows = [
        ["the", "river", "runs", "to", "the", "sea", "."],
        ["i", "swam", "across", "the", "river", "."],
        ["the", "bank", "opens", "at", "nine", "."],
    ]
    vocab = Vocab.from_texts(rows)
    model = NGramModel(3, "modified-kneser-ney").fit([vocab.encode(r) for r in rows], len(vocab))
    nll = -torch.cat(model.log_probs([vocab.encode(row) for row in rows]))
    shown = course(capsys, "evaluate", out, story)
    assert f"perplexity          {nll.mean().exp().item():.2f}" in shown
    assert "tokens              19" in shown
    other = tmp_path / "other.txt"
    other.write_text("the unheard river")
    assert "unknown tokens      33.33%" in course(capsys, "evaluate", out, other)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("ngram", ["--smoothing", "add-k", "--k", "0.01", "--order", "2"]),
        ("ngram", ["--smoothing", "kneser-ney", "--discount", "0.5"]),
        ("hmm", ["--states", "3", "--steps", "3", "--min-count", "1"]),
    ],
)
def test_every_kind_is_the_same_after_saving(tmp_path, story, capsys, kind, options):
    out = tmp_path / "m.safetensors"
    course(capsys, "train", kind, story, "-o", out, *options)
    trained = model_kinds.load(out)
    text = trained.vocab.encode(["the", "river", "opens"])
    before = trained.model.log_probs([text])[0]
    model_kinds.save(kind, trained, tmp_path / "again.safetensors")
    again = model_kinds.load(tmp_path / "again.safetensors")
    assert again.model.log_probs([text])[0].equal(before)
    assert again.vocab.words == trained.vocab.words
    assert before.exp().sum() > 0
    if "0.5" in options:
        assert trained.model.smoothing.discount == 0.5
    lines = course(capsys, "generate", out, "--n", "4", "--prompt", "the river").splitlines()
    assert len(lines) == 4
    assert all(line.startswith("the river") for line in lines)


def test_generation_obeys_seed_temperature_and_length(tmp_path, story, capsys):
    out = tmp_path / "m.safetensors"
    course(capsys, "train", "ngram", story, "-o", out, "--smoothing", "mle", "--order", 9)
    known = {"the river runs to the sea .", "i swam across the river .", "the bank opens at nine ."}
    lines = course(capsys, "generate", out, "--n", 30).splitlines()
    assert set(lines) == known  # nothing but what was seen
    assert course(capsys, "generate", out, "--n", 30).splitlines() == lines
    assert course(capsys, "generate", out, "--n", 30, "--seed", 1).splitlines() != lines
    greedy = course(capsys, "generate", out, "--n", 3, "--temperature", 0, "--max-words", 2)
    assert set(greedy.splitlines()) <= {"the river", "the bank"}
    assert len(set(greedy.splitlines())) == 1
    narrow = course(capsys, "generate", out, "--n", 20, "--top-k", 1, "--top-p", 0.9)
    assert len(set(narrow.splitlines())) <= 2  # a tie of two keeps both
    with pytest.raises(CourseError, match="nothing to follow"):
        course(capsys, "generate", out, "--prompt", "the dragon")
    assert "inf" in course(capsys, "evaluate", out, _file(tmp_path, b"a dragon"))


def test_arpa_files_go_out_and_come_in(tmp_path, story, capsys):
    out, arpa = tmp_path / "m.safetensors", tmp_path / "m.arpa"
    course(capsys, "train", "ngram", story, "-o", out)
    course(capsys, "train", "ngram", story, "-o", arpa)
    assert arpa.read_text().startswith("\\data\\\nngram 1=")
    shown = course(capsys, "evaluate", arpa, story, "--split", "words")
    assert shown == course(capsys, "evaluate", out, story)
    assert len(course(capsys, "generate", arpa, "--n", 2).splitlines()) == 2
    with pytest.raises(CourseError, match="Kneser-Ney smoothing only"):
        course(capsys, "train", "ngram", story, "-o", arpa, "--smoothing", "mle")


def test_japanese_by_characters(tmp_path, capsys):
    path, out = tmp_path / "a.txt", tmp_path / "m.safetensors"
    path.write_text("川の岸\n川の 水\n", encoding="utf-8")
    course(capsys, "train", "ngram", path, "-o", out, "--split", "characters", "--smoothing", "mle")
    assert set(course(capsys, "generate", out, "--n", 20).splitlines()) == {"川の岸", "川の水"}


def test_word_vectors_are_written_in_the_common_format(tmp_path, capsys):
    path, out = tmp_path / "a.txt", tmp_path / "v.txt"
    path.write_text(STORY * 20)
    course(capsys, "train", "word2vec", path, "-o", out, "--size", 7, "--epochs", 1)
    vectors = load_text(out)
    assert vectors.matrix.shape == (13, 7)
    assert "river" in vectors


def _file(folder: Path, content: bytes, name: str = "a.txt") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def test_line_ends_and_byte_order_mark_do_not_matter(tmp_path, capsys):
    rows = STORY.encode()
    shown = [
        course(capsys, "train", "ngram", _file(tmp_path, raw), "-o", tmp_path / "m.safetensors")
        for raw in (rows, rows.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + rows, rows.rstrip())
    ]
    assert len(set(shown)) == 1


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "no words in .*a.txt"),
        (b"\n \r\n\n", "no words in .*a.txt"),
        (b"fine\nnot \xff fine\n", "a.txt: line 2, byte 5 is not UTF-8"),
    ],
)
def test_files_without_text_are_one_line(tmp_path, capsys, content: bytes, problem: str):
    out = tmp_path / "m.safetensors"
    with pytest.raises(CourseError, match=problem) as error:
        course(capsys, "train", "ngram", _file(tmp_path, content), "-o", out)
    assert "\n" not in str(error.value)
    assert not out.exists()


def test_a_corpus_of_one_word_and_an_order_beyond_it(tmp_path, capsys):
    out = tmp_path / "m.safetensors"
    course(capsys, "train", "ngram", _file(tmp_path, b"river"), "-o", out, "--order", 12)
    assert "tokens              1\n" in course(capsys, "evaluate", out, _file(tmp_path, b"river"))
    assert course(capsys, "generate", out, "--n", 1, "--temperature", 0) == "river\n"


def test_rare_words_become_unknown_even_all_of_them(tmp_path, story, capsys):
    out = tmp_path / "m.safetensors"
    course(capsys, "train", "ngram", story, "-o", out, "--min-count", 99)
    assert "unknown tokens      100.00%" in course(capsys, "evaluate", out, story)


def test_marks_in_a_text_are_only_words(tmp_path, capsys):
    path, out = _file(tmp_path, b"a <s> b </s> <pad>\n"), tmp_path / "m.safetensors"
    course(capsys, "train", "ngram", path, "-o", out, "--split", "spaces")
    assert "unknown tokens      60.00%" in course(capsys, "evaluate", out, path)


def test_wrong_choices_are_one_line(tmp_path, story, capsys):
    out = tmp_path / "m.safetensors"
    wrong = {
        "no smoothing 'katz'; choose one of: mle": ["--smoothing", "katz"],
        "no way to split texts 'letters'; choose one of: words": ["--split", "letters"],
        "k must be positive": ["--smoothing", "add-k", "--k", "0"],
        "discount must lie": ["--smoothing", "kneser-ney", "--discount", "2"],
        "order": ["--order", "0"],
    }
    for problem, options in wrong.items():
        with pytest.raises(ValueError, match=problem):
            course(capsys, "train", "ngram", story, "-o", out, *options)
    with pytest.raises(CourseError, match="is a folder"):
        course(capsys, "train", "ngram", story, "-o", tmp_path)
    missing = tmp_path / "none.txt"
    with pytest.raises(CourseError, match="cannot write"):  # noticed before any text is read
        course(capsys, "train", "ngram", missing, "-o", story / "m.safetensors")
    with pytest.raises(CourseError, match="cannot read"):
        course(capsys, "train", "ngram", missing, "-o", out)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["story.txt"]


def test_too_little_memory_is_one_line(tmp_path, story, capsys, monkeypatch):
    """Counting asks for an array beyond any machine's address space."""
    monkeypatch.setattr(NGramModel, "fit", lambda *_: np.zeros(2**62, dtype=np.int8))
    with pytest.raises(CourseError, match="too many different n-grams for the memory"):
        course(capsys, "train", "ngram", story, "-o", tmp_path / "m.safetensors")
    assert [p.name for p in tmp_path.iterdir()] == ["story.txt"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_noticed_before_the_work(tmp_path, story, capsys):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    with pytest.raises(CourseError, match="cannot write"):
        course(capsys, "train", "ngram", story, "-o", locked / "m.safetensors")


def test_files_that_are_no_models_are_one_line(tmp_path, story, capsys):
    out = tmp_path / "m.safetensors"
    course(capsys, "train", "ngram", story, "-o", out)
    whole = out.read_bytes()
    for damaged in (
        b"",
        STORY.encode(),
        whole[: len(whole) // 2],
        whole.replace(b"ngram", b"other"),
    ):
        _file(tmp_path, damaged, "m.safetensors")
        with pytest.raises(CourseError, match=r"m.safetensors is not a file of `course train`"):
            course(capsys, "generate", out)
    with pytest.raises(CourseError, match="cannot read"):
        course(capsys, "generate", tmp_path / "none.safetensors")


def test_altered_tables_are_refused(tmp_path):
    vocab = Vocab(["a", "b"])
    model = NGramModel(2).fit([vocab.encode(["a", "b", "a"])], len(vocab))
    for order, keys in ((2, [3, 1]), (2, [1, 99]), (2, [-1, 4]), (1, [0, 1])):
        altered = NGramModel.from_tables(list(model.tables), "mle")
        table = altered.tables[order - 1]
        wrong = type(table)(torch.tensor(keys).numpy(), len(vocab), table.counts[: len(keys)])
        altered.tables[order - 1] = wrong
        model_kinds.save(
            "ngram", Trained(altered, words_of(vocab, "words")), tmp_path / "m.safetensors"
        )
        with pytest.raises(CourseError, match="damaged"):
            model_kinds.load(tmp_path / "m.safetensors")
