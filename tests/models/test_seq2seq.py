"""Encoder and decoder: against a plain loop over single tokens, by laws, and by learning."""

import itertools

import pytest
import torch
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence

from course_lib.data.batching import IGNORED, parallel_batches
from course_lib.inference.beam import beam_search
from course_lib.inference.decoding import cut_at_end, generate, greedy
from course_lib.models.language_model import ReadingModel
from course_lib.models.recurrent_cells import gru_step, step_of, weights_of
from course_lib.models.seq2seq import AttentionSeq2Seq, Seq2Seq
from course_lib.models.seq2seq_encoder import Seq2SeqConfig
from course_lib.training.loop import TrainConfig, train
from course_lib.training.objectives import sequence_loss

V_SOURCE, V_TARGET, D = 9, 7, 6
SOURCES = [torch.tensor(row) for row in ([4, 5, 6, 7], [8], [7, 4])]
TARGETS = [torch.tensor(row, dtype=torch.long) for row in ([4, 4], [5, 6, 4, 6], [])]
KINDS = pytest.mark.parametrize("kind", [Seq2Seq, AttentionSeq2Seq])


def tiny(kind, dropout=0.0, seed=0):
    torch.manual_seed(seed)
    cfg = Seq2SeqConfig(source_size=V_SOURCE, target_size=V_TARGET, d_model=D, dropout=dropout)
    model = kind(cfg).double().eval()
    for weight in model.parameters():  # far from the start, so that every part has a say
        torch.nn.init.normal_(weight, std=0.6)
    return model


def batch():
    """SOURCES and TARGETS, padded on the right: (3, 4), (3, 5), (3, 5)."""
    start, end = torch.tensor([2]), torch.tensor([3])
    source = pad_sequence(SOURCES, batch_first=True)
    inputs = pad_sequence([torch.cat([start, t]) for t in TARGETS], batch_first=True)
    targets = [torch.cat([t, end]) for t in TARGETS]
    return source, inputs, pad_sequence(targets, batch_first=True, padding_value=IGNORED)


def slow_logits(model, source, inputs):
    """One sentence, one token, one equation at a time: (S,), (T,) -> (T, V)."""
    x = model.encoder.tokens(source)  # (S, D)
    forward, backward = [torch.zeros(D // 2).double()], [torch.zeros(D // 2).double()]
    weights = [weights_of(model.encoder.gru), reverse_weights(model.encoder.gru)]
    for s in range(len(source)):
        forward.append(gru_step(x[s], forward[-1], weights[0]))
        backward.append(gru_step(x[-1 - s], backward[-1], weights[1]))
    memory = [torch.cat(pair) for pair in zip(forward[1:], backward[:0:-1], strict=True)]
    summary = torch.cat([forward[-1], backward[-1]])
    hidden, step, rows = summary, step_of(model.gru), []
    for token in inputs:
        x = model.tokens.weight[token] + model.from_summary(summary)
        hidden = step(x, hidden)
        features = hidden
        if isinstance(model, AttentionSeq2Seq):
            w_q, w_k, v = model.attention.w_q, model.attention.w_k, model.attention.v
            scores = torch.cat([v((w_q(hidden) + w_k(m)).tanh()) for m in memory])
            seen = sum(p * m for p, m in zip(scores.softmax(0), memory, strict=True))
            features = model.combine(torch.cat([hidden, seen])).tanh()
        rows.append(model.tokens.weight @ features + model.bias)
    return torch.stack(rows)


def reverse_weights(gru):
    lent = torch.nn.GRU(gru.input_size, gru.hidden_size).double()
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    for name in names:
        setattr(lent, f"{name}_l0", getattr(gru, f"{name}_l0_reverse"))
    return weights_of(lent)


@KINDS
def test_values_and_gradients_equal_the_plain_loop(kind):
    model = tiny(kind)
    source, inputs, targets = batch()
    logits = model(source, inputs)
    rows = zip(SOURCES, TARGETS, strict=True)
    slow = [slow_logits(model, s, torch.cat([torch.tensor([2]), t])) for s, t in rows]
    for row, expected in zip(logits, slow, strict=True):
        torch.testing.assert_close(row[: len(expected)], expected)
    loss = sequence_loss(model, (source, inputs, targets))
    by_hand = [
        F.cross_entropy(row, target[target != IGNORED], reduction="sum")
        for row, target in zip(slow, targets, strict=True)
    ]
    expected_loss = sum(by_hand) / (targets != IGNORED).sum()
    torch.testing.assert_close(loss, expected_loss)
    fast = torch.autograd.grad(loss, list(model.parameters()))
    plain = torch.autograd.grad(expected_loss, list(model.parameters()))
    for a, b in zip(fast, plain, strict=True):
        torch.testing.assert_close(a, b)


@KINDS
def test_padding_changes_nothing(kind):
    model = tiny(kind)
    source, inputs, _ = batch()
    logits = model(source, inputs)
    wider = F.pad(source, (0, 3)), F.pad(inputs, (0, 2))
    torch.testing.assert_close(model(*wider)[:, : inputs.size(1)], logits)
    for i, (s, t) in enumerate(zip(SOURCES, TARGETS, strict=True)):
        alone = model(s[None], inputs[i : i + 1, : len(t) + 1])
        torch.testing.assert_close(alone[0], logits[i, : len(t) + 1])


@KINDS
def test_no_prediction_sees_a_later_target(kind):
    model = tiny(kind)
    source, inputs, _ = batch()
    changed = inputs.clone()
    changed[:, 3:] = 6 - inputs[:, 3:]
    before, after = model(source, inputs), model(source, changed)
    torch.testing.assert_close(before[:, :3], after[:, :3])
    assert not torch.allclose(before[:, 3], after[:, 3])


@KINDS
def test_every_source_token_matters(kind):
    model = tiny(kind)
    source, inputs, _ = batch()
    for s in range(4):
        other = source.clone()
        other[0, s] = 8
        assert (model(other, inputs)[0] - model(source, inputs)[0]).abs().max() > 1e-3


@KINDS
def test_reading_step_by_step_equals_teacher_forcing(kind):
    model = tiny(kind, dropout=0.5)
    source, inputs, _ = batch()
    inputs[inputs == 0] = 4
    lm, state = model.given(source), None
    assert isinstance(lm, ReadingModel)
    with torch.no_grad():
        logits = model.eval()(source, inputs)
    for t in range(inputs.size(1)):
        step, state = lm.read(inputs[:, t : t + 1], state)
        torch.testing.assert_close(step[:, 3:], logits[:, t, 3:])
        torch.testing.assert_close(step, lm.next_logits(inputs[:, : t + 1]))
        assert (step[:, [0, 2]] == -torch.inf).all()


@KINDS
def test_left_padding_of_prompts_changes_nothing(kind):
    lm = tiny(kind).given(pad_sequence(SOURCES, batch_first=True))
    prompts = torch.tensor([[0, 0, 2, 4], [2, 5, 6, 5], [0, 0, 0, 2]])
    logits, state = lm.read(prompts)
    more, _ = lm.read(torch.tensor([[5], [4], [6]]), state)
    for i, (source, row, new) in enumerate(zip(SOURCES, prompts, [5, 4, 6], strict=True)):
        alone = tiny(kind).given(source[None])
        text = row[row != 0][None]
        torch.testing.assert_close(logits[i], alone.next_logits(text)[0])
        text = torch.cat([text, torch.tensor([[new]])], dim=1)
        torch.testing.assert_close(more[i], alone.next_logits(text)[0])


@KINDS
def test_rows_of_a_state_go_on_with_their_own_sources(kind):
    model, source = tiny(kind), pad_sequence(SOURCES, batch_first=True)
    start = torch.full((3, 1), 2)
    order = torch.tensor([2, 0, 0, 1])
    _, state = model.given(source).read(start)
    picked, _ = model.given(source).read(torch.tensor([[4], [5], [6], [4]]), state.rows(order))
    direct = model.given(source[order]).next_logits(torch.tensor([[2, 4], [2, 5], [2, 6], [2, 4]]))
    torch.testing.assert_close(picked, direct)


@KINDS
def test_one_source_serves_any_number_of_rows_and_two_do_not(kind):
    model = tiny(kind)
    prompts = torch.tensor([[2, 4], [2, 5], [2, 6]])
    one = model.given(SOURCES[0][None]).next_logits(prompts)
    three = model.given(SOURCES[0].expand(3, -1)).next_logits(prompts)
    torch.testing.assert_close(one, three)
    with pytest.raises(ValueError, match="3 rows of ids for 2 sources"):
        model.given(SOURCES[0].expand(2, -1)).next_logits(prompts)


@KINDS
def test_probabilities_of_all_targets_sum_to_one(kind):
    """All targets of at most 3 tokens, and all beginnings of 4: nothing is left over."""
    lm, tokens = tiny(kind).given(SOURCES[0][None]), [1, 4, 5, 6]
    whole = [
        torch.tensor(t, dtype=torch.long)
        for n in range(4)
        for t in itertools.product(tokens, repeat=n)
    ]
    longer = [torch.tensor(t) for t in itertools.product(tokens, repeat=4)]
    ended = sum(text.sum().exp() for text in lm.log_probs(whole))
    open_ended = sum(text[:-1].sum().exp() for text in lm.log_probs(longer))
    assert float(ended + open_ended) == pytest.approx(1)
    assert float(ended) > 0.01


@KINDS
def test_log_probs_are_what_reading_says_and_the_loss_counts(kind):
    model = tiny(kind)
    source, inputs, targets = batch()
    log_probs = model.given(source).log_probs(TARGETS)
    for i, (target, found) in enumerate(zip(TARGETS, log_probs, strict=True)):
        lm = model.given(SOURCES[i][None])
        text = [2, *target.tolist(), 3]
        steps = [lm.next_logits(torch.tensor([text[:t]])) for t in range(1, len(text))]
        expected = [x.log_softmax(-1)[0, text[t]] for t, x in enumerate(steps, start=1)]
        torch.testing.assert_close(found, torch.stack(expected))
        assert found.dtype == torch.float64
    with torch.no_grad():
        logits = model(source, inputs)
        logits[..., [0, 2]] = -torch.inf
        nll = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")
    torch.testing.assert_close(-torch.cat(log_probs).sum(), nll)


def test_attention_weights_are_those_of_the_prediction():
    model = tiny(AttentionSeq2Seq)
    source, inputs, _ = batch()
    weights = model.attention_weights(source, inputs)
    assert weights.shape == (3, 5, 4)
    torch.testing.assert_close(weights.sum(-1), torch.ones(3, 5).double())
    assert (weights[1, :, 1:] == 0).all()
    with torch.no_grad():
        memory = model.encoder(source)
        states, _ = model.decode(memory, inputs, memory.summary)
        seen = weights @ memory.states
        features = model.combine(torch.cat([states, seen], dim=-1)).tanh()
        expected = features @ model.tokens.weight.T + model.bias
    torch.testing.assert_close(model(source, inputs), expected)


def test_without_attention_only_one_vector_passes():
    """Two sources whose summaries are equal cannot be told apart, whatever their states are."""
    model = tiny(Seq2Seq)
    source, inputs, _ = batch()
    memory = model.encoder(source)
    other = memory._replace(states=torch.randn_like(memory.states))
    states, _ = model.decode(memory, inputs, memory.summary)
    assert torch.equal(model.logits(states, memory), model.logits(states, other))
    attending = tiny(AttentionSeq2Seq)
    assert not torch.equal(attending.logits(states, memory), attending.logits(states, other))


@KINDS
def test_set_unigram_gives_the_first_guess(kind):
    model = tiny(kind)
    torch.nn.init.zeros_(model.tokens.weight)
    model.set_unigram(torch.tensor([0, 0, 0, 10, 20, 30, 39]))
    probs = model(*batch()[:2]).softmax(-1)
    expected = torch.tensor([0.5, 0.5, 0.5, 10, 20, 30, 39]).double() / 100.5
    torch.testing.assert_close(probs, expected.expand_as(probs))


@pytest.mark.parametrize("source", [torch.zeros(2, 3).long(), torch.zeros(1, 0).long()])
def test_an_empty_source_is_refused(source):
    with pytest.raises(ValueError, match="a source has no token"):
        tiny(Seq2Seq)(source, torch.full((len(source), 1), 2))


@pytest.mark.parametrize("wrong", [{"d_model": 5}, {"dropout": 1.0}, {"source_size": 3}])
def test_nonsense_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Seq2SeqConfig(**({"source_size": 9, "target_size": 7} | wrong))


@KINDS
def test_learns_to_reverse_and_greedy_and_beam_search_find_it(kind):
    rng = torch.Generator().manual_seed(0)
    texts = [torch.randint(4, 8, (1 + i % 3,), generator=rng) for i in range(200)]
    pairs = [(text, text.flip(0)) for text in texts]
    torch.manual_seed(0)
    model = kind(Seq2SeqConfig(source_size=8, target_size=8, d_model=32, dropout=0.0))
    batches = parallel_batches(pairs, 120, rng, 2, 3)
    losses = train(model, sequence_loss, batches, TrainConfig(n_steps=200, lr=0.02, n_warmup=20))
    assert losses[0] == pytest.approx(torch.tensor(8.0).log().item(), abs=0.5)
    assert losses[-1] < 0.1
    source = pad_sequence([torch.tensor([4, 5, 6]), torch.tensor([7, 5])], batch_first=True)
    lm, start = model.given(source), torch.full((2, 1), 2)
    written = cut_at_end(generate(lm, start, 6, greedy)[:, 1:], end_id=3)
    assert [row.tolist() for row in written] == [[6, 5, 4], [5, 7]]
    beams = beam_search(lm, start, 6, n_beams=3, end_id=3)
    assert [best[0].ids.tolist() for best in beams] == [[6, 5, 4, 3], [5, 7, 3]]
