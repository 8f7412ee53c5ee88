"""A block on one thread leaves the number of threads as it was."""

import pytest
import torch

from course_lib.models import hmm_batched as batched
from course_lib.models.hmm import HMM
from course_lib.models.threads import one_thread


@pytest.fixture(autouse=True)
def three_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


def test_one_thread_inside_the_block_and_as_many_as_before_behind_it():
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 3


def test_an_error_inside_changes_nothing_behind_it():
    with pytest.raises(ValueError, match="inside"), one_thread():
        raise ValueError("inside")
    assert torch.get_num_threads() == 3


def test_baum_welch_takes_one_thread_and_gives_the_others_back(monkeypatch):
    inside, outside = [], []
    count = batched.batch_counts

    def spy(*args):
        inside.append(torch.get_num_threads())
        return count(*args)

    monkeypatch.setattr(batched, "batch_counts", spy)
    HMM(2, 6).fit(
        [torch.tensor([4, 5, 4])],
        2,
        torch.Generator().manual_seed(0),
        on_step=lambda *_args: outside.append(torch.get_num_threads()),
    )
    assert (inside, outside) == ([1, 1], [3, 3])  # a caller's own code runs as the caller wishes
