"""What became of an attack, in words that are the same for both graders."""

DEFENDED = "defended"


def describe(
    attacked: float | None, neighbour: float | None, honest: float | None, full: float
) -> str:
    """From the points of the attacked exercise, of the honest answer in the same notebook, and of
    the honest student who is marked after it. None: there is no score. `full`: of each.
    """
    found = []
    if attacked:
        found.append("points gained")
    if honest != full:
        found.append("others harmed")
    if attacked is None:
        found.append("no score left")
    if neighbour != full and attacked is not None and not found:
        found.append("own answers lost")
    return " and ".join(found) or DEFENDED
