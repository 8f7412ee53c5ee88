"""The three GPTs: laws, counts known in advance, and small things they must learn."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.data.batching import padded_batches
from course_lib.inference.decoding import greedy
from course_lib.models.attention import causal_mask
from course_lib.models.config import TransformerConfig
from course_lib.models.gpt import GPT
from course_lib.models.gpt1 import GPT1, PUBLISHED
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.positions import rotate
from course_lib.models.transformer_lm import TransformerLM
from course_lib.text.vocab import Vocab
from course_lib.training.loop import TrainConfig, train
from course_lib.training.objectives import next_token_loss

SIZES = {"vocab_size": 17, "context_length": 9, "d_model": 12, "n_heads": 3, "n_layers": 2}
CFG = TransformerConfig(**SIZES, d_ff=20, dropout=0.0)
each_model = pytest.mark.parametrize("kind", [GPT1, GPT, ModernGPT])


def randomised(kind: type[TransformerLM], cfg: TransformerConfig = CFG) -> TransformerLM:
    """In float64, and no weight at its first value: ModernGPT's zeros would hide its blocks."""
    torch.manual_seed(0)
    model = kind(cfg)
    for weight in model.parameters():
        nn.init.normal_(weight, std=0.4)
    return model.double().eval()


def random_ids(n_rows: int, length: int) -> Tensor:
    ids = torch.randint(4, CFG.vocab_size, (n_rows, length))
    ids[:, 0] = Vocab.start_id
    return ids


@each_model
@pytest.mark.parametrize("place", [0, 3, 8])
def test_it_cannot_see_the_future(kind, place: int):
    model, ids = randomised(kind), random_ids(2, 9)
    changed = ids.clone()
    changed[:, place] = (ids[:, place] - 3) % 13 + 4
    assert bool((changed[:, place] != ids[:, place]).all())
    before, after = model(ids), model(changed)
    torch.testing.assert_close(after[:, :place], before[:, :place])
    assert (after - before)[:, place:].abs().amax(dim=(0, 2)).min() > 1e-6


@each_model
def test_it_sees_the_order(kind):
    model, ids = randomised(kind), random_ids(2, 9)
    order = torch.tensor([0, 2, 1, 3, 4, 5, 6, 7, 8])
    assert not torch.allclose(model(ids[:, order])[:, -1], model(ids)[:, -1])


def test_without_positions_gpt_does_not_see_the_order():
    model, ids = randomised(GPT), random_ids(2, 9)
    nn.init.zeros_(model.positions.weight)
    order = torch.tensor([3, 1, 0, 2, 7, 5, 6, 4, 8])
    one_layer = model.blocks[:1]
    model.blocks = one_layer  # two causal layers can tell: the first counts what it sees
    torch.testing.assert_close(model(ids[:, order])[:, -1], model(ids)[:, -1])


@each_model
def test_padding_on_the_right_changes_nothing_before_it(kind):
    model, ids = randomised(kind), random_ids(2, 5)
    padded = torch.cat([ids, torch.zeros(2, 4, dtype=torch.long)], dim=1)
    torch.testing.assert_close(model(padded)[:, :5], model(ids))


@each_model
def test_too_many_tokens_are_refused(kind):
    with pytest.raises(ValueError, match="context_length"):
        randomised(kind)(random_ids(1, 10))


def test_modern_gpt_is_its_equations():
    model, ids = randomised(ModernGPT), random_ids(3, 7)

    def normed(x: Tensor, norm: nn.RMSNorm) -> Tensor:
        return x / (x.square().mean(dim=-1, keepdim=True) + 1e-5).sqrt() * norm.weight

    x = model.tokens.weight[ids]
    for block in model.blocks:
        y = normed(x, block.norm_1)
        w = block.attention
        q, k, v = ((y @ m.weight.T).unflatten(-1, (3, 4)).mT for m in (w.w_q, w.w_k, w.w_v))
        heads = []
        for h in range(3):
            q_h, k_h = (rotate(z[..., h].double(), torch.arange(7), 100.0) for z in (q, k))
            scores = (q_h @ k_h.mT / 2).masked_fill(~causal_mask(7), -torch.inf)
            heads.append(scores.softmax(dim=-1) @ v[..., h])
        x = x + torch.cat(heads, dim=-1) @ w.w_o.weight.T
        y = normed(x, block.norm_2)
        x = x + (y @ block.w_1.weight.T).clamp(min=0) ** 2 @ block.w_2.weight.T
    logits = normed(x, model.norm) @ model.tokens.weight.T * 0.3 + model.output_bias
    torch.testing.assert_close(model(ids), logits, atol=1e-5, rtol=1e-5)


def test_published_sizes_are_counted():
    def n_weights(cfg: TransformerConfig, kind: type[TransformerLM] = GPT) -> int:
        with torch.device("meta"):
            return sum(weight.numel() for weight in kind(cfg).parameters())

    gpt2 = TransformerConfig(
        vocab_size=50257, context_length=1024, d_model=768, n_heads=12, n_layers=12
    )
    assert n_weights(gpt2) == 124_439_808
    # GPT-1 has post-norm blocks with as many weights, and no norm at the end: 2 * 768 fewer.
    assert n_weights(PUBLISHED, GPT1) == n_weights(PUBLISHED) - 2 * 768 == 116_534_784
    v, t, d, f, n = 17, 9, 12, 20, 2
    block = 4 * (d * d + d) + 2 * d * f + f + d + 4 * d
    assert n_weights(CFG) == v * d + t * d + n * block + 2 * d


@pytest.mark.parametrize("n_layers", [1, 12])
def test_the_first_loss_is_that_of_a_uniform_guess(n_layers: int):
    torch.manual_seed(0)
    model = GPT(TransformerConfig(vocab_size=500, n_layers=n_layers)).eval()
    ids = torch.randint(4, 500, (8, 33))
    loss = next_token_loss(model, (ids[:, :-1], ids[:, 1:]))
    assert loss.item() == pytest.approx(math.log(500), abs=0.05)


def test_set_unigram_makes_word_frequencies_the_first_guess():
    counts = torch.tensor([0, 0, 0, 9, *range(13)])
    model = ModernGPT(CFG, output_scale=1e-9, rng=torch.Generator().manual_seed(0))
    model.set_unigram(counts)
    probs = model(random_ids(2, 4)).softmax(dim=-1)
    wanted = (counts + 1.0) / (counts + 1.0).sum()
    torch.testing.assert_close(probs, wanted.expand_as(probs))


@each_model
def test_the_same_generator_gives_the_same_weights(kind):
    one, two, other = (kind(CFG, rng=torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    for name, weight in one.state_dict().items():
        assert torch.equal(weight, two.state_dict()[name]), name
    assert not torch.equal(one.tokens.weight, other.tokens.weight)


@each_model
def test_every_weight_gets_a_gradient(kind):
    model, ids = randomised(kind), random_ids(4, 9)
    next_token_loss(model, (ids[:, :-1], ids[:, 1:])).backward()
    for name, weight in model.named_parameters():
        assert weight.grad is not None, name
        if name.endswith("w_k.bias"):  # adds the same to all scores of a query: nothing changes
            assert weight.grad.abs().max() < 1e-12, name
        else:
            assert weight.grad.abs().max() > 1e-9, name


def test_dropout_works_in_training_only():
    cfg = TransformerConfig(**SIZES, dropout=0.5)
    for kind in (GPT1, GPT, ModernGPT):
        model, ids = randomised(kind, cfg).train(), random_ids(2, 9)
        assert not torch.allclose(model(ids), model(ids))
        model.eval()
        assert torch.equal(model(ids), model(ids))


def repeating_texts(n: int, rng: torch.Generator) -> list[Tensor]:
    """Texts x y z x y z x y of random words: three must be guessed, the others can be known."""
    words = torch.randint(4, 17, (n, 3), generator=rng)
    return list(torch.cat([words, words, words[:, :2]], dim=1))


@each_model
def test_it_learns_to_copy_from_its_context(kind):
    rng = torch.Generator().manual_seed(0)
    cfg = TransformerConfig(**{**SIZES, "d_model": 32, "n_heads": 2}, dropout=0.0)
    model = kind(cfg, rng=rng)
    batches = padded_batches(repeating_texts(3000, rng), 512, rng, 2, 3)
    n_steps = 700 if kind is GPT1 else 400  # with the norms behind the parts it learns later
    train(model, next_token_loss, batches, TrainConfig(n_steps=n_steps, lr=5e-3, n_warmup=10))
    log_probs = torch.stack(model.log_probs(repeating_texts(100, rng)))
    assert -log_probs[:, :3].mean().item() == pytest.approx(math.log(13), abs=0.1)
    assert log_probs[:, 3:].exp().mean() > 0.9  # a guess: 1 / 13
    ids = torch.tensor([[2, 7, 5, 9], [2, 16, 16, 4]])
    for _ in range(5):
        ids = torch.cat([ids, greedy(model.next_logits(ids))], dim=1)
    assert ids[:, 4:].tolist() == [[7, 5, 9, 7, 5], [16, 16, 4, 16, 16]]


def test_loss_may_be_taken_of_what_forward_gives():
    model, ids = randomised(GPT), random_ids(2, 6)
    by_hand = -model(ids[:, :-1]).log_softmax(dim=-1).gather(-1, ids[:, 1:, None]).mean()
    loss = F.cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
    torch.testing.assert_close(loss, by_hand)
