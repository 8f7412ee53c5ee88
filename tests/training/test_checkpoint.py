"""Checkpoints: what is in them, what goes on from them, and what is refused."""

import csv
import json
from dataclasses import replace

import pytest
import safetensors.torch
import torch

from course_lib.errors import CourseError
from course_lib.models.rnn import RecurrentConfig, RecurrentLM
from course_lib.training.checkpoint import Checkpoints, read_checkpoint
from course_lib.training.loop import TrainConfig, Watch, train
from course_lib.training.objectives import next_token_loss

from .small_runs import SIZES, batches, small_gpt, weights

CFG = TrainConfig(n_steps=12, lr=0.02, n_warmup=3, optimizer="muon")


class Stop(Exception):  # noqa: N818 - no error, but the end of a process
    """The process ends here."""


def stop_at(step):
    def on_step(i, _loss):
        if i == step:
            raise Stop

    return on_step


def run(path, cfg=CFG, model=None, on_step=lambda *_: None, settings=None, data=None, record=None):
    """Train; the losses and the final weights."""
    model = model or small_gpt()
    saved = Checkpoints(path=path, every=4, settings=settings or {})
    rows = batches() if data is None else data
    losses = train(model, next_token_loss, rows, cfg, on_step, checkpoints=saved, record=record)
    return losses, weights(model)


@pytest.mark.parametrize("stopped", [4, 6, 7, 11])
def test_a_stopped_run_goes_on_from_its_last_checkpoint(tmp_path, stopped):
    losses, end = run(tmp_path / "whole")
    with pytest.raises(Stop):
        run(tmp_path / "c", on_step=stop_at(stopped))
    seen = []
    torch.manual_seed(99)  # the new process is in another state, and its first weights are others
    again, resumed = run(tmp_path / "c", model=small_gpt(5), on_step=lambda i, _: seen.append(i))
    assert again == losses
    assert torch.equal(resumed, end)
    assert seen == list(range(stopped // 4 * 4, 12))


def test_dropout_makes_the_random_state_matter(tmp_path):
    """Were it not saved, a resumed run would differ, and the test above would notice."""
    losses, _ = run(tmp_path / "a")
    model = small_gpt()
    torch.manual_seed(1)
    assert train(model, next_token_loss, batches(), CFG) != losses


def test_a_finished_run_is_not_trained_again(tmp_path):
    cfg = replace(CFG, n_steps=10)  # the last step is saved, though it is not the fourth of four
    seen = []
    losses, end = run(tmp_path / "c", cfg)
    again, weights_again = run(tmp_path / "c", cfg, on_step=lambda i, _: seen.append(i))
    assert again == losses
    assert torch.equal(weights_again, end)
    assert seen == []


def test_without_resume_it_starts_anew(tmp_path):
    losses, _ = run(tmp_path / "c")
    saved = Checkpoints(path=tmp_path / "c", every=4, resume=False)
    model = small_gpt()
    seen = []
    again = train(
        model, next_token_loss, batches(), CFG, lambda i, _: seen.append(i), checkpoints=saved
    )
    assert again == losses
    assert seen == list(range(12))


def test_a_recurrent_model_with_adamw_and_accumulation_goes_on_too(tmp_path):
    cfg = TrainConfig(n_steps=9, n_accumulate=2, lr=0.02, schedule="cosine")
    sizes = RecurrentConfig(vocab_size=19, d_embedding=8, d_hidden=12, n_layers=2, dropout=0.3)

    def model():
        torch.manual_seed(0)
        return RecurrentLM(sizes)

    losses, end = run(tmp_path / "a", cfg, model())
    with pytest.raises(Stop):
        run(tmp_path / "b", cfg, model(), stop_at(6))
    again, resumed = run(tmp_path / "b", cfg, model())
    assert again == losses
    assert torch.equal(resumed, end)


def test_the_file_is_safetensors_with_plain_numbers(tmp_path):
    run(tmp_path / "c", settings={"vocabulary": "abc"})
    found = read_checkpoint(tmp_path / "c")
    assert found.n_done == 12
    assert found.settings["vocabulary"] == "abc"
    assert found.settings["lr"] == 0.02
    names = {name.split(".")[0] for name in found.tensors}
    assert names == {"model", "optimizer", "random", "losses", "scale"}
    assert (tmp_path / "c").read_bytes()[8:9] == b"{"  # a header in JSON
    assert [p.name for p in tmp_path.iterdir()] == ["c"]  # no temporary file is left


def test_the_record_has_every_step_once(tmp_path):
    record = tmp_path / "losses.csv"
    whole = tmp_path / "whole.csv"
    losses, _ = run(tmp_path / "a", record=whole)
    with pytest.raises(Stop):
        run(tmp_path / "c", on_step=stop_at(6), record=record)
    half = record.read_text().splitlines()
    assert half == whole.read_text().splitlines()[:8]  # header and steps 0 to 6: readable meanwhile
    record.write_text(record.read_text()[:-9])  # as a crash of the machine may leave it
    run(tmp_path / "c", record=record)
    assert record.read_bytes() == whole.read_bytes()
    with record.open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["loss"]) for row in rows] == losses
    assert [int(row["step"]) for row in rows] == list(range(12))
    assert float(rows[0]["rate"]) == pytest.approx(0.02 / 3)


def other_file(path, kind):
    """Something that is not the checkpoint of the run."""
    whole = path.read_bytes()
    if kind == "truncated":
        path.write_bytes(whole[: len(whole) * 2 // 3])
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "text":
        path.write_text("step,loss\n" * 50)
    elif kind == "pickle":
        torch.save({"step": 4}, path)
    elif kind == "old pickle":
        torch.save({"step": 4}, path, _use_new_zipfile_serialization=False)
    elif kind == "other tensors":
        safetensors.torch.save_file({"x": torch.ones(2)}, path)


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        ("truncated", "c is damaged, or is no checkpoint: delete it"),
        ("empty", "damaged"),
        ("text", "damaged"),
        ("pickle", "c is a pickle, which can run any code"),
        ("old pickle", "is a pickle"),
        ("other tensors", "damaged"),
    ],
)
def test_files_that_are_no_checkpoints_are_refused_in_one_line(tmp_path, kind, problem):
    path = tmp_path / "c"
    run(path)
    other_file(path, kind)
    before = path.read_bytes()
    with pytest.raises(CourseError, match=problem) as error:
        run(path)
    assert "\n" not in str(error.value)
    assert path.read_bytes() == before  # and it is left alone


def altered(path, change):
    """Write the checkpoint again after change(tensors, facts)."""
    with safetensors.safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        facts = json.loads(file.metadata()["checkpoint"])
    change(tensors, facts)
    safetensors.torch.save_file(tensors, path, {"checkpoint": json.dumps(facts)})


@pytest.mark.parametrize(
    "change",
    [
        lambda tensors, facts: facts.update(format=2),
        lambda tensors, facts: facts.update(n_done=11),
        lambda tensors, facts: tensors.pop("losses"),
        lambda tensors, facts: tensors.pop("scale"),
        lambda tensors, facts: tensors.pop("random.cpu"),
        lambda tensors, facts: tensors.update({"random.cpu": torch.ones(3, dtype=torch.uint8)}),
        lambda tensors, facts: facts.pop("settings"),
    ],
)
def test_altered_checkpoints_are_refused(tmp_path, change):
    run(tmp_path / "c")
    altered(tmp_path / "c", change)
    with pytest.raises(CourseError, match="damaged, or is no checkpoint"):
        run(tmp_path / "c")


def test_checkpoints_of_other_runs_are_refused_and_the_line_says_what_differs(tmp_path):
    path = tmp_path / "c"
    run(path, settings={"vocabulary": "abc"})
    same = {"settings": {"vocabulary": "abc"}}
    with pytest.raises(CourseError, match=r"c is of another run: lr is 0.02 there and 0.5 here"):
        run(path, replace(CFG, lr=0.5), **same)
    with pytest.raises(CourseError, match="vocabulary is abc there and xyz here"):
        run(path, settings={"vocabulary": "xyz"})
    with pytest.raises(CourseError, match="vocabulary is abc there and None here"):
        run(path)
    wide = small_gpt(sizes=replace(SIZES, d_model=32))
    with pytest.raises(CourseError, match=r"another model: .* is \(16, 16\) there and \(32, 32\)"):
        run(path, model=wide, **same)
    more = small_gpt(sizes=replace(SIZES, vocab_size=23))
    with pytest.raises(CourseError, match=r"output_bias is \(19,\) there and \(23,\) here"):
        run(path, model=more, **same)
    deep = small_gpt(sizes=replace(SIZES, n_layers=3))
    with pytest.raises(CourseError, match=r"blocks.2.* is None there"):
        run(path, model=deep, **same)


def test_a_refused_checkpoint_leaves_the_model_as_it_was(tmp_path):
    run(tmp_path / "c")
    model = small_gpt(3)
    before = weights(model)
    with pytest.raises(CourseError):
        run(tmp_path / "c", replace(CFG, lr=0.5), model=model)
    assert torch.equal(weights(model), before)


def test_a_failed_save_keeps_the_older_file(tmp_path, monkeypatch):
    path = tmp_path / "c"
    with pytest.raises(Stop):
        run(path, on_step=stop_at(5))
    before = path.read_bytes()

    def full_disk(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(CourseError, match=r"cannot write .*No space left"):
        run(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["c"]


@pytest.mark.parametrize("every", [1, 50])
def test_a_loss_that_is_nan_is_never_saved(tmp_path, monkeypatch, every):
    """Nor where losses are looked at now and then only, as on a GPU."""
    path, made = tmp_path / "c", Watch.__init__

    def rows():
        for i, (x, y) in enumerate(batches()):
            yield x, torch.full_like(y, -100) if i == 7 else y

    def patient(self, *args):
        made(self, *args)
        self.every = every

    monkeypatch.setattr(Watch, "__init__", patient)
    with pytest.raises(CourseError, match="step 7"):
        run(path, data=rows())
    assert read_checkpoint(path).n_done == 4


def test_nonsense_is_refused(tmp_path):
    with pytest.raises(ValueError, match="every"):
        Checkpoints(path=tmp_path / "c", every=0)
