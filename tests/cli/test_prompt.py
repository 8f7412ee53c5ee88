"""`course prompt`, on a model that has counted a few questions and their answers."""

import io
import math

import pytest
import torch

from course_lib.cli import app, find, model_kinds, prompter
from course_lib.cli.model_kinds import Trained
from course_lib.cli.prompter import Asked
from course_lib.data.riverbank.tasks.prompting import LINE
from course_lib.models.ngram import NGramModel
from course_lib.models.ngram_smoothing import AddK
from course_lib.text.vocab import Vocab
from course_lib.text.word_tokenizer import words_of

from .task_files import course, problem

TEXTS = [
    "boat topic : river {LINE} coin topic : money {LINE}",
    "coin topic : money {LINE} boat topic : river {LINE}",
    "is a boat wet ? yes {LINE} is a coin wet ? not at all {LINE}",
    "川 に 行く 。 english : he swam . {LINE}",
]


@pytest.fixture
def model(tmp_path):
    """The file of a 4-gram model: it sees the three words before, so the answer needs `boat`."""
    texts = [text.replace("{LINE}", LINE).split() for text in TEXTS]
    vocab = Vocab.from_texts(texts)
    counted = NGramModel(4, AddK(0.01)).fit([vocab.encode(t) for t in texts], len(vocab))
    path = tmp_path / "m.safetensors"
    model_kinds.save("ngram", Trained(counted, words_of(vocab)), path)
    return path


def test_it_writes_the_answer_and_stops_at_its_end(capsys, model):
    assert course(capsys, "prompt", "Boat topic:", "-m", model) == "River\n"
    assert course(capsys, "prompt", "Is a coin wet?", "-m", model) == "Not at all\n"
    assert course(capsys, "prompt", "Is a coin wet?", "-m", model, "--max-words", 2) == "Not at\n"
    assert course(capsys, "prompt", "川に行く。English:", "-m", model) == "He swam.\n"


def test_standard_input_is_a_prompt_too(capsys, model, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("coin topic :\n"))
    assert course(capsys, "prompt", "-", "-m", model) == "Money\n"


def test_choices_have_their_share_of_the_probability(capsys, model):
    shown = course(capsys, "prompt", "boat topic:", "-m", model, "--choices", "money, river")
    assert [line.split("\t")[1] for line in shown.splitlines()] == ["River", "Money"]
    trained = model_kinds.load(model)

    def by_hand(answer):
        text = trained.vocab.encode(["boat", "topic", ":", *answer.split(), LINE])
        return trained.model.log_probs([text])[0][3:-1].sum().item()

    scores = {a: math.exp(by_hand(a)) for a in ("river", "not at all")}
    shown = course(capsys, "prompt", "boat topic:", "-m", model, "--choices", "not at all,river")
    for line in shown.splitlines():
        p, answer = line.split("\t")
        share = scores[answer.lower()] / sum(scores.values())
        assert float(p) == pytest.approx(share, abs=6e-4)


def test_length_and_prior_are_taken_into_account(model):
    asked = prompter.load(model, False)
    choices = [("not", "at", "all"), ("yes",)]
    question = Asked(prompt="coin", template="is a {text} wet ?")
    plain = prompter.choose(asked, question, choices, False, False)
    means = prompter.choose(asked, question, choices, True, False)
    with_prior = prompter.choose(asked, question, choices, False, True)
    logs = asked.answer_log_probs([("is", "a", "coin", "wet", "?")], choices)[0]
    empty = asked.answer_log_probs([("is", "a", "wet", "?")], choices)[0]

    def shares(scores):
        return sorted(scores.softmax(dim=0).tolist(), reverse=True)

    assert [c.probability for c in plain] == pytest.approx(shares(logs))
    assert [c.probability for c in means] == pytest.approx(shares(logs / torch.tensor([4, 2])))
    assert [c.probability for c in with_prior] == pytest.approx(shares(logs - empty))
    assert len({plain[0].probability, means[0].probability, with_prior[0].probability}) == 3


def test_shots_and_fields_fill_the_template(tmp_path, model):
    asked = prompter.load(model, True)
    shots = [prompter.TextPair("a boat", "River"), prompter.TextPair("Coin", "money")]
    question = Asked("boat", "{text} topic:", {}, shots)
    expected = f"a boat topic : river {LINE} coin topic : money {LINE} boat topic :"
    assert " ".join(prompter.prompt_of(asked, question)) == expected
    other = Asked("", "Is a {what} {how}?", {"what": "boat", "how": "wet"})
    assert " ".join(prompter.prompt_of(asked, other)) == "is a boat wet ?"
    rest = Asked("boat", "Is a {what} {how}?", {"how": "wet"})
    assert prompter.prompt_of(asked, rest) == prompter.prompt_of(asked, other)


def test_shots_come_from_a_file(tmp_path, capsys, model):
    shots = tmp_path / "shots.tsv"
    shots.write_text("coin\tmoney\nboat\triver\n")
    command = ["prompt", "coin", "-m", model, "--template", "{text} topic:", "--shots", shots]
    assert course(capsys, *command) == "Money\n"
    shots.write_text("coin\n")
    assert "shots.tsv, line 1 is not a text, a tab and its" in problem(capsys, *command)


def test_unknown_words_are_named_and_never_written(capsys, model):
    app.call(find("prompt"), ["🌊 dragons topic:", "-m", str(model)])
    said = capsys.readouterr()
    assert "the model does not know: 🌊, dragons" in said.err
    assert "unk" not in said.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([""], "the prompt is empty"),
        (["  "], "the prompt is empty"),
        (["boat", "--template", "{a} and {b} topic:"], "any of a, b: give them by --field"),
        (["boat", "--template", "topic:"], "has no field 'text'; it has: -"),
        (["", "--template", "{a} topic:"], "needs 'a', which is not given"),
        (["x", "--template", "{a} {b}", "--field", "a=1"], None),
        (["--template", "{a} {b}", "--field", "a=1"], "needs 'b', which is not given"),
        (["boat", "--template", "{a}", "--field", "c=1"], "has no field 'c'"),
        (["boat", "--field", "a=1"], "there is no template for a"),
        (["boat", "--field", "a"], "--field must be NAME=TEXT"),
        (["boat", "--choices", "yes"], "at least two different answers"),
        (["boat", "--choices", " , "], "at least two different answers"),
        (["boat", "--choices", "yes,dragons"], "cannot write the answer 'dragons'"),
        (["boat", "--choices", "yes,river", "--calibrate"], "add --template"),
        (["boat", "--max-words", "0"], "--max-words"),
    ],
)
def test_what_cannot_be_asked_is_one_line(capsys, model, arguments, says):
    if says is None:  # the prompt fills the field that is left
        course(capsys, "prompt", *arguments, "-m", model)
        return
    assert says in problem(capsys, "prompt", *arguments, "-m", model)


def test_models_that_cannot_be_asked(tmp_path, capsys):
    vocab = Vocab(["a", "b"])
    counted = NGramModel(2, AddK(1)).fit([vocab.encode(["a", "b"])], len(vocab))
    path = tmp_path / "m.safetensors"
    model_kinds.save("ngram", Trained(counted, words_of(vocab)), path)
    assert "has not learnt to end an answer" in problem(capsys, "prompt", "a", "-m", path)
    assert "cannot read" in problem(capsys, "prompt", "a", "-m", tmp_path / "none.safetensors")
