"""What precedes the damage of a journal can be saved, by one command."""

import json

from crossdock.adapters.stores.journal.files import JournalFiles
from crossdock.cli import main
from crossdock.core import records as r


def damaged_journal(folder):
    journal = JournalFiles.open(folder, "process")
    for at in range(50):
        journal.append([r.encode(r.SessionEnded(at=at, reason="x" * 20))])
    journal.close()
    [segment] = folder.glob("*.segment")
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(bytes(data))
    return segment


def test_salvage_saves_what_precedes_the_damage_and_changes_nothing_else(tmp_path, capsys):
    segment = damaged_journal(tmp_path / "journal")
    before = segment.read_bytes()
    settings = tmp_path / "settings.toml"
    settings.write_text('[desk]\njournal = "journal"\n')
    asked = ["--settings", str(settings), "journal"]
    assert main([*asked, "verify", "--json"]) == 5
    capsys.readouterr()
    assert main([*asked, "salvage", str(tmp_path / "saved"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert 0 < told["last_sequence"] < 50
    assert segment.read_bytes() == before
    settings.write_text('[desk]\njournal = "saved"\n')
    assert main([*asked, "verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["entries"] == told["last_sequence"]


def test_salvage_overwrites_nothing(tmp_path, capsys):
    damaged_journal(tmp_path / "journal")
    settings = tmp_path / "settings.toml"
    settings.write_text('[desk]\njournal = "journal"\n')
    (tmp_path / "saved").mkdir()
    asked = ["--settings", str(settings), "journal", "salvage", str(tmp_path / "saved")]
    assert main(asked) != 0
    assert "exists" in capsys.readouterr().err
