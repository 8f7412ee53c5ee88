"""Many sources at once give what each gives alone."""

import pytest
import torch

from course_lib.inference.decoding import cut_at_end, generate, greedy
from course_lib.inference.translating import translate
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
