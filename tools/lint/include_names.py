"""How headers are named, so that a consumer's headers are never taken for ours.

A compiler looks for "alloc/x.h" in the consumer's own tree first. That is why
public headers are "dbgalloc/x.h" for everybody, and why a public header itself
includes nothing of ours under another name.
"""

from source_tree import files, includes, is_public_header, SOURCE_ENDINGS

TREES = ("alloc", "runtime_flags", "tools", "testdata", "docs")


def check(root):
    for path in files(root, SOURCE_ENDINGS, TREES):
        for number, quote, header in includes(root, path):
            if is_public_header(root, header):
                name = header.rpartition("/")[2]
                yield path, number, f'{header} is public: "dbgalloc/{name}"'
            elif (is_public_header(root, path) and quote == '"' and
                  not header.startswith("dbgalloc/")):
                yield path, number, (
                    f"a public header may not include {header}: a consumer's "
                    "header of that name would be found first")
