"""Every header of ours that a target includes belongs to it or to one of its
direct deps: what Clang's layering_check holds, seen with any compiler.

Reads BUILD files as text; a target whose attributes are computed is passed by.
"""

import ast
import os

from source_tree import files, includes, targets, text_of

TREES = ("alloc", "runtime_flags")
UMBRELLA = "//:dbgalloc"  # owns all public headers
RULES = ("cc_binary", "cc_library", "cc_test", "dbgalloc_public_library")


def strings(attribute):
    """All strings in an attribute, those of a select() included; None when
    something else than strings makes up a part of it."""
    found = []
    for node in ast.walk(attribute) if attribute is not None else ():
        if isinstance(node, (ast.BinOp, ast.Dict)):
            continue
        if isinstance(node, ast.Name) and node.id not in ("select", "glob"):
            return None
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(node.value)
    return found


def label(package, name):
    """The full form of a label that is written in a package."""
    if name.startswith(":"):
        return f"//{package}{name}"
    if name.startswith("//") and ":" not in name:
        return f"{name}:{name.rpartition('/')[2]}"
    return name if name.startswith(("//", "@")) else f"//{package}:{name}"


def path_of(full_label):
    return full_label[2:].replace(":", "/")


def read_targets(root):
    """Yields (label, BUILD file, line, sources, deps)."""
    for build in files(root, ("BUILD",), TREES):
        package = os.path.dirname(build)
        for rule, line, attributes in targets(root, build):
            name = text_of(attributes.get("name"))
            parts = [strings(attributes.get(key))
                     for key in ("srcs", "hdrs", "deps")]
            if rule in RULES and name and None not in parts:
                own = [path_of(label(package, f)) for f in parts[0] + parts[1]
                       if f.endswith((".h", ".cc", ".inc"))]
                deps = [label(package, dep) for dep in parts[2]]
                yield label(package, name), build, line, own, deps


def owners_of_headers(all_targets):
    """{"alloc/base/check.h": {labels}}; public names, too."""
    owners = {}
    for name, _, _, own, _ in all_targets:
        for path in own:
            owners.setdefault(path, set()).add(name)
            public = "dbgalloc/" + path.partition("/")[2]
            owners.setdefault(public, set()).add(name)
    return owners


def check(root):
    all_targets = list(read_targets(root))
    owners = owners_of_headers(all_targets)
    for name, build, line, own, deps in all_targets:
        allowed = {name, *deps}
        for path in own:
            if not os.path.exists(os.path.join(root, path)):
                continue
            for _, _, header in includes(root, path):
                if header.startswith("dbgalloc/") and UMBRELLA in allowed:
                    continue
                wanted = owners.get(header)
                if wanted and not wanted & allowed:
                    yield build, line, (
                        f"{name.rpartition(':')[2]}: {os.path.basename(path)} "
                        f"includes {header}; deps need {min(wanted)}")
