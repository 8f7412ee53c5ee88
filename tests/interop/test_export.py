"""Exported folders: Auto classes and pipelines compute there what the course computes here."""

import errno
import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import safetensors.torch
import torch
import transformers
from huggingface_hub import ModelCard
from torch import Tensor, nn
from transformers import AutoTokenizer, pipeline

from course_lib.data import riverbank
from course_lib.data.task_batches import TextBatch
from course_lib.errors import CourseError
from course_lib.inference.decoding import generate, greedy
from course_lib.inference.translating import translate_best
from course_lib.interop import whole_folder
from course_lib.interop.hugging_face import Card, export, export_shipped, import_folder
from course_lib.interop.model_folder import CONFIG, WEIGHTS
from course_lib.models import checkpoints
from course_lib.models.bert import BERT
from course_lib.models.config import TransformerConfig
from course_lib.models.gpt import GPT
from course_lib.models.gpt1 import GPT1
from course_lib.models.gpt_heads import GPTMultipleChoice
from course_lib.models.heads import ClassifierWithNumbers, SentenceClassifier, SpanFinder, Tagger
from course_lib.models.modern_bert import ModernBERT
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.modern_translator import ModernTranslator
from course_lib.models.pretraining_heads import PretrainingBERT
from course_lib.models.rnn import RecurrentConfig, RecurrentLM
from course_lib.models.shifted_gpt import ShiftedGPT
from course_lib.models.translator import Translator
from course_lib.text.marks import MARKS
from course_lib.text.translation_inputs import (
    ASKED,
    HEADLINE,
    TO_ENGLISH,
    TO_JAPANESE,
    translation_source,
)
from course_lib.text.vocab import Vocab
from course_lib.text.word_tokenizer import WordTokenizer

TOLERANCE = {"atol": 1e-4, "rtol": 0.0}
WORDS = riverbank.vocabulary()
READER = WordTokenizer(WORDS, MARKS, byte_fallback=False, split_by="spaces")
WRITER = Vocab(WORDS)
TEXTS = ["nina walked to the beach .", "the river was very cold and long .", "he swam"]
SECOND = ["she was there .", "it was not", "the bank was old and he knew it ."]
TRUST = {"trust_remote_code": True}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """No network; and the code of folders is kept nowhere but here."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", tmp_path / "cache")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


def sizes(vocab_size: int, **more: Any) -> TransformerConfig:
    fixed = {"context_length": 48, "d_model": 24, "n_heads": 3, "n_layers": 2, "d_ff": 40}
    return TransformerConfig(vocab_size=vocab_size, dropout=0.0, **{**fixed, **more})


def randomised(model: nn.Module) -> nn.Module:
    """Large weights and biases: at their first values many mistakes would hardly show."""
    rng = torch.Generator().manual_seed(0)
    for name, weight in model.named_parameters():
        is_scale = "norm" in name.lower() and name.endswith("weight")
        nn.init.normal_(weight, mean=float(is_scale), std=0.3, generator=rng)
    return model.eval()


def same_weights(ours: nn.Module, again: nn.Module) -> bool:
    theirs = again.state_dict()
    return ours.state_dict().keys() == theirs.keys() and all(
        torch.equal(weight, theirs[name]) for name, weight in ours.state_dict().items()
    )


def opened(auto: str, folder: Path) -> nn.Module:
    """The model as that library opens it: no weight missing, none left over."""
    kind = getattr(transformers, auto)
    model, report = kind.from_pretrained(folder, output_loading_info=True, **TRUST)
    assert not any(report.values()), report
    return model


ENCODERS = {"modern": ModernBERT, "bert": BERT}
HEADS = {
    "AutoModel": (lambda encoder: encoder, None),
    "AutoModelForPreTraining": (PretrainingBERT, None),
    "AutoModelForSequenceClassification": (
        lambda encoder: SentenceClassifier(encoder, 3),
        ["bad", "so-so", "good"],
    ),
    "AutoModelForTokenClassification": (
        lambda encoder: Tagger(encoder, 3),
        ["O", "B-PERSON", "I-PERSON"],
    ),
    "AutoModelForQuestionAnswering": (SpanFinder, None),
}


def their_logits(found: Any) -> Tensor:
    if "start_logits" in found:
        return torch.stack([found.start_logits, found.end_logits], dim=-1)
    for name in ("logits", "prediction_logits", "last_hidden_state"):
        if name in found:
            return found[name]
    raise AssertionError(found.keys())


def our_logits(model: nn.Module, batch: TextBatch) -> Tensor:
    if isinstance(model, PretrainingBERT):
        return model(batch.ids, batch.segment_ids)[0]
    if isinstance(model, BERT | ModernBERT):
        return model.hidden(batch.ids, batch.segment_ids)
    return model(batch)


@torch.no_grad()
def assert_same_reading(ours: nn.Module, theirs: nn.Module, folder: Path, **more: Tensor) -> None:
    """Pairs of unequal lengths, from their text on."""
    tokenizer = AutoTokenizer.from_pretrained(folder, **TRUST)
    inputs = tokenizer(TEXTS, SECOND, return_tensors="pt", padding=True)
    batch = TextBatch(inputs.input_ids, inputs.token_type_ids, numbers=more.get("numbers"))
    wanted, found = our_logits(ours, batch), their_logits(theirs(**inputs, **more))
    real = inputs.attention_mask.bool() if wanted.dim() == 3 else slice(None)
    assert wanted[real].std() > 0.1
    torch.testing.assert_close(found[real], wanted[real], **TOLERANCE)


@pytest.mark.parametrize("auto", HEADS)
@pytest.mark.parametrize("kind", ENCODERS)
def test_encoders_open_there_and_here(tmp_path: Path, kind: str, auto: str):
    make, labels = HEADS[auto]
    ours = randomised(make(ENCODERS[kind](sizes(len(READER)))))
    folder = export(ours, READER, tmp_path / "out", labels)
    assert_same_reading(ours, opened(auto, folder), folder)
    again = import_folder(folder)
    assert type(again.model) is type(ours)
    if kind == "bert" and isinstance(ours, Tagger | SpanFinder):
        ours.encoder.pooler = again.model.encoder.pooler  # unused, and not kept there
    assert same_weights(ours, again.model)
    assert again.labels == (labels or [])
    assert again.tokenizer.vocab.words == READER.vocab.words
    assert not again.model.training


def test_both_answers_of_pretraining(tmp_path: Path):
    ours = randomised(PretrainingBERT(ModernBERT(sizes(len(READER)))))
    folder = export(ours, READER, tmp_path / "out")
    inputs = AutoTokenizer.from_pretrained(folder, **TRUST)(
        TEXTS[0], SECOND[0], return_tensors="pt"
    )
    with torch.no_grad():
        found = opened("AutoModelForPreTraining", folder)(**inputs).seq_relationship_logits
        wanted = ours(inputs.input_ids, inputs.token_type_ids)[1]
        masked = opened("AutoModelForMaskedLM", folder)(**inputs, labels=inputs.input_ids)
        words = ours(inputs.input_ids, inputs.token_type_ids)[0]
    torch.testing.assert_close(found, wanted, **TOLERANCE)
    loss = nn.functional.cross_entropy(words.flatten(0, 1), inputs.input_ids.flatten())
    torch.testing.assert_close(masked.loss, loss, **TOLERANCE)


def test_the_encoder_of_a_head_can_be_had_alone(tmp_path: Path):
    for number, ours in enumerate((PretrainingBERT, lambda encoder: Tagger(encoder, 2))):
        model = randomised(ours(ModernBERT(sizes(len(READER)))))
        folder = export(model, READER, tmp_path / str(number))
        assert_same_reading(model.encoder, opened("AutoModel", folder), folder)


@pytest.mark.parametrize("how", ["mean", "numbers", "regression"])
def test_other_classifiers(tmp_path: Path, how: str):
    encoder = ModernBERT(sizes(len(READER)))
    ours, more = {
        "mean": (SentenceClassifier(encoder, 2, "mean"), {}),
        "numbers": (ClassifierWithNumbers(encoder, 2, 3), {"numbers": torch.randn(3, 3)}),
        "regression": (SentenceClassifier(encoder, 1), {}),
    }[how]
    folder = export(randomised(ours), READER, tmp_path / "out")
    theirs = opened("AutoModelForSequenceClassification", folder)
    assert_same_reading(ours, theirs, folder, **more)
    assert same_weights(ours, import_folder(folder).model)
    if how != "numbers":
        inputs = AutoTokenizer.from_pretrained(folder, **TRUST)(TEXTS[0], return_tensors="pt")
        labels = torch.tensor([2.5]) if how == "regression" else torch.tensor([1])
        found = theirs(**inputs, labels=labels)
        logits = found.logits
        wanted = (
            (logits[0, 0] - 2.5) ** 2
            if how == "regression"
            else nn.functional.cross_entropy(logits, labels)
        )
        torch.testing.assert_close(found.loss, wanted)


WRITERS = {
    "ModernGPT": lambda n: ModernGPT(sizes(n), rotary_base=70.0, output_scale=0.4),
    "ShiftedGPT": lambda n: ShiftedGPT(sizes(n), rotary_base=70.0, output_scale=0.4),
    "GPT": lambda n: GPT(sizes(n, d_ff=96)),
    "GPT1": lambda n: GPT1(sizes(n, d_ff=96)),
    "lstm": lambda n: RecurrentLM(RecurrentConfig(vocab_size=n, d_hidden=20, n_layers=2)),
    "gru": lambda n: RecurrentLM(RecurrentConfig(vocab_size=n, d_hidden=20, cell="gru")),
}
each_writer = pytest.mark.parametrize("kind", WRITERS)


@each_writer
def test_writers_open_there_and_here(tmp_path: Path, kind: str):
    ours = randomised(WRITERS[kind](len(WRITER)))
    folder = export(ours, WRITER, tmp_path / "out")
    theirs = opened("AutoModelForCausalLM", folder)
    ids = torch.randint(4, len(WRITER), (3, 17), generator=torch.Generator().manual_seed(1))
    ids[:, 0] = 2
    with torch.no_grad():
        found, wanted = theirs(ids, labels=ids), ours(ids)
    torch.testing.assert_close(found.logits, wanted, **TOLERANCE)
    loss = nn.functional.cross_entropy(wanted[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
    torch.testing.assert_close(found.loss, loss, **TOLERANCE)
    again = import_folder(folder).model
    assert type(again) is type(ours)
    assert same_weights(ours, again)
    with torch.no_grad():
        assert torch.equal(again(ids), wanted)
    assert again.cfg == ours.cfg


@each_writer
def test_the_same_text_is_written(tmp_path: Path, kind: str):
    """Greedy, with and without the cache, in beams, and from rows of unequal lengths."""
    ours = randomised(WRITERS[kind](len(WRITER)))
    folder = export(ours, WRITER, tmp_path / "out")
    theirs = opened("AutoModelForCausalLM", folder)
    tokenizer = AutoTokenizer.from_pretrained(folder, **TRUST)
    inputs = tokenizer(TEXTS, return_tensors="pt", padding=True)
    assert (inputs.input_ids == 0).any()
    wanted = generate(ours, inputs.input_ids, 20, greedy)
    found = theirs.generate(**inputs, do_sample=False, max_new_tokens=20)
    slow = theirs.generate(**inputs, do_sample=False, max_new_tokens=20, use_cache=False)
    assert torch.equal(found, slow)
    for row, right in zip(found, wanted, strict=True):
        n_prompt = inputs.input_ids.size(1)
        ends = (right[n_prompt:] == WRITER.end_id).nonzero()
        n = n_prompt + (int(ends[0]) + 1 if len(ends) else 20)
        assert row[:n].tolist() == right[:n].tolist()
    beams = {"num_beams": 3, "do_sample": False, "max_new_tokens": 12}
    cached = theirs.generate(**inputs, **beams)
    assert torch.equal(cached, theirs.generate(**inputs, **beams, use_cache=False))


@pytest.mark.parametrize("kind", ["ModernGPT", "ShiftedGPT", "lstm", "gru"])
def test_padding_on_the_left_changes_nothing(tmp_path: Path, kind: str):
    """GPT-2 and GPT-1 need position_ids for that, which only `generate` gives them."""
    ours = randomised(WRITERS[kind](len(WRITER)))
    folder = export(ours, WRITER, tmp_path / "out")
    inputs = AutoTokenizer.from_pretrained(folder, **TRUST)(
        TEXTS, return_tensors="pt", padding=True
    )
    with torch.no_grad():
        found = opened("AutoModelForCausalLM", folder)(**inputs).logits[:, -1]
    for text, row in zip(TEXTS, found, strict=True):
        ids = torch.cat([torch.tensor([2]), WRITER.encode(text.split())])
        with torch.no_grad():
            torch.testing.assert_close(row, ours(ids[None])[0, -1], **TOLERANCE)


def test_the_shipped_translator_writes_the_same(tmp_path: Path):
    """Five beams there, as its folder asks for, and here; in both directions, and a headline."""
    shipped = checkpoints.load("translator_riverbank")
    folder = export_shipped("translator_riverbank", tmp_path / "out")
    theirs = opened("AutoModelForSeq2SeqLM", folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    stories = riverbank.load("dev")[:2]
    sources = [
        (TO_JAPANESE, stories[0].sentences[0].words),
        (TO_ENGLISH, stories[1].sentences[0].japanese),
        (HEADLINE, stories[1].words),
    ]
    texts = [" ".join((mark, *words)) for mark, words in sources]
    ids = [translation_source(shipped.vocab, mark, words) for mark, words in sources]
    inputs = tokenizer(texts, return_tensors="pt", padding=True)
    for row, mask, wanted in zip(inputs.input_ids, inputs.attention_mask, ids, strict=True):
        assert row[mask.bool()].tolist() == wanted.tolist()
    written = theirs.generate(**inputs, max_new_tokens=30)
    best = translate_best(shipped.model, ids, 30)
    for text, wanted in zip(
        tokenizer.batch_decode(written, skip_special_tokens=True), best, strict=True
    ):
        assert text.split() == shipped.vocab.decode(wanted)
    assert same_weights(shipped.model, import_folder(folder).model)


def test_what_never_comes_next(tmp_path: Path):
    """A model that longs for <pad> and <s> may not write them there either."""
    ours = WRITERS["ModernGPT"](len(WRITER)).eval()
    with torch.no_grad():
        ours.output_bias[[0, 2]] = 100.0
    folder = export(ours, WRITER, tmp_path / "out")
    inputs = AutoTokenizer.from_pretrained(folder)(TEXTS[0], return_tensors="pt")
    found = opened("AutoModelForCausalLM", folder).generate(**inputs, max_new_tokens=8)
    assert not {0, 2} & {*found[0, 1:].tolist()}


def test_modern_gpt_needs_no_code(tmp_path: Path):
    folder = export(WRITERS["ModernGPT"](len(WRITER)), WRITER, tmp_path / "out")
    assert not list(folder.glob("*.py"))
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    assert type(model).__name__ == "Ernie4_5_MoeForCausalLM"


@pytest.mark.parametrize("kind", [Translator, ModernTranslator])
def test_translators_open_there_and_here(tmp_path: Path, kind: type):
    vocab = Vocab([*ASKED, *WORDS])
    ours = randomised(kind(sizes(len(vocab))))
    folder = export(ours, vocab, tmp_path / "out")
    theirs = opened("AutoModelForSeq2SeqLM", folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    texts = [f"{mark} {text}" for mark, text in zip(ASKED, TEXTS, strict=True)]
    source = tokenizer(texts, return_tensors="pt", padding=True)
    target = torch.tensor([[2, 9, 8], [2, 7, 30], [2, 12, 9]])
    with torch.no_grad():
        found = theirs(**source, decoder_input_ids=target).logits
        torch.testing.assert_close(found, ours(source.input_ids, target), **TOLERANCE)
    again = import_folder(folder)
    assert same_weights(ours, again.model)
    assert again.tokenizer.vocab.words == vocab.words


def test_multiple_choice(tmp_path: Path):
    ours = randomised(GPTMultipleChoice(GPT1(sizes(len(WRITER), d_ff=96))))
    folder = export(ours, WRITER, tmp_path / "out")
    assert same_weights(ours, import_folder(folder).model)


TASKS = {
    "bert_riverbank": ("AutoModelForMaskedLM", "fill-mask", "he swam across the [MASK] ."),
    "bert_english": ("AutoModelForMaskedLM", "fill-mask", "He swam across the [MASK]."),
    "bert_japanese": ("AutoModelForMaskedLM", "fill-mask", "彼は[MASK]を見た。"),
    "gpt_riverbank": ("AutoModelForCausalLM", "text-generation", "nina walked to the "),
    "lstm_riverbank": ("AutoModelForCausalLM", "text-generation", "nina walked to the "),
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


def test_pipelines_of_heads(tmp_path: Path):
    """Document and pair classification, a number, tags, and vectors, by the labels' names."""
    encoder = checkpoints.load("bert_riverbank").model.encoder
    tokenizer = checkpoints.load_tokenizer("bert_riverbank")
    labels = ["entailment", "neutral", "contradiction"]
    pairs = SentenceClassifier(encoder, 3)
    nn.init.normal_(pairs.output.weight, generator=torch.Generator().manual_seed(0))
    folder = export(pairs.eval(), tokenizer, tmp_path / "nli", labels)
    found = pipeline("text-classification", model=str(folder), **TRUST)(
        {"text": TEXTS[0], "text_pair": SECOND[0]}, top_k=None
    )
    inputs = AutoTokenizer.from_pretrained(folder, **TRUST)(
        TEXTS[0], SECOND[0], return_tensors="pt"
    )
    with torch.no_grad():
        wanted = pairs(TextBatch(inputs.input_ids, inputs.token_type_ids)).softmax(dim=-1)[0]
    scores = {answer["label"]: answer["score"] for answer in found}
    assert [scores[label] for label in labels] == pytest.approx(wanted.tolist(), abs=1e-4)

    number = SentenceClassifier(encoder, 1)
    nn.init.constant_(number.output.bias, 3.5)
    nn.init.zeros_(number.output.weight)
    folder = export(number.eval(), tokenizer, tmp_path / "number")
    found = pipeline("text-classification", model=str(folder), **TRUST)(TEXTS[0])
    assert found[0]["score"] == pytest.approx(3.5)  # no softmax, which would make it 1

    vectors = pipeline("feature-extraction", model=str(folder), **TRUST)(TEXTS[0])
    assert len(vectors[0]) == 8  # six tokens between two marks
    assert len(vectors[0][0]) == encoder.cfg.d_model


def test_a_tagger_finds_names_in_a_text(tmp_path: Path):
    """Its places are those of the letters: made to say B-PERSON of every `nina`, and O else."""
    encoder, tokenizer = ModernBERT(sizes(len(READER))), READER
    nn.init.zeros_(encoder.tokens.weight)
    for block in encoder.blocks:
        nn.init.zeros_(block.w_2.weight)
        nn.init.zeros_(block.attention.w_o.weight)
    tagger = Tagger(encoder, 3)
    with torch.no_grad():
        encoder.tokens.weight[:, 0] = 1.0
        encoder.tokens.weight[READER.vocab.ids["nina"], 0] = -1.0
        tagger.output.weight.zero_()
        tagger.output.weight[:, 0] = torch.tensor([1.0, -1.0, 0.0])
    folder = export(tagger.eval(), tokenizer, tmp_path / "tags", ["O", "B-PERSON", "I-PERSON"])
    ask = pipeline(
        "token-classification", model=str(folder), aggregation_strategy="simple", **TRUST
    )
    text = "then nina walked to nina ."
    found = [(a["entity_group"], a["start"], a["end"]) for a in ask(text)]
    assert found == [("PERSON", 5, 9), ("PERSON", 20, 24)]


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


def small() -> tuple[nn.Module, Vocab]:
    return randomised(ModernGPT(sizes(len(WRITER)))), WRITER


def error_of(call: Any, *args: Any) -> str:
    """What is said: one line."""
    with pytest.raises(CourseError) as caught:
        call(*args)
    assert "\n" not in str(caught.value)
    return str(caught.value)


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
    "course_rnn": lambda: (WRITERS["lstm"](len(WRITER)), WRITER),
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
