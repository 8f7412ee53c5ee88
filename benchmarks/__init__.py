"""The course beside its peers: each module has `run() -> list[Result]`, measured in one run."""
