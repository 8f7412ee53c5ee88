"""A student's notebook as other programs save it: what they add, drop and write differently.

Each saver takes a notebook and returns the bytes of the file; the notebook stays as it was. The
students' code is the same in all of them, so each must get the same marks. Sources: the files that
these programs write, and the notebook format's own description (nbformat.readthedocs.io).
"""

import copy
import json
from collections.abc import Callable
from typing import Any

from nbformat import NotebookNode

Saver = Callable[[NotebookNode], bytes]

RAN = {
    "name": "stdout",
    "output_type": "stream",
    "text": ["✗ f, case 1 of 4: Not written yet.\n", "100%|███| 3/3\n"],
}
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "version": "3.12.4",
}


def plain(notebook: NotebookNode) -> dict[str, Any]:
    """A copy as dictionaries and lists, each source a list of lines that keep their ends."""
    content = json.loads(json.dumps(copy.deepcopy(notebook)))
    for cell in content["cells"]:
        if isinstance(cell["source"], str):
            cell["source"] = cell["source"].splitlines(keepends=True)
    return content


def code_cells(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in content["cells"] if cell["cell_type"] == "code"]


def file_bytes(content: dict[str, Any], indent: int = 1) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=indent) + "\n").encode()


def jupyterlab(notebook: NotebookNode) -> bytes:
    """Run and saved: outputs, counts, timings (`recordTiming`), collapsed and edited cells."""
    content = plain(notebook)
    content["metadata"]["language_info"] = LANGUAGE
    for count, cell in enumerate(code_cells(content), start=1):
        when = f"2026-04-01T10:{count % 60:02}:00.000000Z"
        cell["metadata"]["execution"] = {"iopub.execute_input": when, "shell.execute_reply": when}
        cell["metadata"] |= {"collapsed": True, "editable": True, "tags": ["mine"]}
        cell["metadata"]["jupyter"] = {"outputs_hidden": False}
        cell |= {"execution_count": count, "outputs": [RAN]}
    return file_bytes(content)


def classic(notebook: NotebookNode) -> bytes:
    """The old Notebook: format 4.4, which has no cell ids; `collapsed` and `scrolled` instead."""
    content = plain(notebook)
    content |= {"nbformat": 4, "nbformat_minor": 4}
    content["metadata"]["celltoolbar"] = "Create Assignment"
    for cell in content["cells"]:
        cell.pop("id", None)
    for count, cell in enumerate(code_cells(content), start=1):
        cell["metadata"] |= {"collapsed": False, "scrolled": True}
        cell |= {"execution_count": count, "outputs": [RAN]}
    return file_bytes(content)


def colab(notebook: NotebookNode) -> bytes:
    """Colab: format 4.0, its own ids in the metadata, who ran a cell and where, an accelerator."""
    content = plain(notebook)
    content |= {"nbformat": 4, "nbformat_minor": 0}
    content["metadata"] = {
        "accelerator": "GPU",
        "colab": {"provenance": [], "gpuType": "T4", "toc_visible": True},
        "kernelspec": {"display_name": "Python 3", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(content["cells"]):
        cell.pop("id", None)
        cell["metadata"]["id"] = f"Xy{number:02}aBcDeFgH"
    for count, cell in enumerate(code_cells(content), start=1):
        user = {"displayName": "A. Student", "userId": "01234567890123456789"}
        info = {"status": "ok", "timestamp": 1, "user_tz": -540, "elapsed": 12, "user": user}
        cell["metadata"] |= {"executionInfo": info, "outputId": f"0a1b2c3d-{count:04}"}
        cell["metadata"]["colab"] = {"base_uri": "https://localhost:8080/"}
        cell |= {"execution_count": None, "outputs": [RAN]}
    return file_bytes(content, indent=2)


def vs_code(notebook: NotebookNode) -> bytes:
    """VS Code: which interpreter, a language on each cell, ids of its own, outputs."""
    content = plain(notebook)
    content["metadata"] |= {
        "language_info": LANGUAGE,
        "vscode": {"interpreter": {"hash": "0123456789abcdef" * 4}},
        "orig_nbformat": 4,
    }
    for number, cell in enumerate(content["cells"]):
        cell["id"] = f"VSC-{number:08x}"
    for count, cell in enumerate(code_cells(content), start=1):
        cell["metadata"]["vscode"] = {"languageId": "python"}
        cell |= {"execution_count": count, "outputs": [RAN]}
    return file_bytes(content)


def kaggle(notebook: NotebookNode) -> bytes:
    """Kaggle: format 4.4, `trusted` cells, one string instead of lines, one line of file."""
    content = plain(notebook)
    content |= {"nbformat": 4, "nbformat_minor": 4}
    content["metadata"]["kaggle"] = {
        "accelerator": "none",
        "dataSources": [],
        "isGpuEnabled": False,
    }
    for cell in content["cells"]:
        cell.pop("id", None)
        cell["source"] = "".join(cell["source"])
        cell["metadata"] |= {"_uuid": "8f2839f25d086af7", "trusted": True, "_kg_hide-input": False}
    return json.dumps(content).encode()  # and every other sign than ASCII's as \uXXXX


def without_nbgrader(notebook: NotebookNode) -> bytes:
    """A program that keeps no metadata it does not know: nbgrader's are gone."""
    content = plain(notebook)
    for cell in content["cells"]:
        cell["metadata"] = {}
    content["metadata"] = {}
    return file_bytes(content)


def windows(notebook: NotebookNode) -> bytes:
    """Windows line ends, in the file and in the sources."""
    content = plain(notebook)
    for cell in content["cells"]:
        cell["source"] = [line.replace("\n", "\r\n") for line in cell["source"]]
    return file_bytes(content).replace(b"\n", b"\r\n")


def with_byte_order_mark(notebook: NotebookNode) -> bytes:
    """An editor on Windows that begins a file with U+FEFF."""
    return b"\xef\xbb\xbf" + file_bytes(plain(notebook), indent=4)


SAVERS: dict[str, Saver] = {
    saver.__name__: saver
    for saver in (
        jupyterlab,
        classic,
        colab,
        vs_code,
        kaggle,
        without_nbgrader,
        windows,
        with_byte_order_mark,
    )
}
