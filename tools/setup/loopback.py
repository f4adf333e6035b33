"""Raises the loopback interface of a network namespace that was cut off.

Bazel talks to its own server through it. Needs the right to do so; says why
when it cannot.
"""

import fcntl
import socket
import struct
import sys

SIOCGIFFLAGS = 0x8913
SIOCSIFFLAGS = 0x8914
IFF_UP = 1
REQUEST = "16sh14x"


def raise_interface(name):
    request = struct.pack(REQUEST, name.encode(), 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        _, flags = struct.unpack(
            REQUEST, fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))
        fcntl.ioctl(any_socket, SIOCSIFFLAGS,
                    struct.pack(REQUEST, name.encode(), flags | IFF_UP))


if __name__ == "__main__":
    try:
        raise_interface("lo")
    except OSError as error:
        sys.exit("bazelw: the loopback interface is down and cannot be raised "
                 f"({error}), and Bazel talks to its server through it")
