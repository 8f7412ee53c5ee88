import math

import pytest
import torch
import torch.nn.functional as F

from course_lib.data import riverbank
from course_lib.data.riverbank import tasks
from course_lib.inference.translating import translate
from course_lib.text.translation_inputs import (
    ASKED,
    HEADLINE,
    TO_ENGLISH,
    TO_JAPANESE,
    translation_source,
)
from course_lib.text.vocab import Vocab
from course_lib.training.objectives import sequence_loss, smoothed_sequence_loss
from course_lib.training.translator_recipes import (
    translation_pairs,
    translation_vocab,
    translator_riverbank,
)

STORIES = riverbank.load("train")[:30]
VOCAB = translation_vocab(STORIES)


def logits_model(logits):
    return lambda _source, _inputs: logits


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
def test_the_smoothed_loss_is_the_cross_entropy_with_a_smoothed_target(smoothing):
    torch.manual_seed(0)
    logits, targets = torch.randn(2, 3, 7).double(), torch.tensor([[4, 5, 3], [6, 3, -100]])
    wanted = (1 - smoothing) * F.one_hot(targets.clamp(min=0), 7) + smoothing / 7
    each = -(wanted * logits.log_softmax(dim=-1)).sum(dim=-1)
    loss = smoothed_sequence_loss(smoothing)(logits_model(logits), (None, None, targets))
    assert loss.item() == pytest.approx(each[targets >= 0].mean().item())


def test_without_smoothing_it_is_the_loss_of_lecture_06():
    logits, targets = torch.randn(2, 3, 7), torch.tensor([[4, 5, 3], [6, 3, -100]])
    batch, model = (None, None, targets), logits_model(logits)
    assert smoothed_sequence_loss(0.0)(model, batch) == sequence_loss(model, batch)


def test_its_lowest_value_is_the_entropy_of_the_target():
    """At the target's own probabilities; to be surer costs more."""
    n, e = 5, 0.1
    p = torch.full((n,), e / n)
    p[2] += 1 - e
    batch = (None, None, torch.tensor([[2]]))
    lowest = smoothed_sequence_loss(e)(logits_model(p.log()[None, None]), batch).item()
    assert lowest == pytest.approx(-sum(x * math.log(x) for x in p.tolist()), abs=1e-6)
    surer = (2 * p.log())[None, None]
    assert smoothed_sequence_loss(e)(logits_model(surer), batch).item() > lowest + 0.01


def test_every_word_of_the_stories_and_their_headlines_is_known():
    pairs = translation_pairs(STORIES, VOCAB)
    assert not any((side == Vocab.unk_id).any() for pair in pairs for side in pair)


def test_the_words_of_the_train_part_are_those_of_the_test_part():
    vocab = translation_vocab(riverbank.load("train"))
    pairs = translation_pairs(riverbank.load("test"), vocab, [TO_JAPANESE, TO_ENGLISH])
    assert not any((target == Vocab.unk_id).any() for _source, target in pairs)


def test_pairs_say_the_same_and_begin_with_what_is_asked():
    sentences, headlines = tasks.translations(STORIES), tasks.headlines(STORIES)
    for mark, n in ((TO_JAPANESE, len(sentences)), (TO_ENGLISH, len(sentences)), (HEADLINE, 30)):
        pairs = translation_pairs(STORIES, VOCAB, [mark])
        assert len(pairs) == n
        assert all(VOCAB.decode(source)[0] == mark for source, _target in pairs)
    source, target = translation_pairs(STORIES, VOCAB, [TO_ENGLISH])[3]
    assert tuple(VOCAB.decode(source)[1:]) == sentences[3].japanese
    assert VOCAB.decode(target) == list(sentences[3].english)
    source, target = translation_pairs(STORIES, VOCAB, [HEADLINE])[7]
    assert VOCAB.decode(source)[1:] == list(headlines[7].passage)
    assert VOCAB.decode(target) == list(headlines[7].headline)
    n_all = len(translation_pairs(STORIES, VOCAB))
    assert n_all == 2 * len(sentences) + len(headlines)


def test_only_known_marks_can_be_asked():
    with pytest.raises(ValueError, match="none of"):
        translation_source(VOCAB, "<fr>", ["he"])
    assert translation_source(VOCAB, ASKED[0], ["zzz"]).tolist() == [4, Vocab.unk_id]


def test_the_recipe_learns_what_is_asked_from_the_mark_alone():
    """A few sentences by heart: the same English words are wanted back, or in Japanese."""
    texts = translation_pairs(STORIES[:2], VOCAB, [TO_JAPANESE])
    back = [(torch.cat([torch.tensor([5]), s[1:]]), s[1:]) for s, _target in texts]
    pairs = [*texts, *back]
    rng = torch.Generator().manual_seed(0)
    model = translator_riverbank(pairs, len(VOCAB), rng, 150, d_model=32, n_tokens=200)
    found = translate(model, [source for source, _target in pairs], 30)
    right = [torch.equal(f, target) for f, (_source, target) in zip(found, pairs, strict=True)]
    assert sum(right) >= 0.8 * len(right)


def test_the_recipe_depends_on_its_seed_alone():
    pairs = translation_pairs(STORIES[:3], VOCAB)
    first, again, other = (
        translator_riverbank(pairs, len(VOCAB), torch.Generator().manual_seed(s), 3, d_model=16)
        for s in (0, 0, 1)
    )
    weights = [model.tokens.weight for model in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
