"""Reports as JSON against docs/report_schema.json.

schema_check.py SCHEMA PROGRAM GOLDEN... : every golden is one valid line; so is
every line that the program, which makes several errors, writes.
"""

import json
import os
import re
import subprocess
import sys

KEYWORDS = {
    "$schema", "title", "definitions", "$ref", "oneOf", "const", "enum", "type",
    "properties", "required", "additionalProperties", "items", "minimum",
    "pattern"
}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool}


def has_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def object_mistakes(schema, value, root, path):
    for name in schema.get("required", []):
        if name not in value:
            yield f"{path}: no {name}"
    properties = schema.get("properties", {})
    for name, member in value.items():
        if name in properties:
            yield from mistakes(properties[name], member, root,
                                f"{path}.{name}")
        elif not schema.get("additionalProperties", True):
            yield f"{path}: {name} is unknown"


def mistakes(schema, value, root, path="report"):
    """What is wrong with a value: the part of JSON schema that we use."""
    unknown = set(schema) - KEYWORDS
    assert not unknown, f"keywords that this check does not know: {unknown}"
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/definitions/")
        yield from mistakes(root["definitions"][name], value, root, path)
        return
    if "oneOf" in schema:
        found = [list(mistakes(one, value, root, path))
                 for one in schema["oneOf"]]
        if found.count([]) != 1:
            yield f"{path}: fits {found.count([])} forms, wanted one: {found}"
        return
    if "const" in schema and value != schema["const"]:
        yield f"{path}: {value!r}, wanted {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    if "type" in schema and not has_type(value, schema["type"]):
        yield f"{path}: {value!r} is no {schema['type']}"
        return
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{path}: {value} is below {schema['minimum']}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{path}: {value!r} does not match {schema['pattern']}"
    if isinstance(value, dict):
        yield from object_mistakes(schema, value, root, path)
    if isinstance(value, list) and "items" in schema:
        for i, item in enumerate(value):
            yield from mistakes(schema["items"], item, root, f"{path}[{i}]")


def check_line(schema, line, where):
    report = json.loads(line)
    found = list(mistakes(schema, report, schema))
    assert not found, f"{where}: {found}\n{line}"
    return report


def check_that_the_check_works(schema, golden):
    """A report that is spoiled in any way is refused."""
    good = json.loads(golden)
    for spoil in (lambda r: r.pop("kind"),
                  lambda r: r.update(kind="double-fre"),
                  lambda r: r.update(address=4096),
                  lambda r: r.update(extra=1),
                  lambda r: r["parties"][0]["frames"][0].update(line="7")):
        bad = json.loads(golden)
        spoil(bad)
        assert bad != good
        assert list(mistakes(schema, bad, schema)), bad


def run(program, options):
    environment = dict(os.environ, DBGALLOC_OPTIONS=options)
    environment.pop("TEST_UNDECLARED_OUTPUTS_DIR", None)
    return subprocess.run([program], env=environment, timeout=60,
                          stderr=subprocess.PIPE, check=False)


def check_program(schema, program):
    """Errors of a real program; also that the log holds what stderr would."""
    result = run(program, "halt_on_error=0:report_format=json")
    assert result.returncode == 1, result
    lines = result.stderr.decode("utf-8").splitlines()
    reports = [check_line(schema, line, program) for line in lines]
    told = [(report["type"], report["kind"]) for report in reports]
    assert told == [("error", "double-free"), ("repeat", "double-free"),
                    ("error", "heap-buffer-overflow")], told
    double_free, repeat, overflow = reports
    assert repeat["times"] == 2, repeat
    roles = [party["role"] for party in double_free["parties"]]
    assert roles == ["now", "freed", "allocated"], roles
    assert double_free["top"]["function"].endswith("FreeTwice()"), double_free
    assert double_free["block"]["size"] == 24, double_free
    assert overflow["damage"]["found"] == "58", overflow
    assert overflow["damage"]["block_offset"] == 24, overflow

    log = os.path.join(os.environ["TEST_TMPDIR"], "log.%p")
    result = run(program, f"report_format=json:log_path={log}")
    assert result.returncode == 1 and not result.stderr, result
    [name] = [name for name in os.listdir(os.environ["TEST_TMPDIR"])
              if name.startswith("log.")]
    with open(os.path.join(os.environ["TEST_TMPDIR"], name),
              encoding="utf-8") as file:
        [line] = file.read().splitlines()
    assert check_line(schema, line, name)["kind"] == "double-free", line


def check_kinds(schema, kinds_file):
    with open(kinds_file, encoding="utf-8") as file:
        slugs = re.findall(r'DBG_ERROR_KIND\(k\w+, "([^"]+)"', file.read())
    known = schema["definitions"]["kind"]["enum"]
    assert known == slugs, f"schema: {known}\nerror_kinds.inc: {slugs}"


def main():
    schema_file, kinds_file, program, *goldens = sys.argv[1:]
    assert len(goldens) > 10, goldens
    with open(schema_file, encoding="utf-8") as file:
        schema = json.load(file)
    check_kinds(schema, kinds_file)
    for golden in goldens:
        with open(golden, encoding="utf-8") as file:
            [line] = file.read().splitlines()
        check_line(schema, line, golden)
        if golden.endswith("/double_free.json"):
            check_that_the_check_works(schema, line)
    check_program(schema, program)


if __name__ == "__main__":
    main()
