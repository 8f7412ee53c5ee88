from html.parser import HTMLParser

import pytest

from course_lib.display.answers import answer_in_passage
from course_lib.display.markup import Markup, stacked, with_spans
from course_lib.display.tagged import tagged_entities, tagged_words

WORDS = ["on", "friday", "nina", "lee", "met", "<b>max</b>", "&", "ken", "."]
NAMES = [(2, 4, "PERSON"), (1, 2, "DATE"), (5, 6, "PERSON")]


class Reader(HTMLParser):
    """What a browser would show: the text, and the texts of each kind of element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open, self.text, self.inside = [], "", []
        self.feed(html)
        self.close()
        assert self.open == [], "an element is not closed"

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.inside.append([tag, "", dict(attrs).get("style", "")])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        for element in self.inside[::-1]:
            if element[0] == (self.open or [""])[-1]:
                element[1] += data
                break

    def all(self, tag: str) -> list[str]:
        return [text for name, text, _style in self.inside if name == tag]


def test_entities_stand_out_with_their_kind_and_all_words_are_there():
    shown = tagged_entities(WORDS, NAMES)
    assert repr(shown) == ("on [friday DATE] [nina lee PERSON] met [<b>max</b> PERSON] & ken .")
    read = Reader(shown._repr_html_())
    assert [text.strip() for text in read.all("mark")] == ["friday", "nina lee", "<b>max</b>"]
    assert read.text == "on friday DATE nina lee PERSON met <b>max</b> PERSON & ken ."


def test_a_kind_has_one_colour_and_kinds_differ():
    read = Reader(tagged_entities(WORDS, NAMES).html)
    date, nina, max_ = (style for tag, _text, style in read.inside if tag == "mark")
    assert nina == max_ != date


def test_markup_in_words_and_kinds_is_shown_not_obeyed():
    html = with_spans(["<i>", "a"], [(1, 2, "<script>")]).html
    assert "<i>" not in html
    assert "<script>" not in html
    assert Reader(html).text == "<i> a <script>"


@pytest.mark.parametrize("span", [(3, 3, "X"), (8, 10, "X"), (-1, 1, "X"), (1, 3, "X")])
def test_impossible_spans_are_refused(span):
    with pytest.raises(ValueError, match="empty, overlaps"):
        with_spans(WORDS, [(2, 4, "PERSON"), span])


def test_every_word_has_its_tag_above_it():
    shown = tagged_words(["nina", "swam", "<i>"], ["PROPN", "VERB", "X"])
    read = Reader(shown.html)
    assert read.all("ruby") == ["nina", "swam", "<i>"]
    assert read.all("rt") == ["PROPN", "VERB", "X"]
    assert read.all("b") == []  # nothing is wrong
    assert repr(shown) == "nina/PROPN swam/VERB <i>/X"
    assert read.text == "nina/PROPN swam/VERB <i>/X"  # where nothing stands above a word


def test_wrong_tags_stand_out_with_the_right_ones():
    shown = tagged_words(["nina", "swam"], ["PROPN", "NOUN"], ["PROPN", "VERB"])
    assert Reader(shown.html).all("b") == ["NOUN≠VERB"]
    assert repr(shown) == "nina/PROPN swam/NOUN≠VERB"


def test_tags_must_fit_the_words():
    with pytest.raises(ValueError, match="1 tags and 1 right ones for 2 words"):
        tagged_words(["a", "b"], ["X"])
    assert repr(tagged_words([], [])) == "(no words)"


QUESTION = ["who", "met", "ken", "?"]


def test_a_right_answer_is_lit_up_once():
    shown = answer_in_passage(QUESTION, WORDS, (2, 4), (2, 4))
    assert repr(shown).splitlines() == [
        "who met ken ?",
        "on friday [nina lee found] met <b>max</b> & ken .",
        "answer: nina lee",
    ]
    assert [text.strip() for text in Reader(shown.html).all("mark")] == ["nina lee"]


def test_a_wrong_answer_stands_beside_the_right_one():
    shown = answer_in_passage(QUESTION, WORDS, (5, 6), (2, 4))
    assert "[nina lee right] met [<b>max</b> found]" in repr(shown)
    assert repr(shown).splitlines()[-1] == "right would be: nina lee"
    assert "<b>max</b>" not in shown.html  # escaped
    neighbours = answer_in_passage(QUESTION, WORDS, (4, 5), (2, 4))
    assert "[nina lee right] [met found]" in repr(neighbours)
    touching = answer_in_passage(QUESTION, WORDS, (2, 3), (2, 4))
    assert Reader(touching.html).all("mark") == ["nina "]
    assert repr(touching).splitlines()[-1] == "right would be: nina lee"


def test_no_answer():
    shown = answer_in_passage(QUESTION, WORDS, None)
    assert repr(shown).splitlines()[1:] == [" ".join(WORDS), "answer: the passage does not tell"]
    assert Reader(shown.html).all("mark") == []
    missed = answer_in_passage(QUESTION, WORDS, None, (2, 4))
    assert "[nina lee right]" in repr(missed)


def test_japanese_has_no_spaces():
    assert repr(tagged_entities(["東京", "で"], [(0, 1, "地名")], sep="")) == "[東京 地名]で"


def test_several_below_one_another():
    both = stacked({"one": Markup("<p>a</p>", "a"), "<two>": Markup("<p>b</p>", "b")})
    assert repr(both) == "one\na\n\n<two>\nb"
    assert Reader(both.html).text == "onea<two>b"
