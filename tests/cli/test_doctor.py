"""The doctor finds each illness that we give a healthy machine."""

import json
import os
import shutil
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from matplotlib import font_manager

from course_lib.cli import doctor


@pytest.fixture(autouse=True)
def healthy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with one lecture, enough of everything, and no real text."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_one.ipynb").write_text('{"cells": []}')
    monkeypatch.setattr(doctor, "PROJECT", tmp_path)
    monkeypatch.setattr(doctor, "missing", lambda needs, path: [])
    memory = SimpleNamespace(available=8 * doctor.GIB, total=16 * doctor.GIB)
    monkeypatch.setattr("psutil.virtual_memory", lambda: memory)
    disk = SimpleNamespace(free=8 * doctor.GIB, total=16 * doctor.GIB)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: disk)
    monkeypatch.setenv("COURSE_DATA_HOME", str(tmp_path / "texts"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def test_a_healthy_machine(capsys: pytest.CaptureFixture[str]):
    assert doctor.doctor() == 0
    shown = capsys.readouterr().out
    assert "✗" not in shown
    assert torch.__version__ in shown
    assert "1 lectures" in shown
    assert "0 of 21 sets" in shown


def little_memory(patch: pytest.MonkeyPatch, folder: Path) -> None:
    few = SimpleNamespace(available=doctor.GIB, total=16 * doctor.GIB)
    patch.setattr("psutil.virtual_memory", lambda: few)


def full_disk(patch: pytest.MonkeyPatch, folder: Path) -> None:
    few = SimpleNamespace(free=doctor.GIB // 2, total=16 * doctor.GIB)
    patch.setattr(shutil, "disk_usage", lambda path: few)


def read_only_folder(patch: pytest.MonkeyPatch, folder: Path) -> None:
    refusing = SimpleNamespace(access=lambda path, mode: False, W_OK=os.W_OK, cpu_count=lambda: 2)
    patch.setattr(doctor, "os", refusing)  # for the doctor alone, not for every library


def no_lecture(patch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "notebooks" / "01_one.ipynb").unlink()


def damaged_lecture(patch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "notebooks" / "02_two.ipynb").write_text("<<<<<<< HEAD")


def no_japanese_font(patch: pytest.MonkeyPatch, folder: Path) -> None:
    patch.setattr(font_manager.fontManager, "ttflist", [])
    patch.setattr("matplotlib_fontja.japanize", lambda: None)


def other_library(patch: pytest.MonkeyPatch, folder: Path) -> None:
    patch.setattr(doctor, "missing", lambda needs, path: ["numpy==9.9"])


def kernel_of_another_python(patch: pytest.MonkeyPatch, folder: Path) -> None:
    spec = folder / "jupyter" / "kernels" / "python3"
    spec.mkdir(parents=True)
    argv = ["/elsewhere/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    text = json.dumps({"argv": argv, "display_name": "Python", "language": "python"})
    (spec / "kernel.json").write_text(text)
    patch.setenv("JUPYTER_PATH", str(folder / "jupyter"))


def deaf_machine(patch: pytest.MonkeyPatch, folder: Path) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError("refused")

    patch.setattr(socket, "create_connection", refuse)


def broken_graphics_card(patch: pytest.MonkeyPatch, folder: Path) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no kernel image\nand more")

    patch.setattr(torch.cuda, "is_available", lambda: True)
    patch.setattr(torch.cuda, "get_device_name", lambda: "Old Card")
    patch.setattr(torch, "ones", fail)


def altered_text(patch: pytest.MonkeyPatch, folder: Path) -> None:
    text = folder / "texts" / "tinyshakespeare" / "input.txt"
    text.parent.mkdir(parents=True)
    text.write_text("First Citizen: Before we proceed any further, bear me.")


ILLNESSES = {
    little_memory: "close other programs",
    full_disk: "make room",
    read_only_folder: "cannot be written to",
    no_lecture: "no lecture was found",
    damaged_lecture: "02_two.ipynb",
    no_japanese_font: "will be boxes",
    other_library: "numpy==9.9",
    kernel_of_another_python: "another Python",
    deaf_machine: "127.0.0.1",
    altered_text: "1 altered",
}


@pytest.mark.parametrize("illness", ILLNESSES, ids=lambda illness: illness.__name__)
def test_each_illness_is_found_and_named(illness, healthy, monkeypatch, capsys):
    illness(monkeypatch, healthy)
    assert doctor.doctor() == 2
    shown = capsys.readouterr().out
    assert ILLNESSES[illness] in shown
    assert shown.count("✗") == 1


def test_a_graphics_card_that_does_not_work(healthy, monkeypatch):
    broken_graphics_card(monkeypatch, healthy)
    finding = doctor.check_accelerator()
    assert finding.found == "Old Card"
    assert "no kernel image" in finding.problem
    assert "COURSE_DEVICE=cpu" in finding.problem
    assert "\n" not in finding.problem
