"""Heads on encoders: by hand on the encoder's own vectors, laws, and small things to learn."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.data.task_batches import TextBatch
from course_lib.models.bert import BERT
from course_lib.models.config import TransformerConfig
from course_lib.models.heads import (
    ClassifierWithNumbers,
    SentenceClassifier,
    SpanFinder,
    Tagger,
    mean_of_tokens,
)
from course_lib.models.modern_bert import ModernBERT

CFG = TransformerConfig(
    vocab_size=17, context_length=9, d_model=12, n_heads=3, n_layers=2, dropout=0.0
)
IDS = torch.tensor([[4, 7, 5, 9, 5, 0, 0], [4, 8, 16, 10, 11, 12, 5], [4, 5, 0, 0, 0, 0, 0]])
SEGMENTS = torch.tensor([[0, 0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 0, 0]])
NUMBERS = torch.tensor([[0.5, -1.0], [2.0, 0.0], [-0.3, 0.7]])
BATCH = TextBatch(IDS, SEGMENTS, None, NUMBERS)
MAKERS = {
    "class token": lambda e: SentenceClassifier(e, 4),
    "mean": lambda e: SentenceClassifier(e, 4, pooling="mean"),
    "numbers": lambda e: ClassifierWithNumbers(e, 4, 2),
    "mean and numbers": lambda e: ClassifierWithNumbers(e, 4, 2, pooling="mean"),
    "tagger": lambda e: Tagger(e, 4),
    "span": SpanFinder,
}
each_encoder = pytest.mark.parametrize("kind", [BERT, ModernBERT])
each_head = pytest.mark.parametrize("name", MAKERS)


def randomised(kind: type, name: str, cfg: TransformerConfig = CFG) -> nn.Module:
    """No weight at its first value."""
    torch.manual_seed(0)
    model = MAKERS[name](kind(cfg))
    for weight in model.parameters():
        nn.init.normal_(weight, mean=0.05, std=0.4)
    return model.eval()


def single(ids: Tensor) -> TextBatch:
    """Texts that are no pairs."""
    return TextBatch(ids, torch.zeros_like(ids))


def vectors_by_hand(model: nn.Module, name: str) -> Tensor:
    """What stands under the last layer, text by text, each without its padding."""
    encoder, rows = model.encoder, []
    for ids, segments in zip(IDS, SEGMENTS, strict=True):
        n = int((ids != 0).sum())
        hidden = encoder.hidden(ids[None, :n], segments[None, :n])[0]  # (n, D)
        if name.startswith("mean"):
            rows.append(hidden.sum(dim=0) / n)
        elif name in ("tagger", "span"):
            rows.append(F.pad(hidden, (0, 0, 0, len(ids) - n)))
        else:
            rows.append(torch.tanh(hidden[0] @ encoder.pooler.weight.T + encoder.pooler.bias))
    vectors = torch.stack(rows)
    return torch.cat([vectors, NUMBERS], dim=-1) if "numbers" in name else vectors


@each_encoder
@each_head
def test_a_head_is_one_linear_layer_on_the_vectors_of_the_text_alone(kind, name: str):
    model = randomised(kind, name)
    wanted = vectors_by_hand(model, name) @ model.output.weight.T + model.output.bias
    found = model(BATCH)
    if name in ("tagger", "span"):
        wanted, found = wanted[IDS != 0], found[IDS != 0]
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-5)
    shape = {"tagger": (3, 7, 4), "span": (3, 7, 2)}.get(name, (3, 4))
    assert model(BATCH).shape == shape


@each_encoder
@each_head
def test_the_second_text_is_told_from_the_first(kind, name: str):
    model = randomised(kind, name)
    moved = (
        (model(BATCH) - model(BATCH._replace(segment_ids=torch.zeros_like(IDS))))
        .flatten(1)
        .abs()
        .amax(dim=1)
    )
    assert moved[:2].min() > 1e-5
    assert moved[2] == 0


@each_encoder
@each_head
def test_every_word_counts_whichever_way_one_reads(kind, name: str):
    model = randomised(kind, name)
    first = model(BATCH)
    for place in (1, 6):
        ids = IDS.clone()
        ids[1, place] = 13
        moved = (model(BATCH._replace(ids=ids)) - first).abs()
        assert moved[1].reshape(-1, moved.size(-1)).amax(dim=-1).min() > 1e-6
        assert moved[0].max() == 0


@each_encoder
def test_numbers_matter_and_must_be_there(kind):
    model = randomised(kind, "numbers")
    moved = model(BATCH._replace(numbers=NUMBERS + torch.tensor([0.0, 1.0]))) - model(BATCH)
    wanted = model.output.weight[:, -1].expand_as(moved)
    torch.testing.assert_close(moved, wanted, atol=1e-5, rtol=1e-5)
    with pytest.raises(ValueError, match="numbers"):
        model(BATCH._replace(numbers=None))


def test_a_text_of_padding_alone_has_a_mean_of_zero():
    hidden = torch.randn(2, 3, 4)
    found = mean_of_tokens(hidden, torch.tensor([[True, False, True], [False, False, False]]))
    torch.testing.assert_close(found[0], (hidden[0, 0] + hidden[0, 2]) / 2)
    assert not found[1].any()


def test_without_a_padding_mark_the_mean_is_of_all_tokens():
    cfg = TransformerConfig(vocab_size=17, d_model=12, n_heads=3, dropout=0.0, pad_id=None)
    encoder = BERT(cfg).eval()
    model = SentenceClassifier(encoder, 2, pooling="mean")
    wanted = model.output(encoder.hidden(IDS).mean(dim=1))
    torch.testing.assert_close(model(single(IDS)), wanted)


def test_an_unknown_pooling_is_refused():
    for make in (
        lambda: SentenceClassifier(BERT(CFG), 2, pooling="max"),
        lambda: ClassifierWithNumbers(BERT(CFG), 2, 1, pooling="max"),
    ):
        with pytest.raises(ValueError, match="pooling"):
            make()


@each_head
def test_at_first_all_labels_are_about_as_likely(name: str):
    encoder = BERT(TransformerConfig(vocab_size=50, d_model=64))
    make = MAKERS[name]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        logits = make(encoder)(BATCH).flatten(0, -2)
    loss = F.cross_entropy(logits, torch.arange(len(logits)) % logits.size(-1))
    assert loss.item() == pytest.approx(math.log(logits.size(-1)), abs=0.1)


@each_head
def test_dropout_comes_before_the_layer_but_not_for_spans(name: str):
    cfg = TransformerConfig(vocab_size=17, d_model=64, n_heads=4, dropout=0.5)
    model = randomised(BERT, name, cfg)
    model.train()
    model.encoder.eval()
    same = torch.equal(model(BATCH), model(BATCH))
    assert same == (name == "span")


def test_the_same_generator_gives_the_same_head():
    def head(seed: int) -> Tensor:
        return Tagger(BERT(CFG), 3, rng=torch.Generator().manual_seed(seed)).output.weight

    assert torch.equal(head(1), head(1))
    assert not torch.equal(head(1), head(2))


def learn(model: nn.Module, loss_of, n_steps: int = 150) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3)
    for _step in range(n_steps):
        optimizer.zero_grad()
        loss_of(model).backward()
        optimizer.step()


def small(kind: type) -> nn.Module:
    cfg = TransformerConfig(vocab_size=17, d_model=32, n_heads=2, n_layers=2, dropout=0.0)
    return kind(cfg, rng=torch.Generator().manual_seed(0))


@each_encoder
def test_a_tagger_learns_what_only_the_next_word_tells(kind):
    rng = torch.Generator().manual_seed(0)

    def draw() -> tuple[TextBatch, Tensor]:
        words = torch.randint(7, 17, (32, 6), generator=rng)
        return single(words), (words.roll(-1, dims=1)[:, :-1] > 11).long()

    def loss(model: nn.Module) -> Tensor:
        batch, targets = draw()
        return F.cross_entropy(model(batch)[:, :-1].flatten(0, 1), targets.flatten())

    model = Tagger(small(kind), 2, rng=rng)
    learn(model, loss)
    batch, targets = draw()
    assert (model(batch)[:, :-1].argmax(dim=-1) == targets).float().mean() > 0.95


@each_encoder
@pytest.mark.parametrize("pooling", ["class_token", "mean"])
def test_a_classifier_learns_whether_a_word_is_there(kind, pooling: str):
    rng = torch.Generator().manual_seed(0)

    def draw() -> tuple[TextBatch, Tensor]:
        words = torch.randint(8, 17, (32, 7), generator=rng)
        words[:, 0] = 4
        targets = torch.randint(2, (32,), generator=rng)
        places = torch.randint(1, 7, (32,), generator=rng)
        words[torch.arange(32), places] = torch.where(targets == 1, 7, 8)
        return single(words), targets

    def loss(model: nn.Module) -> Tensor:
        batch, targets = draw()
        return F.cross_entropy(model(batch), targets)

    model = SentenceClassifier(small(kind), 2, pooling=pooling, rng=rng)
    learn(model, loss, 200)
    batch, targets = draw()
    assert (model(batch).argmax(dim=-1) == targets).float().mean() > 0.95
