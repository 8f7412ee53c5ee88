import random

import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from course_lib.evaluation.baselines import (
    WordClassifier,
    WordFeatures,
    WordRegression,
    WordTagger,
    majority,
)

GOOD, BAD, OTHER = ["good", "fine", "great"], ["bad", "poor", "dull"], ["film", "the", "was", "a"]


def reviews(n: int, seed: int) -> list[tuple[str, str]]:
    rng = random.Random(seed)
    found = []
    for _review in range(n):
        label = rng.choice(["neg", "pos"])
        words = [rng.choice(GOOD if label == "pos" else BAD), *rng.choices(OTHER, k=5)]
        rng.shuffle(words)
        found.append((" ".join(words), label))
    return found


def test_majority():
    assert majority(["b", "a", "b"]) == "b"
    assert majority(["b", "a"]) == "a"
    with pytest.raises(ValueError, match="no labels"):
        majority([])


def test_features_equal_scikit_learns_own_ngrams():
    texts = ["the bank of the river", "a bank", "river river bank"]
    ours = WordFeatures(str.split)
    ours.fit(texts)
    theirs = TfidfVectorizer(token_pattern=r"\S+", ngram_range=(1, 2), sublinear_tf=True).fit(texts)
    names = ours.table.get_feature_names_out()
    assert sorted(names) == sorted(theirs.get_feature_names_out())
    columns = [theirs.vocabulary_[name] for name in names]
    new = ["river bank of gold", "unknown"]
    assert (ours.vectors(new).toarray() == theirs.transform(new).toarray()[:, columns]).all()


def test_words_are_learnt_and_found_again():
    train, test = reviews(120, 0), reviews(100, 1)
    model = WordClassifier()
    model.fit(*zip(*train, strict=True))
    found = model.predict([text for text, _label in test])
    assert sum(f == label for f, (_text, label) in zip(found, test, strict=True)) >= 98


def test_a_pair_is_more_than_its_two_texts():
    rng, words = random.Random(0), [f"w{n}" for n in range(12)]
    pairs = [(rng.choice(words), rng.choice(words)) for _pair in range(600)]
    pairs += [(word, word) for word, _other in pairs]
    labels = ["same" if a == b else "other" for a, b in pairs]
    firsts, seconds = zip(*pairs, strict=True)
    model = WordClassifier()
    model.fit(firsts, labels, seconds)
    assert model.predict(["w3", "w3"], ["w3", "w4"]) == ["same", "other"]


def test_numbers_stand_beside_the_words():
    rng = random.Random(0)
    numbers = [[rng.gauss(0, 1)] for _text in range(200)]
    texts = [rng.choice(["good", "bad"]) for _text in numbers]
    stars = [3 + 2 * x + (t == "good") for (x,), t in zip(numbers, texts, strict=True)]
    model = WordRegression()
    model.fit(texts, stars, numbers=numbers)
    assert model.predict(["good", "bad"], numbers=[[1.0], [0.0]]) == pytest.approx([6, 3], abs=0.1)
    signs = ["up" if x > 0 else "down" for (x,) in numbers]
    classifier = WordClassifier()
    classifier.fit(texts, signs, numbers=numbers)
    assert classifier.predict(["good", "good"], numbers=[[1.0], [-1.0]]) == ["up", "down"]


def test_few_labels_and_empty_texts():
    model = WordClassifier(WordFeatures(list))
    model.fit(["川岸", "銀行"], ["river", "money"])  # each label once: nothing to divide in folds
    assert model.predict(["川", "銀", ""])[:2] == ["river", "money"]
    model.fit(["川岸", "", ""], ["river", "money", "money"])
    assert model.predict([""]) == ["money"], "of nothing, the commonest"
    model.fit(["", "", ""], ["river", "money", "money"])  # nothing to read at all
    assert model.predict(["", "bank"]) == ["money", "money"]
    with pytest.raises(ValueError, match="two of them"):
        model.fit(["a", "b"], ["x", "x"])


def test_words_are_tagged_by_their_ends_and_their_neighbours():
    verbs = ["walk", "talk", "jump", "help", "work", "play", "cook", "look"]
    texts = [["she", f"{verb}ed", "a", "lot"] for verb in verbs[:6]]
    texts += [["the", f"{verb}", "of", "her"] for verb in verbs[:6]]
    tags = [["PRON", "VERB", "DET", "NOUN"]] * 6 + [["DET", "NOUN", "ADP", "PRON"]] * 6
    model = WordTagger()
    model.fit(texts, tags)
    found = model.predict([["she", "cooked", "a", "lot"], [], ["the", "look", "of", "her"]])
    assert found == [["PRON", "VERB", "DET", "NOUN"], [], ["DET", "NOUN", "ADP", "PRON"]]


def test_one_tag_alone_cannot_be_told_from_others():
    with pytest.raises(ValueError, match="class"):
        WordTagger().fit([["a", "b"]], [["X", "X"]])
