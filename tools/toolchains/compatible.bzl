"""What a target asks of a platform: values for target_compatible_with.

Such a target is left out, by name, of builds for other platforms; so is all
that depends on it.
"""

_NOT_SERVED = ["@dbgalloc//tools/toolchains:not_served"]

# Expects numbers that only a word of 64 bits holds.
WORDS_OF_64_BITS = select({
    "@platforms//cpu:i386": _NOT_SERVED,
    "//conditions:default": [],
})

# Runs programs of the machine that builds on what was built: its compiler, its
# binutils, its installed programs under libdbgalloc.so.
MACHINE_OF_THE_BUILD = select({
    "@platforms//cpu:x86_64": [],
    "//conditions:default": _NOT_SERVED,
})

# Tells the emulator which processor to be.
EMULATED_AARCH64 = select({
    "//tools/toolchains:is_aarch64": [],
    "//conditions:default": _NOT_SERVED,
})
