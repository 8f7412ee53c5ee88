"""The records of all exercises: one package per lecture, one file per exercise."""
