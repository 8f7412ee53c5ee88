"""Vectors of words in use, and the senses that their neighbours give away."""

import pytest
import torch
from torch import nn

from course_lib.evaluation.contextual import Use, majority_senses, nearest_senses, use_vectors
from course_lib.models.bert import BERT
from course_lib.models.config import TransformerConfig
from course_lib.models.looking import layer_vectors
from course_lib.models.word_vectors import plane

CFG = TransformerConfig(vocab_size=30, context_length=20, d_model=8, n_heads=2, n_layers=2)
KNOWN = [Use("bank", "river"), Use("bank", "money"), Use("bank", "money"), Use("bat", "animal")]


@pytest.mark.parametrize("n_tokens", [1, 30, 1000])
def test_each_vector_is_that_of_its_own_text_read_alone(n_tokens):
    model = BERT(CFG, torch.Generator().manual_seed(2))
    rng = torch.Generator().manual_seed(3)
    texts = [torch.randint(4, 30, (length,), generator=rng) for length in (5, 12, 3, 12, 9)]
    places = [4, 0, 1, 11, 3]
    found = use_vectors(model, texts, places, n_tokens)
    assert found.shape == (5, 3, 8)
    for vector, text, place in zip(found, texts, places, strict=True):
        torch.testing.assert_close(vector, layer_vectors(model, text[None])[:, 0, place])


def test_the_nearest_by_angle_among_uses_of_the_same_word():
    known = torch.tensor([[1.0, 0.0], [0.0, 9.0], [0.1, 8.0], [5.0, 5.0]])
    asked = torch.tensor([[3.0, 1.0], [0.2, 0.3], [0.0, 1.0], [4.0, 4.0]])
    words = ["bank", "bank", "bat", "bank"]
    senses = nearest_senses(known, KNOWN, asked, words)
    # (4, 4) lies exactly beside the bat; of the banks the second money is nearer than the river.
    assert senses == ["river", "money", "animal", "money"]


def test_against_a_loop_over_all_pairs():
    rng = torch.Generator().manual_seed(4)
    known, asked = torch.randn(60, 5, generator=rng), torch.randn(40, 5, generator=rng)
    uses = [Use("abc"[i % 3], str(i)) for i in range(60)]
    words = ["abc"[i % 3] for i in range(40)]
    expected = []
    for vector, word in zip(asked, words, strict=True):
        cosines = nn.functional.cosine_similarity(known, vector[None])
        same = [i for i, use in enumerate(uses) if use.word == word]
        expected.append(uses[max(same, key=lambda i: cosines[i].item())].sense)
    assert nearest_senses(known, uses, asked, words) == expected


def test_one_vector_per_word_can_only_say_the_commonest_sense():
    assert majority_senses(KNOWN, ["bat", "bank", "bank"]) == ["animal", "money", "money"]
    one_vector = torch.ones(4, 3)
    alike = nearest_senses(one_vector, KNOWN, torch.ones(2, 3), ["bank", "bat"])
    assert alike == ["river", "animal"]  # all are equally near: the first


def test_a_word_never_seen():
    with pytest.raises(ValueError, match="'light'"):
        nearest_senses(torch.ones(4, 3), KNOWN, torch.ones(1, 3), ["light"])
    with pytest.raises(ValueError, match="'light'"):
        majority_senses(KNOWN, ["bank", "light"])


def test_the_plane_keeps_the_two_longest_spreads():
    rng = torch.Generator().manual_seed(5)
    spread = torch.tensor([5.0, 0.1, 3.0, 0.1])
    vectors = torch.randn(200, 4, generator=rng) * spread
    places = plane(vectors)
    centred = vectors - vectors.mean(dim=0)
    for axis, dimension in ((0, 0), (1, 2)):
        correlation = torch.corrcoef(torch.stack([places[:, axis], centred[:, dimension]]))[0, 1]
        assert abs(correlation) > 0.99
    assert (places.gather(0, places.abs().argmax(dim=0, keepdim=True)) > 0).all()
