"""Compressed files: what is whole reads whole, what is not says where it ends."""

import gzip
from functools import partial

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.adapters.feeds.recorded.opening import head_of, open_bytes, open_lines
from crossdock.errors import DataError

LINES = [
    b"%d a line of some length, %d" % (number, number * 7919) for number in range(9000)
]
CONTENT = b"\n".join(LINES) + b"\n"
PACKED = {
    "plain": bytes,
    "gzip": partial(gzip.compress, mtime=0),
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize("way", PACKED)
def test_lines_are_numbered_and_have_no_ends(tmp_path, way):
    path = tmp_path / "file"
    path.write_bytes(PACKED[way](CONTENT.replace(b"\n", b"\r\n")))
    assert list(open_lines(str(path))) == list(enumerate(LINES, start=1))
    assert head_of(str(path), 100) == CONTENT.replace(b"\n", b"\r\n")[:100]


@pytest.mark.parametrize("way", ["gzip", "zstd"])
def test_parts_compressed_one_after_the_other_read_as_one(tmp_path, way):
    path = tmp_path / "file"
    path.write_bytes(PACKED[way](CONTENT[:5000]) + PACKED[way](CONTENT[5000:]))
    with open_bytes(str(path)) as source:
        assert source.read() == CONTENT


@pytest.mark.parametrize("way", ["gzip", "zstd"])
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_compressed_file_cut_off_anywhere_says_so_and_where(tmp_path_factory, way, data):
    whole = PACKED[way](CONTENT)
    cut = data.draw(st.integers(4, len(whole) - 1))
    path = tmp_path_factory.mktemp("cut") / "file"
    path.write_bytes(whole[:cut])
    read = 0
    with pytest.raises(DataError) as caught:
        for number, line in open_lines(str(path)):
            assert line == LINES[number - 1]
            read = number
    assert caught.value.code == "data-truncated"
    assert caught.value.line == read + 1


@pytest.mark.parametrize("way", ["gzip", "zstd"])
def test_a_compressed_file_with_broken_bytes_says_so(tmp_path, way):
    whole = bytearray(PACKED[way](CONTENT) + b"tail that is no part")
    path = tmp_path / "file"
    path.write_bytes(whole)
    with pytest.raises(DataError) as caught:
        list(open_lines(str(path)))
    assert (caught.value.code, caught.value.line) == ("data-corrupt", len(LINES) + 1)


@pytest.mark.parametrize(
    "content", [b"", gzip.compress(b"", mtime=0), zstandard.compress(b"")]
)
def test_a_file_with_nothing_in_it_is_empty(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        head_of(str(path))
    assert caught.value.code == "data-empty"
