"""The prompted models: losses by hand, what they begin from, and that they learn."""

import itertools
import random
import re

import pytest
import torch
import torch.nn.functional as F

from course_lib.data import riverbank
from course_lib.data.document_batches import collate_documents
from course_lib.data.episodes import key_value_episodes, label_map_episodes
from course_lib.data.riverbank.tasks.prompting import (
    LETTERS,
    LINE,
    pools_of,
    prompting_vocabulary,
    wordings,
)
from course_lib.evaluation.prompted import accuracy_by_shots, ideal_by_shots
from course_lib.models.config import TransformerConfig
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.shifted_gpt import ShiftedGPT
from course_lib.text.vocab import Vocab
from course_lib.training.prompt_documents import (
    CONTEXT,
    MANY,
    SHOTS,
    documents,
    examples_of,
    instructions,
)
from course_lib.training.prompt_objectives import answers_loss, document_loss
from course_lib.training.prompt_recipes import (
    in_context_learner,
    instructed,
    prompted_riverbank,
    start_from,
)

STORIES = riverbank.load("dev")[:40]
VOCAB = Vocab(prompting_vocabulary(riverbank.vocabulary()))
KNOWN = len(riverbank.vocabulary()) + 4


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def small(n_words: int, n_layers: int, kind=ShiftedGPT, **settings):
    cfg = TransformerConfig(
        vocab_size=n_words, context_length=30, d_model=8, n_heads=2, n_layers=n_layers, dropout=0.0
    )
    model = kind(cfg, rng=rng(), **settings)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.5, generator=rng(1))
    return model


def test_losses_are_means_over_words_and_over_answers():
    told = [
        [(torch.tensor([5, 6]), torch.tensor([7, 4])), (torch.tensor([8]), torch.tensor([9]))],
        [(torch.tensor([10, 11, 5]), torch.tensor([], dtype=torch.long))],
    ]
    batch, model = collate_documents(told, 2, 3), small(12, 1)
    log_p = model(batch.inputs).log_softmax(dim=-1)
    words = [(0, [5, 6, 7, 4, 8, 9, 3]), (1, [10, 11, 5, 3])]
    every = [-log_p[row, t, word] for row, told in words for t, word in enumerate(told)]
    answers = [-log_p[0, t, word] for t, word in ((2, 7), (3, 4), (5, 9))]
    means = [torch.stack(part).mean() for part in (every, answers)]
    torch.testing.assert_close(document_loss(model, batch), sum(means))
    torch.testing.assert_close(answers_loss(model, batch), means[1])
    only = collate_documents(told[1:], 2, 3)
    wanted = F.cross_entropy(model(only.inputs).flatten(0, 1), only.targets.flatten())
    torch.testing.assert_close(document_loss(model, only), wanted)


def test_a_larger_model_begins_as_the_smaller_one():
    """With no shift, what it says of the old words is what the base says, whatever is above."""
    base = small(9, 2, ModernGPT, rotary_base=100.0)
    model = small(14, 3, rotary_base=100.0)
    with torch.no_grad():
        model.shift.zero_()
        model.blocks[2].w_2.weight.zero_()
    start_from(model, base)
    ids = torch.randint(4, 9, (3, 12), generator=rng())
    torch.testing.assert_close(model(ids)[..., :9], base(ids))


@pytest.mark.parametrize("kind", LETTERS)
def test_documents_of_letters_have_many_examples(kind: str):
    pools = pools_of(STORIES, 0)
    sizes = [len(examples_of(kind, pools, "documents", VOCAB, random.Random(i))) for i in range(40)]
    assert max(sizes) > max(SHOTS)
    assert set(sizes) <= set(MANY) or kind == "sentences"


def test_documents_fit_and_hold_examples_and_stories():
    told = list(itertools.islice(documents(STORIES, VOCAB, rng()), 300))
    line = VOCAB.ids[LINE]
    for document in told:
        assert sum(len(part) for pair in document for part in pair) < CONTEXT
        for _, answer in document:
            assert len(answer) == 0 or (answer[-1] == line and len(answer) > 1)
    stories = [one for one in told if len(one) == 1 and len(one[0][1]) == 0]
    assert 0.08 < len(stories) / len(told) < 0.25
    texts = {story.words for story in STORIES}
    assert all(tuple(VOCAB.decode(one[0][0])) in texts for one in stories)
    assert {len(one) for one in told} >= {1, 2, 3, 24}


def test_instructions_are_one_example_and_never_a_held_out_wording():
    told = list(itertools.islice(instructions(STORIES, VOCAB, rng()), 300))
    singles = [" ".join(VOCAB.decode(one[0][0])) for one in told if len(one) == 1]
    assert len(singles) > 150
    for section, wanted in (("instructions", True), ("held out", False), ("combinations", False)):
        templates = [w.template for one in wordings(section).values() for w in one]
        forms = [re.sub(r"\\{\w+\\}", ".+", re.escape(template)) for template in templates]
        found = [any(re.fullmatch(form, text) for text in singles) for form in forms]
        assert found == [wanted] * len(forms)


def test_the_same_seed_makes_the_same_documents():
    one, same, other = (
        [p.tolist() for d in itertools.islice(documents(STORIES, VOCAB, rng(s)), 9) for p, _ in d]
        for s in (1, 1, 2)
    )
    assert one == same != other


def test_a_model_learns_to_look_its_labels_up_in_the_prompt():
    groups, labels = [torch.arange(4, 8), torch.arange(8, 12)], torch.arange(12, 16)
    chance = rng(1)
    batches = label_map_episodes(groups, labels, 8, 32, chance)
    model = in_context_learner(batches, 16, chance, n_steps=120)
    found = accuracy_by_shots(model, next(label_map_episodes(groups, labels, 8, 400, rng(2))))
    assert found[8].value > 0.9
    assert found[0].value < 0.45
    assert [one.value for one in found] == pytest.approx(
        [ideal_by_shots(k, 2, 4) for k in range(9)], abs=0.12
    )


def test_the_token_shift_is_what_makes_it_quick():
    keys, values = torch.arange(4, 12), torch.arange(12, 20)

    def reached(kind) -> float:
        chance = rng(1)
        batches = key_value_episodes(keys, values, 4, 12, 32, chance)
        model = in_context_learner(batches, 20, chance, n_steps=100, kind=kind)
        seen = next(key_value_episodes(keys, values, 4, 12, 400, rng(2)))
        return accuracy_by_shots(model, seen)[12].value

    assert reached(ShiftedGPT) > 0.85
    assert reached(ModernGPT) < 0.6


def test_prompted_and_then_instructed():
    """A few steps: both losses fall, and the base stays as it is."""
    losses: list[float] = []
    model = prompted_riverbank(
        STORIES, VOCAB, rng(), 70, lambda _, loss: losses.append(loss.item()), None, 1, 32
    )
    assert sum(losses[-5:]) < 0.85 * sum(losses[:5])
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    tuned = instructed(model, STORIES, VOCAB, rng(1), 60)
    told = list(itertools.islice(instructions(STORIES, VOCAB, rng(2)), 60))
    batch = collate_documents(told, 2, 3)
    assert answers_loss(tuned, batch) < answers_loss(model, batch) - 0.2
    assert all(model.state_dict()[name].equal(weight) for name, weight in before.items())
    assert not tuned.tokens.weight.equal(model.tokens.weight)
    assert tuned.cfg.context_length == CONTEXT


def test_prompted_goes_on_from_a_model_of_stories():
    cfg = TransformerConfig(
        vocab_size=KNOWN, context_length=60, d_model=32, n_heads=2, n_layers=1, d_ff=64, dropout=0.0
    )
    base = ModernGPT(cfg, rng=rng(3))
    model = prompted_riverbank(STORIES, VOCAB, rng(), 1, base=base, n_layers=2, d_model=32)
    assert len(model.blocks) == 2
    learnt = (model.tokens.weight[:KNOWN] - base.tokens.weight).abs().mean()
    assert 0 < learnt < 0.02
