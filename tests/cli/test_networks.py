"""`course train rnn | gru | lstm | gpt`, and what evaluate and generate make of them."""

import contextlib
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from course_lib.cli import app, find, generation, model_kinds, network_run
from course_lib.cli.model_kinds import Trained
from course_lib.errors import CourseError
from course_lib.text.tokenizer import BYTES
from course_lib.text.word_tokenizer import CharacterTokenizer
from course_lib.training.loop import TrainConfig
from tests.interrupts import heed_interrupts

LINE = "I swam across the river to get to the other bank."
STORY = f"{LINE}\nThe bank opens at nine.\n\nShe sat on the bank\nof the river.\n"
SMALL = ["--size", 16, "--steps", 8, "--vocab-size", 300, "--batch-tokens", 60]
KINDS = ("rnn", "gru", "lstm", "gpt")


def course(capsys: pytest.CaptureFixture, *args: object, status: int = 0) -> str:
    """Run a command; what it printed."""
    capsys.readouterr()
    assert app.call(find(str(args[0])), [str(arg) for arg in args[1:]]) == status
    return capsys.readouterr().out


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "story.txt"
    path.write_text(STORY)
    return path


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tokenizer", ["bpe", "words", "characters"])
def test_from_a_file_to_a_score_and_a_text(tmp_path, story, capsys, kind, tokenizer):
    out = tmp_path / "new folder" / "m.safetensors"
    shown = course(capsys, "train", kind, story, "-o", out, "--tokenizer", tokenizer, *SMALL)
    assert "4 texts" in shown
    assert sorted(p.name for p in out.parent.iterdir()) == ["m.losses.csv", "m.safetensors"]
    trained = model_kinds.load(out)
    lines = [line for line in STORY.splitlines() if line]
    log_probs = trained.model.log_probs([trained.tokenizer.encode(line) for line in lines])
    bits = -torch.cat(log_probs).sum().item() / math.log(2)
    shown = course(capsys, "evaluate", out, story)
    assert f"bits per character  {bits / sum(len(line) + 1 for line in lines):.3f}" in shown
    n_tokens = sum(len(row) for row in log_probs)
    assert f"bits per token      {bits / n_tokens:.3f}" in shown
    assert f"tokens              {n_tokens - 4}" in shown
    written = course(capsys, "generate", out, "--n", 3, "--prompt", "the bank", "--max-words", 5)
    assert written.count("the bank") == 3


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_the_same_after_saving(tmp_path, story, capsys, kind):
    out, again = tmp_path / "m.safetensors", tmp_path / "again.safetensors"
    course(capsys, "train", kind, story, "-o", out, "--layers", 2, *SMALL)
    trained = model_kinds.load(out)
    model_kinds.save("gpt" if kind == "gpt" else "recurrent", trained, again)
    assert again.read_bytes() == out.read_bytes()
    texts = [trained.tokenizer.encode(text) for text in (LINE, "", "岸 🌊")]
    loaded = model_kinds.load(again)
    for a, b in zip(trained.model.log_probs(texts), loaded.model.log_probs(texts), strict=True):
        assert torch.equal(a, b)
    assert loaded.tokenizer.decode(loaded.tokenizer.encode("岸 🌊")) == "岸 🌊"


@pytest.mark.parametrize(
    ("tokenizer", "expected"),
    [("bpe", LINE), ("characters", LINE), ("words", LINE.lower().replace(".", " ."))],
)
def test_one_line_is_learnt_by_heart(tmp_path, capsys, tokenizer, expected):
    path, out = tmp_path / "one.txt", tmp_path / "m.safetensors"
    path.write_text(LINE)  # shorter than the context, and without a line end
    course(
        capsys, "train", "gpt", path, "-o", out, "--tokenizer", tokenizer, "--vocab-size", 400,
        "--size", 32, "--steps", 60, "--dropout", 0, "--lr", 0.03,
    )  # fmt: skip
    greedy = ["generate", out, "--temperature", 0]
    assert course(capsys, *greedy, "--n", 1) == expected + "\n"
    assert course(capsys, *greedy, "--n", 2, "--top-k", 10**6) == f"{expected}\n" * 2
    assert course(capsys, "generate", out, "--n", 1, "--beam", 3) == expected + "\n"
    begun = course(capsys, *greedy, "--n", 1, "--prompt", "I swam", "--max-words", 4)
    assert begun.lower().startswith("i swam ")
    assert expected.lower().startswith(begun.lower().rstrip())
    assert len(begun) < len(LINE)


def test_options_of_the_choice(tmp_path, story, capsys):
    out = tmp_path / "m.safetensors"
    course(capsys, "train", "gru", story, "-o", out, *SMALL)
    write = ["generate", out, "--max-words", 12]
    texts = course(capsys, *write, "--n", 4)
    assert course(capsys, *write, "--n", 4) == texts
    assert course(capsys, *write, "--n", 4, "--seed", 1) != texts
    assert course(capsys, *write, "--n", 4, "--top-p", 1) == texts
    assert course(capsys, *write, "--n", 4, "--top-k", 10**9) == texts
    same = course(capsys, *write, "--n", 4, "--top-k", 1, "--seed", 5)
    assert same == course(capsys, *write, "--n", 4, "--temperature", 0)
    found = course(capsys, *write, "--n", 3, "--beam", 2).splitlines()
    assert len(set(found)) == 3
    for wrong in (["--top-p", 0], ["--top-p", 1.5], ["--top-k", 0], ["--temperature", -1]):
        with pytest.raises(ValueError) as error:
            course(capsys, *write, *wrong)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("kind", ["lstm", "gpt"])
@pytest.mark.parametrize("prompt", ["", "the river " * 60, "🌊岸 \u202e\x00", " "])
def test_any_prompt_will_do(tmp_path, story, capsys, kind, prompt):
    out = tmp_path / "m.safetensors"
    course(capsys, "train", kind, story, "-o", out, "--context", 12, *SMALL)
    for more in ([], ["--n", 1], ["--beam", 2]):
        shown = course(capsys, "generate", out, "--prompt", prompt, "--max-words", 9, *more)
        assert shown.startswith(prompt)
        assert len(shown) > len(prompt)


def test_unknown_words_in_a_prompt_are_no_obstacle_and_none_is_written(tmp_path, story, capsys):
    out = tmp_path / "m.safetensors"
    options = [*SMALL, "--tokenizer", "words", "--vocab-size", 7]
    course(capsys, "train", "rnn", story, "-o", out, *options)
    for more in (["--n", 9], ["--n", 3, "--beam", 3]):
        shown = course(capsys, "generate", out, "--prompt", "dragons", *more)
        assert shown.count("<unk>") == shown.count("\n")  # the prompt's own


def test_texts_longer_than_the_context_are_scored_whole(tmp_path, capsys):
    path, out = tmp_path / "long.txt", tmp_path / "m.safetensors"
    path.write_text(LINE * 20)
    course(capsys, "train", "gpt", path, "-o", out, "--context", 10, *SMALL)
    n = len(model_kinds.load(out).tokenizer.encode(LINE * 20))
    assert f"tokens              {n}\n" in course(capsys, "evaluate", out, path)


def test_paragraphs_keep_their_lines(tmp_path, story, capsys):
    out = tmp_path / "m.safetensors"
    shown = course(capsys, "train", "gpt", story, "-o", out, "--unit", "paragraph", *SMALL)
    assert "2 texts" in shown
    trained = model_kinds.load(out)
    assert trained.unit == "paragraph"
    ids = network_run.TextFiles([story], "paragraph").encode(trained.tokenizer)
    assert [trained.tokenizer.decode(row) for row in ids] == STORY.strip().split("\n\n")
    assert "texts               2\n" in course(capsys, "evaluate", out, story)
    with pytest.raises(CourseError, match="no unit of text 'page'; choose one of: line, para"):
        course(capsys, "train", "gpt", story, "-o", out, "--unit", "page", *SMALL)


def test_the_seed_fixes_the_file(tmp_path, story, capsys):
    made = []
    for seed in (0, 0, 1):
        course(
            capsys, "train", "gpt", story, "-o", tmp_path / "m.safetensors", "--seed", seed, *SMALL
        )
        made.append((tmp_path / "m.safetensors").read_bytes())
    assert made[0] == made[1] != made[2]


def interrupted_at(step):
    """A progress bar at whose n-th step somebody presses Ctrl-C."""

    @contextlib.contextmanager
    def progress(n_steps):
        def on_step(i, _loss):
            if i == step:
                raise KeyboardInterrupt

        yield on_step

    return progress


@pytest.mark.parametrize("kind", ["gru", "gpt"])
def test_ctrl_c_keeps_the_last_checkpoint_and_says_how_to_go_on(
    tmp_path, story, capsys, monkeypatch, kind
):
    whole, out = tmp_path / "whole.safetensors", tmp_path / "m.safetensors"
    command = ["train", kind, story, "--checkpoint-every", 3, *SMALL]
    course(capsys, *command, "-o", whole)
    with monkeypatch.context() as patch:
        patch.setattr(network_run, "progress", interrupted_at(4))
        assert app.call(find("train"), [*map(str, command[1:]), "-o", str(out)]) == 130
        said = capsys.readouterr().err
        assert "the first 3 steps are in" in said
        assert "m.checkpoint: the same command with --resume goes on" in said
    assert not out.exists()
    with pytest.raises(CourseError, match="not finished: add --resume, or delete it"):
        course(capsys, *command, "-o", out)
    course(capsys, *command, "-o", out, "--resume")
    assert out.read_bytes() == whole.read_bytes()
    losses = [path.with_suffix(".losses.csv").read_text() for path in (out, whole)]
    assert losses[0] == losses[1]
    assert not (tmp_path / "m.checkpoint").exists()


def test_ctrl_c_before_the_first_checkpoint(tmp_path, story, capsys, monkeypatch):
    out = tmp_path / "m.safetensors"
    monkeypatch.setattr(network_run, "progress", interrupted_at(1))
    course(capsys, "train", "rnn", story, "-o", out, *SMALL, status=130)
    command = ["rnn", story, "-o", out, *SMALL]
    app.call(find("train"), [str(arg) for arg in command])
    assert "before the first checkpoint: nothing is kept" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for a single process")
def test_a_real_ctrl_c(tmp_path, story):
    out = tmp_path / "m.safetensors"
    options = ["--steps", "100000", "--size", "8", "--checkpoint-every", "5", "-o", str(out)]
    command = [sys.executable, "-m", "course_lib", "train", "gru", str(story), *options]
    piped = {"stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, preexec_fn=heed_interrupts, **piped) as process:
        deadline = time.monotonic() + 120
        while not (tmp_path / "m.checkpoint").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "--resume goes on" in said
    assert "Traceback" not in said


def test_a_checkpoint_of_another_run_is_refused(tmp_path, story, capsys, monkeypatch):
    out = tmp_path / "m.safetensors"
    command = ["train", "gpt", story, "-o", out, "--checkpoint-every", 2, *SMALL]
    with monkeypatch.context() as patch:
        patch.setattr(network_run, "progress", interrupted_at(4))
        course(capsys, *command, status=130)
    other = tmp_path / "other.txt"
    other.write_text(STORY.replace("nine", "ten"))
    resume = ["-o", out, "--resume", *SMALL]
    for problem, changed in {
        "another run: texts is": ["train", "gpt", other, *resume],
        "another run: tokenizer is": ["train", "gpt", story, *resume, "--tokenizer", "characters"],
        "another run: lr is 0.02 there and 0.1": ["train", "gpt", story, *resume, "--lr", 0.1],
        "another run: n_heads is 4 there and 2": ["train", "gpt", story, *resume, "--heads", 2],
        "another run: seed is 0 there and 4 here": ["train", "gpt", story, *resume, "--seed", 4],
        "another run: n_steps is 8 there and 9": ["train", "gpt", story, *resume, "--steps", 9],
        "another run: kind is gpt there and recurrent here": ["train", "lstm", story, *resume],
    }.items():
        with pytest.raises(CourseError, match=problem):
            course(capsys, *changed)
    (tmp_path / "m.checkpoint").write_bytes(b"PK\x03\x04 anything")
    with pytest.raises(CourseError, match=r"m.checkpoint is a pickle"):
        course(capsys, *command, "--resume")
    assert not out.exists()


def test_minutes_become_steps_and_stay_the_same_when_resumed(tmp_path, story, capsys, monkeypatch):
    out = tmp_path / "m.safetensors"
    monkeypatch.setattr(network_run, "progress", interrupted_at(30))
    command = ["train", "rnn", story, "-o", out, "--size", 8, "--minutes", 0.02]
    command += ["--checkpoint-every", 10]
    status = app.call(find("train"), [str(arg) for arg in command[1:]])
    counted = int(capsys.readouterr().err.split(" steps fit into")[0].split()[-1])
    assert counted > 12
    if status == 130:
        monkeypatch.setattr(network_run, "progress", interrupted_at(None))
        course(capsys, *command, "--resume")
    assert len(out.with_suffix(".losses.csv").read_text().splitlines()) == 1 + counted
    with pytest.raises(CourseError, match="either --steps or --minutes"):
        course(capsys, *command, "--steps", 3)
    with pytest.raises(CourseError, match="--minutes must be more than 0"):
        course(capsys, *command[:-4], "--minutes", 0)


def _file(folder: Path, content: bytes, name: str = "a.txt") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def test_line_ends_and_byte_order_mark_do_not_matter(tmp_path, capsys):
    raw, out, made = STORY.encode(), tmp_path / "m.safetensors", set()
    for content in (raw, raw.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + raw, raw.rstrip()):
        course(capsys, "train", "gpt", _file(tmp_path, content), "-o", out, *SMALL)
        made.add(out.read_bytes())
    assert len(made) == 1


@pytest.mark.parametrize("content", ["x", "岸", "a\nb", "  x  "])
@pytest.mark.parametrize("tokenizer", ["bpe", "words", "characters"])
def test_very_short_files(tmp_path, capsys, content, tokenizer):
    path, out = _file(tmp_path, content.encode()), tmp_path / "m.safetensors"
    course(capsys, "train", "gpt", path, "-o", out, "--tokenizer", tokenizer, *SMALL)
    assert "unknown tokens      0.00%" in course(capsys, "evaluate", out, path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", r"no words in .*a.txt"),
        (b"\n \r\n\n", r"no words in .*a.txt"),
        (b"fine\nnot \xff fine\n", r"a.txt: line 2, byte 5 is not UTF-8"),
    ],
)
@pytest.mark.parametrize("tokenizer", ["bpe", "words", "characters"])
def test_files_without_text_are_one_line(tmp_path, capsys, content, problem, tokenizer):
    out = tmp_path / "m.safetensors"
    path = _file(tmp_path, content)
    with pytest.raises(CourseError, match=problem) as error:
        course(capsys, "train", "gpt", path, "-o", out, "--tokenizer", tokenizer, *SMALL)
    assert "\n" not in str(error.value)
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_wrong_choices_are_one_line(tmp_path, story, capsys):
    out = tmp_path / "m.safetensors"
    wrong = {
        "no tokenizer 'letters'; choose one of: bpe, words": ["--tokenizer", "letters"],
        "no precision 'int8'": ["--precision", "int8"],
        "no device 'tpu'": ["--device", "tpu"],
        "float16 training needs a CUDA device": ["--precision", "float16", "--device", "cpu"],
        "d_model=16 must be a multiple of .*n_heads=3": ["--heads", 3],
        "dropout": ["--dropout", 1],
        "lr": ["--lr", 0],
        "'--steps'": ["--steps", 0],
    }
    for problem, options in wrong.items():
        with pytest.raises(ValueError, match=problem) as error:
            course(capsys, "train", "gpt", story, "-o", out, *SMALL, *options)
        assert "\n" not in str(error.value)
    if not torch.cuda.is_available():
        with pytest.raises(CourseError, match="no cuda device"):
            course(capsys, "train", "gpt", story, "-o", out, *SMALL, "--device", "cuda")
    with pytest.raises(CourseError, match="is a folder"):
        course(capsys, "train", "gpt", story, "-o", tmp_path)
    with pytest.raises(CourseError, match="cannot write"):  # before any work
        course(capsys, "train", "gpt", tmp_path / "none", "-o", story / "m.safetensors")
    assert [p.name for p in tmp_path.iterdir()] == ["story.txt"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_noticed_before_the_work(tmp_path, story, capsys):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    with pytest.raises(CourseError, match="cannot write"):
        course(capsys, "train", "gpt", tmp_path / "none", "-o", locked / "m.safetensors")


def test_a_rate_that_is_too_high_is_one_line(tmp_path, story, capsys):
    out = tmp_path / "m.safetensors"
    with pytest.raises(CourseError, match=r"the loss is .* at step \d+: "):
        course(capsys, "train", "lstm", story, "-o", out, *SMALL, "--steps", 60, "--lr", 1e30)
    assert not out.exists()


def test_a_tokenizer_of_its_own_cannot_be_exchanged(tmp_path, story, capsys):
    out = tmp_path / "m.safetensors"
    course(capsys, "train", "gpt", story, "-o", out, *SMALL)
    with pytest.raises(CourseError, match="tokenizer of its own: no --split"):
        course(capsys, "evaluate", out, story, "--split", "words")


def test_altered_model_files_are_refused(tmp_path, story, capsys):
    out = tmp_path / "m.safetensors"
    course(capsys, "train", "gpt", story, "-o", out, *SMALL)
    whole = out.read_bytes()
    swapped = whole.replace(b"norm_1", b"norm_3")
    other_sizes = whole.replace(b'\\"n_heads\\": 4', b'\\"n_heads\\": 3')
    for raw in (whole[: len(whole) // 2], swapped, other_sizes):
        assert raw != whole
        _file(tmp_path, raw, "m.safetensors")
        with pytest.raises(CourseError, match="not a file of `course train`, or is damaged"):
            course(capsys, "generate", out)


def test_bytes_are_shown_when_they_are_a_character(capsys):
    tokenizer = CharacterTokenizer.train(["ab"])
    ids = tokenizer.encode("a岸b")
    assert [tokenizer.vocab.words[i] for i in ids[1:4]] == [BYTES[b] for b in "岸".encode()]
    printed = []
    trained = Trained(None, tokenizer)

    def tokens():
        for i in ids:
            yield i.view(1, 1)
            printed.append(capsys.readouterr().out)

    generation.write_as_it_comes(trained, ids[:0], tokens())
    assert printed == ["a", "", "", "岸", "b"]
    assert capsys.readouterr().out == "\n"


def test_a_gpt_learns_with_muon_and_an_lstm_without():
    base = dict.fromkeys(network_run.Options.__dataclass_fields__)
    base |= {"lr": 0.02, "precision": "float32", "compile": False}
    gpt = network_run.settings(network_run.Options(**base | {"kind": "gpt"}), 100)
    assert gpt == TrainConfig(
        n_steps=100, lr=0.02, lr_matrices=0.02, n_warmup=2, optimizer="muon",
        weight_decay=0.1, betas=(0.9, 0.99),
    )  # fmt: skip
    other = network_run.settings(network_run.Options(**base | {"kind": "recurrent"}), 100)
    assert other.optimizer == "adamw"
