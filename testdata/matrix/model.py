"""What must be said of a mistake with a block, from where the block lies.

An access faults where the page belongs to no live block: around guarded and
large blocks, and where such a block was freed. What is written beside a block
without a fault is found when it is freed, what is written to a freed block when
the process ends; what is read so stays unseen. The memory that a function of
the C library is handed is looked at, whatever lies around it.
"""

PAGE = 4096
REDZONE = 16
# Above this a block without a guard page has a span of its own, too, and becomes
# inaccessible when it is freed.
LARGEST_SMALL = 32 << 10
FAR = 2000

READS = ("read", "memcpy", "write(2)")
FUNCTIONS = {"read": "ReadByte", "write": "WriteByte", "memcpy": "CopyFrom",
             "write(2)": "WriteOut", "read(2)": "ReadIn"}
BY = {"write(2)": " by write", "read(2)": " by read"}


class Stack:
    """A title without the thread, and our own frame nearest to the mistake."""

    def __init__(self, title, function=None, mark=None):
        self.title, self.function, self.mark = title, function, mark


class Expected:
    def __init__(self, kind, sentence, stacks, live, blamed=0):
        self.kind, self.sentence, self.stacks = kind, sentence, stacks
        self.live, self.blamed = live, blamed


class Case:
    def __init__(self, kind, access, size, origin, place, guarded):
        self.kind, self.access, self.size = kind, access, size
        self.origin, self.place, self.guarded = origin, place, guarded

    def arguments(self, fixed=False):
        return ["fixed" if fixed else self.kind, self.access, str(self.size),
                self.origin, self.place]

    def __str__(self):
        return " ".join(self.arguments())


def pages(begin, size):
    return range(begin // PAGE, (begin + size - 1) // PAGE + 1)


def offset_of(case):
    """Of the mistaken byte in the block."""
    return {"after-free": 0, "behind": case.size, "before": -1,
            "far": case.size + FAR, "interior-free": 8}.get(case.kind, 0)


def position(case):
    """How reports say where in or beside the block a byte lies."""
    size, offset = case.size, offset_of(case)
    block = f"a {size}-byte block at ADDR"
    if case.kind == "behind":
        return f"right behind the end (offset {offset}) of {block}"
    if case.kind == "before":
        return f"1 byte before the start (offset -1) of {block}"
    if case.kind == "far":
        return f"{FAR} bytes behind the end (offset {offset}) of {block}"
    if case.kind == "interior-free":
        return f"offset 8 in {block}"
    return f"the start (offset 0) of a {size}-byte block"


def allocated(case):
    return Stack("allocated", "Allocate", case.origin)


def freed():
    return Stack("freed", "Release", "free")


def expected(case, block):
    """The report, or None: nothing notices. `block`: its address."""
    if case.kind == "double-free":
        return Expected(
            "double-free", f"free of ADDR, {position(case)} that was freed...",
            [Stack("second free", "ReleaseAgain", "wrong free"),
             Stack("first free", "Release", "free"), allocated(case)], False)
    if case.kind == "interior-free":
        return Expected(
            "interior-free",
            f"free of ADDR, {position(case)}, which is not its start",
            [Stack("interior free", "ReleaseAgain", "wrong free"), allocated(case)],
            True)
    if case.access in BY or faults(case, block):
        return at_once(case)
    if case.access in READS:
        return None
    return later(case)


def faults(case, block):
    large = case.size > LARGEST_SMALL
    if case.kind == "after-free":
        return case.guarded or large
    touched = (block + offset_of(case)) // PAGE
    return (case.guarded or large) and touched not in pages(block, case.size)


def at_once(case):
    verb = "read of" if case.access in READS else "write to"
    accessed = Stack("accessed", FUNCTIONS[case.access], case.access)
    sentence = f"{verb} ADDR{BY.get(case.access, '')}, {position(case)}"
    if case.kind == "after-free":
        return Expected("use-after-free", sentence + " that was freed...",
                        [accessed, freed(), allocated(case)], False)
    kind = ("heap-buffer-underflow" if case.kind == "before"
            else "heap-buffer-overflow")
    return Expected(kind, sentence, [accessed, allocated(case)], True)


def later(case):
    """What a written byte leaves behind it."""
    sentence = f"1 byte overwritten from ADDR on, {position(case)}"
    if case.kind == "after-free":
        return Expected("write-after-free", sentence + " that was freed...",
                        [Stack("found at exit"), freed(), allocated(case)],
                        False, blamed=1)
    if case.kind == "far" and not in_redzone(case):
        return None
    kind = ("heap-buffer-underflow" if case.kind == "before"
            else "heap-buffer-overflow")
    return Expected(kind, sentence,
                    [Stack("found at free", "Release", "free"),
                     allocated(case)], True)


def in_redzone(case):
    """Of a guarded or large block, all that is left of its pages is redzone."""
    return case.guarded or case.size > LARGEST_SMALL
