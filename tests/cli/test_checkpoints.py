import pytest
import torch
from typer.testing import CliRunner

from course_lib.cli import checkpoints as command
from course_lib.cli.model_kinds import load as load_trained
from course_lib.data import riverbank
from course_lib.errors import CourseError
from course_lib.evaluation.metrics import bits_per_word
from course_lib.models import checkpoints
from course_lib.text.vocab import Vocab

SMALL = {"gpt_riverbank": {"d_model": 16}, "lstm_riverbank": {}}


def build(*arguments):
    return CliRunner().invoke(command.checkpoints_app, ["build", *map(str, arguments)])


@pytest.fixture
def few_steps(monkeypatch):
    """Every recipe as it is, but for its size."""
    for name, recipe in list(command.RECIPES.items()):
        small = recipe._replace(n_steps=8, n_stories=40, settings=SMALL[name])
        monkeypatch.setitem(command.RECIPES, name, small)


@pytest.mark.parametrize("name", list(command.RECIPES))
def test_a_model_is_built_again_to_the_same_bits_and_read_as_it_was_written(
    name, few_steps, tmp_path
):
    assert build(name, "--folder", tmp_path).exit_code == 0
    shipped = checkpoints.load(name, tmp_path)
    texts = [shipped.vocab.encode(story.words) for story in riverbank.load("dev")]
    found = bits_per_word(shipped.model.log_probs(texts)).value
    assert found == pytest.approx(shipped.bits_per_word, abs=1e-6)
    assert build(name, "--check", "--folder", tmp_path).exit_code == 0
    other = load_trained(tmp_path / f"{name}.safetensors")  # the same file serves `course generate`
    ids = torch.tensor([[Vocab.start_id, 10, 11]])
    torch.testing.assert_close(other.model.next_logits(ids), shipped.model.next_logits(ids))


def test_a_model_of_other_training_is_told_from_the_file(few_steps, tmp_path, monkeypatch):
    assert build("gpt_riverbank", "--folder", tmp_path).exit_code == 0
    longer = command.RECIPES["gpt_riverbank"]._replace(n_steps=30)
    monkeypatch.setitem(command.RECIPES, "gpt_riverbank", longer)
    result = build("gpt_riverbank", "--check", "--folder", tmp_path)
    assert isinstance(result.exception, CourseError)
    assert "the file says" in str(result.exception)


def test_names_that_are_none_and_files_that_are_damaged(tmp_path):
    with pytest.raises(CourseError, match="no model 'gpt'"):
        checkpoints.load("gpt", tmp_path)
    assert isinstance(build("gpt", "--folder", tmp_path).exception, CourseError)
    (tmp_path / "gpt.safetensors").write_bytes(b"\x80\x04pickled")
    with pytest.raises(CourseError, match="damaged"):
        checkpoints.load("gpt", tmp_path)


@pytest.mark.parametrize("name", list(command.RECIPES))
def test_what_is_shipped_is_as_good_as_it_says(name):
    shipped = checkpoints.load(name)
    stories = riverbank.load("dev")
    assert not shipped.model.training
    assert shipped.vocab.words == Vocab(riverbank.vocabulary()).words
    found = bits_per_word(shipped.model.log_probs([shipped.vocab.encode(s.words) for s in stories]))
    assert found.value == pytest.approx(shipped.bits_per_word, abs=1e-3)


def test_the_shipped_gpt_is_near_the_floor():
    floor = riverbank.floor(riverbank.load("dev")).bits_per_word
    assert 1 < checkpoints.load("gpt_riverbank").bits_per_word / floor < 1.02


def test_the_list_names_what_is_shipped():
    shown = CliRunner().invoke(command.checkpoints_app, ["list"]).stdout
    assert all(name in shown for name in command.RECIPES)
