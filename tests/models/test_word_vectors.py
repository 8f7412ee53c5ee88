import pytest
import torch
from gensim.models import KeyedVectors
from sklearn.decomposition import PCA

from course_lib.errors import CourseError
from course_lib.models.word_vectors import WordVectors
from course_lib.text.vocab import Vocab

WORDS = [f"word{i}" for i in range(30)]


@pytest.fixture
def vectors():
    return WordVectors(WORDS, torch.randn(30, 7, generator=torch.Generator().manual_seed(0)))


@pytest.fixture
def peer(vectors):
    """The same vectors in gensim."""
    peer = KeyedVectors(7)
    peer.add_vectors(vectors.words, vectors.matrix.numpy())
    return peer


def names(pairs):
    return [word for word, _ in pairs]


def cosines(pairs):
    return pytest.approx([cosine for _, cosine in pairs], abs=1e-5)


def test_a_parallelogram_is_an_analogy():
    words = ["man", "woman", "king", "queen", "river"]
    places = torch.tensor([[1.0, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1], [-1, 0, 0]])
    vectors = WordVectors(words, places)
    assert names(vectors.analogy("man", "woman", "king")) == ["queen"]
    assert vectors.similarity("man", "river") == pytest.approx(-1)
    assert names(vectors.neighbours("man", 2)) == ["woman", "king"]
    assert vectors["king"].tolist() == [1, 0, 1]


def test_neighbours_and_analogies_equal_gensims(vectors, peer):
    for word in WORDS[:5]:
        ours, theirs = vectors.neighbours(word, 8), peer.most_similar(word, topn=8)
        assert names(ours) == names(theirs)
        assert cosines(ours) == [cosine for _, cosine in theirs]
    for a, b, c in [WORDS[:3], WORDS[3:6], (WORDS[1], WORDS[1], WORDS[2])]:
        theirs = peer.most_similar(positive=[b, c], negative=[a], topn=4)
        ours = vectors.analogy(a, b, c, n=4)
        assert names(ours) == names(theirs)
        assert cosines(ours) == [cosine for _, cosine in theirs]
    assert vectors.similarity("word3", "word4") == pytest.approx(
        peer.similarity("word3", "word4"), abs=1e-6
    )


def test_no_more_neighbours_than_there_are(vectors):
    assert len(vectors.neighbours("word1", 100)) == 29
    assert len(vectors.analogy("word1", "word2", "word2", 100)) == 28


def test_the_map_is_principal_components(vectors):
    places = vectors.map(WORDS[:9])
    theirs = torch.from_numpy(PCA(2).fit_transform(vectors.unit[:9].double().numpy())).float()
    signs = (places * theirs).sum(dim=0).sign()
    torch.testing.assert_close(places, theirs * signs, atol=1e-5, rtol=1e-4)
    farthest = places.abs().argmax(dim=0)
    assert all(places[farthest[axis], axis] > 0 for axis in range(2))


def test_maps_of_one_or_two_words(vectors):
    assert vectors.map(WORDS[:1]).tolist() == [[0, 0]]
    places = vectors.map(WORDS[:2])
    torch.testing.assert_close(places[:, 1], torch.zeros(2), atol=1e-6, rtol=0)
    distance = (vectors.unit[0] - vectors.unit[1]).norm()
    torch.testing.assert_close((places[0] - places[1]).norm(), distance)


def test_a_table_keeps_its_rows_but_for_the_special_words():
    vocab, table = Vocab(["river", "bank"]), torch.randn(6, 3, requires_grad=True)
    vectors = WordVectors.from_table(vocab, table)
    assert vectors.words == ["river", "bank"]
    assert torch.equal(vectors["bank"], table.detach()[5])
    assert "<s>" not in vectors
    assert len(vectors) == 2


def test_a_vector_of_zeros_is_like_nothing():
    vectors = WordVectors(["a", "b"], torch.tensor([[0.0, 0], [1, 2]]))
    assert vectors.similarity("a", "b") == vectors.similarity("a", "a") == 0


@pytest.mark.parametrize(
    "ask",
    [
        lambda v: v["boat"],
        lambda v: v.similarity("word1", "boat"),
        lambda v: v.neighbours("boat"),
        lambda v: v.analogy("word1", "boat", "word2"),
        lambda v: v.map(["word1", "boat"]),
    ],
)
def test_a_word_without_a_vector_is_a_clear_error(vectors, ask):
    with pytest.raises(CourseError, match="no vector for 'boat'; choose one of the 30 words"):
        ask(vectors)


@pytest.mark.parametrize("words", [["a"], ["a", "a"]])
def test_words_must_match_the_matrix(words):
    with pytest.raises(ValueError, match=r"match|twice"):
        WordVectors(words, torch.zeros(2, 3))
