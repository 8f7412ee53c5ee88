import math
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.errors import CourseError
from course_lib.interop.arpa import read_arpa, write_arpa
from course_lib.models.ngram import NGramModel
from course_lib.models.ngram_backoff import to_backoff
from course_lib.models.ngram_smoothing import KneserNey, ModifiedKneserNey
from course_lib.text.vocab import Vocab

VOCAB = Vocab(["river", "bank", "the", "川", "never"])
RNG = torch.Generator().manual_seed(0)
TRAIN = [VOCAB.encode(["the", "bank"]), VOCAB.encode(["the", "unheard", "川"])]
TRAIN += [torch.randint(4, 8, (n % 7,), generator=RNG) for n in range(30)]
HELD_OUT = [torch.randint(4, 9, (n,), generator=RNG) for n in (0, 1, 4, 25)]
HELD_OUT += [VOCAB.encode(["unheard", "the", "unheard", "unheard"])]

EXAMPLE = """
\\data\\
ngram 1=5
ngram 2=3
ngram 3=1

\\1-grams:
-1.5\t<unk>
-99\t<s>\t-0.25
-0.7\t</s>
-0.6\tthe\t-0.5
-0.9\tbank

\\2-grams:
-0.1\t<s> the\t-0.125
-0.3\tthe bank\t0
-0.8\tbank </s>

\\3-grams:
-0.05\t<s> the bank

\\end\\
"""


def kenlm_scores(path: Path, texts: list[torch.Tensor], vocab: Vocab) -> list[list[float]]:
    kenlm = pytest.importorskip("kenlm", reason="KenLM's module is not installed (Linux only)")
    config = kenlm.Config()
    config.show_progress = False
    model = kenlm.Model(str(path), config)
    words = [" ".join(vocab.decode(text)) for text in texts]
    return [[score for score, _, _ in model.full_scores(text)] for text in words]


@pytest.mark.parametrize("order", [2, 3, 5])
@pytest.mark.parametrize("smoothing", [KneserNey(0.6), ModifiedKneserNey()], ids=str)
def test_kenlm_scores_our_file_as_we_do(tmp_path: Path, order: int, smoothing):
    model = NGramModel(order, smoothing).fit(TRAIN, len(VOCAB))
    write_arpa(to_backoff(model), VOCAB, tmp_path / "a.arpa")
    theirs = kenlm_scores(tmp_path / "a.arpa", HELD_OUT, VOCAB)
    for ours, expected in zip(model.log_probs(HELD_OUT), theirs, strict=True):
        assert (ours / math.log(10)).tolist() == pytest.approx(expected, abs=2e-6)  # float32 there


def test_a_file_of_kenlms_format_scores_here_as_there(tmp_path: Path):
    (tmp_path / "a.arpa").write_text(EXAMPLE)
    model, vocab = read_arpa(tmp_path / "a.arpa")
    assert vocab.words[4:] == ["the", "bank"]
    lines = ["the bank", "", "bank bank the", "the spring the bank", "spring"]
    texts = [vocab.encode(line.split()) for line in lines]
    theirs = kenlm_scores(tmp_path / "a.arpa", texts, vocab)
    for ours, expected in zip(model.log_probs(texts), theirs, strict=True):
        assert (ours / math.log(10)).tolist() == pytest.approx(expected, abs=1e-6)


def test_the_example_worked_out_by_hand(tmp_path: Path):
    (tmp_path / "a.arpa").write_text(EXAMPLE)
    model, vocab = read_arpa(tmp_path / "a.arpa")
    by_hand = [-0.1, -0.125 - 0.5 - 1.5, -0.6, -0.3, -0.8]
    text = vocab.encode(["the", "spring", "the", "bank"])
    assert model.log_probs([text])[0].tolist() == pytest.approx([math.log(10) * x for x in by_hand])
    after_start = model.next_logits(torch.tensor([[2]]))[0] / math.log(10)
    assert after_start.tolist() == pytest.approx(
        [-math.inf, -1.75, -math.inf, -0.95, -0.1, -1.15], rel=1e-12
    )


@settings(max_examples=30)
@given(
    st.lists(st.lists(st.sampled_from([1, 4, 5, 6]), max_size=6), min_size=1, max_size=6),
    st.integers(1, 6),
)
def test_models_round_trip(tmp_path_factory: pytest.TempPathFactory, texts, order):
    model = to_backoff(NGramModel(order).fit([torch.tensor(t).long() for t in texts], len(VOCAB)))
    path = tmp_path_factory.mktemp("arpa") / "a.arpa"
    write_arpa(model, VOCAB, path)
    again, vocab = read_arpa(path)
    assert vocab.words == VOCAB.words
    for a, b in zip(again.log_probs(HELD_OUT), model.log_probs(HELD_OUT), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-8, atol=1e-8)


def test_probability_zero_is_written_as_minus_99(tmp_path: Path):
    model = to_backoff(NGramModel(2, KneserNey(uniform=False)).fit(TRAIN, len(VOCAB)))
    write_arpa(model, VOCAB, tmp_path / "a.arpa")
    assert "\n-99\tnever\t0\n" in (tmp_path / "a.arpa").read_text(encoding="utf-8")
    again, _ = read_arpa(tmp_path / "a.arpa")
    assert again.prob(VOCAB.ids["never"], []) == pytest.approx(1e-99)


def test_windows_line_ends_capitals_and_a_missing_unk_are_read(tmp_path: Path):
    text = EXAMPLE.replace("<unk>", "<UNK>").replace("\n", "\r\n")
    (tmp_path / "a.arpa").write_bytes(text.encode())
    assert read_arpa(tmp_path / "a.arpa")[0].prob(1, []) == pytest.approx(10**-1.5)
    without = EXAMPLE.replace("-1.5\t<unk>\n", "").replace("ngram 1=5", "ngram 1=4")
    (tmp_path / "b.arpa").write_text(without)
    assert read_arpa(tmp_path / "b.arpa")[0].prob(1, []) == pytest.approx(1e-100)


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("\\data\\", "data", 2, "the first line is not"),
        ("ngram 2=3", "ngram 3=3", 4, "orders must be listed"),
        ("ngram 1=5\nngram 2=3\nngram 3=1\n", "", 4, "how many grams"),
        ("ngram 1=5", "ngram 1=6", 14, "fewer grams than the header promises"),
        ("ngram 1=5", "ngram 1=4", 12, r"\\2-grams: was expected here"),
        ("ngram 3=1", "ngram 3=0", 20, "more grams than the header promises"),
        ("\\2-grams:", "\\3-grams:", 14, r"\\2-grams: was expected here"),
        ("-0.3\tthe bank\t0", "-0.3\tthe bank\t0\t0", 16, "not a number, 2 words, and a number"),
        ("-0.3\tthe bank\t0", "-0.3\tthe", 16, "not a number, 2 words"),
        ("-0.3\tthe bank\t0", "x\tthe bank\t0", 16, "not a number, 2 words"),
        ("-0.3\tthe bank\t0", "0.3\tthe bank\t0", 16, "0.3 is no logarithm"),
        ("-0.3\tthe bank\t0", "nan\tthe bank\t0", 16, "nan is no logarithm"),
        ("-0.3\tthe bank", "-0.3\tthe spring", 16, "'spring' is not among the 1-grams"),
        ("-0.3\tthe bank", "-0.3\t<s> the", 16, "listed before"),
        ("-0.05\t<s> the bank", "-0.05\tbank the bank", 20, "first 2 words of this gram"),
        ("-0.05\t<s> the bank", "-0.05\t<s> the bank\t-1", 20, "highest order"),
        ("-0.7\t</s>", "-0.7\tend", 12, "there is no 1-gram </s>"),
        ("\\end\\", "", 22, r"the file ends before \\end\\"),
    ],
)
def test_a_malformed_file_is_one_line(tmp_path: Path, old: str, new: str, line: int, problem: str):
    assert old in EXAMPLE
    path = tmp_path / "a.arpa"
    path.write_text(EXAMPLE.replace(old, new, 1))
    with pytest.raises(CourseError, match=problem) as error:
        read_arpa(path)
    assert "\n" not in str(error.value)
    assert f"{path}: line" in str(error.value)
    assert f"line {line}:" in str(error.value)


@pytest.mark.parametrize("text", ["", "\n\n", "a plain text\nof two lines\n"])
def test_what_is_no_arpa_file_at_all_is_one_line(tmp_path: Path, text: str):
    (tmp_path / "a.arpa").write_text(text)
    with pytest.raises(CourseError, match="an ARPA file was expected"):
        read_arpa(tmp_path / "a.arpa")


def test_words_that_the_format_cannot_hold_are_refused(tmp_path: Path):
    vocab = Vocab(["two words"])
    model = to_backoff(NGramModel(2).fit([torch.tensor([4])], len(vocab)))
    with pytest.raises(ValueError, match="white space"):
        write_arpa(model, vocab, tmp_path / "a.arpa")
    with pytest.raises(ValueError, match="9 words, but the model was made with 5"):
        write_arpa(model, VOCAB, tmp_path / "a.arpa")
    assert list(tmp_path.iterdir()) == []
