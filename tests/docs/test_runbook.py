import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/crossdock"


def alarm_codes(text):
    """Yield the code of every alarm that a module raises, and where one is not plain.

    A function that hands its own parameter on to `Alarmed` counts as one, too.
    """
    tree = ast.parse(text)
    raises = {"Alarmed": None}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for value in _codes(function, {"Alarmed": None}):
                names = [each.arg for each in function.args.args if each.arg != "self"]
                if isinstance(value, ast.Name) and value.id in names:
                    raises[function.name] = names.index(value.id)
    for value in _codes(tree, raises):
        if isinstance(value, ast.Constant):
            yield value.value
        elif not isinstance(value, ast.Name):
            yield f"{ast.unparse(value)} is no plain word"


def _codes(tree, raises):
    for node in ast.walk(tree):
        name = getattr(getattr(node, "func", None), "attr", None)
        name = name or getattr(getattr(node, "func", None), "id", None)
        if not isinstance(node, ast.Call) or name not in raises:
            continue
        yield from (each.value for each in node.keywords if each.arg == "code")
        at = raises[name]
        if at is not None and at < len(node.args):
            yield node.args[at]


def codes_in_source():
    files = SOURCE.rglob("*.py")
    return {code for file in files for code in alarm_codes(file.read_text("utf-8"))}


def sections():
    text = (ROOT / "docs/runbook.md").read_text("utf-8")
    found = re.findall(r"^### (.+?)\n(.+?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    return {head: words for head, words in found if re.fullmatch(r"[a-z-]+", head)}


def test_alarms_are_found_in_the_source_at_all():
    assert {"account-away", "loop-lag", "fill-after-done"} <= codes_in_source()


def test_an_alarm_raised_by_a_function_of_the_module_is_found():
    module = "def say(self, code): Alarmed(at=1, code=code)\nself.say('x-y')\nsay('z')"
    assert list(alarm_codes(module)) == ["x-y", "z"]


def test_an_alarm_whose_code_is_put_together_is_told():
    assert list(alarm_codes("r.Alarmed(at=1, code=f'x-{y}')")) == [
        "f'x-{y}' is no plain word"
    ]


def test_every_alarm_has_a_section_and_every_section_an_alarm():
    assert sections().keys() == codes_in_source()


def test_each_section_says_what_it_means_what_to_look_at_and_what_to_do():
    for code, words in sections().items():
        for part in ("**Means.** ", "**Look at.** ", "**Do.** "):
            assert part in words, f"{code} does not say {part}"
