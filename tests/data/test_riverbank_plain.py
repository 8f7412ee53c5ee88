"""Words as a reader expects them: Riverbank's stories come back as they were told."""

from course_lib.data import riverbank
from course_lib.data.riverbank.tasks.plain import place_names, readable


def test_stories_come_back_with_their_capitals():
    stories = riverbank.load("test")
    wrong = [story for story in stories if readable(story.words) != story.text]
    assert len(wrong) < 0.05 * len(stories)
    teams = {"herons", "foxes", "giants"}
    assert all(teams & set(story.words) for story in wrong)


def test_japanese_has_no_spaces():
    for story in riverbank.load("dev")[:50]:
        words = [word for sentence in story.sentences for word in sentence.japanese]
        assert readable(words) == story.japanese_text


def test_names_of_several_words_and_of_one():
    assert ("owl", "hill") in place_names()
    walked = ["he", "walked", "to", "owl", "hill", "on", "friday", ",", "in", "may", "."]
    assert readable(walked) == "He walked to Owl Hill on Friday, in May."
    assert readable(["an", "owl", "on", "the", "hill", "."]) == "An owl on the hill."
    assert readable([]) == ""
    assert readable(["dragon", "🌊"]) == "Dragon 🌊"
