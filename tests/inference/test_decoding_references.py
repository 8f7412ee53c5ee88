"""Generation equals that of transformers, token for token, on random GPT-2 models."""

from functools import partial

import pytest
import torch
from torch import Tensor

from course_lib.inference.beam import beam_search
from course_lib.inference.decoding import (
    generate,
    greedy,
    keep_top_k,
    keep_top_p,
    sample,
    temperature,
)
from course_lib.inference.reading import pad_left
from course_lib.text.vocab import Vocab

from .hugging_face import Remembering, prompts, random_gpt2

N_NEW = 11
SEEDS = range(4)


def theirs(model, ids: Tensor, **settings):
    return model.generate(
        ids, attention_mask=(ids != Vocab.pad_id).long(), max_new_tokens=N_NEW, **settings
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_greedy(seed: int):
    model, ids = random_gpt2(seed), pad_left(prompts(seed, [3, 0, 5, 9]))
    own = generate(Remembering(model), ids, N_NEW, greedy, Vocab.end_id)
    assert own.tolist() == theirs(model, ids, do_sample=False).tolist()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("t", "k", "p"), [(1.0, 0, 1.0), (0.6, 0, 1.0), (1.5, 4, 1.0), (1.0, 0, 0.8), (1.3, 6, 0.9)]
)
def test_sampling_with_the_same_seed(seed: int, t: float, k: int, p: float):
    def choose(logits: Tensor) -> Tensor:
        logits = temperature(logits, t)
        logits = keep_top_k(logits, k) if k else logits
        return sample(keep_top_p(logits, p))

    model, ids = random_gpt2(seed), pad_left(prompts(seed, [3, 0, 5, 9] * 4))
    torch.manual_seed(seed)
    own = generate(Remembering(model), ids, N_NEW, choose, Vocab.end_id)
    torch.manual_seed(seed)
    settings = {"do_sample": True, "temperature": t, "top_k": k, "top_p": p}
    assert own.tolist() == theirs(model, ids, **settings).tolist()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n_beams", [2, 3, 6])
@pytest.mark.parametrize("length_penalty", [0.0, 0.7, 1.0, 2.0, -0.5])
def test_beam_search(seed: int, n_beams: int, length_penalty: float):
    model, ids = random_gpt2(seed), pad_left(prompts(seed, [3, 0, 5]))
    search = partial(theirs, model, ids, do_sample=False, early_stopping="never")
    all_beams = {"num_beams": n_beams, "num_return_sequences": n_beams}
    report = {"return_dict_in_generate": True, "output_scores": True}
    found = search(length_penalty=length_penalty, **all_beams, **report)
    own = beam_search(Remembering(model), ids, N_NEW, n_beams, Vocab.end_id, length_penalty)
    hypotheses = [hypothesis for prompt in own for hypothesis in prompt]
    for hypothesis, row in zip(hypotheses, found.sequences[:, ids.size(1) :], strict=True):
        n = len(hypothesis.ids)
        assert hypothesis.ids.tolist() == row[:n].tolist()
        assert set(row[n:].tolist()) <= {Vocab.pad_id, Vocab.end_id}  # what they fill up with
    scores = torch.tensor([hypothesis.score for hypothesis in hypotheses])
    torch.testing.assert_close(scores, found.sequences_scores, atol=1e-5, rtol=1e-5)


def test_the_models_above_end_some_texts_and_not_others():
    """Or the tests of the end token would be worth nothing."""
    ended = []
    for seed in SEEDS:
        ids = pad_left(prompts(seed, [3, 0, 5]))
        for found in beam_search(Remembering(random_gpt2(seed)), ids, N_NEW, 6, Vocab.end_id):
            ended += [hypothesis.ids[-1].item() == Vocab.end_id for hypothesis in found]
    assert 0.1 < sum(ended) / len(ended) < 0.9
