"""Network: to the machine, to others, to the world."""

from tests.attacks.attack import Attack, if_won

FAMILY = "network"
TALK = """
client = socket.socket({family}, {kind})
client.settimeout(0.5)
client.connect({address})
client.send(b'ping')
return client.recv(4) == b'pong'
"""


def talk(family: str, kind: str, address: str) -> tuple[str, ...]:
    values = {"family": f"socket.{family}", "kind": f"socket.{kind}", "address": address}
    return if_won(TALK.format(**values))


ATTACKS = (
    Attack(
        "TCP to the machine",
        "reach a service of the machine that marks",
        talk("AF_INET", "SOCK_STREAM", "('127.0.0.1', @TCP@)"),
        works="bare",
    ),
    Attack(
        "UDP to the machine",
        "the same without a connection",
        talk("AF_INET", "SOCK_DGRAM", "('127.0.0.1', @UDP@)"),
        works="bare",
    ),
    Attack(
        "abstract socket",
        "reach a service that listens under a name, not in a folder",
        talk("AF_UNIX", "SOCK_STREAM", "'\\0@ABSTRACT@'"),
        works="bare",
    ),
    Attack(
        "socket in a folder",
        "reach a service that listens in a folder",
        talk("AF_UNIX", "SOCK_STREAM", "'@SOCKET@'"),
        works="bare",
    ),
    Attack(
        "raw packets",
        "send packets past the system's rules",
        if_won("return socket.socket(socket.AF_PACKET, socket.SOCK_RAW).fileno() > 0"),
    ),
    Attack(
        "another interface",
        "find a network card",
        if_won("return len(socket.if_nameindex()) > 1"),
    ),
    Attack(
        "ask the world",
        "carry the cases out in the name of a host that is looked up",
        if_won("return socket.getaddrinfo('example.org', 80)"),
    ),
)
