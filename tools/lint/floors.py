"""Arrows go down: who may include whom (alloc/BUILD, docs/design.md)."""

import os

from source_tree import files, includes, is_library_source, SOURCE_ENDINGS

# A folder may include from lower floors and from itself, never sideways.
FLOORS = {
    "alloc/os": 0,
    "alloc/base": 10,
    "runtime_flags": 12,  # uses checks and text, nothing of the heap
    "alloc/stack": 15,
    "alloc/report": 20,
    "alloc/heap": 20,
    "alloc/pool": 20,
    "alloc/debug": 30,
    "alloc/fail": 30,
    "alloc/leak": 30,
    "alloc/interpose": 40,
    "alloc/testing": 50,
}

# The public headers lie side by side in alloc/, but belong to floors, too. The
# interface and the plain data are for everybody.
PUBLIC_FLOORS = {
    "allocator.h": 10,
    "c_api.h": 10,
    "leak_check_disabler.h": 10,
    "scoped_leak_check.h": 10,
    "error_record.h": 10,
    "error_sink.h": 10,
    "report/error_kinds.inc": 10,
    "options.h": 10,
    "option_value.h": 10,
    "flags.inc": 10,
    "page_allocator.h": 25,
    "stl_allocator.h": 25,
    "memory_resource.h": 25,
    "static_buffer_allocator.h": 25,
    "system_allocator.h": 25,
    "debug_allocator.h": 35,
    "failing_allocator.h": 35,
    "pool_allocator.h": 35,
    "pool_stl_allocator.h": 36,
    "process_memory.h": 37,
    "call_site.h": 10,
    "tracked_blocks.h": 25,
    "memory_tracker.h": 35,
    "leak_reporter.h": 36,
    "dbgalloc.h": 50,
}


def home(path):
    """The folder of FLOORS that a path belongs to, or None."""
    parts = path.split("/")
    for length in (2, 1):
        folder = "/".join(parts[:length])
        if len(parts) > length and folder in FLOORS:
            return folder
    return None


def floor_of(header):
    """The (floor, folder) of what an include names; None if it is not ours."""
    if header.startswith("dbgalloc/"):
        name = header[len("dbgalloc/"):]
        return PUBLIC_FLOORS.get(name), "dbgalloc/" + name
    folder = home(header)
    return (FLOORS[folder], folder) if folder else None


def public_header_of(path):
    """alloc/x.h itself, for alloc/x.cc and its further parts alloc/x_part.cc."""
    stem = os.path.splitext(os.path.basename(path))[0]
    while stem + ".h" not in PUBLIC_FLOORS and "_" in stem:
        stem = stem.rpartition("_")[0]
    return stem + ".h"


def own_floor(path):
    if os.path.dirname(path) == "alloc":
        header = public_header_of(path)
        return PUBLIC_FLOORS.get(header), "dbgalloc/" + header
    folder = home(path)
    return (FLOORS[folder], folder) if folder else (None, path)


def check(root):
    for path in files(root, SOURCE_ENDINGS, ("alloc", "runtime_flags")):
        if not is_library_source(root, path):
            continue
        floor, folder = own_floor(path)
        if floor is None:
            yield path, 1, "has no floor; give it one in tools/lint/floors.py"
            continue
        for number, _, header in includes(root, path):
            target = floor_of(header)
            if target is None or target[1] == folder:
                continue
            if target[0] is None:
                yield path, number, (
                    f"{header} has no floor; give it one in "
                    "tools/lint/floors.py")
            elif target[0] >= floor and not is_interface(header, path):
                yield path, number, (
                    f"{folder} (floor {floor}) may not include {header} "
                    f"(floor {target[0]})")


def is_interface(header, path):
    """Plain data and the interface may name each other, and base uses them."""
    return (PUBLIC_FLOORS.get(header.removeprefix("dbgalloc/")) == 10 and
            not path.startswith("alloc/os/"))
