"""Episodes: a map holds within its row, is new in the next, and reserved maps stay reserved."""

import itertools

import pytest
import torch

from course_lib.data.episodes import (
    RESERVED,
    draw_maps,
    key_value_episodes,
    label_map_episodes,
)

GROUPS = [torch.tensor([4, 5, 6]), torch.tensor([7, 8]), torch.tensor([9])]
LABELS = torch.tensor([20, 21, 22, 23, 24])


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_rows_are_words_and_labels_in_turn():
    made = next(label_map_episodes(GROUPS, LABELS, 7, 50, rng()))
    assert made.inputs.shape == made.targets.shape == (50, 16)
    assert (made.inputs[:, 0] == 2).all()
    assert (made.targets[:, ::2] == -100).all()
    assert made.inputs[:, 2::2].equal(made.answers[:, :-1])
    for words, asked in zip(made.inputs[:, 1::2].tolist(), made.asked.tolist(), strict=True):
        assert all(word in GROUPS[group] for word, group in zip(words, asked, strict=True))


def test_each_group_has_one_label_in_a_row_and_another_label_elsewhere():
    made = next(label_map_episodes(GROUPS, LABELS, 30, 200, rng()))
    maps = set()
    for asked, answers in zip(made.asked.tolist(), made.answers.tolist(), strict=True):
        labels = dict(zip(asked, answers, strict=True))
        assert len(set(labels.values())) == len(labels) == 3
        assert all(labels[group] == label for group, label in zip(asked, answers, strict=True))
        maps.add(tuple(labels[i] for i in range(3)))
    assert len(maps) > 30


def test_groups_and_words_within_are_equally_likely():
    made = next(label_map_episodes(GROUPS, LABELS, 99, 300, rng()))
    counts = torch.bincount(made.inputs[:, 1::2].flatten(), minlength=10)[4:].double() / 30000
    wanted = torch.tensor([1 / 9] * 3 + [1 / 6] * 2 + [1 / 3]).double()
    torch.testing.assert_close(counts, wanted, atol=0.01, rtol=0)


def test_reserved_maps_are_never_trained_on():
    def seen(reserved: bool) -> set[tuple[int, ...]]:
        drawn = draw_maps(5, 3, 4000, rng(), reserved)
        assert drawn.shape == (4000, 3)
        return {tuple(row) for row in drawn.tolist()}

    trained, kept = seen(False), seen(True)
    assert not trained & kept
    assert trained | kept == set(itertools.permutations(range(5), 3))
    assert all(sum(row) % RESERVED == 0 for row in kept)
    made = next(label_map_episodes(GROUPS, LABELS, 30, 90, rng(), reserved=True))
    for asked, answers in zip(made.asked.tolist(), made.answers.tolist(), strict=True):
        labels = dict(zip(asked, answers, strict=True))
        assert tuple(labels[i] - 20 for i in range(3)) in kept


def test_a_key_keeps_its_value_within_a_row():
    keys, values = torch.arange(4, 14), torch.arange(14, 20)
    made = next(key_value_episodes(keys, values, 3, 25, 60, rng()))
    pairs = set()
    for words, answers in zip(made.inputs[:, 1::2].tolist(), made.answers.tolist(), strict=True):
        given = dict(zip(words, answers, strict=True))
        assert len(given) == 3
        assert all(given[word] == answer for word, answer in zip(words, answers, strict=True))
        pairs |= set(given.items())
    assert len(pairs) > 40
    assert {key for key, _ in pairs} == set(range(4, 14))
    assert {value for _, value in pairs} == set(range(14, 20))


def test_chance_comes_from_the_generator_alone():
    one, same, other = (next(label_map_episodes(GROUPS, LABELS, 5, 9, rng(i))) for i in (3, 3, 4))
    assert one.inputs.equal(same.inputs)
    assert not one.inputs.equal(other.inputs)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="too few"):
        next(label_map_episodes(GROUPS, LABELS[:2], 3, 4, rng()))
    with pytest.raises(ValueError, match="no words"):
        next(label_map_episodes([*GROUPS, torch.tensor([])], LABELS, 3, 4, rng()))
    with pytest.raises(ValueError, match="n_keys=4"):
        next(key_value_episodes(torch.arange(3), LABELS, 4, 3, 4, rng()))
