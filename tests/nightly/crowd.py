"""Connects to a port again and again until standard input ends, and prints how often it was refused. Runs in a machine.

A connection counts as served if the server says its SSH version, however long it waits.
"""

from __future__ import annotations

import select
import socket
import sys
import time

served = refused = 0
while not select.select([sys.stdin], [], [], 0)[0]:
    try:
        with socket.create_connection(("127.0.0.1", 2222), 60) as sock:
            served += sock.recv(4) == b"SSH-"
    except ConnectionRefusedError:
        refused += 1
    if served + refused == 1:
        print("begun", flush=True)
    time.sleep(0.01)
print(f"served={served > 0} refused={refused}")
