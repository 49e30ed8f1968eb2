import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.app.settings.origins import Origin
from crossdock.app.settings.positions import lines_of

TRICKY = '''\
# comment with [brackets] and "quotes
title = """
[not.a.table]
no = 1
"""
[desk] # trailing [
name = 'a # b' # c
list = [
  "x", # y ]
  [3],
  [1,
   2],
]
literal = \'\'\'
x = 1\'\'\'
a.b."c.d" = 3
[risk.symbols."BTC/*"]
inline = {a = 1, b = [2]}
last = "]["
end = 1
'''


def test_keys_are_found_where_they_stand_and_nowhere_else():
    assert lines_of(TRICKY) == {
        ("title",): 2,
        ("desk",): 6,
        ("desk", "name"): 7,
        ("desk", "list"): 8,
        ("desk", "literal"): 14,
        ("desk", "a", "b", "c.d"): 16,
        ("risk", "symbols", "BTC/*"): 17,
        ("risk", "symbols", "BTC/*", "inline"): 18,
        ("risk", "symbols", "BTC/*", "last"): 19,
        ("risk", "symbols", "BTC/*", "end"): 20,
    }


VALUES = st.one_of(
    st.integers().map(str),
    st.text("ab[]{}=#'\\\"\n", max_size=6).map(
        lambda text: '"""' + text.replace("\\", "\\\\").replace('"', '\\"') + '"""'
    ),
    st.text("ab[]{}=#'\" ", max_size=6).map(
        lambda text: '"' + text.replace('"', '\\"') + '"'
    ),
    st.text('ab[]{}=#" ', max_size=6).map(lambda text: f"'{text}'"),
    st.lists(st.integers().map(str), max_size=3).map(
        lambda items: "[ # [\n" + ",\n".join(items) + "\n]"
    ),
)


@given(st.lists(st.tuples(st.booleans(), VALUES), max_size=8))
def test_every_key_of_any_text_gets_the_line_it_was_written_on(entries):
    lines, expected, table = [], {}, ()
    for number, (heads, value) in enumerate(entries):
        if heads:
            table = (f"table{number}",)
            expected[table] = len(lines) + 1
            lines.append(f"[table{number}]  # [x")
        key = f"key-{number}"
        expected[(*table, key)] = len(lines) + 1
        lines += f"{key} = {value} # end".split("\n")
    text = "\n".join(lines)
    tomllib.loads(text)
    assert lines_of(text) == expected


@pytest.mark.parametrize("text", ["", "\n\n", "# only = a comment"])
def test_a_text_without_keys_has_no_positions(text):
    assert lines_of(text) == {}


def test_what_stands_in_no_line_of_a_file_is_told_without_one():
    assert str(Origin("file", "settings.toml", 7)) == "settings.toml:7"
    assert str(Origin("file", "connections.toml")) == "connections.toml"
