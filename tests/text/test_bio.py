import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from course_lib.errors import CourseError
from course_lib.text.bio import Entity, bio_tags, entities_of, repaired

paths = st.lists(st.sampled_from(["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "I-made-up"]))


@given(paths)
def test_entities_equal_seqeval(tags):
    expected = [(start, last + 1, label) for label, start, last in get_entities(tags)]
    assert entities_of(tags) == expected


@given(paths)
def test_repaired_tags_mean_the_same_and_follow_the_rules(tags):
    mended = repaired(tags)
    assert entities_of(mended) == entities_of(tags)
    assert bio_tags(entities_of(tags), len(tags)) == mended
    assert repaired(mended) == mended
    for before, tag in zip(["O", *mended], mended, strict=False):
        assert not tag.startswith("I-") or before[2:] == tag[2:]


def test_known():
    tags = ["B-PER", "I-PER", "B-PER", "O", "I-ORG", "I-PER"]
    assert entities_of(tags) == [(0, 2, "PER"), (2, 3, "PER"), (4, 5, "ORG"), (5, 6, "PER")]
    assert repaired(tags) == ["B-PER", "I-PER", "B-PER", "O", "B-ORG", "B-PER"]
    assert entities_of([]) == []


@pytest.mark.parametrize("tag", ["", "B", "I-", "PER", "S-PER", "o"])
def test_what_is_no_bio_tag_is_refused(tag):
    with pytest.raises(CourseError, match="no BIO tag"):
        entities_of(["O", tag])


@pytest.mark.parametrize("entities", [[(0, 2, "A"), (1, 3, "B")], [(2, 4, "A")], [(1, 1, "A")]])
def test_entities_without_room_are_refused(entities):
    with pytest.raises(ValueError, match="no room"):
        bio_tags([Entity(*entity) for entity in entities], 3)
