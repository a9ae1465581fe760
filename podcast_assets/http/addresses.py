"""Which addresses requests may go to: those of the public internet.

Feeds, and what feeds name, come from strangers. Every address is judged at the moment it is connected to: a name by what the
resolver below lets through, which is what the connection is made to, so that a name server which gives another answer a
moment later gains nothing; a literal address before it is asked.
"""

import asyncio
import ipaddress
import socket
from concurrent.futures import Executor

from aiohttp.abc import AbstractResolver, ResolveResult

from podcast_assets.errors import RefusedError

UNICAST = ipaddress.ip_network("2000::/3")  # all that IANA has given out of IPv6; the rest is special or unassigned
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # a gateway sends these to the IPv4 address in the last 32 bits
WIRE_SERVER = ipaddress.ip_address(
    "168.63.129.16"
)  # public by its number, but each machine at Azure finds its metadata there
PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")  # special too, but not to every release of Python that we run on


def is_public(address: str) -> bool:
    """Whether an IP address (any notation that sockets accept) is one of the public internet."""
    try:
        ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and ip != WIRE_SERVER and not ip.is_multicast and ip not in PROTOCOLS
    inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in NAT64 else ip.ipv4_mapped or ip.sixtofour
    return is_public(str(inner)) if inner else ip in UNICAST and ip.is_global


def is_literal(host: str) -> bool:
    """Whether ``host`` is an IP address in any notation that the system's sockets take (``127.1``, ``0x7f.1``, ``::1``)."""
    if ":" in host:
        return True
    try:
        socket.inet_aton(host)
    except OSError:
        return False
    return True


def refusal(host: str) -> RefusedError:
    """What is said of a host that may not be reached."""
    return RefusedError(f"{host} is no public address; set [network] allow_private_hosts = true to allow it")


class Resolver(AbstractResolver):
    """Resolves names by the system's own resolver, in threads that are there for nothing else.

    A dead name server keeps a thread for seconds: in the event loop's own few threads it would hold up everybody.
    """

    def __init__(self, threads: Executor, *, public_only: bool) -> None:
        self._threads = threads
        self._public_only = public_only

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of ``host``, without those that may not be reached.

        Raises:
            RefusedError: none is left.
            OSError: the name is not known.
        """
        found = await asyncio.get_running_loop().run_in_executor(self._threads, _look_up, host, port, family)
        allowed = [answer for answer in found if not self._public_only or is_public(answer["host"])]
        if not allowed:
            raise refusal(host)
        return allowed

    async def close(self) -> None:
        """Nothing to close: the threads are the client's."""


def _look_up(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    answers = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return [
        ResolveResult(hostname=host, host=str(address[0]), port=port, family=kind, proto=protocol, flags=numeric)
        for kind, _, protocol, _, address in answers
    ]
