"""The recurrent language model: laws, a loop by hand, and small things it must learn."""

import itertools
import math

import pytest
import torch
from torch import Tensor, nn

from course_lib.data.batching import padded_batches
from course_lib.models.language_model import ReadingModel
from course_lib.models.recurrent_cells import lstm_gates, step_of, unroll, weights_of
from course_lib.models.rnn import CELLS, RecurrentConfig, RecurrentLM
from course_lib.text.vocab import Vocab
from course_lib.training.loop import TrainConfig, train
from course_lib.training.objectives import next_token_loss

V = 11
each_cell = pytest.mark.parametrize("cell", CELLS)


def random_model(cell: str, n_layers: int = 1, dropout: float = 0.0, size: int = V) -> RecurrentLM:
    torch.manual_seed(len(cell) + n_layers)
    sizes = {"vocab_size": size, "d_embedding": 5, "d_hidden": 6}
    model = RecurrentLM(RecurrentConfig(**sizes, cell=cell, n_layers=n_layers, dropout=dropout))
    for weight in model.parameters():
        nn.init.normal_(weight, std=0.7)
    return model.double().eval()


def random_ids(n_rows: int, length: int) -> Tensor:
    ids = torch.randint(4, V, (n_rows, length))
    ids[:, 0] = Vocab.start_id
    return ids


@each_cell
@pytest.mark.parametrize("n_layers", [1, 2])
def test_it_is_embedding_cells_and_a_linear_head(cell: str, n_layers: int):
    model, ids = random_model(cell, n_layers), random_ids(3, 7)
    x = model.embedding.weight[ids]
    for layer in range(n_layers):
        zeros = torch.zeros(3, 12 if cell == "lstm" else 6, dtype=torch.float64)
        x = unroll(step_of(model.recurrent, layer), x, zeros)[..., :6]
    torch.testing.assert_close(model(ids), x @ model.head.weight.T + model.head.bias)


@each_cell
def test_it_cannot_see_the_future(cell: str):
    model, ids = random_model(cell), random_ids(2, 8)
    changed = ids.clone()
    changed[:, 5] = (ids[:, 5] - 3) % 7 + 4  # another word, 4 to 10
    assert bool((changed != ids).any(dim=1).all())
    torch.testing.assert_close(model(ids)[:, :5], model(changed)[:, :5])
    assert not torch.allclose(model(ids)[:, 5:], model(changed)[:, 5:])


@each_cell
@pytest.mark.parametrize("n_layers", [1, 2])
def test_pads_on_the_left_and_on_the_right_change_nothing(cell: str, n_layers: int):
    model = random_model(cell, n_layers)
    rows = [random_ids(1, length) for length in (3, 6, 1, 5)]
    left, right = torch.zeros(2, 4, 6, dtype=torch.long)
    for i, row in enumerate(rows):
        left[i, 6 - row.size(1) :] = row
        right[i, : row.size(1)] = row
    after_left, after_right, read = model(left), model(right), model.read(left)
    for i, row in enumerate(rows):
        alone, n = model(row)[0], row.size(1)
        torch.testing.assert_close(after_left[i, 6 - n :], alone)
        torch.testing.assert_close(after_right[i, :n], alone)
        torch.testing.assert_close(read[0][i], model.next_logits(row)[0])
        for part, its_own in zip(read[1].parts, model.read(row)[1].parts, strict=True):
            torch.testing.assert_close(part[:, i], its_own[:, 0])


@each_cell
def test_no_gradient_passes_through_pads(cell: str):
    model, ids = random_model(cell), random_ids(2, 4)
    padded = torch.cat([torch.zeros(2, 3, dtype=torch.long), ids], dim=1)
    plain = torch.autograd.grad(model(ids).square().sum(), list(model.parameters()))
    under_pads = torch.autograd.grad(model(padded)[:, 3:].square().sum(), list(model.parameters()))
    for a, b in zip(plain, under_pads, strict=True):
        torch.testing.assert_close(a, b)


@each_cell
@pytest.mark.parametrize("n_layers", [1, 2])
def test_reading_in_pieces_equals_reading_at_once(cell: str, n_layers: int):
    model, ids = random_model(cell, n_layers), random_ids(3, 9)
    whole, _ = model.read(ids)
    torch.testing.assert_close(whole[:, 4:], model(ids)[:, -1, 4:])
    assert bool((whole[:, [Vocab.pad_id, Vocab.start_id]] == -torch.inf).all())
    state = None
    for piece in ids.split([4, 1, 1, 3], dim=1):
        logits, state = model.read(piece, state)
    torch.testing.assert_close(logits, whole)
    torch.testing.assert_close(model.next_logits(ids), whole)


@each_cell
def test_a_state_gives_up_its_rows_and_can_be_continued_twice(cell: str):
    model, ids = random_model(cell, n_layers=2), random_ids(3, 5)
    _, state = model.read(ids)
    order = torch.tensor([2, 0, 2, 1])
    more = torch.tensor([[4], [5], [6], [7]])
    again = [model.read(more, state.rows(order))[0] for _time in range(2)]
    torch.testing.assert_close(again[0], again[1], rtol=0, atol=0)
    torch.testing.assert_close(again[0], model.next_logits(torch.cat([ids[order], more], dim=1)))


def test_it_is_a_reading_model_without_a_limit_and_refuses_nothing_to_read():
    model = random_model("lstm")
    assert isinstance(model, ReadingModel)
    assert model.context_length is None
    with pytest.raises(ValueError, match="no id to read"):
        model.read(torch.empty(2, 0, dtype=torch.long))


@each_cell
def test_log_probs_are_those_of_the_next_logits_one_by_one(cell: str):
    model = random_model(cell)
    texts = [torch.randint(4, V, (length,)) for length in (3, 0, 6, 1)]
    for text, found in zip(texts, model.log_probs(texts), strict=True):
        row = torch.cat([torch.tensor([Vocab.start_id]), text, torch.tensor([Vocab.end_id])])
        slow = [
            model.next_logits(row[None, :t])[0].log_softmax(dim=0)[row[t]]
            for t in range(1, len(row))
        ]
        assert found.dtype == torch.float64
        torch.testing.assert_close(found, torch.stack(slow))


def test_texts_of_up_to_four_words_and_longer_ones_have_probability_1_together():
    """What ends within four words has the probability that the rest of the texts lack."""
    model = random_model("gru", size=7)
    words = [1, 4, 5, 6]
    texts = [torch.tensor(t) for n in range(5) for t in itertools.product(words, repeat=n)]
    log_probs = model.log_probs([t.long() for t in texts])
    ended = sum(text.sum().exp() for text in log_probs)
    going_on = sum(
        row[:-1].sum().exp() * (1 - row[-1].exp())
        for text, row in zip(texts, log_probs, strict=True)
        if len(text) == 4
    )
    assert float(ended + going_on) == pytest.approx(1, abs=1e-12)


@each_cell
def test_it_begins_nearly_as_a_uniform_guess_or_with_the_words_frequencies(cell: str):
    torch.manual_seed(0)
    model = RecurrentLM(RecurrentConfig(vocab_size=V, d_embedding=4, d_hidden=50, cell=cell))
    texts = list(torch.randint(4, V, (20, 6)))
    loss = -torch.cat(model.log_probs(texts)).mean().item()
    assert loss == pytest.approx(math.log(V - 2), abs=0.1)  # <pad> and <s> are never next
    counts = torch.tensor([0, 0, 0, 10, 40, 5, 5, 20, 10, 8, 0])
    model.set_unigram(counts)
    nn.init.zeros_(model.head.weight)
    probs = model(random_ids(2, 6)).softmax(-1)
    torch.testing.assert_close(probs[1, 3, 4] / probs[1, 3, 5], torch.tensor(8.0))
    torch.testing.assert_close(probs[0, 0, 10] / probs[0, 0, 5], torch.tensor(0.1))


@each_cell
def test_its_generator_decides_where_it_begins(cell: str):
    cfg = RecurrentConfig(vocab_size=V, d_embedding=4, d_hidden=5, cell=cell, n_layers=2)
    torch.manual_seed(1)
    first = RecurrentLM(cfg, torch.Generator().manual_seed(3)).state_dict()
    torch.manual_seed(2)
    again, other = (RecurrentLM(cfg, torch.Generator().manual_seed(n)).state_dict() for n in (3, 4))
    assert all(torch.equal(weight, again[name]) for name, weight in first.items())
    same = [name for name, weight in first.items() if torch.equal(weight, other[name])]
    assert same == ["head.bias"]


def test_an_lstm_begins_with_forget_gates_that_keep_most():
    cfg = RecurrentConfig(vocab_size=V, d_embedding=4, d_hidden=50, n_layers=2)
    model = RecurrentLM(cfg, torch.Generator().manual_seed(0))
    for layer in range(2):
        w = weights_of(model.recurrent, layer)
        gates = lstm_gates(torch.zeros(1, w.w_x.size(1)), torch.zeros(1, 50), w)
        assert gates.forget.mean().item() == pytest.approx(0.73, abs=0.03)  # sigma(1)
        assert gates.input.mean().item() == pytest.approx(0.5, abs=0.03)


def test_dropout_is_on_in_training_only():
    model, ids = random_model("lstm", n_layers=2, dropout=0.5), random_ids(2, 5)
    torch.testing.assert_close(model(ids), model(ids))
    quiet = model.next_logits(ids)
    model.train()
    assert not torch.allclose(model(ids), model(ids))
    torch.testing.assert_close(model.next_logits(ids), quiet)
    model.train()
    texts = [ids[0, 1:], ids[1, 1:3]]
    torch.testing.assert_close(model.log_probs(texts), model.log_probs(texts))


@pytest.mark.parametrize(
    "wrong",
    [
        {"vocab_size": 3},
        {"d_hidden": 0},
        {"d_embedding": 0},
        {"n_layers": 0},
        {"cell": "gpt"},
        {"dropout": 1.0},
        {"dropout": -0.1},
    ],
)
def test_sizes_that_make_no_sense_are_refused(wrong: dict):
    with pytest.raises(ValueError):
        RecurrentConfig(**{"vocab_size": 10, **wrong})


def trained(cell: str, texts: list[Tensor], n_steps: int) -> RecurrentLM:
    rng = torch.Generator().manual_seed(0)
    model = RecurrentLM(RecurrentConfig(vocab_size=V, d_embedding=8, d_hidden=32, cell=cell), rng)
    batches = padded_batches(texts, 512, rng, Vocab.start_id, Vocab.end_id)
    train(model, next_token_loss, batches, TrainConfig(n_steps=n_steps, lr=0.03, weight_decay=0))
    return model


@each_cell
def test_it_learns_to_repeat_a_word_after_a_delay(cell: str):
    """One of two words, three times the same filler, the first word again."""
    texts = [torch.tensor([a, 6, 6, 6, a]) for a in (4, 5)] * 8
    model = trained(cell, texts, n_steps=150)
    for log_probs in model.log_probs(texts[:2]):
        assert log_probs[0].exp().item() == pytest.approx(0.5, abs=0.05)
        assert log_probs[1:].exp().min() > 0.95


@each_cell
def test_it_learns_parity_where_every_word_counts_and_none_alone_tells(cell: str):
    """Two bits (4 or 5), then 7 if they differ, else 6."""
    texts = [torch.tensor([a, b, 6 + (a != b)]) for a, b in itertools.product((4, 5), repeat=2)]
    model = trained(cell, texts, n_steps=200)
    assert min(row[2].exp().item() for row in model.log_probs(texts)) > 0.95
