"""The rules of SARIF 2.1.0 for the objects that dbgalloc writes.

From the standard (docs.oasis-open.org/sarif/sarif/v2.1.0, section in brackets)
and its JSON schema, which refuses any member of an object that it does not name
("additionalProperties": false), except in property bags. Members that we never
write are left out: writing one is a mistake to be found here.

A rule is a type: int, str, bool, dict (a property bag), the name of an object,
[rule] for an array, {words} for an enumeration, or a function that says what is
wrong.
"""

import re

URI = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?(?:[-A-Za-z0-9._~/+,@:]"
                 r"|%[0-9A-Fa-f]{2})+")


def at_least(minimum):
    def check(value):
        if not isinstance(value, int) or isinstance(value, bool):
            return f"{value!r} is no integer"
        return None if value >= minimum else f"{value} is below {minimum}"
    return check


def uri(value):
    """3.10: a URI reference of RFC 3986."""
    if not isinstance(value, str) or not URI.fullmatch(value):
        return f"{value!r} is no URI"
    return None


def strings(value):
    """3.27.17: an object whose members are strings."""
    if not isinstance(value, dict) or not value:
        return f"{value!r} is no object of strings"
    if not all(isinstance(text, str) for text in value.values()):
        return f"{value!r} has a member that is no string"
    return None


LEVELS = {"none", "note", "warning", "error"}

# {object: ({member: rule}, members that must be there)}
OBJECTS = {
    # 3.13
    "log": ({"$schema": uri, "version": {"2.1.0"}, "runs": ["run"]},
            {"version", "runs"}),
    # 3.14
    "run": ({"tool": "tool", "results": ["result"],
             "columnKind": {"utf16CodeUnits", "unicodeCodePoints"}}, {"tool"}),
    # 3.18
    "tool": ({"driver": "component"}, {"driver"}),
    # 3.19
    "component": ({"name": str, "rules": ["rule"]}, {"name"}),
    # 3.49
    "rule": ({"id": str, "shortDescription": "text", "fullDescription": "text",
              "help": "text", "defaultConfiguration": "configuration",
              "properties": dict}, {"id"}),
    # 3.12
    "text": ({"text": str}, {"text"}),
    # 3.50
    "configuration": ({"level": LEVELS}, set()),
    # 3.27
    "result": ({"ruleId": str, "ruleIndex": at_least(0), "level": LEVELS,
                "message": "text", "locations": ["location"],
                "relatedLocations": ["location"], "codeFlows": ["code flow"],
                "stacks": ["stack"], "occurrenceCount": at_least(1),
                "partialFingerprints": strings, "properties": dict},
               {"message"}),
    # 3.28
    "location": ({"id": at_least(0), "message": "text",
                  "physicalLocation": "place",
                  "logicalLocations": ["logical location"]}, set()),
    # 3.29; one of the two must be there: see check_place
    "place": ({"artifactLocation": "artifact", "address": "address",
               "region": "region"}, set()),
    # 3.4
    "artifact": ({"uri": uri}, set()),
    # 3.32
    "address": ({"absoluteAddress": at_least(0)}, set()),
    # 3.30: columns and lines count from 1
    "region": ({"startLine": at_least(1), "startColumn": at_least(1),
                "snippet": "text"}, set()),
    # 3.33
    "logical location": ({"fullyQualifiedName": str, "kind": str}, set()),
    # 3.36
    "code flow": ({"threadFlows": ["thread flow"]}, {"threadFlows"}),
    # 3.37
    "thread flow": ({"locations": ["step"]}, {"locations"}),
    # 3.38
    "step": ({"location": "location", "executionOrder": at_least(0)}, set()),
    # 3.44
    "stack": ({"message": "text", "frames": ["frame"]}, {"frames"}),
    # 3.45
    "frame": ({"location": "location", "module": str, "threadId": at_least(0),
               "properties": dict}, set()),
}

# Of these arrays no two elements may be equal, or there must be one at least.
UNIQUE = {"rules", "relatedLocations", "stacks"}
NOT_EMPTY = {"threadFlows", "thread flow.locations"}


def array_mistakes(rule, value, path, owner):
    if not isinstance(value, list):
        yield f"{path} is no array"
        return
    name = path.rsplit(".", 1)[-1]
    if not value and (name in NOT_EMPTY or f"{owner}.{name}" in NOT_EMPTY):
        yield f"{path} is empty"
    if name in UNIQUE:
        shown = [repr(element) for element in value]
        if len(set(shown)) != len(shown):
            yield f"{path} has the same element twice"
    for i, element in enumerate(value):
        yield from mistakes(rule, element, f"{path}[{i}]", owner)


def object_mistakes(kind, value, path):
    if not isinstance(value, dict):
        yield f"{path} is no object"
        return
    members, required = OBJECTS[kind]
    for name in required - set(value):
        yield f"{path}: no {name}"
    for name, member in value.items():
        if name not in members:
            yield f"{path}: {name} is no member of a {kind}"
        else:
            yield from mistakes(members[name], member, f"{path}.{name}", kind)
    if kind == "place" and not {"artifactLocation", "address"} & set(value):
        yield f"{path}: neither a file nor an address"


def mistakes(rule, value, path="log", owner=""):
    """What is wrong with a value, as lines of text."""
    if isinstance(rule, str):
        yield from object_mistakes(rule, value, path)
    elif isinstance(rule, list):
        yield from array_mistakes(rule[0], value, path, owner)
    elif isinstance(rule, set):
        if value not in rule:
            yield f"{path}: {value!r} is none of {sorted(rule)}"
    elif isinstance(rule, type):
        if not isinstance(value, rule):
            yield f"{path}: {value!r} is no {rule.__name__}"
    else:
        wrong = rule(value)
        if wrong:
            yield f"{path}: {wrong}"


def result_mistakes(result, rule_ids):
    """What the schema cannot say: references that must lead somewhere."""
    if rule_ids[result["ruleIndex"]] != result["ruleId"]:
        yield f"ruleIndex {result['ruleIndex']} is not {result['ruleId']}"
    related = [place["id"] for place in result.get("relatedLocations", [])]
    # 3.11.6: [text](id) in a message
    links = re.findall(r"\[[^]]+\]\((\d+)\)", result["message"]["text"])
    if sorted(map(int, links)) != sorted(related):
        yield f"links {links} and related locations {related} differ"


def log_mistakes(log):
    found = list(mistakes("log", log))
    if found:
        return found
    for run in log["runs"]:
        ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        for result in run["results"]:
            found += result_mistakes(result, ids)
    return found
