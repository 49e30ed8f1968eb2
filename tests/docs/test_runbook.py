import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/crossdock"


def alarm_codes(text):
    """Yield the code of every alarm that a module raises, and where one is not plain."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        given = [k.value for k in node.keywords if k.arg == "code"]
        if name == "_alarm":
            given = given or node.args[:1]
        elif name != "Alarmed":
            continue
        for value in given:
            if isinstance(value, ast.Constant):
                yield value.value
            elif not isinstance(value, ast.Name):
                yield f"{ast.unparse(value)} is no plain word"


def codes_in_source():
    files = SOURCE.rglob("*.py")
    return {code for file in files for code in alarm_codes(file.read_text("utf-8"))}


def sections():
    text = (ROOT / "docs/runbook.md").read_text("utf-8")
    found = re.findall(r"^### (.+?)\n(.+?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    return {head: words for head, words in found if re.fullmatch(r"[a-z-]+", head)}


def test_alarms_are_found_in_the_source_at_all():
    assert {"account-away", "loop-lag", "fill-after-done"} <= codes_in_source()


def test_an_alarm_whose_code_is_put_together_is_told():
    assert list(alarm_codes("r.Alarmed(at=1, code=f'x-{y}')")) == ["f'x-{y}' is no plain word"]


def test_every_alarm_has_a_section_and_every_section_an_alarm():
    assert sections().keys() == codes_in_source()


def test_each_section_says_what_it_means_what_to_look_at_and_what_to_do():
    for code, words in sections().items():
        for part in ("**Means.** ", "**Look at.** ", "**Do.** "):
            assert part in words, f"{code} does not say {part}"
