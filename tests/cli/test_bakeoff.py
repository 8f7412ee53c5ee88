import csv
import itertools

import pytest
import torch
from typer.testing import CliRunner

from course_lib.cli import COMMANDS, bakeoff_study
from course_lib.cli import bakeoff as command
from course_lib.cli.app import load as load_app
from course_lib.cli.bakeoff_runs import Run, read
from course_lib.cli.bakeoff_study import Budget, Study, never_unknown
from course_lib.data.corpora.records import TranslationPair
from course_lib.data.corpora.splits import Splits
from course_lib.errors import CourseError
from course_lib.inference.translating import translate, translate_best
from course_lib.text.vocab import Vocab
from course_lib.training.parallel_recipes import PLANS, Parallel

NUMBERS = {"one": "一", "two": "二", "three": "三", "four": "四", "five": "五"}


def pairs(n, length):
    """Lists of numbers, said in the other language from the end: no two words in one order."""
    rows = list(itertools.islice(itertools.product(NUMBERS, repeat=length), n))
    return [
        TranslationPair(" ".join(row), " ".join(NUMBERS[word] for word in reversed(row)))
        for row in rows
    ]


@pytest.fixture
def corpus(monkeypatch):
    splits = Splits(pairs(120, 4) + pairs(20, 3), [], [*pairs(9, 4), *pairs(4, 3)])
    monkeypatch.setattr(bakeoff_study, "translation", lambda _name: splits)
    return splits


def run(*args):
    app = load_app(next(c for c in COMMANDS if c.name == "bakeoff"))
    return CliRunner().invoke(app, list(args), catch_exceptions=False)


def test_a_budget_in_passes_is_kept(corpus):
    study = Study("small_parallel_enja", 2)
    found = [study.run("attention", Budget("epochs", n), 0) for n in (8, 16)]
    assert [round(one.epochs) for one in found] == [8, 16]
    assert found[1].steps > found[0].steps


def test_a_budget_in_minutes_becomes_steps(corpus, monkeypatch):
    study = Study("small_parallel_enja", 2)
    seconds = iter([1.0, 3.0])  # of the steps that are thrown away, and of those that count
    monkeypatch.setattr(study, "learn", lambda *_args: (0, next(seconds)))
    plan = PLANS["one vector"](study.parallel, torch.Generator().manual_seed(0))
    assert study.n_steps(plan, Budget("minutes", 2), 0) == 2 * 60 * bakeoff_study.N_TIMED / 3


@pytest.mark.parametrize("name", PLANS)
def test_each_model_learns_to_say_it_backwards(corpus, name):
    found = Study("small_parallel_enja", 3).run(
        name, Budget("epochs", 200 if name == "transformer" else 100), 0
    )
    assert found.greedy > 80
    assert found.beam > 80
    assert found.chrf > 80


@pytest.mark.parametrize("name", PLANS)
def test_a_run_depends_on_its_seed_alone(corpus, name):
    """All but the seconds: the same again, and another with another seed."""
    study = Study("small_parallel_enja", 2)
    first, again, other = (study.run(name, Budget("epochs", 10), seed) for seed in (0, 0, 1))
    scores = [(one.greedy, one.beam, one.chrf, one.epochs) for one in (first, again, other)]
    assert scores[0] == scores[1] != scores[2]


@pytest.mark.parametrize("name", PLANS)
def test_the_unknown_word_is_never_written(corpus, name):
    study = Study("small_parallel_enja", 2)
    plan = PLANS[name](study.parallel, torch.Generator().manual_seed(0))
    bias = plan.model.output_bias if name == "transformer" else plan.model.bias
    with torch.no_grad():
        bias[Vocab.unk_id] = 100.0
    asked = [plan.source(source) for source in study.sources]
    assert all((ids == Vocab.unk_id).all() for ids in translate(plan.model, asked, 3))
    never_unknown(plan.model)
    for found in (translate(plan.model, asked, 3), translate_best(plan.model, asked, 3, 2)):
        assert not any((ids == Vocab.unk_id).any() for ids in found)


def test_the_transformers_two_languages_share_nothing_but_the_special_words():
    parallel = Parallel([(torch.tensor([4, 1, 6]), torch.tensor([4, 5]))], 7, 6)
    plan = PLANS["transformer"](parallel, torch.Generator().manual_seed(0))
    assert plan.model.cfg.vocab_size == 7 + 6 - 4
    assert plan.source(torch.tensor([0, 1, 2, 3, 4, 5, 6])).tolist() == [0, 1, 2, 3, 6, 7, 8]
    assert plan.model(torch.tensor([[6, 1, 8]]), torch.tensor([[2, 4]])).shape == (1, 2, 6)


def test_subwords_come_back_as_text():
    texts = ["彼は本を読む。", "彼女は泳ぐ。", "彼は泳ぐ。"] * 20
    side = bakeoff_study.subwords_side(texts)
    for text in texts[:3]:
        assert side.decode(side.encode(text)) == text
        assert list(side.tokens(text)) == list(text)


def test_the_command_adds_to_its_table(corpus, tmp_path):
    out = tmp_path / "runs.csv"
    for seed in ("0", "1", "0"):
        done = run("attention", "--epochs", "4", "--seed", seed, "--out", str(out))
        assert done.exit_code == 0
    with out.open() as file:
        assert [row["seed"] for row in csv.DictReader(file)] == ["0", "1"]
    assert [type(value) for value in read(out)[0]] == list(Run.__annotations__.values())
    assert "4 epochs" in done.output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["lstm"], "there is no 'lstm'; choose one of: one vector, attention, transformer"),
        (["--corpus", "europarl"], "there is no 'europarl'"),
        (["--minutes", "0"], "more than 0"),
        (["--epochs", "-1"], "more than 0"),
    ],
)
def test_what_cannot_be_asked_is_said_in_one_line(corpus, args, message):
    with pytest.raises(CourseError, match=message):
        run(*args)


def test_another_table_is_not_written_over(corpus, tmp_path):
    out = tmp_path / "other.csv"
    out.write_text("name,price\ntea,3\n")
    with pytest.raises(CourseError, match=r"other.csv is no table of `course bakeoff`"):
        run("attention", "--out", str(out))
    assert out.read_text() == "name,price\ntea,3\n"
    assert command.bakeoff.__doc__
