"""Reading with a KV-cache: whatever is cached, padded, forked or reordered, the numbers stay."""

import itertools
import math

import pytest
import torch
from torch import Tensor, nn

from course_lib.models.cache import Cache, leading_padding
from course_lib.models.config import TransformerConfig
from course_lib.models.gpt import GPT
from course_lib.models.gpt1 import GPT1
from course_lib.models.language_model import ReadingModel
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.shifted_gpt import ShiftedGPT
from course_lib.models.transformer_lm import TransformerLM

CFG = TransformerConfig(
    vocab_size=17, context_length=12, d_model=12, n_heads=3, n_layers=2, dropout=0.1
)
each_model = pytest.mark.parametrize("kind", [GPT1, GPT, ModernGPT, ShiftedGPT])
MAY_COME = [1, *range(3, 17)]  # all but <pad> and <s>


def randomised(kind: type[TransformerLM], cfg: TransformerConfig = CFG) -> TransformerLM:
    torch.manual_seed(0)
    model = kind(cfg)
    for weight in model.parameters():
        nn.init.normal_(weight, std=0.4)
    return model.double()


def random_ids(n_rows: int, length: int) -> Tensor:
    ids = torch.randint(4, 17, (n_rows, length))
    ids[:, 0] = 2
    return ids


def assert_same(logits: Tensor, wanted: Tensor) -> None:
    assert (logits[:, [0, 2]] == -torch.inf).all()
    torch.testing.assert_close(logits[:, MAY_COME], wanted[:, MAY_COME])


@each_model
def test_it_keeps_the_protocol(kind):
    model = randomised(kind)
    assert isinstance(model, ReadingModel)
    assert model.context_length == 12


@each_model
@pytest.mark.parametrize("pieces", [[12], [1] * 12, [5, 1, 6], [1, 11], [3, 3, 3, 3]])
def test_reading_in_pieces_is_reading_at_once(kind, pieces: list[int]):
    model, ids = randomised(kind), random_ids(3, 12)
    state, end = None, 0
    for piece in ids.split(pieces, dim=1):
        logits, state = model.read(piece, state)
        end += piece.size(1)
        assert_same(logits, model(ids)[:, end - 1])
    assert not model.training


@each_model
def test_padding_on_the_left_changes_nothing(kind):
    model, lengths = randomised(kind), [2, 7, 1, 5]
    rows = [random_ids(1, n) for n in lengths]
    more = random_ids(4, 5)[:, 1:]
    padded = torch.zeros(4, 7, dtype=torch.long)
    for row, n, text in zip(padded, lengths, rows, strict=True):
        row[7 - n :] = text
    logits, state = model.read(padded)
    later, state = model.read(more[:, :3], state)
    last, _ = model.read(more[:, 3:], state.rows(torch.tensor([3, 1, 0, 2])))
    for i, text in enumerate(rows):
        long = torch.cat([text, more[i : i + 1]], dim=1)
        assert_same(logits[i : i + 1], model(text)[:, -1])
        assert_same(later[i : i + 1], model(long[:, :-1])[:, -1])
    for place, i in enumerate([3, 1, 0, 2]):
        chained = torch.cat([rows[i], more[i : i + 1, :3], more[place : place + 1, 3:]], dim=1)
        assert_same(last[place : place + 1], model(chained)[:, -1])


@each_model
def test_a_state_can_be_continued_twice(kind):
    model, ids = randomised(kind), random_ids(2, 4)
    one, other = random_ids(2, 5)[:, 1:], random_ids(2, 5)[:, 1:]
    _, state = model.read(ids)
    _, after_one = model.read(one[:, :2], state)
    _, after_other = model.read(other[:, :2], state)
    assert_same(model.read(one[:, 2:], after_one)[0], model(torch.cat([ids, one], 1))[:, -1])
    assert_same(model.read(other[:, 2:], after_other)[0], model(torch.cat([ids, other], 1))[:, -1])
    assert_same(model.read(one[:, :1], state)[0], model(torch.cat([ids, one[:, :1]], 1))[:, -1])


@each_model
def test_rows_are_selected_and_repeated_as_beams_need(kind):
    model, ids = randomised(kind), random_ids(3, 5)
    _, state = model.read(ids)
    index, new = torch.tensor([2, 2, 0, 1, 0]), torch.randint(4, 17, (5, 1))
    logits, later = model.read(new, state.rows(index))
    assert_same(logits, model(torch.cat([ids[index], new], dim=1))[:, -1])
    assert later.n_read == 6
    assert state.n_read == 5


@each_model
def test_beyond_the_context_reading_is_refused_and_next_logits_looks_at_the_last_window(kind):
    model, ids = randomised(kind), random_ids(2, 20)
    assert_same(model.next_logits(ids), model(ids[:, -12:])[:, -1])
    with pytest.raises(ValueError, match="context_length"):
        model.read(ids[:, :13])
    _, state = model.read(ids[:, :10])
    with pytest.raises(ValueError, match="context_length"):
        model.read(ids[:, 10:13], state)


@each_model
def test_nothing_to_read_is_refused(kind):
    model = randomised(kind)
    with pytest.raises(ValueError, match="no token"):
        model.read(torch.zeros(2, 0, dtype=torch.long))
    with pytest.raises(ValueError, match="nothing but padding"):
        model.read(torch.tensor([[0, 0], [0, 2]]))


@each_model
def test_next_logits_are_log_probs(kind):
    """The chain rule: each entry of `log_probs` is what `next_logits` says of the prefix."""
    model = randomised(kind)
    texts = [torch.randint(4, 17, (n,)) for n in (3, 0, 7, 11, 12, 30, 5)]
    for text, scores in zip(texts, model.log_probs(texts), strict=True):
        ids = torch.cat([torch.tensor([2]), text])
        for t, token in enumerate([*text.tolist(), 3]):
            wanted = model.next_logits(ids[None, : t + 1]).log_softmax(dim=-1)[0, token]
            torch.testing.assert_close(scores[t], wanted)
        assert scores.shape == (len(text) + 1,)
        assert scores.dtype == torch.float64


@each_model
def test_probabilities_of_all_short_texts_sum_to_one(kind):
    cfg = TransformerConfig(vocab_size=6, context_length=8, d_model=8, n_heads=2, n_layers=1)
    model, words = randomised(kind, cfg), [1, 4, 5]
    texts = [
        torch.tensor(text, dtype=torch.long)
        for n in range(4)
        for text in itertools.product(words, repeat=n)
    ]
    scores = model.log_probs(texts)
    ended = sum(math.exp(s.sum()) for s in scores)
    longer = sum(math.exp(s[:-1].sum()) - math.exp(s.sum()) for s in scores[-27:])
    assert ended + longer == pytest.approx(1, abs=1e-9)


@each_model
def test_many_texts_are_scored_in_groups_in_the_order_given(kind):
    model = randomised(kind)
    texts = [torch.randint(4, 17, (n % 11,)) for n in range(900)]
    together = model.log_probs(texts)
    for i in (0, 1, 500, 899):
        torch.testing.assert_close(together[i], model.log_probs([texts[i]])[0])
    assert model.log_probs([]) == []


def test_gpt2s_own_vocabulary_has_no_padding_and_one_mark_for_start_and_end():
    cfg = TransformerConfig(
        vocab_size=17, context_length=6, d_model=12, pad_id=None, start_id=16, end_id=16, n_layers=1
    )
    model, ids = randomised(GPT, cfg), torch.tensor([[0, 2, 5], [16, 0, 0]])
    logits, _ = model.read(ids)
    torch.testing.assert_close(logits, model(ids)[:, -1])
    scores = model.log_probs([torch.tensor([0, 2])])[0]
    rows = model(torch.tensor([[16, 0, 2]])).log_softmax(dim=-1)[0]
    torch.testing.assert_close(scores, rows[[0, 1, 2], [0, 2, 16]])


def test_a_cache_hides_padding_and_the_future():
    ids = torch.tensor([[0, 0, 4], [4, 4, 4]])
    cache = Cache.empty(CFG, ids, torch.zeros(1)).before(3)
    first = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]  # padding looks at itself
    assert cache.mask(3).int()[:, 0].tolist() == [first, [[1, 0, 0], [1, 1, 0], [1, 1, 1]]]
    assert cache.positions(3).tolist() == [[0, 0, 0], [0, 1, 2]]
    whole = Cache.empty(CFG, ids[1:], torch.zeros(1)).before(3)
    assert whole.mask(1) is None
    assert whole.mask(2).int().tolist() == [[[[1, 1, 0], [1, 1, 1]]]]


def test_leading_padding_is_counted():
    ids = torch.tensor([[0, 0, 5, 0], [5, 0, 0, 6], [0, 5, 5, 5]])
    assert leading_padding(ids, 0).tolist() == [2, 0, 1]
    assert leading_padding(ids[1:2], 0) is None
    assert leading_padding(ids, None) is None
