"""The Japanese of Riverbank: conjugation by known forms, sentences by laws and by heart."""

import re
import unicodedata

import pytest

from course_lib.data import riverbank
from course_lib.data.riverbank import conjugation as c
from course_lib.data.riverbank.language import language
from course_lib.data.riverbank.story import Story

FORMS = [  # dictionary form, polite past, polite negative past, plain past, て form
    ("泳ぐ", "泳ぎました", "泳ぎませんでした", "泳いだ", "泳いで"),
    ("書く", "書きました", "書きませんでした", "書いた", "書いて"),
    ("行く", "行きました", "行きませんでした", "行った", "行って"),
    ("探す", "探しました", "探しませんでした", "探した", "探して"),
    ("待つ", "待ちました", "待ちませんでした", "待った", "待って"),
    ("運ぶ", "運びました", "運びませんでした", "運んだ", "運んで"),
    ("休む", "休みました", "休みませんでした", "休んだ", "休んで"),
    ("渡る", "渡りました", "渡りませんでした", "渡った", "渡って"),
    ("洗う", "洗いました", "洗いませんでした", "洗った", "洗って"),
    ("見る/1", "見ました", "見ませんでした", "見た", "見て"),
    ("食べる/1", "食べました", "食べませんでした", "食べた", "食べて"),
    ("する", "しました", "しませんでした", "した", "して"),
    ("来る", "来ました", "来ませんでした", "来た", "来て"),
]
ADJECTIVES = [  # before a noun; polite; polite negative; plain; plain before ので
    ("赤い", "i", "赤い", "赤かったです", "赤くなかったです", "赤い", "赤い"),
    ("静か", "na", "静かな", "静かでした", "静かではありませんでした", "静かだ", "静かな"),
    ("木製", "no", "木製の", "木製でした", "木製ではありませんでした", "木製だ", "木製な"),
    (
        "濡れる/1",
        "v",
        "濡れた",
        "濡れていました",
        "濡れていませんでした",
        "濡れている",
        "濡れている",
    ),
]


@pytest.mark.parametrize("row", FORMS, ids=lambda row: row[0])
def test_verbs(row):
    verb, polite, negative, plain, te = row
    made = c.polite_past(verb), c.polite_past(verb, True), c.plain_past(verb), c.te_form(verb)
    assert tuple(map("".join, made)) == (polite, negative, plain, te)


@pytest.mark.parametrize("row", ADJECTIVES, ids=lambda row: row[0])
def test_adjectives(row):
    word, kind, *forms = row
    made = [
        c.adjective_before(word, kind),
        c.adjective_polite(word, kind, False),
        c.adjective_polite(word, kind, True),
        c.adjective_plain(word, kind, False, False),
        c.adjective_plain(word, kind, False, True),
    ]
    assert list(map("".join, made)) == forms
    negative = "".join(c.adjective_plain(word, kind, True, False))
    assert negative == {"i": "赤くない", "v": "濡れていない"}.get(kind, f"{word}ではない")


def is_japanese(letter: str) -> bool:
    name = unicodedata.name(letter)
    return name.startswith(("CJK UNIFIED", "HIRAGANA", "KATAKANA")) or letter in "、。々"


def test_every_sentence_is_japanese_and_polite():
    for story in riverbank.sample(1500, seed=41) + riverbank.sample(200, seed=42, unseen=True):
        for sentence in story.sentences:
            text = sentence.japanese_text
            assert all(map(is_japanese, text)), text
            assert re.fullmatch(r"[^。]+(ました|ませんでした|でした|です)。", text), text
            assert not re.search(r"、、|のの|をを|がが|にに|ままし|なな", text), text
            assert "" not in sentence.japanese
            negated = sentence.meaning.main.negated and not sentence.meaning.other
            assert negated == bool(re.search(r"(ません|なかった)[^、]*。", text)) or (
                sentence.meaning.join == "but"
            ), text


def test_names_in_english_are_names_in_japanese():
    people = language().world.person
    for story in riverbank.sample(300, seed=43):
        for sentence in story.sentences:
            for word in set(sentence.words) & set(people):
                if sentence.meaning.join not in ("after", "before"):
                    assert people[word].japanese in sentence.japanese


SENTENCES = {
    "nina walked along the bank and rested under the willows .": (
        "ニーナは岸に沿って歩いて、柳の下で休みました。"
    ),
    "nina rented a canoe , and max walked along the bank .": (
        "ニーナはカヌーを借りて、マックスは岸に沿って歩きました。"
    ),
    "nina caught two frogs , but max did not .": (
        "ニーナは二匹のカエルを捕まえましたが、マックスは捕まえませんでした。"
    ),
    "after that , she looked at the bank .": "その後、彼女は岸をよく見ました。",
    "after nina rented a canoe , she fed the ducks .": (
        "ニーナはカヌーを借りた後、鴨にえさをやりました。"
    ),
    "before they ate lunch on the bank , they fed the ducks .": (
        "二人は岸で昼ご飯を食べる前に、鴨にえさをやりました。"
    ),
    "nina said that the bridge near the willow was very old .": None,
    "nina said that the bridge near the willow was narrow .": (
        "ニーナは柳の近くの橋が狭いと言いました。"
    ),
    "they were disappointed because the canoe was broken .": (
        "二人はカヌーが壊れているのでがっかりしました。"
    ),
    "nina knew where the ducks were .": "ニーナは鴨がどこにいるか分かっていました。",
    "there was a white crane behind the bridge .": "橋の後ろに白い鶴がいました。",
    "there were three bridges .": "そこに三本の橋がありました。",
    "the bank that they noticed was green .": "二人が気づいた岸は緑色でした。",
    "the bank was not green .": "岸は緑色ではありませんでした。",
    "the hikers helped them .": "ハイカーは二人を助けました。",
}


@pytest.mark.parametrize("english", SENTENCES)
def test_sentences_by_heart(english):
    start = "on monday nina and max met at the river . the frog was small . "
    last = "finally they went home ."
    story = Story("river", tuple((start + PRELUDE.get(english, "") + english + " " + last).split()))
    place = -2
    if SENTENCES[english] is None:  # old is about age: very does not go with it
        with pytest.raises(ValueError):
            _ = story.sentences
    else:
        assert story.sentences[place].japanese_text == SENTENCES[english]


PRELUDE = {"after that , she looked at the bank .": "nina liked the bridge . "}
