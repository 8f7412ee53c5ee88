"""BERT's folders: `transformers`' four BERTs, with the same logits and losses both ways."""

import json
import re
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
import transformers
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from course_lib.data.pretraining_batches import PretrainingBatch
from course_lib.data.task_batches import TextBatch
from course_lib.errors import CourseError
from course_lib.interop.hugging_face import (
    load_bert,
    load_bert_encoder,
    load_bert_head,
    save_bert,
)
from course_lib.interop.model_folder import CONFIG, WEIGHTS
from course_lib.models.bert import BASE, BERT, LARGE
from course_lib.models.config import TransformerConfig
from course_lib.models.heads import SentenceClassifier, SpanFinder, Tagger
from course_lib.models.modern_bert import ModernBERT
from course_lib.models.pretraining_heads import PretrainingBERT
from course_lib.training.fine_tuning import classification_loss, regression_loss, tagging_loss
from course_lib.training.objectives import pretraining_loss

TOLERANCE = {"atol": 1e-4, "rtol": 0.0}
CONFIGS = [  # vocabulary, context, width, heads, layers, inner width
    (50, 16, 24, 3, 2, 96),
    (31, 9, 8, 1, 1, 20),
    (200, 40, 32, 8, 3, 48),
]
each_config = pytest.mark.parametrize("sizes", CONFIGS)
LENGTHS = (9, 4, 7)


def randomised(model: nn.Module) -> nn.Module:
    """Large weights and biases: at their first values many mistakes would hardly show."""
    generator = torch.Generator().manual_seed(0)
    for name, weight in model.named_parameters():
        is_scale = "norm" in name.lower() and name.endswith("weight")  # near 0 it would hide texts
        nn.init.normal_(weight, mean=float(is_scale), std=0.3, generator=generator)
    return model.eval()


def their_config(sizes: tuple, **settings) -> transformers.BertConfig:
    names = (
        "vocab_size",
        "max_position_embeddings",
        "hidden_size",
        "num_attention_heads",
        "num_hidden_layers",
        "intermediate_size",
    )
    return transformers.BertConfig(**dict(zip(names, sizes, strict=True)), **settings)


def our_encoder(sizes: tuple) -> BERT:
    names = ("vocab_size", "context_length", "d_model", "n_heads", "n_layers", "d_ff")
    return BERT(TransformerConfig(**dict(zip(names, sizes, strict=True)), norm_eps=1e-12))


def pairs(vocab_size: int) -> tuple[Tensor, Tensor]:
    """Three pairs of unequal lengths, and their segments: (3, 9) each."""
    ids = torch.randint(5, vocab_size, (3, 9), generator=torch.Generator().manual_seed(1))
    segments = torch.zeros_like(ids)
    for row, n in enumerate(LENGTHS):
        ids[row, n:], segments[row, n // 2 : n] = 0, 1
    return ids, segments


def theirs_of(model: nn.Module, vocab_size: int, **labels):
    ids, segments = pairs(vocab_size)
    with torch.no_grad():
        mask = (ids != 0).long()
        return model(input_ids=ids, token_type_ids=segments, attention_mask=mask, **labels)


def assert_same_pretraining(ours: PretrainingBERT, theirs: nn.Module) -> None:
    """Logits of every word and pair, and both losses together and one by one."""
    vocab_size = ours.cfg.vocab_size
    ids, segments = pairs(vocab_size)
    labels = torch.full_like(ids, -100)
    labels[0, 2], labels[0, 7], labels[1, 1], labels[2, 6] = 5, 9, 12, 7
    follows = torch.tensor([0, 1, 1])
    wanted = theirs_of(theirs, vocab_size, labels=labels, next_sentence_label=follows)
    words, next_sentence = ours(ids, segments)
    real = ids != 0
    assert wanted.prediction_logits[real].std() > 0.1
    torch.testing.assert_close(words[real], wanted.prediction_logits[real], **TOLERANCE)
    torch.testing.assert_close(next_sentence, wanted.seq_relationship_logits, **TOLERANCE)
    places = (labels.flatten() != -100).nonzero().flatten()
    batch = PretrainingBatch(ids, segments, places, labels.flatten()[places], follows)
    torch.testing.assert_close(pretraining_loss(ours, batch), wanted.loss, **TOLERANCE)
    at_places, _pairs = ours(ids, segments, places=places)
    hidden_words = F.cross_entropy(at_places, batch.targets)
    torch.testing.assert_close(hidden_words, mlm_loss_of(theirs, vocab_size, labels), **TOLERANCE)


def mlm_loss_of(theirs: nn.Module, vocab_size: int, labels: Tensor) -> Tensor:
    """The loss of `BertForMaskedLM` with the same weights."""
    masked = transformers.BertForMaskedLM(theirs.config)
    masked.load_state_dict(theirs.state_dict(), strict=False)
    return theirs_of(masked.eval(), vocab_size, labels=labels).loss


@each_config
def test_pretraining_of_theirs_opens_here(tmp_path: Path, sizes: tuple):
    theirs = randomised(transformers.BertForPreTraining(their_config(sizes)))
    theirs.save_pretrained(tmp_path)
    ours = load_bert(tmp_path)
    assert not ours.training
    assert all(weight.requires_grad for weight in ours.parameters())
    assert_same_pretraining(ours, theirs)


@each_config
def test_pretraining_of_ours_opens_there_and_here(tmp_path: Path, sizes: tuple):
    ours = randomised(PretrainingBERT(our_encoder(sizes)))
    save_bert(ours, tmp_path)
    theirs, report = transformers.BertForPreTraining.from_pretrained(
        tmp_path, output_loading_info=True
    )
    assert not any(report.values()), report
    assert_same_pretraining(ours, theirs.eval())
    again = load_bert(tmp_path)
    assert again.cfg == ours.cfg
    for name, weight in ours.state_dict().items():
        assert torch.equal(again.state_dict()[name], weight), name


HEADS = {
    "sentence": (transformers.BertForSequenceClassification, SentenceClassifier, 3),
    "number": (transformers.BertForSequenceClassification, SentenceClassifier, 1),
    "tags": (transformers.BertForTokenClassification, Tagger, 5),
    "answer": (transformers.BertForQuestionAnswering, SpanFinder, 2),
}
each_head = pytest.mark.parametrize("head", HEADS)


def assert_same_head(head: str, ours: nn.Module, theirs: nn.Module) -> None:
    vocab_size = ours.encoder.cfg.vocab_size
    ids, segments = pairs(vocab_size)
    real, batch = ids != 0, TextBatch(ids, segments)
    found = ours(batch)
    if head == "answer":
        first, last = torch.tensor([4, 2, 5]), torch.tensor([6, 2, 6])
        wanted = theirs_of(theirs, vocab_size, start_positions=first, end_positions=last)
        logits = torch.stack([wanted.start_logits, wanted.end_logits], dim=-1)
        torch.testing.assert_close(found[real], logits[real], **TOLERANCE)
        loss = (F.cross_entropy(found[..., 0], first) + F.cross_entropy(found[..., 1], last)) / 2
    elif head == "tags":
        targets = torch.randint(5, ids.shape, generator=torch.Generator().manual_seed(2))
        targets[~real], targets[0, 3] = -100, -100
        wanted = theirs_of(theirs, vocab_size, labels=targets)
        torch.testing.assert_close(found[real], wanted.logits[real], **TOLERANCE)
        loss = tagging_loss(ours, (batch, targets))
    else:
        targets = torch.tensor([2, 0, 1]) if head == "sentence" else torch.tensor([0.5, -1.0, 3.0])
        wanted = theirs_of(theirs, vocab_size, labels=targets)
        torch.testing.assert_close(found, wanted.logits, **TOLERANCE)
        loss_of = classification_loss if head == "sentence" else regression_loss
        loss = loss_of(ours, (batch, targets))
    assert found.std() > 0.1
    torch.testing.assert_close(loss, wanted.loss, **TOLERANCE)


@each_config
@each_head
def test_heads_of_theirs_open_here(tmp_path: Path, head: str, sizes: tuple):
    their_kind, our_kind, n_labels = HEADS[head]
    theirs = randomised(their_kind(their_config(sizes, num_labels=n_labels)))
    theirs.save_pretrained(tmp_path)
    ours = load_bert_head(tmp_path)
    assert type(ours) is our_kind
    assert not ours.training
    assert_same_head(head, ours, theirs)


@each_config
@each_head
def test_heads_of_ours_open_there_and_here(tmp_path: Path, head: str, sizes: tuple):
    their_kind, our_kind, n_labels = HEADS[head]
    encoder = our_encoder(sizes)
    ours = randomised(our_kind(encoder) if head == "answer" else our_kind(encoder, n_labels))
    save_bert(ours, tmp_path)
    theirs, report = their_kind.from_pretrained(tmp_path, output_loading_info=True)
    assert not any(report.values()), report
    assert_same_head(head, ours, theirs.eval())
    assert_same_head(head, load_bert_head(tmp_path), theirs)


def test_labels_have_names_there(tmp_path: Path):
    model = SentenceClassifier(our_encoder(CONFIGS[0]), 3)
    save_bert(model, tmp_path, ["bad", "so-so", "good"])
    config = transformers.AutoConfig.from_pretrained(tmp_path)
    assert config.id2label == {0: "bad", 1: "so-so", 2: "good"}
    assert config.label2id["good"] == 2
    with pytest.raises(ValueError, match="3 labels"):
        save_bert(model, tmp_path, ["bad", "good"])


@pytest.mark.parametrize(
    "kind", ["BertModel", "BertForPreTraining", "BertForTokenClassification", "BertForMaskedLM"]
)
def test_the_encoder_of_any_bert_can_be_had(tmp_path: Path, kind: str):
    theirs = randomised(getattr(transformers, kind)(their_config(CONFIGS[0])))
    theirs.save_pretrained(tmp_path)
    ids, segments = pairs(50)
    with torch.no_grad():
        body = theirs if kind == "BertModel" else theirs.bert
        wanted = body(ids, (ids != 0).long(), segments)
    encoder = load_bert_encoder(tmp_path, torch.Generator().manual_seed(0))
    hidden = encoder.hidden(ids, segments)
    torch.testing.assert_close(hidden[ids != 0], wanted[0][ids != 0], **TOLERANCE)
    if wanted.pooler_output is None:
        again = load_bert_encoder(tmp_path, torch.Generator().manual_seed(0))
        assert torch.equal(encoder.pooler.weight, again.pooler.weight)
        assert encoder.pooler.weight.std().item() == pytest.approx(0.02, rel=0.2)
    else:
        torch.testing.assert_close(encoder.pooled(hidden), wanted.pooler_output, **TOLERANCE)


def test_the_encoder_alone_is_their_bert_model(tmp_path: Path):
    ours = randomised(our_encoder(CONFIGS[2]))
    save_bert(ours, tmp_path)
    theirs, report = transformers.AutoModel.from_pretrained(tmp_path, output_loading_info=True)
    assert type(theirs).__name__ == "BertModel"
    assert not any(report.values()), report
    ids, segments = pairs(200)
    wanted = theirs_of(theirs.eval(), 200)
    hidden = ours.hidden(ids, segments)
    torch.testing.assert_close(hidden[ids != 0], wanted[0][ids != 0], **TOLERANCE)
    torch.testing.assert_close(ours.pooled(hidden), wanted.pooler_output, **TOLERANCE)


def test_published_sizes_are_theirs():
    for cfg in (BASE, LARGE):
        sizes = (cfg.vocab_size, cfg.context_length, cfg.d_model, cfg.n_heads, cfg.n_layers)
        with torch.device("meta"):
            ours, theirs = BERT(cfg), transformers.BertModel(their_config((*sizes, cfg.d_ff)))
            both = PretrainingBERT(ours)
            all_theirs = transformers.BertForPreTraining(theirs.config)
        assert theirs.num_parameters() == sum(weight.numel() for weight in ours.parameters())
        assert all_theirs.num_parameters() == sum(weight.numel() for weight in both.parameters())


def test_names_of_berts_first_release(tmp_path: Path):
    """LayerNorm's weights were gamma and beta, position ids were saved, and so were tied copies."""
    theirs = randomised(transformers.BertForPreTraining(their_config(CONFIGS[0])))
    theirs.save_pretrained(tmp_path)
    tensors = load_file(tmp_path / WEIGHTS)
    tensors["cls.predictions.decoder.weight"] = tensors[
        "bert.embeddings.word_embeddings.weight"
    ].clone()
    tensors["cls.predictions.decoder.bias"] = tensors["cls.predictions.bias"].clone()
    tensors["bert.embeddings.position_ids"] = torch.arange(16)[None]
    old = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}
    for new_name, old_name in old.items():
        tensors = {name.replace(new_name, old_name): t for name, t in tensors.items()}
    save_file(tensors, tmp_path / WEIGHTS)
    assert_same_pretraining(load_bert(tmp_path), theirs)


def test_half_precision_weights_become_float32(tmp_path: Path):
    theirs = randomised(transformers.BertForPreTraining(their_config(CONFIGS[0]))).half()
    theirs.save_pretrained(tmp_path)
    ours = load_bert(tmp_path)
    assert ours.encoder.tokens.weight.dtype == torch.float32
    assert_same_pretraining(ours, theirs.float())


def test_what_is_no_bert_there_is_not_written(tmp_path: Path):
    cfg = TransformerConfig(vocab_size=20, d_model=8, n_heads=2, n_layers=1)
    with pytest.raises(ValueError, match="the mean"):
        save_bert(SentenceClassifier(BERT(cfg), 2, pooling="mean"), tmp_path)
    with pytest.raises(ValueError, match="ModernBERT"):
        save_bert(PretrainingBERT(ModernBERT(cfg)), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_bert(randomised(PretrainingBERT(our_encoder(CONFIGS[0]))), tmp_path)
    return tmp_path


def change_config(folder: Path, **changes) -> None:
    settings = json.loads((folder / CONFIG).read_text())
    settings.update(changes)
    settings = {name: value for name, value in settings.items() if value != "gone"}
    (folder / CONFIG).write_text(json.dumps(settings))


def refusal(folder: Path, load=load_bert) -> str:
    """What is said of the folder: one line, naming it."""
    with pytest.raises(CourseError) as caught:
        load(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert str(folder) in message
    return message


@pytest.mark.parametrize(
    "changes",
    [
        {"model_type": "gpt2"},
        {"num_attention_heads": 5},
        {"hidden_size": "gone"},
        {"num_hidden_layers": "two"},
        {"hidden_act": "gelu_new"},
        {"position_embedding_type": "relative_key"},
        {"type_vocab_size": 4},
        {"is_decoder": True},
        {"tie_word_embeddings": False},
    ],
)
def test_settings_that_make_no_bert(folder: Path, changes: dict):
    change_config(folder, **changes)
    for load in (load_bert, load_bert_encoder):
        assert "config.json" in refusal(folder, load)


@pytest.mark.parametrize("changes", [{"num_hidden_layers": 3}, {"vocab_size": 49}])
def test_settings_that_do_not_fit_the_weights(folder: Path, changes: dict):
    change_config(folder, **changes)
    assert re.search(r"tensor (bert|cls)\.", refusal(folder))


@pytest.mark.parametrize(
    ("name", "tensor"),
    [
        ("cls.predictions.bias", None),
        ("cls.seq_relationship.weight", None),
        ("bert.encoder.layer.1.attention.self.key.bias", torch.zeros(25)),
        ("bert.encoder.layer.2.output.dense.bias", torch.zeros(24)),
        ("cls.predictions.decoder.weight", torch.zeros(50, 24)),
    ],
)
def test_weights_that_are_missing_misshapen_or_too_many(folder: Path, name: str, tensor):
    tensors = load_file(folder / WEIGHTS) | {name: tensor}
    save_file({n: t for n, t in tensors.items() if t is not None}, folder / WEIGHTS)
    assert name in refusal(folder)


def test_heads_of_other_kinds(folder: Path):
    assert "'BertForPreTraining'" in refusal(folder, load_bert_head)
    change_config(folder, architectures="gone")
    assert "None" in refusal(folder, load_bert_head)
    change_config(folder, architectures=["BertForTokenClassification"], num_labels="many")
    assert "num_labels='many'" in refusal(folder, load_bert_head)
    change_config(folder, num_labels=2)
    assert "no tensor classifier.weight" in refusal(folder, load_bert_head)
