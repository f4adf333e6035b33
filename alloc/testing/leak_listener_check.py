"""Runs leak_listener_program in several ways and compares its verdicts.

usage: leak_listener_check PROGRAM [LIBRARY_TO_PRELOAD]
"""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree


def run(program, library, *flags, **variables):
    """The testcase elements of one run, and what it printed."""
    folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
    path = os.path.join(folder, "test.xml")
    environment = {key: value for key, value in os.environ.items()
                   if not key.startswith(("GTEST_", "TEST_SHARD", "XML_"))}
    environment["TEST_UNDECLARED_OUTPUTS_DIR"] = folder
    environment.update(variables)
    if library:
        environment["LD_PRELOAD"] = os.path.abspath(library)
    result = subprocess.run(
        [os.path.abspath(program), f"--gtest_output=xml:{path}", *flags],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, timeout=240, check=False)
    assert os.path.exists(path), result.stdout
    cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    return cases, result.stdout, result.returncode


def failures(case):
    return "\n".join(failure.text or failure.get("message", "")
                     for failure in case.findall("failure"))


def expects_leak(case):
    name = case.get("name", "")
    if name.startswith("LeaksForOdd"):
        return name.endswith(("/0", "/2"))  # of the values 1, 2, 3
    return name.startswith("Leaks")


def check_verdicts(cases, output):
    """Each test that should fail does, with a stack; no other does."""
    tests = [case for case in cases if case.get("name")]
    assert tests, output
    for case in tests:
        text = failures(case)
        name = case.get("classname") + "." + case.get("name")
        assert bool(text) == expects_leak(case), f"{name}:\n{text}\n{output}"
        if text:
            assert "this test leaked memory" in text, text
            assert "ERROR: dbgalloc: leak: " in text, text
            assert "leak_listener_program.cc" in text, text
    return tests


def one(cases, name):
    found = [case for case in cases if case.get("name") == name]
    assert len(found) == 1, (name, found)
    return found[0]


def properties(case):
    told = {element.get("name"): element.get("value")
            for element in case.iter("property")}
    told.update(case.attrib)
    return told


def main():
    program, *rest = sys.argv[1:]
    library = rest[0] if rest else None

    cases, output, status = run(program, library)
    tests = check_verdicts(cases, output)
    assert status == 1, (status, output)
    leak = one(cases, "LeaksOneBlock")
    assert "LoseMemory" in failures(leak), failures(leak)
    assert "123 bytes in 1 block" in failures(leak), failures(leak)
    assert properties(leak)["leaked_blocks"] == "1", properties(leak)
    assert properties(leak)["leaked_bytes"] == "123", properties(leak)
    assert "LoseMemory" in failures(one(cases, "LeaksInAThread"))
    # What the suite's set-up leaks is told with the suite.
    outside = [failures(case) for case in cases if not case.get("name")]
    assert any("in test suite SuiteSetUpLeaks" in text and "99 bytes" in text
               for text in outside), (outside, output)
    assert "88 bytes" not in output and "77 bytes" not in output, output

    for name, flags in [
            ("shuffled", ["--gtest_shuffle", "--gtest_random_seed=7"]),
            ("repeated", ["--gtest_repeat=3"]),
            ("death tests by new processes",
             ["--gtest_death_test_style=threadsafe"])]:
        cases, output, _ = run(program, library, *flags)
        assert len(check_verdicts(cases, output)) == len(tests), name

    sharded = 0
    for shard in range(3):
        cases, output, _ = run(program, library, GTEST_TOTAL_SHARDS="3",
                               GTEST_SHARD_INDEX=str(shard))
        sharded += len(check_verdicts(cases, output))
    assert sharded == len(tests), (sharded, len(tests))

    cases, output, status = run(
        program, library,
        "--gtest_filter=Simple.Passes*:Reachable.*:Threads.PassesWithThreads")
    assert status == 0 and "leak" not in output, output

    cases, output, status = run(program, library,
                                DBGALLOC_OPTIONS="detect_leaks=0")
    assert status == 0 and not any(failures(case) for case in cases), output
    print(f"{len(tests)} tests have the verdicts that they should have")


if __name__ == "__main__":
    main()
