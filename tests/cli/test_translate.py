"""`course translate` and `course summarise`: plain text in, plain text out, whatever it holds."""

import io

import pytest
import torch

from course_lib.cli import app, find, model_kinds, translator
from course_lib.cli.model_kinds import Trained
from course_lib.data.batching import parallel_batches
from course_lib.models.config import TransformerConfig
from course_lib.models.modern_translator import ModernTranslator
from course_lib.text.translation_inputs import ASKED, HEADLINE, TO_ENGLISH, TO_JAPANESE
from course_lib.text.vocab import Vocab
from course_lib.text.word_tokenizer import CharacterTokenizer, words_of
from course_lib.training.loop import TrainConfig, train
from course_lib.training.objectives import sequence_loss

from .task_files import course, problem

PEOPLE = {"nina": "ニーナ", "max": "マックス"}
DEEDS = {"swam": "泳い", "slept": "眠っ"}


def pairs():
    """Every sentence in both directions; the last deed is the headline of a story."""
    for name, namae in PEOPLE.items():
        for deed, koto in DEEDS.items():
            english, japanese = [name, deed, "."], [namae, "は", koto, "た", "。"]
            yield [TO_JAPANESE, *english], japanese
            yield [TO_ENGLISH, *japanese], english
            for other in DEEDS:
                yield [HEADLINE, name, other, ".", *english], [name, deed]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A model of three tasks that has learnt all its sentences by heart."""
    texts = list(pairs())
    words = sorted({word for pair in texts for side in pair for word in side} - {*ASKED})
    vocab = Vocab([*ASKED, *words])
    ids = [(vocab.encode(source), vocab.encode(target)) for source, target in texts]
    cfg = TransformerConfig(
        vocab_size=len(vocab), context_length=12, d_model=16, n_heads=2, n_layers=1, dropout=0.0
    )
    rng = torch.Generator().manual_seed(0)
    model = ModernTranslator(cfg, rng)
    batches = parallel_batches(ids, 300, rng, Vocab.start_id, Vocab.end_id)
    train(model, sequence_loss, batches, TrainConfig(n_steps=250, lr=0.02, n_warmup=10))
    path = tmp_path_factory.mktemp("model") / "t.safetensors"
    model_kinds.save("translator", Trained(model.eval(), words_of(vocab)), path)
    return path


def written(tmp_path, text):
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_line_into_the_language_that_it_is_not_in(tmp_path, capsys, file):
    text = "Nina swam. Max slept.\n\nマックスは泳いだ。ニーナは眠っ た。\n  max swam"
    expected = "ニーナは泳いた。マックスは眠った。\n\nMax swam. Nina slept.\nマックスは泳いた。\n"
    text = text.replace("泳いだ", "泳いた")
    for more in ([], ["--beams", 1]):
        shown = course(capsys, "translate", written(tmp_path, text), "-m", file, *more)
        assert shown.splitlines()[:3] == expected.splitlines()[:3]
        assert shown.count("\n") == 4


def test_a_language_may_be_asked_for_but_not_the_same_one(tmp_path, capsys, file):
    text = written(tmp_path, "Max slept.\n...\n")
    to_japanese = course(capsys, "translate", text, "-m", file, "--to", "ja")
    assert to_japanese.startswith("マックスは眠った。\n")
    assert "in the language of --to en already: 'Max slept.'" in problem(
        capsys, "translate", text, "-m", file, "--to", "en"
    )
    assert "no language 'fr'; choose one of: ja, en" in problem(
        capsys, "translate", text, "-m", file, "--to", "fr"
    )


def test_standard_input(capsys, file, monkeypatch):
    for arguments in ([], ["-"]):
        monkeypatch.setattr("sys.stdin", io.StringIO("Nina slept.\r\n"))
        assert course(capsys, "translate", *arguments, "-m", file) == "ニーナは眠った。\n"


def test_a_headline_for_each_text(tmp_path, capsys, file):
    text = written(tmp_path, "Nina swam.\nNina slept.\n\n\nMax slept. Max swam.\n")
    assert course(capsys, "summarise", text, "-m", file) == "Nina slept\nMax swam\n"


@pytest.mark.parametrize(
    "line", ["🌊", "Привет мир", "dragons", "<s> </s> <ja> <pad> <unk>", "\x00"]
)
def test_a_line_without_a_known_word_stays_empty_and_is_said(tmp_path, capsys, file, line):
    for command in ("translate", "summarise"):
        arguments = [str(written(tmp_path, f"{line}\n")), "-m", str(file)]
        assert app.call(find(command), arguments) == 0
        said = capsys.readouterr()
        assert said.out == "\n"
        assert "Traceback" not in said.err
        if line.isprintable() and "<" not in line:
            assert f"the model does not know: {line.lower().split()[0]}" in said.err


def test_unknown_words_among_known_ones_are_named_once_and_never_written(tmp_path, capsys, file):
    text = written(tmp_path, "Nina 🌊 swam.\nNina 🌊 swam.\n")
    app.call(find("translate"), [str(text), "-m", str(file)])
    said = capsys.readouterr()
    assert said.err.count("🌊") == 1
    assert said.out.count("\n") == 2
    assert "unk" not in said.out


def test_whatever_is_too_long_is_read_in_parts_or_cut(tmp_path, capsys, file):
    long = "nina swam " * 40
    shown = course(capsys, "translate", written(tmp_path, long), "-m", file)
    assert shown.count("\n") == 1
    assert shown.count("swam") + shown.count("泳い") >= 4  # something from each of the parts
    assert course(capsys, "summarise", written(tmp_path, long), "-m", file).count("\n") == 1


@pytest.mark.parametrize("command", ["translate", "summarise"])
@pytest.mark.parametrize("text", ["", " \n\n"])
def test_no_text_is_one_line(tmp_path, capsys, file, command, text):
    path = written(tmp_path, text)
    assert "there is no text to" in problem(capsys, command, path, "-m", file)


def test_japanese_stories_are_to_be_translated_first(tmp_path, capsys, file):
    path = written(tmp_path, "マックスは眠った。")
    assert "first `course translate --to en`" in problem(capsys, "summarise", path, "-m", file)


def test_files_of_other_kinds_are_refused_and_say_what_they_are_for(tmp_path, capsys, file):
    path, text = tmp_path / "m.safetensors", written(tmp_path, "x")
    assert "cannot read" in problem(capsys, "translate", text, "-m", path)
    assert "cannot read" in problem(capsys, "translate", tmp_path / "none.txt", "-m", file)
    assert "see `course translate`" in problem(capsys, "generate", file)
    path.write_bytes(file.read_bytes()[:900])
    assert "is not a file of `course train`" in problem(capsys, "translate", text, "-m", path)
    content = file.read_bytes()
    path.write_bytes(content.replace(b"encoder_norm", b"encoder_form"))
    assert "is not a file of `course train`" in problem(capsys, "translate", text, "-m", path)
    course(capsys, "train", "ngram", text, "-o", path)
    assert "is of the kind 'ngram'" in problem(capsys, "translate", text, "-m", path)


def test_a_model_without_marks_translates_whole_lines_one_way(tmp_path, capsys):
    tokenizer = CharacterTokenizer.train(["ab.", "xy。"])
    cfg = TransformerConfig(
        vocab_size=len(tokenizer), context_length=9, d_model=8, n_heads=2, n_layers=1, dropout=0.0
    )
    model = ModernTranslator(cfg, torch.Generator().manual_seed(0)).eval()
    path = tmp_path / "t.safetensors"
    model_kinds.save("translator", Trained(model, tokenizer), path)
    task = translator.load(path)
    lines = ["ab. Ab", "", "x" * 30, "🌊"]
    found = translator.translate(task, lines)
    assert len(found) == 4
    assert found[1] == ""
    one_by_one = [translator.translate(task, [line])[0] for line in lines]
    assert [len(text) > 0 for text in one_by_one] == [len(text) > 0 for text in found]
    model.output_bias.data[Vocab.unk_id] = 50
    unsure = translator.TranslatorModel(model, tokenizer)
    assert not any("unk" in text for text in translator.translate(unsure, lines))
    text = written(tmp_path, "ab")
    assert "one way only: leave --to out" in problem(
        capsys, "translate", text, "-m", path, "--to", "ja"
    )
