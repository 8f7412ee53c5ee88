"""What the prompted checkpoints are measured by."""

import math

import pytest
import torch

from course_lib.cli.checkpoint_recipes import RECIPES
from course_lib.cli.model_kinds import KINDS
from course_lib.cli.prompt_materials import prompting, score_answers, score_documents
from course_lib.data import riverbank
from course_lib.data.riverbank.tasks.prompting import prompting_vocabulary
from course_lib.models.checkpoints import KINDS as SHIPPED
from course_lib.models.config import TransformerConfig
from course_lib.models.shifted_gpt import ShiftedGPT
from course_lib.text.vocab import Vocab
from course_lib.training.prompt_documents import documents

DEV = [
    [(torch.tensor([5, 6]), torch.tensor([7, 4])), (torch.tensor([8]), torch.tensor([9]))],
    [(torch.tensor([10, 11, 5]), torch.tensor([], dtype=torch.long))],
]


def random_model() -> ShiftedGPT:
    torch.manual_seed(0)
    cfg = TransformerConfig(vocab_size=12, context_length=9, d_model=8, n_heads=2, n_layers=2)
    model = ShiftedGPT(cfg, rotary_base=7.0, output_scale=0.5)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    return model.eval()


def test_bits_of_documents_and_of_their_answers():
    model = random_model()
    one, other = model.log_probs([torch.tensor([5, 6, 7, 4, 8, 9]), torch.tensor([10, 11, 5])])
    whole = -(one.sum() + other.sum()).item() / math.log(2) / 11
    assert score_documents(model, DEV) == pytest.approx(whole)
    answers = -(one[2] + one[3] + one[5]).item() / math.log(2) / 3
    assert score_answers(model, DEV) == pytest.approx(answers)


@pytest.mark.parametrize("kinds", [KINDS, SHIPPED])
def test_a_shifted_gpt_comes_back_from_its_file(kinds):
    model, kind = random_model(), RECIPES["prompted_riverbank"].kind
    tensors, settings = KINDS[kind].take_apart(model)
    make = kinds[kind] if kinds is SHIPPED else kinds[kind].put_together
    again = make(tensors, settings)
    texts = [torch.tensor([5, 9, 8, 8]), torch.tensor([4])]
    for a, b in zip(model.log_probs(texts), again.log_probs(texts), strict=True):
        assert a.equal(b)
    assert type(again) is ShiftedGPT
    with pytest.raises(RuntimeError):
        make({k: v for k, v in tensors.items() if k != "shift"}, settings)


def test_material_is_stories_to_learn_from_and_documents_to_be_measured_on():
    vocab = Vocab(prompting_vocabulary(riverbank.vocabulary()))
    tokenizer, stories, dev = prompting(documents, vocab, 7, 100)
    assert tokenizer.vocab.words == vocab.words
    assert [s.words for s in stories] == [s.words for s in riverbank.sample(7, 100)]
    assert len(dev) > 250
    assert RECIPES["instructed_riverbank"].kind == RECIPES["prompted_riverbank"].kind
