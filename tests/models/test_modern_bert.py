import pytest
import torch

from course_lib.models.bert import BERT
from course_lib.models.config import TransformerConfig
from course_lib.models.modern_bert import ModernBERT
from course_lib.models.modern_block import ModernBlock
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.pretraining_heads import PretrainingBERT
from course_lib.training.objectives import pretraining_loss

SIZES = {"d_model": 16, "n_heads": 2, "n_layers": 2, "dropout": 0.0, "context_length": 20}
CFG = TransformerConfig(vocab_size=30, **SIZES)


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def model():
    """With weights away from their first values, so that every part matters."""
    model = ModernBERT(CFG, rng=rng())
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn(weight.shape, generator=rng(len(weight))) * 0.1)
    return model.eval()


def ids(rows, length, seed=0):
    return torch.randint(7, 30, (rows, length), generator=rng(seed))


def test_the_same_weights_read_left_to_right_are_the_modern_gpt(model):
    gpt = ModernGPT(CFG, rng=rng())
    gpt.load_state_dict(model.state_dict(), strict=False)
    block = model.blocks[0]
    x, table = torch.randn(2, 5, 16), (model.cos[:5], model.sin[:5])
    torch.testing.assert_close(block(x, table), gpt.blocks[0](x, table))
    causal = torch.ones(5, 5, dtype=torch.bool).tril()
    torch.testing.assert_close(block(x, table), block(x, table, causal, causal=False))


def test_each_token_sees_both_sides(model):
    one = ids(2, 7)
    other = one.clone()
    other[:, 6] = (other[:, 6] - 7 + 1) % 23 + 7
    changed = (model(one) - model(other)).abs().amax(dim=(0, 2))
    assert (changed > 1e-5).all()


def test_padding_changes_nothing(model):
    short, long = ids(1, 4), ids(1, 9, seed=1)
    batch = torch.zeros(2, 9, dtype=torch.long)
    batch[0, :4], batch[1] = short, long
    both = model(batch)
    torch.testing.assert_close(both[:1, :4], model(short))
    torch.testing.assert_close(both[1:], model(long))
    torch.testing.assert_close(model(batch, attention_mask=(batch != 0)), both)


def test_positions_enter_by_their_differences_and_segments_by_their_vectors(model):
    one = ids(2, 6)
    assert not torch.allclose(model(one.flip(1)).flip(1), model(one), atol=1e-4)  # order matters
    segments = torch.tensor([[0, 0, 0, 1, 1, 1]] * 2)
    assert not torch.allclose(model(one, segments), model(one), atol=1e-4)
    with torch.no_grad():
        model.segments.weight.zero_()
    torch.testing.assert_close(model(one, segments), model(one))


def test_pooled_is_tanh_of_the_first_vector(model):
    hidden = model(ids(3, 5))
    by_hand = torch.tanh(hidden[:, 0] @ model.pooler.weight.T + model.pooler.bias)
    torch.testing.assert_close(model.pooled(hidden), by_hand)


def test_too_long_a_text_is_refused(model):
    with pytest.raises(ValueError, match="context_length"):
        model(ids(1, 21))


def test_first_weights_depend_on_the_generator_alone():
    torch.manual_seed(1)
    first = ModernBERT(CFG, rng=rng()).state_dict()
    torch.manual_seed(2)
    again = ModernBERT(CFG, rng=rng()).state_dict()
    assert all(first[name].equal(again[name]) for name in first)
    assert isinstance(ModernBERT(CFG).blocks[0], ModernBlock)


@pytest.mark.parametrize("kind", [BERT, ModernBERT])
def test_scores_of_some_places_are_those_among_all(kind):
    model = PretrainingBERT(kind(CFG, rng=rng()), rng()).eval()
    text, places = ids(3, 6), torch.tensor([0, 4, 7, 17])
    everywhere, follows = model(text)
    some, again = model(text, places=places)
    torch.testing.assert_close(some, everywhere.flatten(0, 1)[places])
    torch.testing.assert_close(again, follows)
    assert everywhere.shape == (3, 6, 30)
    assert follows.shape == (3, 2)


def test_the_loss_is_the_mean_over_words_plus_the_mean_over_pairs():
    from course_lib.data.pretraining_batches import PretrainingBatch

    model = PretrainingBERT(ModernBERT(CFG, rng=rng()), rng()).eval()
    text, places = ids(3, 6), torch.tensor([1, 9, 10, 17])
    targets, follows = torch.tensor([8, 9, 11, 12]), torch.tensor([0, 1, 1])
    batch = PretrainingBatch(text, torch.zeros_like(text), places, targets, follows)
    words, pairs = model(text, batch.segment_ids, places=places)
    by_hand = -(
        sum(words.log_softmax(-1)[i, t] for i, t in enumerate(targets)) / 4
        + sum(pairs.log_softmax(-1)[i, t] for i, t in enumerate(follows)) / 3
    )
    torch.testing.assert_close(pretraining_loss(model, batch), by_hand)


def test_first_guesses_are_the_unigrams_once_they_are_set():
    model = PretrainingBERT(BERT(CFG, rng=rng()), rng()).eval()
    counts = torch.arange(30)
    model.set_unigram(counts)
    expected = (counts.double() + 1) / (counts + 1).sum()
    found = model(ids(2, 5))[0].double().softmax(-1)
    torch.testing.assert_close(found, expected.expand_as(found), atol=0.01, rtol=0.2)
