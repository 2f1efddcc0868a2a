"""What a recogniser's thread frees stays for its next piece of work, and goes when the recording is done."""

from __future__ import annotations

import json
import platform
import subprocess
import sys

import pytest

MEGABYTES = 72  # one layer's attention over thirty seconds, with the base model

PROGRAM = """
import ctypes, json, resource, sys, threading
from ingest.engines import memory

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
size = int(sys.argv[2]) << 20

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() >> 20

def layer():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    piece = libc.malloc(size)
    ctypes.memset(piece, 1, size)
    libc.free(piece)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

if sys.argv[1] == "kept":
    memory.one_for_all_threads()
    threading.Thread(target=layer).start()
    memory.keep_for_reuse()
faults = []
thread = threading.Thread(target=lambda: faults.extend(layer() for _ in range(4)))
thread.start()
thread.join()
held = resident()
memory.give_back()
print(json.dumps({"faults": faults, "held": held, "left": resident()}))
"""


def _measured(how: str) -> dict[str, list[int]]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, how, str(MEGABYTES)], check=True, capture_output=True, text=True, timeout=60
    )
    found: dict[str, list[int]] = json.loads(done.stdout)
    return found


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library keeps house in its own way")
def test_memory_is_used_again_by_a_thread_and_given_back_in_the_end() -> None:
    kept, as_it_comes = _measured("kept"), _measured("as it comes")
    # As it comes, each piece is asked of the kernel anew, and cleared page by page.
    assert max(kept["faults"][1:]) < min(as_it_comes["faults"]) / 4
    assert kept["held"] > MEGABYTES
    assert kept["left"] < kept["held"] - MEGABYTES // 2
