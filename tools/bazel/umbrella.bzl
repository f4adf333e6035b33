"""One library that owns the headers of several, for //:dbgalloc.

A consumer that builds with layering_check may include only headers of what it
depends on by name. So that `deps = ["@dbgalloc"]` is enough there, too,
//:dbgalloc has the public headers a second time, as links.
"""

load("@rules_cc//cc:defs.bzl", "CcInfo", "cc_library")

_FOLDER = "public"

def _linked_headers_impl(ctx):
    links = []
    for library in ctx.attr.libraries:
        context = library[CcInfo].compilation_context
        for header in context.direct_public_headers:
            # .../_virtual_includes/<library>/dbgalloc/x.h
            name = header.path.partition("/_virtual_includes/")[2]
            name = name.partition("/dbgalloc/")[2]
            if not name:
                continue
            link = ctx.actions.declare_file(_FOLDER + "/dbgalloc/" + name)
            ctx.actions.symlink(output = link, target_file = header)
            links.append(link)
    return [DefaultInfo(files = depset(links))]

_linked_headers = rule(
    implementation = _linked_headers_impl,
    attrs = {"libraries": attr.label_list(providers = [CcInfo])},
)

def dbgalloc_umbrella_library(name, libraries, deps, **kwargs):
    """A cc_library that has the headers of others for its own.

    Args:
      name: of the target.
      libraries: made by dbgalloc_public_library.
      deps: further libraries, whose headers stay theirs.
      **kwargs: as of cc_library.
    """
    _linked_headers(
        name = name + "_headers",
        testonly = kwargs.get("testonly", False),
        libraries = libraries,
        visibility = ["//visibility:private"],
    )
    cc_library(
        name = name,
        hdrs = [name + "_headers"],
        linkstatic = True,
        strip_include_prefix = _FOLDER,
        deps = libraries + deps,
        **kwargs
    )
