"""Both translators: laws of an encoder-decoder, sizes known in advance, a task soon learnt."""

import dataclasses
import math

import pytest
import torch
from torch import Tensor, nn

from course_lib.inference.translating import translate, translate_best
from course_lib.models.config import TransformerConfig
from course_lib.models.encoder_decoder import EncoderDecoder
from course_lib.models.modern_translator import ModernTranslator
from course_lib.models.translator import BASE, Translator

from .reversal import CFG as REVERSAL
from .reversal import reversals, reverser

KINDS = (Translator, ModernTranslator)
each_kind = pytest.mark.parametrize("kind", KINDS)
CFG = TransformerConfig(
    vocab_size=11, context_length=9, d_model=12, n_heads=3, n_layers=2, d_ff=20, dropout=0.4
)
SOURCE = torch.tensor([[4, 5, 6, 7, 8], [9, 10, 0, 0, 0], [6, 0, 0, 0, 0]])
INPUTS = torch.tensor([[2, 5, 9, 4], [2, 8, 8, 10], [2, 10, 6, 7]])
NEVER = [0, 2]  # <pad> and <s>


def randomised(model: nn.Module) -> nn.Module:
    rng = torch.Generator().manual_seed(0)
    for weight in model.parameters():
        nn.init.normal_(weight, mean=0.1, std=0.4, generator=rng)
    return model.double().eval()


def translator(kind: type) -> EncoderDecoder:
    return randomised(kind(CFG))


def next_scores(model: EncoderDecoder, source: Tensor, inputs: Tensor) -> Tensor:
    """By the obvious way: all read at once, the last position looked at."""
    with torch.no_grad():
        return model(source, inputs)[:, -1].index_fill(-1, torch.tensor(NEVER), -math.inf)


@each_kind
def test_no_position_sees_a_later_one(kind: type):
    model = translator(kind)
    other = INPUTS.clone()
    other[:, 2] = torch.tensor([7, 4, 9])
    change = (model(SOURCE, other) - model(SOURCE, INPUTS)).abs().amax(dim=(0, 2))
    assert (change > 1e-3).tolist() == [False, False, True, True]
    assert change[:2].max() < 1e-12


@each_kind
def test_every_position_sees_the_whole_source(kind: type):
    model = translator(kind)
    before = model(SOURCE, INPUTS)
    for place in range(5):
        other = SOURCE.clone()
        other[0, place] = 3
        change = (model(other, INPUTS) - before).abs().amax(dim=-1)
        assert (change[0] > 1e-4).all()
        assert (change[1:] == 0).all()


@each_kind
def test_padding_of_the_source_changes_nothing(kind: type):
    model = translator(kind)
    together = model(SOURCE, INPUTS)
    for row, n in enumerate((5, 2, 1)):
        alone = model(SOURCE[row : row + 1, :n], INPUTS[row : row + 1])
        torch.testing.assert_close(together[row : row + 1], alone)


@each_kind
@pytest.mark.parametrize("cut", [1, 2, 3])
def test_reading_in_pieces_is_reading_at_once(kind: type, cut: int):
    model = translator(kind)
    given = model.given(SOURCE)
    first, state = given.read(INPUTS[:, :cut])
    torch.testing.assert_close(first, next_scores(model, SOURCE, INPUTS[:, :cut]))
    for t in range(cut, 4):
        logits, state = given.read(INPUTS[:, t : t + 1], state)
        torch.testing.assert_close(logits, next_scores(model, SOURCE, INPUTS[:, : t + 1]))
    torch.testing.assert_close(given.next_logits(INPUTS), next_scores(model, SOURCE, INPUTS))


@each_kind
def test_chosen_rows_go_on_with_their_own_sources(kind: type):
    """Also after a choice that changes no row's source, and twice from one state."""
    model = translator(kind)
    _logits, state = model.given(SOURCE).read(INPUTS[:, :2])
    for order in ([2, 0, 0, 1, 2], [0, 1, 2], [0, 0, 2, 2], [2, 2, 2, 1, 1, 1], [1, 1, 2]):
        index = torch.tensor(order)
        new = torch.randint(4, 11, (len(order), 1), generator=torch.Generator().manual_seed(3))
        logits, _state = model.given(SOURCE).read(new, state.rows(index))
        text = torch.cat([INPUTS[index, :2], new], dim=1)
        torch.testing.assert_close(logits, next_scores(model, SOURCE[index], text))


@each_kind
def test_beams_of_one_source_change_places(kind: type):
    model = translator(kind)
    _logits, state = model.given(SOURCE[:2]).read(INPUTS[:2, :2])
    state = state.rows(torch.tensor([0, 0, 1, 1]))
    new = torch.tensor([[4], [5], [6], [7]])
    logits, state = model.given(SOURCE[:2]).read(new, state)
    order = torch.tensor([1, 0, 2, 2])  # the beams of a source among themselves
    swapped = state.rows(order)
    assert swapped.source is state.source  # nothing of it was copied
    logits, _state = model.given(SOURCE[:2]).read(new.flip(0), swapped)
    text = torch.cat([INPUTS[[0, 0, 1, 1], :2], new], dim=1)[order]
    text = torch.cat([text, new.flip(0)], dim=1)
    torch.testing.assert_close(logits, next_scores(model, SOURCE[[0, 0, 1, 1]], text))


@each_kind
def test_beams_of_a_long_target(kind: type):
    """The places that a copy of the cache has room for run out, more than once."""
    model = randomised(kind(dataclasses.replace(CFG, context_length=40)))
    rng, given = torch.Generator().manual_seed(4), model.given(SOURCE[:2])
    text = torch.tensor([[2], [2]])
    logits, state = given.read(text)
    for _step in range(25):
        order = torch.tensor([1, 0, 3, 3] if len(text) == 4 else [0, 0, 1, 1])
        new = torch.randint(4, 11, (4, 1), generator=rng)
        logits, state = given.read(new, state.rows(order))
        text = torch.cat([text[order], new], dim=1)
    torch.testing.assert_close(logits, next_scores(model, SOURCE[[0, 0, 1, 1]], text))


@each_kind
def test_the_memory_is_looked_up_once_however_long_the_target(kind: type):
    model, n_calls = translator(kind), []
    for block in model.decoder:
        block.cross_attention.w_k.register_forward_hook(lambda *_call: n_calls.append(1))
    given = model.given(SOURCE)
    _logits, state = given.read(INPUTS[:, :1])
    for t in range(1, 4):
        _logits, state = given.read(INPUTS[:, t : t + 1], state)
    assert len(n_calls) == CFG.n_layers


@each_kind
def test_log_probs_are_those_of_the_next_token_and_sum_to_one(kind: type):
    model = translator(kind)
    texts = [torch.tensor([5, 9, 4]), torch.empty(0, dtype=torch.long), torch.tensor([10])]
    found = model.given(SOURCE).log_probs(texts)
    for row, (text, scores) in enumerate(zip(texts, found, strict=True)):
        assert scores.dtype == torch.float64
        ids = torch.cat([torch.tensor([2]), text, torch.tensor([3])])
        for t in range(len(text) + 1):
            logits = next_scores(model, SOURCE[row : row + 1], ids[None, : t + 1])[0]
            probs = logits.softmax(dim=-1)
            assert probs.sum().item() == pytest.approx(1)
            assert probs[NEVER].tolist() == [0, 0]
            assert scores[t].item() == pytest.approx(probs[ids[t + 1]].log().item())


@each_kind
def test_one_source_serves_any_number_of_rows(kind: type):
    model = translator(kind)
    one = model.given(SOURCE[1:2]).next_logits(INPUTS)
    torch.testing.assert_close(one, model.given(SOURCE[[1, 1, 1]]).next_logits(INPUTS))
    with pytest.raises(ValueError, match="3 rows of ids for 2 sources"):
        model.given(SOURCE[:2]).next_logits(INPUTS)


@each_kind
def test_leading_padding_of_the_target_is_passed_over(kind: type):
    model = translator(kind)
    padded = torch.tensor([[2, 5, 9, 4], [0, 0, 2, 10], [0, 2, 6, 7]])
    found, state = model.given(SOURCE).read(padded)
    new = torch.tensor([[5], [6], [7]])
    after, _state = model.given(SOURCE).read(new, state)
    for row, n in enumerate((0, 2, 1)):
        alone = padded[row : row + 1, n:]
        wanted = next_scores(model, SOURCE[row : row + 1], alone)
        torch.testing.assert_close(found[row : row + 1], wanted)
        wanted = next_scores(
            model, SOURCE[row : row + 1], torch.cat([alone, new[row : row + 1]], dim=1)
        )
        torch.testing.assert_close(after[row : row + 1], wanted)


@each_kind
def test_weights_that_figures_show_are_those_that_are_used(kind: type):
    """Each row sums to 1, padding gets 0; and mixing the values by them gives what is seen."""
    model, seen = translator(kind), []
    for block in model.decoder:
        block.cross_attention.register_forward_hook(lambda *call: seen.append(call))
    weights = model.cross_attention_weights(SOURCE, INPUTS)
    assert weights.shape == (2, 3, 3, 4, 5)
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(2, 3, 3, 4).double())
    assert (weights.masked_select((SOURCE == 0)[None, :, None, None, :]) == 0).all()
    seen.clear()
    with torch.no_grad():
        model(SOURCE, INPUTS)
    for layer, (module, (_x, memory), output) in enumerate(seen):
        _keys, values = module.keys_values(memory)
        mixed = (weights[layer] @ values).transpose(1, 2).flatten(2)
        torch.testing.assert_close(module.w_o(mixed), output)


@each_kind
def test_with_zero_weights_everything_is_equally_likely(kind: type):
    model = kind(CFG).eval()
    for weight in model.parameters():
        nn.init.zeros_(weight)
    assert (model(SOURCE, INPUTS) == 0).all()
    (scores,) = model.given(SOURCE[:1]).log_probs([torch.tensor([4, 8, 9])])
    assert scores.tolist() == pytest.approx([-math.log(CFG.vocab_size - 2)] * 4)


@each_kind
def test_the_first_loss_is_near_that_of_a_guess(kind: type):
    model = kind(dataclasses.replace(BASE, vocab_size=1000, d_model=64), torch.Generator()).eval()
    rng = torch.Generator().manual_seed(0)
    source, inputs, targets = torch.randint(4, 1000, (3, 8, 12), generator=rng)
    loss = nn.functional.cross_entropy(model(source, inputs).flatten(0, 1), targets.flatten())
    assert loss.item() == pytest.approx(math.log(1000), abs=1)


@each_kind
def test_weights_come_from_the_generator_alone(kind: type):
    first, second = (kind(CFG, torch.Generator().manual_seed(5)) for _model in range(2))
    for name, weight in first.state_dict().items():
        assert torch.equal(weight, second.state_dict()[name]), name


@each_kind
def test_dropout_works_in_training_only(kind: type):
    model = kind(CFG)
    assert not torch.allclose(model(SOURCE, INPUTS), model(SOURCE, INPUTS))
    model.eval()
    assert torch.equal(model(SOURCE, INPUTS), model(SOURCE, INPUTS))


def n_weights(kind: type, cfg: TransformerConfig) -> int:
    with torch.device("meta"):
        return sum(weight.numel() for weight in kind(cfg).parameters())


def test_the_published_size():
    """Counted part by part; the paper's table 3 says 65 million."""
    attention, mlp, norm = 4 * (512 * 512 + 512), 2 * 512 * 2048 + 2048 + 512, 2 * 512
    encoder = 6 * (attention + mlp + 2 * norm)
    decoder = 6 * (2 * attention + mlp + 3 * norm)
    assert n_weights(Translator, BASE) == 37_000 * 512 + encoder + decoder == 63_082_496
    # Two norms at the ends and a bias for each word are all that the other one adds.
    assert n_weights(ModernTranslator, BASE) == 63_082_496 + 2 * norm + 37_000


@each_kind
def test_a_wrong_source_or_target_is_refused(kind: type):
    model = translator(kind)
    with pytest.raises(ValueError, match="10 source tokens"):
        model(torch.full((1, 10), 4), INPUTS[:1])
    with pytest.raises(ValueError, match="10 tokens"):
        model(SOURCE[:1], torch.full((1, 10), 4))
    with pytest.raises(ValueError, match="no token"):
        model(torch.tensor([[4, 5], [0, 0]]), INPUTS[:2])
    given = model.given(SOURCE)
    _logits, state = given.read(torch.full((3, 9), 4))
    with pytest.raises(ValueError, match="10 tokens"):
        given.read(INPUTS[:, :1], state)


@each_kind
def test_a_target_ends_where_the_context_does(kind: type):
    """Nine tokens can be read, <s> among them; what is written last need not be."""
    model = translator(kind)
    logits, end = model.logits, torch.tensor([3])
    model.logits = lambda hidden: logits(hidden).index_fill(-1, end, -1e6)  # it never ends
    sources = [row[row != 0] for row in SOURCE]
    for write in (translate, translate_best):
        assert [len(row) for row in write(model, sources, 30)] == [9, 9, 9]
        assert [len(row) for row in write(model, sources, 4)] == [4, 4, 4]


@each_kind
def test_it_learns_to_write_backwards(kind: type):
    model, losses = reverser(kind, n_steps=300)
    assert losses[0] > math.log(REVERSAL.vocab_size) - 0.5
    new = reversals(100, seed=9)
    found = translate_best(model, [word for word, _backwards in new], 9)
    wanted = [backwards for _word, backwards in new]
    assert sum(map(torch.equal, found, wanted)) >= 80


def test_frequencies_to_begin_with():
    model = ModernTranslator(dataclasses.replace(CFG, dropout=0.0)).eval()
    for name, weight in model.named_parameters():
        if name != "output_bias":
            nn.init.zeros_(weight)
    model.set_unigram(torch.tensor([0, 0, 0, 4, 8, 1, 1, 1, 1, 0, 0]))
    probs = model(SOURCE, INPUTS).softmax(dim=-1)[0, 0]
    smoothed = [0.5, 0.5, 0.5, 4, 8, 1, 1, 1, 1, 0.5, 0.5]
    assert probs.tolist() == pytest.approx([n / sum(smoothed) for n in smoothed])
