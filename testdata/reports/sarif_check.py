"""SARIF logs of a real program: whole documents, with what readers need.

sarif_check.py ERROR_KINDS PROGRAM
"""

import json
import os
import re
import subprocess
import sys

# Of sarif-schema-2.1.0.json: the members that an object of each kind may have,
# as far as we write them. Anything else is refused there.
MEMBERS = {
    "log": {"$schema", "version", "runs"},
    "run": {"tool", "columnKind", "results"},
    "rule": {"id", "shortDescription", "fullDescription", "help",
             "defaultConfiguration", "properties"},
    "result": {"ruleId", "ruleIndex", "level", "message", "locations",
               "relatedLocations", "codeFlows", "stacks", "occurrenceCount",
               "partialFingerprints", "properties"},
    "location": {"id", "message", "physicalLocation", "logicalLocations"},
    "frame": {"location", "module", "threadId"},
}


def members(kind, value):
    assert isinstance(value, dict), (kind, value)
    unknown = set(value) - MEMBERS[kind]
    assert not unknown, (kind, unknown)


def check_location(location):
    members("location", location)
    place = location["physicalLocation"]
    if "artifactLocation" in place:
        uri = place["artifactLocation"]["uri"]
        assert re.fullmatch(r"[-A-Za-z0-9._~/+,@%:]+", uri), uri
        for number in place.get("region", {}).values():
            assert isinstance(number, int) and number >= 1, place
    else:
        assert isinstance(place["address"]["absoluteAddress"], int), place
    for logical in location.get("logicalLocations", []):
        assert set(logical) == {"fullyQualifiedName", "kind"}, logical


def check_result(result, rules):
    members("result", result)
    assert rules[result["ruleIndex"]] == result["ruleId"], result
    assert result["level"] in ("error", "note"), result
    assert result["locations"] and result["partialFingerprints"], result
    related = {place["id"]: place for place in result["relatedLocations"]}
    links = re.findall(r"\[[^]]+\]\((\d+)\)", result["message"]["text"])
    assert sorted(map(int, links)) == sorted(related), result["message"]
    steps = [step["location"] for flow in result.get("codeFlows", [])
             for thread in flow["threadFlows"] for step in thread["locations"]]
    for location in result["locations"] + list(related.values()) + steps:
        check_location(location)
    for stack in result["stacks"]:
        for frame in stack["frames"]:
            members("frame", frame)
            check_location(frame["location"])
    return [step["message"]["text"] for step in steps]


def check_log(text, slugs):
    log = json.loads(text)
    members("log", log)
    assert log["version"] == "2.1.0", log
    [run] = log["runs"]
    members("run", run)
    rules = run["tool"]["driver"]["rules"]
    for rule in rules:
        members("rule", rule)
        for name in ("shortDescription", "fullDescription", "help"):
            assert rule[name]["text"], rule
    names = [rule["id"] for rule in rules]
    assert names == slugs, names
    flows = [check_result(result, names) for result in run["results"]]
    return run["results"], flows


def run_program(program, options):
    environment = dict(os.environ,
                       DBGALLOC_OPTIONS="report_format=sarif:" + options)
    environment.pop("TEST_UNDECLARED_OUTPUTS_DIR", None)
    return subprocess.run([program], env=environment, timeout=60,
                          stderr=subprocess.PIPE, check=False)


def read_log(name, slugs):
    path = os.path.join(os.environ["TEST_TMPDIR"], name)
    [file_name] = os.listdir(path)
    with open(os.path.join(path, file_name), encoding="utf-8") as file:
        return check_log(file.read(), slugs)


def check_file(program, slugs, name, options, wanted):
    """One log a process, however many reports it makes."""
    path = os.path.join(os.environ["TEST_TMPDIR"], name)
    os.mkdir(path)
    result = run_program(program, f"{options}:log_path={path}/log.%p")
    assert result.returncode == 1 and not result.stderr, result
    results, flows = read_log(name, slugs)
    assert [one["ruleId"] for one in results] == wanted, results
    assert flows[0] == ["allocated", "first free", "second free"], flows
    place = results[0]["locations"][0]
    uri = place["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "testdata/reports/several_errors.cc", place
    [function] = place["logicalLocations"]
    assert function["fullyQualifiedName"].endswith("FreeTwice()"), place
    return results[0]["partialFingerprints"]


def main():
    kinds_file, program = sys.argv[1:]
    with open(kinds_file, encoding="utf-8") as file:
        slugs = re.findall(r'DBG_ERROR_KIND\(k\w+, "([^"]+)"', file.read())
    assert len(slugs) > 10, slugs
    once = check_file(program, slugs, "one", "halt_on_error=1", ["double-free"])
    again = check_file(program, slugs, "two", "halt_on_error=0",
                       ["double-free", "heap-buffer-overflow"])
    assert once == again, (once, again)

    lines = run_program(program, "halt_on_error=0").stderr.decode().splitlines()
    assert len(lines) == 2, lines
    for line in lines:
        results, _ = check_log(line, slugs)
        assert len(results) == 1, results


if __name__ == "__main__":
    main()
