"""Below the malloc line, and in public headers, only the standard library."""

from source_tree import (files, includes, is_glog_sink, is_library_source,
                         is_public_header, SOURCE_ENDINGS)

FOREIGN = ("absl/", "glog/", "gflags/", "gtest/", "gmock/", "benchmark/",
           "nlohmann/")

# Allocate, or cannot be used before static initialisation.
HOSTED_STANDARD = {
    "deque", "filesystem", "fstream", "functional", "future", "iostream",
    "list", "locale", "map", "memory", "ostream", "queue", "regex", "set",
    "sstream", "stdexcept", "string", "unordered_map", "unordered_set",
    "vector",
}

# The adaptors to the standard library's own interfaces name what they adapt.
ADAPTORS = ("alloc/memory_resource", "alloc/stl_allocator")


def check(root):
    for path in files(root, SOURCE_ENDINGS, ("alloc", "runtime_flags")):
        if not is_library_source(root, path) or is_glog_sink(path):
            continue
        for number, quote, header in includes(root, path):
            if header.startswith(FOREIGN):
                kind = "a public header" if is_public_header(root, path) else "code"
                yield path, number, f"{kind} below the malloc line: {header}"
            elif (quote == "<" and header in HOSTED_STANDARD and
                  not path.startswith(ADAPTORS)):
                yield path, number, f"<{header}> allocates"
