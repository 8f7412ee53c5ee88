"""The references of lecture 10 equal the package's own functions."""

import math

import pytest
import torch
import torch.nn.functional as F

from course_lib.classroom.exercises.gpt_finetuning.ends import at_the_end
from course_lib.classroom.exercises.gpt_finetuning.joint import joint_loss
from course_lib.classroom.exercises.gpt_finetuning.orders import both_ways
from course_lib.classroom.exercises.gpt_finetuning.worth import labels_worth
from course_lib.data.gpt_batches import collate
from course_lib.models.gpt_heads import at_places
from course_lib.text.gpt_inputs import GPTMarks, both_orders
from course_lib.training.gpt_objectives import language_model_loss

LENGTHS = (4, 2, 6)


@pytest.mark.parametrize("lengths", [(3, 2), (0, 4), (0, 0)])
def test_both_orders(lengths: tuple[int, int]):
    texts = [torch.randint(4, 30, (n,)) for n in lengths]
    rows = both_orders(*texts, GPTMarks(2, 50, 51, 20))
    first, second = (text.tolist() for text in texts)
    assert [row.tolist() for row in rows] == both_ways(first, second, 2, 50, 51)


def test_the_vector_at_the_end():
    batch = collate([([torch.randint(4, 9, (n,))], 0) for n in LENGTHS])
    hidden = torch.randn(3, 1, 6, 5)
    package = at_places(hidden, batch.places)
    torch.testing.assert_close(at_the_end(hidden[:, 0], batch.ids[:, 0], 0), package[:, 0])


@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_the_joint_loss(weight: float):
    batch = collate([([torch.randint(4, 9, (n,))], i) for i, n in enumerate(LENGTHS)])
    task_logits, token_logits = torch.randn(3, 4), torch.randn(3, 1, 6, 9)
    package = F.cross_entropy(task_logits, batch.targets)
    package += weight * language_model_loss(token_logits, batch.ids, batch.places)
    found = joint_loss(
        task_logits,
        batch.targets,
        token_logits[:, 0],
        batch.ids[:, 0],
        torch.tensor(LENGTHS),
        weight,
    )
    torch.testing.assert_close(found, package)


def test_what_labels_are_worth_by_hand():
    scratch = {1000: [0.7, 0.8], 10: [0.25]}
    trained = {5: [0.2, 0.3], 10: [0.4, 0.6], 50: [0.75], 100: [0.9]}
    wanted = {5: 2.0, 10: 10.0, 50: 20.0, 100: math.inf}
    assert labels_worth(trained, scratch) == pytest.approx(wanted)
