"""BERT's encoder: torch's own encoder as reference, laws, published counts, a thing to learn."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.models.attention import attention_weights, split_heads
from course_lib.models.bert import BASE, BERT, LARGE, visible
from course_lib.models.config import TransformerConfig

SIZES = {"vocab_size": 17, "context_length": 9, "d_model": 12, "n_heads": 3, "n_layers": 2}
CFG = TransformerConfig(**SIZES, d_ff=20, dropout=0.0, norm_eps=1e-12)
IDS = torch.tensor([[4, 7, 5, 9, 5, 0, 0], [4, 8, 16, 10, 11, 12, 5], [4, 5, 0, 0, 0, 0, 0]])
SEGMENTS = torch.tensor([[0, 0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 0, 0]])
REAL = IDS != 0


def randomised(cfg: TransformerConfig = CFG) -> BERT:
    """In float64, and no weight at its first value, so that none may be forgotten."""
    torch.manual_seed(0)
    model = BERT(cfg)
    for weight in model.parameters():
        nn.init.normal_(weight, mean=0.05, std=0.4)
    return model.double().eval()


def torchs_encoder(model: BERT) -> nn.TransformerEncoder:
    """torch.nn's encoder with the same weights."""
    cfg = model.cfg
    sizes = (cfg.d_model, cfg.n_heads, cfg.d_hidden, 0.0, nn.GELU(), cfg.norm_eps)
    layer = nn.TransformerEncoderLayer(*sizes, batch_first=True, norm_first=False)
    encoder = nn.TransformerEncoder(layer, cfg.n_layers, enable_nested_tensor=False).double()
    for ours, theirs in zip(model.blocks, encoder.layers, strict=True):
        ins = (ours.attention.w_q, ours.attention.w_k, ours.attention.w_v)
        with torch.no_grad():
            theirs.self_attn.in_proj_weight.copy_(torch.cat([w.weight for w in ins]))
            theirs.self_attn.in_proj_bias.copy_(torch.cat([w.bias for w in ins]))
        theirs.self_attn.out_proj.load_state_dict(ours.attention.w_o.state_dict())
        theirs.linear1.load_state_dict(ours.mlp[0].state_dict())
        theirs.linear2.load_state_dict(ours.mlp[2].state_dict())
        theirs.norm1.load_state_dict(ours.norm_1.state_dict())
        theirs.norm2.load_state_dict(ours.norm_2.state_dict())
    return encoder.train()  # its other path, for inference, is a kernel of its own


def test_it_equals_torchs_encoder_on_embeddings_added_by_hand():
    model = randomised()
    rows = []
    for ids, segments in zip(IDS.tolist(), SEGMENTS.tolist(), strict=True):
        places = enumerate(zip(ids, segments, strict=True))
        parts = (model.tokens.weight, model.positions.weight, model.segments.weight)
        rows.append(torch.stack([parts[0][i] + parts[1][t] + parts[2][s] for t, (i, s) in places]))
    x = F.layer_norm(torch.stack(rows), (12,), model.norm.weight, model.norm.bias, 1e-12)
    wanted = torchs_encoder(model)(x, src_key_padding_mask=~REAL)
    found = model(IDS, SEGMENTS)
    assert wanted.std() > 0.1
    torch.testing.assert_close(found[REAL], wanted[REAL])
    torch.testing.assert_close(model.hidden(IDS, SEGMENTS), found)


def test_a_vector_knows_what_comes_before_and_after():
    model = randomised()
    first = model(IDS, SEGMENTS)
    for place in range(5):
        changed = IDS.clone()
        changed[0, place] = 13
        moved = (model(changed, SEGMENTS) - first).abs().amax(dim=-1)  # (B, T)
        assert moved[0, :5].min() > 1e-6, "every vector of the row sees every token"
        assert moved[1:].max() == 0, "and none of another row"


def test_padding_changes_nothing():
    model = randomised()
    alone = model(IDS[:1, :5], SEGMENTS[:1, :5])
    torch.testing.assert_close(model(IDS, SEGMENTS)[:1, :5], alone)
    torch.testing.assert_close(model(IDS, SEGMENTS, REAL)[:1, :5], alone)
    torch.testing.assert_close(model(IDS, SEGMENTS, REAL.long())[:1, :5], alone)
    looked_at = model(IDS, SEGMENTS, torch.ones_like(REAL))[:1, :5]
    assert not torch.allclose(looked_at, alone), "padding that is looked at does"


def test_without_a_padding_mark_every_id_is_a_word():
    cfg = TransformerConfig(**SIZES, d_ff=20, dropout=0.0, norm_eps=1e-12, pad_id=None)
    everything = torch.ones_like(REAL)
    torch.testing.assert_close(randomised(cfg)(IDS), randomised()(IDS, None, everything))
    assert visible(IDS, None, None) is None


def test_segments_matter_and_none_means_the_first():
    model = randomised()
    torch.testing.assert_close(model(IDS), model(IDS, torch.zeros_like(IDS)))
    changed = (model(IDS, SEGMENTS) - model(IDS)).abs().amax(dim=-1)
    assert changed[:2][REAL[:2]].min() > 1e-6
    assert changed[2].max() == 0


def test_order_matters_only_through_positions():
    model = randomised()
    order = torch.tensor([0, 3, 1, 2, 4])
    ids = IDS[:, :5].clone().clamp(min=1)
    assert not torch.allclose(model(ids[:, order]), model(ids)[:, order])
    nn.init.zeros_(model.positions.weight)
    torch.testing.assert_close(model(ids[:, order]), model(ids)[:, order])


def test_too_many_tokens_are_refused():
    with pytest.raises(ValueError, match="context_length"):
        randomised()(torch.full((1, 10), 4))


def test_pooled_is_one_more_layer_on_the_class_token():
    model, hidden = randomised(), torch.randn(3, 4, 12, dtype=torch.float64)
    wanted = torch.tanh(hidden[:, 0] @ model.pooler.weight.T + model.pooler.bias)
    torch.testing.assert_close(model.pooled(hidden), wanted)


def test_published_sizes_are_counted():
    def n_weights(cfg: TransformerConfig) -> int:
        with torch.device("meta"):
            return sum(weight.numel() for weight in BERT(cfg).parameters())

    v, t, d, f, n = 17, 9, 12, 20, 2
    block = 4 * (d * d + d) + 2 * d * f + f + d + 4 * d
    assert n_weights(CFG) == (v + t + 2) * d + 2 * d + n * block + d * d + d
    base, large = n_weights(BASE), n_weights(LARGE)
    assert (base, large) == (109_482_240, 335_141_888)
    assert large / base == pytest.approx(3.06, abs=0.005)  # 340 / 110 = 3.09: of rounded numbers


def test_the_first_weights_are_small_and_reproducible():
    cfg = TransformerConfig(vocab_size=500, d_model=128)
    one, two, other = (BERT(cfg, torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    for name, weight in one.state_dict().items():
        assert torch.equal(weight, two.state_dict()[name]), name
        if "norm" in name:
            assert weight.unique().tolist() == [float(name.endswith("weight"))], name
        elif name.endswith("bias"):
            assert not weight.any(), name
        elif weight.numel() > 1000:
            assert weight.std().item() == pytest.approx(0.02, rel=0.1), name
    assert not torch.equal(one.tokens.weight, other.tokens.weight)


def test_every_weight_gets_a_gradient():
    model = randomised()
    ids = IDS[:2]
    (model.pooled(model(ids, SEGMENTS[:2])).square().sum()).backward()
    for name, weight in model.named_parameters():
        assert weight.grad is not None, name
        if not name.endswith("w_k.bias"):  # adds the same to all scores of a query
            assert weight.grad.abs().max() > 1e-9, name


def test_dropout_works_in_training_only():
    model = randomised(TransformerConfig(**SIZES, dropout=0.5))
    assert torch.equal(model(IDS), model(IDS))
    model.train()
    assert not torch.allclose(model(IDS), model(IDS))


def test_attention_of_a_block_is_not_causal():
    model = randomised()
    layer, x = model.blocks[0].attention, model.embed(IDS, SEGMENTS)
    weights = layer.weights(x, mask=visible(IDS, None, 0))  # (B, H, T, S)
    q, k = split_heads(layer.w_q(x), 3), split_heads(layer.w_k(x), 3)
    torch.testing.assert_close(weights[1], attention_weights(q, k)[1])
    assert weights[1].triu(1).amax(dim=-1)[:, :-1].min() > 0
    assert weights[0, ..., 5:].max() == 0


def test_it_learns_to_fill_a_hole_from_the_word_after_it():
    """Texts [CLS] hole x y, the hole's word a function of y: reading left to right cannot know."""
    rng = torch.Generator().manual_seed(0)
    cfg = TransformerConfig(**{**SIZES, "d_model": 32, "n_heads": 2}, dropout=0.0)
    model = BERT(cfg, rng)
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3)

    def loss_and_hits() -> tuple[Tensor, float]:
        words = torch.randint(7, 17, (64, 2), generator=rng)
        targets = (words[:, 1] - 7 + 3) % 10 + 7
        ids = torch.cat([torch.tensor([[4, 6]]).expand(64, 2), words], dim=1)
        logits = model(ids)[:, 1] @ model.tokens.weight.T
        hits = (logits.argmax(dim=-1) == targets).float().mean().item()
        return F.cross_entropy(logits, targets), hits

    first = loss_and_hits()[0].item()
    for _step in range(200):
        optimizer.zero_grad()
        loss_and_hits()[0].backward()
        optimizer.step()
    assert first == pytest.approx(math.log(17), abs=0.2)
    assert loss_and_hits()[1] > 0.95
