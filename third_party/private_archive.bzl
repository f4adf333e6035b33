"""Private copies of parts of the libraries that come with a compiler.

Shared by the repository rules below this folder: find an archive, keep some of
its members, give their global names new ones.
"""

PRIVATE_ARCHIVE_ATTRS = {
    "tool_prefix": attr.string(
        doc = "A cross compiler's triple with a dash, for its library.",
    ),
}

def run(ctx, arguments):
    result = ctx.execute(arguments)
    if result.return_code != 0:
        fail("%s failed: %s" % (arguments[0], result.stderr))
    return result.stdout

def find_tool(ctx, names):
    """Finds a program, or fails.

    Args:
      ctx: of the repository rule.
      names: of the program, the best first; the triple goes before each.

    Returns:
      The path of the first that is installed.
    """
    for name in names:
        found = ctx.which(ctx.attr.tool_prefix + name)
        if found:
            return found
    fail("none of these programs is installed: " + ", ".join(
        [ctx.attr.tool_prefix + name for name in names],
    ))

def compiler_file(ctx, name):
    """The path of one of the compiler's own files.

    Clang knows where GCC's folder is, too.

    Args:
      ctx: of the repository rule.
      name: of the file, as for -print-file-name.

    Returns:
      The path, "" where there is no such file, and the compiler asked.
    """
    compiler = find_tool(ctx, ["gcc", "cc", "clang", "clang-14"])
    path = run(ctx, [compiler, "-print-file-name=" + name]).strip()
    return path if path.startswith("/") else "", compiler

def _global_names(ctx, archive):
    nm = find_tool(ctx, ["nm", "llvm-nm"])
    lines = run(ctx, [nm, "-g", archive]).split("\n")
    return {line.rpartition(" ")[2]: None for line in lines if " " in line}

def private_archive(ctx, archive, result, members, renamed):
    """Writes a copy of an archive with fewer members and other names.

    Args:
      ctx: of the repository rule.
      archive: path of the original.
      result: name of the copy.
      members: the members to keep.
      renamed: a function from a global name to its new name.
    """
    objcopy = find_tool(ctx, ["objcopy", "llvm-objcopy"])
    ar = find_tool(ctx, ["ar", "llvm-ar"])
    run(ctx, ["cp", archive, result])
    present = [m for m in run(ctx, [ar, "t", result]).split("\n") if m]
    absent = [m for m in members if m not in present]
    if absent:
        fail("%s has no member %s" % (archive, ", ".join(absent)))
    run(ctx, [ar, "d", result] + [m for m in present if m not in members])
    lines = [
        "%s %s\n" % (name, renamed(name))
        for name in _global_names(ctx, result)
        if renamed(name) != name
    ]
    ctx.file("names.txt", "".join(lines), executable = False)
    run(ctx, [objcopy, "--redefine-syms=names.txt", result])
