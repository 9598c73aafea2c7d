"""A listener on private addresses that nobody may ever reach."""

import socket
import threading
from contextlib import suppress
from typing import Self

from tests.support.newsrooms import until

ADDRESSES = ("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.8.8.8", "127.255.255.254")


class Canary:
    """`with Canary() as canary:` listens at one port of many loopback addresses."""

    def __init__(self) -> None:
        self._visits: list[tuple[str, int]] = []
        self._listeners: dict[str, socket.socket] = {}
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self.port = self._listen(ADDRESSES[0], 0)
        for address in ADDRESSES[1:]:
            self._listen(address, self.port)
        with suppress(OSError):  # a machine without IPv6 has nothing to reach there
            self._listen("::1", self.port)
        return self

    def __exit__(self, *_: object) -> None:
        for listener in self._listeners.values():
            listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for listener in self._listeners.values():
            listener.close()

    def _listen(self, address: str, port: int) -> int:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.create_server((address, port), family=family)
        self._listeners[address] = listener
        self._threads.append(threading.Thread(target=self._sing, args=(listener, address)))
        self._threads[-1].start()
        return int(listener.getsockname()[1])

    def _sing(self, listener: socket.socket, address: str) -> None:
        with suppress(OSError):  # how `accept` says that the listener is shut down
            while True:
                visitor, peer = listener.accept()
                visitor.close()
                self._visits.append((address, peer[1]))

    def visited(self) -> list[str]:
        """The addresses that were connected to, up to now; a visit of our own ends the wait."""
        own = set()
        for address in self._listeners:
            with socket.create_connection((address, self.port)) as visitor:
                own.add((address, visitor.getsockname()[1]))
        until(lambda: own <= set(self._visits))
        return [address for address, port in self._visits if (address, port) not in own]

    def urls(self, path: str = "/feed.xml") -> list[str]:
        """The canary's addresses in every notation."""
        return [f"http://{host}:{self.port}{path}" for host in HOSTS]


HOSTS = (
    *("127.0.0.1", "127.0.0.2", "127.8.8.8", "127.255.255.254", "localhost", "localhost."),
    *("LOCALHOST", "user:secret@127.0.0.2", "127.0.0.2.", "127.2", "127.0.2", "2130706434"),
    *("0x7f000002", "0x7f.0.0.2", "0177.0.0.2", "017700000002", "0x7f.1", "0", "0.0.0.0"),
    *("[::1]", "[::]", "[::ffff:127.0.0.2]", "[::ffff:7f00:2]", "[::127.0.0.2]"),
    *("[0:0:0:0:0:0:0:1]", "[64:ff9b::7f00:2]", "[2002:7f00:2::]", "%6c%6f%63alhost"),
    *("①②⑦.⓪.⓪.②", "127。0。0。2", "ｌocalhost", "ip6-localhost"),
)
