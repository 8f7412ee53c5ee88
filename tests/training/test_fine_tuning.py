import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.data.task_batches import TextBatch
from course_lib.errors import CourseError
from course_lib.evaluation.regression import r_squared
from course_lib.inference.answering import answered, find_answers
from course_lib.inference.classifying import classify, predict_numbers
from course_lib.inference.tagging import tag_texts
from course_lib.models.bert import BERT
from course_lib.models.gpt import GPT
from course_lib.models.heads import ClassifierWithNumbers, SentenceClassifier, SpanFinder, Tagger
from course_lib.text.alignment import pieces_of
from course_lib.training.config import TrainConfig
from course_lib.training.fine_tuning import (
    classification_loss,
    fine_tune,
    freeze,
    regression_loss,
    span_loss,
    tagging_loss,
)
from course_lib.training.optimizers import make_optimizers, set_rates
from course_lib.training.task_examples import AskedPassage, span_examples, tagging_examples

from .small_encoders import VOCAB, WORDS, encoder, encoding, examples, seeded, sentences


class Fixed(nn.Module):
    """A model that gives these logits."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.logits = nn.Parameter(logits)

    def forward(self, batch: TextBatch) -> Tensor:
        return self.logits


def texts(n: int, length: int, **parts: Tensor) -> TextBatch:
    ids = torch.ones(n, length, dtype=torch.long)
    return TextBatch(ids, torch.zeros_like(ids), **parts)


def test_losses_are_the_means_they_claim_to_be():
    logits = torch.randn(2, 3, generator=seeded())
    log_p = logits.log_softmax(dim=-1)
    loss = classification_loss(Fixed(logits), (texts(2, 4), torch.tensor([2, 0])))
    assert loss.item() == pytest.approx(-(log_p[0, 2] + log_p[1, 0]).item() / 2, abs=1e-6)
    loss = regression_loss(
        Fixed(torch.tensor([[1.0], [4.0]])), (texts(2, 4), torch.tensor([3.0, 5]))
    )
    assert loss.item() == (2**2 + 1**2) / 2
    logits = torch.randn(2, 4, 3, generator=seeded())
    targets = torch.tensor([[-100, 1, -100, -100], [-100, 2, 0, -100]])
    log_p = logits.log_softmax(dim=-1)
    loss = tagging_loss(Fixed(logits), (texts(2, 4), targets))
    expected = -(log_p[0, 1, 1] + log_p[1, 1, 2] + log_p[1, 2, 0]) / 3
    assert loss.item() == pytest.approx(expected.item(), abs=1e-6)


def test_a_batch_without_any_tag_teaches_nothing():
    model = Fixed(torch.randn(2, 4, 3, generator=seeded()))
    loss = tagging_loss(model, (texts(2, 4), torch.full((2, 4), -100)))
    loss.backward()
    assert loss == 0
    assert model.logits.grad is not None
    assert (model.logits.grad == 0).all()


def test_only_places_of_the_passage_compete_for_the_answer():
    logits = torch.randn(2, 5, 2, generator=seeded())
    may_answer = torch.tensor([[True, False, True, True, False], [True, False, False, True, True]])
    targets = torch.tensor([[2, 3], [0, 0]])
    batch = texts(2, 5, may_answer=may_answer), targets
    expected = [
        F.cross_entropy(logits[row, may_answer[row], side], torch.tensor(place))
        for row, places in enumerate([(0 + 1, 1 + 1), (0, 0)])  # among the allowed places
        for side, place in enumerate(places)
    ]
    loss = span_loss(Fixed(logits), batch)
    assert loss.item() == pytest.approx(torch.stack(expected).mean().item(), abs=1e-6)
    other = logits.masked_fill(~may_answer[:, :, None], 99.0)
    assert span_loss(Fixed(other), batch).item() == pytest.approx(loss.item(), abs=1e-6)
    with pytest.raises(ValueError, match="may_answer is None"):
        span_loss(Fixed(logits), (texts(2, 5), targets))


def moving(model: nn.Module) -> set[str]:
    """The parts with weights that may move; blocks by number."""
    names = (name.split(".") for name, p in model.named_parameters() if p.requires_grad)
    return {".".join(parts[:2]) if parts[0] == "blocks" else parts[0] for parts in names}


def test_what_is_frozen_in_each_kind_of_model():
    modern = encoder()
    after = {"norm", "pooler"}
    for how, expected in {
        "all": set(),
        2: after,
        1: after | {"blocks.1"},
        0: after | {"blocks.0", "blocks.1"},
        None: after | {"blocks.0", "blocks.1", "tokens", "segments"},
    }.items():
        freeze(modern, how)
        assert moving(modern) == expected, how
    bert = BERT(modern.cfg)  # its norm stands before the blocks: a part of the embedding
    freeze(bert, 1)
    assert moving(bert) == {"blocks.1", "pooler"}
    gpt = GPT(modern.cfg)
    freeze(gpt, 1)
    assert moving(gpt) == {"blocks.1", "norm"}
    for how in (3, -1):
        with pytest.raises(ValueError, match=f"no {how} blocks"):
            freeze(modern, how)
    with pytest.raises(ValueError, match="blocks to freeze in Linear"):
        freeze(nn.Linear(2, 2), 1)


def test_frozen_features_stay_while_the_head_learns():
    words = sentences(60, 1)
    labels = [torch.tensor(int(text[0] in WORDS[:4])) for text in words]
    model = SentenceClassifier(encoder(), 2, rng=seeded())
    freeze(model.encoder, "all")
    before = {name: p.clone() for name, p in model.named_parameters()}
    losses = fine_tune(model, examples(words, labels), classification_loss, seeded(), 30, lr=0.03)
    moved = {name for name, p in model.named_parameters() if not p.equal(before[name])}
    assert moved == {"output.weight", "output.bias"}
    assert losses[0] == pytest.approx(math.log(2), abs=0.1)
    assert sum(losses[-5:]) < sum(losses[:5])


def test_a_whole_text_is_classified_by_what_it_holds():
    train, test = sentences(300, 1), sentences(100, 2)

    def label(words: list[str]) -> Tensor:
        return torch.tensor(int("w3" in words))

    model = SentenceClassifier(encoder(), 2, rng=seeded())
    fine_tune(
        model, examples(train, list(map(label, train))), classification_loss, seeded(), 120, 3e-3
    )
    found = classify(model, examples(test, [None] * len(test)), ["without", "with"])
    right = ["with" if "w3" in words else "without" for words in test]
    assert 20 < right.count("with") < 80
    assert sum(a == b for a, b in zip(found, right, strict=True)) >= 95


def test_numbers_beside_the_text_are_used():
    words, rng = sentences(300, 1), seeded(3)
    beside = torch.randn(300, 1, generator=rng)
    score = torch.tensor([2.0 * ("w1" in text) for text in words]) + beside[:, 0]
    many = [
        example._replace(numbers=row)
        for example, row in zip(examples(words, list(score)), beside, strict=True)
    ]
    model = ClassifierWithNumbers(encoder(), 1, 1, rng=seeded())
    fine_tune(model, many[:220], regression_loss, seeded(), 120, 5e-3, n_tokens=400)
    found = predict_numbers(model, many[220:])
    assert r_squared(found, score[220:]) > 0.9


def test_each_word_gets_a_tag_from_its_left_neighbour():
    def tags(words: list[str]) -> list[str]:
        return ["A" if before == "w1" else "B" for before in ["", *words[:-1]]]

    train, test = sentences(300, 1), sentences(60, 2)
    made = tagging_examples(train, list(map(tags, train)), ["A", "B"], encoding())
    model = Tagger(encoder(), 2, rng=seeded())
    fine_tune(model, made, tagging_loss, seeded(), 100, 5e-3, n_tokens=400)
    pieces = [pieces_of(words, encoding().encode_word) for words in test]
    found = tag_texts(model, pieces, ["A", "B"], encoding().marks, 16)
    assert [len(path) for path in found] == [len(words) for words in test]
    n_wrong = sum(
        a != b for f, w in zip(found, test, strict=True) for a, b in zip(f, tags(w), strict=True)
    )
    assert n_wrong <= 5
    assert sum(path.count("A") for path in found) > 20


def test_a_question_finds_its_word_or_that_there_is_none():
    rng = seeded(5)

    def asked(n: int) -> list[AskedPassage]:
        """The question is a word; the answer is where the passage has it."""
        found = []
        for _question in range(n):
            passage = torch.randperm(8, generator=rng)[:5] + VOCAB.ids["w0"]
            word = int(torch.randint(8, (), generator=rng)) + VOCAB.ids["w0"]
            place = (passage == word).nonzero()[:, 0].tolist()
            span = (place[0], place[0] + 1) if place else (-1, -1)
            found.append(AskedPassage(torch.tensor([word]), passage, *span))
        return found

    model = SpanFinder(encoder(), rng=seeded())
    fine_tune(
        model, span_examples(asked(600), encoding()), span_loss, seeded(), 200, 5e-3, n_tokens=500
    )
    test = asked(80)
    found = find_answers(model, [(q.question, q.passage) for q in test], encoding().marks, 16)
    told = [(s.start, s.end) if answered(s) else (-1, -1) for s in found]
    right = [(q.start, q.end) for q in test]
    assert 15 < right.count((-1, -1)) < 50
    assert sum(a == b for a, b in zip(told, right, strict=True)) >= 75


def test_the_head_moves_at_its_own_rate():
    model = SentenceClassifier(encoder(), 2, rng=seeded())
    freeze(model.encoder, 1)
    cfg = TrainConfig(n_steps=10, lr=1e-3, lr_head=0.5, decay="matrices")
    (optimizer,) = make_optimizers(model, cfg)
    set_rates([optimizer], 0, cfg)
    told = {
        id(weight): (group["lr"], group["weight_decay"])
        for group in optimizer.param_groups
        for weight in group["params"]
    }
    free = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    assert told.keys() == {id(weight) for weight in free.values()}
    for name, weight in free.items():
        decay = 0.01 if weight.ndim == 2 else 0.0
        assert told[id(weight)] == (0.5 if name.startswith("output") else 1e-3, decay), name


def test_a_head_is_what_stands_on_an_encoder():
    with pytest.raises(ValueError, match="ModernBERT has none"):
        make_optimizers(encoder(), TrainConfig(n_steps=1, lr_head=0.1))
    for more in ({"lr_head": 0.0}, {"lr_head": 0.1, "optimizer": "muon"}):
        with pytest.raises(ValueError, match="lr_head"):
            TrainConfig(n_steps=1, **more)


def test_nothing_to_learn_from_is_said_in_one_line():
    with pytest.raises(CourseError, match="no labelled examples"):
        fine_tune(SentenceClassifier(encoder(), 2), [], classification_loss, seeded())
