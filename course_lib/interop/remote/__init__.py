"""Code that goes into an exported folder, for models that `transformers` has no class for.

Each module stands alone: it needs torch and `transformers`, not the course.
"""
