import pytest
import torch
from typer.testing import CliRunner

from course_lib.cli import checkpoint_recipes
from course_lib.cli import checkpoints as command
from course_lib.cli.model_kinds import load as load_trained
from course_lib.data import riverbank
from course_lib.errors import CourseError
from course_lib.models import checkpoints
from course_lib.text.marks import MARKS
from course_lib.text.vocab import Vocab

SMALL = {"gpt_riverbank": {"d_model": 16}, "lstm_riverbank": {}}
GOING_ON = ("prompted_riverbank", "instructed_riverbank")  # from another shipped model, of its size
ENCODERS = ("bert_riverbank", "bert_english", "bert_japanese")
WRITERS = tuple(SMALL)
TEXT = ["she swam to the other bank .", "it was a long way .", "he waited there ."] * 20


class Book:
    paragraphs = tuple(TEXT)


class Books:
    dev = (Book(), Book())


def build(*arguments):
    return CliRunner().invoke(command.checkpoints_app, ["build", *map(str, arguments)])


@pytest.fixture
def few_steps(monkeypatch):
    """Every recipe as it is, but for its size, and for the real texts, which may not be here."""
    for name, recipe in list(command.RECIPES.items()):
        settings = {} if name in GOING_ON else SMALL.get(name, {"d_model": 16})
        small = recipe._replace(n_steps=8, n_texts=40, settings=settings)
        monkeypatch.setitem(command.RECIPES, name, small)
    monkeypatch.setattr(checkpoint_recipes, "unlabelled", lambda language: [TEXT, TEXT[1:]])
    monkeypatch.setattr(checkpoint_recipes, "language_modelling", lambda name: Books)


@pytest.mark.parametrize("name", list(command.RECIPES))
def test_a_model_is_built_again_to_the_same_bits_and_read_as_it_was_written(
    name, few_steps, tmp_path
):
    built = build(name, "--folder", tmp_path)
    assert built.exit_code == 0, built.exception
    shipped = checkpoints.load(name, tmp_path)
    recipe = command.RECIPES[name]
    material = recipe.material(recipe.n_texts)
    assert shipped.vocab.words == material.tokenizer.vocab.words
    assert recipe.score(shipped.model, material) == pytest.approx(shipped.bits_per_word, abs=1e-6)
    assert build(name, "--check", "--folder", tmp_path).exit_code == 0


@pytest.mark.parametrize("name", WRITERS)
def test_the_same_file_serves_course_generate(name, few_steps, tmp_path):
    assert build(name, "--folder", tmp_path).exit_code == 0
    other = load_trained(tmp_path / f"{name}.safetensors")
    ids = torch.tensor([[Vocab.start_id, 10, 11]])
    model = checkpoints.load(name, tmp_path).model
    torch.testing.assert_close(other.model.next_logits(ids), model.next_logits(ids))


def test_an_encoder_is_not_asked_to_write(few_steps, tmp_path):
    assert build("bert_riverbank", "--folder", tmp_path).exit_code == 0
    with pytest.raises(CourseError, match="no language model: see `course train classifier"):
        load_trained(tmp_path / "bert_riverbank.safetensors")


@pytest.mark.parametrize("name", ENCODERS)
def test_the_tokenizer_comes_with_the_encoder(name, few_steps, tmp_path):
    assert build(name, "--folder", tmp_path).exit_code == 0
    tokenizer = checkpoints.load_tokenizer(name, tmp_path)
    material = command.RECIPES[name].material(40)
    assert tokenizer.vocab.words[4:7] == list(MARKS)
    text = "she swam to the other bank ."
    assert tokenizer.encode(text).equal(material.tokenizer.encode(text))
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_a_model_of_other_training_is_told_from_the_file(few_steps, tmp_path, monkeypatch):
    assert build("gpt_riverbank", "--folder", tmp_path).exit_code == 0
    longer = command.RECIPES["gpt_riverbank"]._replace(n_steps=30)
    monkeypatch.setitem(command.RECIPES, "gpt_riverbank", longer)
    result = build("gpt_riverbank", "--check", "--folder", tmp_path)
    assert isinstance(result.exception, CourseError)
    assert "the file says" in str(result.exception)


def test_fewer_steps_make_another_model(few_steps, tmp_path):
    bits = {}
    for steps in (1, 8):
        assert build("bert_riverbank", "--steps", steps, "--folder", tmp_path).exit_code == 0
        bits[steps] = checkpoints.load("bert_riverbank", tmp_path).bits_per_word
    assert bits[8] < bits[1]


def test_names_that_are_none_and_files_that_are_damaged(tmp_path):
    with pytest.raises(CourseError, match="no model 'gpt'"):
        checkpoints.load("gpt", tmp_path)
    assert isinstance(build("gpt", "--folder", tmp_path).exception, CourseError)
    (tmp_path / "gpt.safetensors").write_bytes(b"\x80\x04pickled")
    with pytest.raises(CourseError, match="damaged"):
        checkpoints.load("gpt", tmp_path)
    with pytest.raises(CourseError, match="damaged"):
        checkpoints.load_tokenizer("gpt", tmp_path)


@pytest.mark.parametrize("name", [*WRITERS, "bert_riverbank"])
def test_what_is_shipped_is_as_good_as_it_says(name):
    shipped = checkpoints.load(name)
    recipe = command.RECIPES[name]
    material = recipe.material(None)
    assert not shipped.model.training
    assert shipped.vocab.words == material.tokenizer.vocab.words
    assert recipe.score(shipped.model, material) == pytest.approx(shipped.bits_per_word, abs=1e-3)


def test_the_shipped_gpt_is_near_the_floor():
    floor = riverbank.floor(riverbank.load("dev")).bits_per_word
    assert 1 < checkpoints.load("gpt_riverbank").bits_per_word / floor < 1.02


def test_the_list_names_what_is_shipped():
    shown = CliRunner().invoke(command.checkpoints_app, ["list"]).stdout
    assert all(name in shown for name in checkpoints.names())
