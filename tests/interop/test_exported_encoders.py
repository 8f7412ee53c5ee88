"""Exported encoders: Auto classes and pipelines read there as the course reads here."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from transformers import AutoTokenizer, pipeline

from course_lib.data.task_batches import TextBatch
from course_lib.interop.hugging_face import export, import_folder
from course_lib.models import checkpoints
from course_lib.models.bert import BERT
from course_lib.models.heads import ClassifierWithNumbers, SentenceClassifier, SpanFinder, Tagger
from course_lib.models.modern_bert import ModernBERT
from course_lib.models.pretraining_heads import PretrainingBERT

from .exported import (
    READER,
    SECOND,
    TEXTS,
    TOLERANCE,
    TRUST,
    _quiet,  # noqa: F401  a fixture for every test
    opened,
    randomised,
    same_weights,
    sizes,
)

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
