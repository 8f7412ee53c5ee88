"""All attacks, family by family."""

from tests.attacks import (
    exits,
    floods,
    hangs,
    lies,
    memory,
    network,
    others,
    patching,
    protocol,
    reading,
    tampering,
    writing,
)
from tests.attacks.attack import Attack

FAMILIES: dict[str, tuple[Attack, ...]] = {
    module.FAMILY: module.ATTACKS
    for module in (
        *(hangs, exits, floods, memory, network, reading),
        *(writing, tampering, patching, lies, protocol, others),
    )
}
ATTACKS = {attack.name: attack for attacks in FAMILIES.values() for attack in attacks}
