"""`course train bert`, and what goes on from its encoder."""

from pathlib import Path

import pytest
import torch

from course_lib.cli import app, bert_run, find, network_run, task_models
from course_lib.text.word_tokenizer import CharacterTokenizer

from .task_files import (
    QUICK,
    asked,
    conll,
    course,
    interrupted_at,
    named,
    opinions,
    problem,
    table,
)


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("bert")
    text = "\n\n".join(f"{row['text']} Nina said so. It rained." for row in opinions(20))
    (folder / "a.txt").write_text(text)
    out = folder / "bert.safetensors"
    args = ["bert", folder / "a.txt", "-o", out, "--size", 16, "--steps", 3]
    args += ["--heads", 2, "--vocab-size", 300, "--context", 64, "--batch-tokens", 200]
    assert app.call(find("train"), [str(arg) for arg in args]) == 0
    return out


def test_every_task_goes_on_from_a_pretrained_encoder(tmp_path, capsys, pretrained):
    files = {
        "classifier": table(tmp_path / "a.csv", opinions(10)),
        "tagger": conll(tmp_path / "a.conll", named(8)),
        "answerer": table(tmp_path / "a.jsonl", asked(8)),
    }
    before = task_models.load_pretrained(pretrained)
    for kind, file in files.items():
        out = tmp_path / f"{kind}.safetensors"
        going_on = ["--from", pretrained, "--steps", 3, "--freeze"]
        course(capsys, "train", kind, file, "-o", out, *going_on, "all")
        frozen = task_models.load(out, kind)
        for name, weight in before.encoder.state_dict().items():
            assert torch.equal(frozen.model.encoder.state_dict()[name], weight), name
        assert frozen.tokenizer.vocab.words == before.tokenizer.vocab.words
        course(capsys, "train", kind, file, "-o", out, *going_on, "none")
        moved = task_models.load(out, kind).model.encoder.tokens.weight
        assert not torch.equal(moved, before.encoder.tokens.weight)
        course(capsys, "train", kind, file, "-o", out, *going_on, "2")
        half = task_models.load(out, kind).model.encoder
        assert torch.equal(half.tokens.weight, before.encoder.tokens.weight)
        assert torch.equal(half.blocks[1].w_1.weight, before.encoder.blocks[1].w_1.weight)
        assert not torch.equal(half.blocks[2].w_1.weight, before.encoder.blocks[2].w_1.weight)


def test_options_that_do_not_go_together_are_one_line(tmp_path, capsys, pretrained):
    file = table(tmp_path / "a.csv", opinions(10))
    train = ["train", "classifier", file, "-o", tmp_path / "c.safetensors"]
    going_on = ["--from", pretrained]
    wrong = {
        "--vocab-size, --size: with --from": [
            "--from",
            pretrained,
            "--size",
            8,
            "--vocab-size",
            90,
        ],
        "--freeze must be none, all or a number": ["--freeze", "half"],
        "there are no 9 blocks": [*going_on, "--freeze", 9],
        "no pooling 'max'": ["--pooling", "max"],
        "no target 'kind'": ["--target", "kind"],
        "no tokenizer 'letters'": ["--tokenizer", "letters"],
        "--dev-share must be more than 0": ["--dev-share", 0],
        "cannot read": ["--from", tmp_path / "none.safetensors"],
        "no device 'tpu'": ["--device", "tpu", "--steps", 1],
        "the label 'good' is no number": ["--target", "numbers"],
        "multiple of": ["--size", 10, "--heads", 3],
    }
    for says, options in wrong.items():
        assert says in problem(capsys, *train, *options)
    assert not (tmp_path / "c.safetensors").exists()


def test_models_of_another_kind_are_told_apart(tmp_path, capsys, pretrained):
    file, out = table(tmp_path / "a.csv", opinions(10)), tmp_path / "c.safetensors"
    course(capsys, "train", "classifier", file, "-o", out, *QUICK)
    assert "is a classifier: use it with `course classify`" in problem(capsys, "tag", out, file)
    assert "of the kind 'bert'; make one by `course train tagger`" in problem(
        capsys, "tag", pretrained, file
    )
    for model in (out, pretrained):
        for command in ("generate", "evaluate"):
            arguments = [command, model, *([file] if command == "evaluate" else [])]
            assert "no language model: see `course" in problem(capsys, *arguments)
    assert "is a classifier" in problem(
        capsys, "train", "classifier", file, "--from", out, "-o", tmp_path / "d.safetensors"
    )
    whole = out.read_bytes()
    for raw in (whole[:900], whole.replace(b"norm_1", b"norm_3"), whole.replace(b"mean", b"meen")):
        out.write_bytes(raw)
        assert "is not a file of `course train`, or is damaged" in problem(
            capsys, "classify", out, file
        )


def test_bert_is_resumed_exactly(tmp_path, capsys, pretrained, monkeypatch):
    text = pretrained.parent / "a.txt"
    command = ["train", "bert", text, "--size", 16, "--steps", 6, "--heads", 2, "--context", 24]
    command += ["--vocab-size", 300, "--batch-tokens", 200, "--checkpoint-every", 2]
    whole, out = tmp_path / "whole.safetensors", tmp_path / "b.safetensors"
    course(capsys, *command, "-o", whole)
    with monkeypatch.context() as patch:
        patch.setattr(network_run, "progress", interrupted_at(4))
        course(capsys, *command, "-o", out, status=130)
    course(capsys, *command, "-o", out, "--resume")
    assert out.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("content", ["", "\n \n", "x"])
def test_bert_needs_words(tmp_path, capsys, content):
    file = tmp_path / "a.txt"
    file.write_text(content)
    args = ["train", "bert", file, "-o", tmp_path / "b.safetensors", "--steps", 1]
    assert "there are no words in" in problem(capsys, *args)


@pytest.mark.parametrize("tokenizer", ["bpe", "words"])
def test_token_vectors_begin_counted_where_there_are_enough_tokens(
    tmp_path, capsys, pretrained, monkeypatch, tokenizer
):
    tables = []
    honest = bert_run.start_counted
    monkeypatch.setattr(bert_run, "start_counted", lambda *a: tables.append(1) or honest(*a))
    args = ["train", "bert", pretrained.parent / "a.txt", "-o", tmp_path / "b.safetensors"]
    args += ["--size", 140, "--heads", 2, "--layers", 1, "--steps", 1, "--vocab-size", 290]
    course(capsys, *args, "--tokenizer", tokenizer)
    assert len(tables) == (tokenizer == "bpe")


def test_texts_become_sentences_with_their_spaces():
    japanese = "川で泳いだ。「はい。」と言った。"
    tokenizer = CharacterTokenizer.train(["It rained. Nina swam.", japanese])
    rows = bert_run.sentence_ids("It rained. Nina swam.\nNina ran.", tokenizer)
    assert [tokenizer.decode(row) for row in rows] == ["It rained.", " Nina swam.", " Nina ran."]
    rows = bert_run.sentence_ids(japanese, tokenizer)
    assert [tokenizer.decode(row) for row in rows] == ["川で泳いだ。", "「はい。」と言った。"]
