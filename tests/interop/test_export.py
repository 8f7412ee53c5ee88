"""Exporting: the course's own models, cards, and folders that are not as they should be."""

import errno
import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import safetensors.torch
import torch
from huggingface_hub import ModelCard
from torch import nn
from transformers import AutoTokenizer, pipeline

from course_lib.inference.decoding import generate, greedy
from course_lib.interop import whole_folder
from course_lib.interop.hugging_face import Card, export, export_shipped, import_folder
from course_lib.interop.model_folder import CONFIG, WEIGHTS
from course_lib.models import checkpoints
from course_lib.models.heads import SentenceClassifier, Tagger
from course_lib.models.modern_bert import ModernBERT
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.rnn import RecurrentConfig, RecurrentLM
from course_lib.models.shifted_gpt import ShiftedGPT
from course_lib.text.marks import MARKS
from course_lib.text.word_tokenizer import WordTokenizer

from .exported import (
    READER,
    TOLERANCE,
    TRUST,
    WORDS,
    WRITER,
    _quiet,  # noqa: F401  a fixture for every test
    error_of,
    opened,
    same_weights,
    sizes,
    small,
)

TASKS = {
    "bert_riverbank": ("AutoModelForMaskedLM", "fill-mask", "he swam across the [MASK] ."),
    "bert_english": ("AutoModelForMaskedLM", "fill-mask", "He swam across the [MASK]."),
    "bert_japanese": ("AutoModelForMaskedLM", "fill-mask", "彼は[MASK]を見た。"),
    "gpt_riverbank": ("AutoModelForCausalLM", "text-generation", "nina walked to the "),
    "lstm_riverbank": ("AutoModelForCausalLM", "text-generation", "nina walked to the "),
    "prompted_riverbank": ("AutoModelForCausalLM", "text-generation", "nina walked to the "),
    "instructed_riverbank": ("AutoModelForCausalLM", "text-generation", "nina walked to the "),
}


@pytest.mark.parametrize("name", TASKS)
def test_the_courses_own_models(tmp_path: Path, name: str):
    """Equal logits, all weights back, and a pipeline that answers, with the network off."""
    shipped = checkpoints.load(name)
    auto, task, text = TASKS[name]
    folder = export_shipped(name, tmp_path / name)
    theirs = opened(auto, folder)
    tokenizer = AutoTokenizer.from_pretrained(folder, **TRUST)
    inputs = tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        wanted = shipped.model(inputs.input_ids)
        wanted = wanted[0] if isinstance(wanted, tuple) else wanted
        torch.testing.assert_close(theirs(**inputs).logits, wanted, **TOLERANCE)
    assert same_weights(shipped.model, import_folder(folder).model)
    ask = pipeline(task, model=str(folder), **TRUST)
    if task == "fill-mask":
        place = int((inputs.input_ids[0] == tokenizer.mask_token_id).nonzero()[0])
        best = wanted[0, place].softmax(dim=-1).max(dim=-1)
        found = ask(text)[0]
        assert found["token"] == int(best.indices)
        assert found["score"] == pytest.approx(float(best.values), abs=1e-4)
    else:
        found = ask(text, do_sample=False, max_new_tokens=6, return_full_text=False)
        ids = generate(shipped.model, inputs.input_ids, 6, greedy)[0, inputs.input_ids.size(1) :]
        assert found[0]["generated_text"] == tokenizer.decode(ids, skip_special_tokens=True)


CARD = Card(
    title='A model: "quoted", and more',
    summary="It says yes.",
    trained_on="Nothing.",
    limits="Many.",
    figures={"accuracy": 0.51234, "texts": "12"},
    languages=("en", "ja"),
    licence="mit",
)


def test_the_card_is_what_the_hub_reads(tmp_path: Path):
    model = SentenceClassifier(ModernBERT(sizes(len(READER))), 2)
    folder = export(model, READER, tmp_path / "out", ["no", "yes"], CARD)
    card = ModelCard.load(folder / "README.md")
    assert card.data.license == "mit"
    assert card.data.language == ["en", "ja"]
    assert card.data.library_name == "transformers"
    assert card.data.pipeline_tag == "text-classification"
    for words in (
        '# A model: "quoted", and more',
        "It says yes.",
        "Nothing.",
        "| accuracy | 0.5123",
    ):
        assert words in card.text
    assert "trust_remote_code=True" in card.text
    assert "you trust that code" in card.text
    writer = export(ModernGPT(sizes(len(WRITER))), WRITER, tmp_path / "gpt", card=CARD)
    assert "trust_remote_code" not in ModelCard.load(writer / "README.md").text


@pytest.mark.parametrize("name", checkpoints.names())
def test_cards_of_the_courses_own_models(tmp_path: Path, name: str):
    card = ModelCard.load(export_shipped(name, tmp_path / name) / "README.md")
    bits = checkpoints.load(name).bits_per_word
    assert f"{bits:.4g}" in card.text
    assert ("ja" in card.data.language) == ("japanese" in name or "translator" in name)
    assert "## Limits" in card.text


def test_an_export_replaces_an_older_one_and_nothing_else(tmp_path: Path):
    model, vocab = small()
    folder = tmp_path / "out"
    folder.mkdir()  # empty: as good as none
    export(SentenceClassifier(ModernBERT(sizes(len(READER))), 2), READER, folder)
    assert (folder / "modeling_course_bert.py").exists()
    export(model, vocab, folder)
    assert not (folder / "modeling_course_bert.py").exists()  # nothing of the older one is left
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    foreign = tmp_path / "thesis"
    foreign.mkdir()
    (foreign / "README.md").write_text("my thesis")
    assert str(foreign) in error_of(export, model, vocab, foreign)
    assert [path.name for path in foreign.iterdir()] == ["README.md"]
    assert "is a file" in error_of(export, model, vocab, foreign / "README.md")


@pytest.mark.parametrize("name", ["notes.txt", "model.safetensors.bak", "runs/log", ".git/config"])
def test_an_export_with_something_of_ones_own_in_it_is_kept(folder: Path, name: str):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("mine")
    assert str(folder) in error_of(export, *small(), folder)
    assert (folder / name).read_text() == "mine"


@pytest.mark.parametrize("text", ["about course_lib", '---\na: b\n---\ntags: ["course_lib"]\n'])
def test_a_readme_that_speaks_of_the_course_is_no_card(tmp_path: Path, text: str):
    """A folder such as that of this project."""
    (tmp_path / "README.md").write_text(text)
    assert str(tmp_path) in error_of(export, *small(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


def test_a_full_disk_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    model, vocab = small()
    folder = export(model, vocab, tmp_path / "out")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    written = []

    def fsync(_number: int) -> None:
        written.append(1)
        if len(written) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    for target in (folder, tmp_path / "new"):
        written.clear()
        assert "No space left" in error_of(export, model, vocab, target)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_failed_exchange_brings_the_older_one_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    model, vocab = small()
    folder = export(model, vocab, tmp_path / "out")
    rename = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if self.name.startswith(".out.") and Path(target).name == "out":
            raise OSError(errno.EACCES, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(whole_folder.Path, "replace", replace)
    assert "Permission denied" in error_of(export, model, vocab, folder)
    monkeypatch.undo()
    assert same_weights(model, import_folder(folder).model)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_wrong_argument_writes_nothing(tmp_path: Path):
    folder = tmp_path / "out"
    tagger = Tagger(ModernBERT(sizes(len(READER))), 3)
    with pytest.raises(ValueError, match="2 names for 3 labels"):
        export(tagger, READER, folder, ["a", "b"])
    with pytest.raises(ValueError, match="twice"):
        export(tagger, READER, folder, ["a", "b", "a"])
    with pytest.raises(ValueError, match="no labels to name"):
        export(ModernGPT(sizes(len(WRITER))), WRITER, folder, ["a"])
    with pytest.raises(ValueError, match="a tokenizer of 16 ids"):
        export(tagger, WordTokenizer(WORDS[:9], MARKS, byte_fallback=False), folder)
    with pytest.raises(ValueError, match="Linear"):
        export(nn.Linear(2, 2), WRITER, folder)
    assert not list(tmp_path.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return export(*small(), tmp_path / "out")


@pytest.mark.parametrize(
    "name", [CONFIG, WEIGHTS, "tokenizer.json"], ids=["config", "weights", "tokenizer"]
)
@pytest.mark.parametrize("how", ["missing", "cut off", "nonsense"])
def test_a_folder_half_there(folder: Path, name: str, how: str):
    path = folder / name
    content = path.read_bytes()
    path.unlink()
    if how != "missing":
        path.write_bytes(content[: len(content) // 2] if how == "cut off" else b"[1, 2]")
    assert str(folder) in error_of(import_folder, folder)


KINDS_WITH_CODE = {
    "course_bert": lambda: (SentenceClassifier(ModernBERT(sizes(len(READER))), 2), READER),
    "course_gpt": lambda: (ShiftedGPT(sizes(len(WRITER))), WRITER),
    "course_rnn": lambda: (
        RecurrentLM(RecurrentConfig(vocab_size=len(WRITER), n_layers=2)),
        WRITER,
    ),
    "ernie4_5_moe": small,
}


@pytest.mark.parametrize("kind", KINDS_WITH_CODE)
def test_settings_that_do_not_fit(tmp_path: Path, kind: str):
    folder = export(*KINDS_WITH_CODE[kind](), tmp_path / "out")
    path = folder / CONFIG
    good = json.loads(path.read_text())
    assert good["model_type"] == kind
    for change in (
        {"hidden_size": 26},
        {"num_hidden_layers": 1},
        {"num_hidden_layers": "two"},
        {"vocab_size": None},
        {"model_type": "llama"},
    ):
        path.write_text(json.dumps({**good, **change}))
        assert str(folder) in error_of(import_folder, folder)
    if kind == "course_bert":
        for change in ({"architectures": ["Other"]}, {"pooling": "max"}, {"n_numbers": -1}):
            path.write_text(json.dumps({**good, **change}))
            assert str(folder) in error_of(import_folder, folder)


@pytest.mark.parametrize(
    "name",
    [
        "lm_head.weight",
        "model.layers.0.mlp.gate_proj.weight",
        "model.layers.1.self_attn.q_proj.bias",
    ],
)
def test_an_ernie_that_is_no_modern_gpt(folder: Path, name: str):
    tensors = safetensors.torch.load_file(folder / WEIGHTS)
    tensors[name] = tensors[name] + 1
    safetensors.torch.save_file(tensors, folder / WEIGHTS)
    assert name in error_of(import_folder, folder)


def test_the_code_in_a_folder_is_not_run_here(tmp_path: Path):
    folder = export(*KINDS_WITH_CODE["course_bert"](), tmp_path / "out")
    code = folder / "modeling_course_bert.py"
    code.write_text("raise SystemExit('run')")
    assert isinstance(import_folder(folder).model, SentenceClassifier)


def test_a_shipped_name_that_is_not_there(tmp_path: Path):
    assert "no_such" in error_of(export_shipped, "no_such", tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_copied_folder_opens(folder: Path, tmp_path: Path):
    shutil.copytree(folder, tmp_path / "copy")
    both = SimpleNamespace(a=import_folder(folder), b=import_folder(tmp_path / "copy"))
    assert same_weights(both.a.model, both.b.model)
