"""To and from Hugging Face's `transformers`: whole folders, or the weights of one model alone.

`export` writes a folder with model, tokenizer and model card that the Auto classes and `pipeline`
open, and `import_folder` reads it back. `load_bert`, `save_gpt2` and their like know one model.
"""

from course_lib.interop.bert_folder import (
    load_bert,
    load_bert_encoder,
    load_bert_head,
    save_bert,
)
from course_lib.interop.export import Imported, export, export_shipped, import_folder
from course_lib.interop.gpt1_folder import load_gpt1, load_gpt1_choice, save_gpt1
from course_lib.interop.gpt2_folder import load_gpt2, save_gpt2
from course_lib.interop.model_card import Card
from course_lib.interop.modern_bert_folder import load_modern_bert, save_modern_bert

__all__ = [
    "Card",
    "Imported",
    "export",
    "export_shipped",
    "import_folder",
    "load_bert",
    "load_bert_encoder",
    "load_bert_head",
    "load_gpt1",
    "load_gpt1_choice",
    "load_gpt2",
    "load_modern_bert",
    "save_bert",
    "save_gpt1",
    "save_gpt2",
    "save_modern_bert",
]
