"""Many sources at once give what each gives alone."""

import pytest
import torch

from course_lib.inference.beam import beam_search
from course_lib.inference.decoding import cut_at_end, generate, greedy
from course_lib.inference.translating import translate, translate_best
from course_lib.models.seq2seq import AttentionSeq2Seq, Seq2Seq
from course_lib.models.seq2seq_encoder import Seq2SeqConfig


def model_and_sources(kind, seed=0):
    torch.manual_seed(seed)
    model = kind(Seq2SeqConfig(source_size=9, target_size=6, d_model=8, dropout=0.3)).double()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.9)
    return model, [torch.randint(4, 9, (n,)) for n in (5, 1, 3, 8, 2, 3, 1, 7, 4, 6, 2, 5)]


@pytest.mark.parametrize(("kind", "seed"), [(Seq2Seq, 2), (AttentionSeq2Seq, 0)])
@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_each_source_gets_what_it_gets_alone(kind, seed, batch_size):
    model, sources = model_and_sources(kind, seed)
    together = translate(model, sources, 9, batch_size=batch_size)
    assert len({len(row) for row in together}) > 2  # some end early, some late
    for source, found in zip(sources, together, strict=True):
        ids = generate(model.given(source[None]), torch.tensor([[2]]), 9, greedy)[:, 1:]
        assert torch.equal(found, cut_at_end(ids, 3)[0])


def test_choose_is_asked():
    model, sources = model_and_sources(Seq2Seq)
    always_five = translate(
        model, sources, 4, lambda logits: torch.full_like(logits[:, :1], 5).long()
    )
    assert [row.tolist() for row in always_five] == [[5] * 4] * len(sources)


def test_no_sources_no_targets():
    assert translate(model_and_sources(Seq2Seq)[0], [], 3) == []


@pytest.mark.parametrize(("kind", "seed"), [(Seq2Seq, 6), (AttentionSeq2Seq, 3)])
@pytest.mark.parametrize("batch_size", [1, 5, 100])
@pytest.mark.parametrize("length_penalty", [0.0, 1.0])
def test_each_source_gets_the_best_of_its_own_search(kind, seed, batch_size, length_penalty):
    model, sources = model_and_sources(kind, seed)
    together = translate_best(model, sources, 9, 3, length_penalty, batch_size)
    assert len({len(row) for row in together}) > 2  # some end early, some late
    for source, found in zip(sources, together, strict=True):
        start, given = torch.tensor([[2]]), model.given(source[None])
        best = beam_search(given, start, 9, 3, 3, length_penalty)[0][0].ids
        assert torch.equal(found, cut_at_end(best[None], 3)[0])


def test_the_best_is_never_less_likely_than_greedys():
    model, sources = model_and_sources(AttentionSeq2Seq)

    def total(rows):  # log p of each target, its end included
        given = [model.given(source[None]) for source in sources]
        scores = [one.log_probs([row])[0] for one, row in zip(given, rows, strict=True)]
        return torch.stack([score.sum() for score in scores])

    greedy_rows = translate(model, sources, 30)
    best = translate_best(model, sources, 30, n_beams=8, length_penalty=0.0)
    ended = torch.tensor([len(row) < 30 for row in greedy_rows])
    assert ended.sum() > 5
    assert (total(best) >= total(greedy_rows) - 1e-9)[ended].all()
    assert (total(best) > total(greedy_rows) + 0.1)[ended].any()


def test_no_sources_no_best_targets():
    assert translate_best(model_and_sources(Seq2Seq)[0], [], 3) == []
