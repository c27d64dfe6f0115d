from __future__ import annotations

import json
import socket

from config.management.commands.up import drop_torn_tables, make_folders
from config.supervisor import hold, port_is_free
from tests.run import free_port


def test_port_is_free_only_when_nobody_listens():
    port = free_port()
    assert port_is_free("127.0.0.1", port) is True
    with socket.socket() as other:
        other.bind(("0.0.0.0", port))
        other.listen()
        assert port_is_free("127.0.0.1", port) is False


def test_hold_is_for_one_at_a_time(tmp_path):
    first = hold(tmp_path / "var" / "lock")
    assert first is not None
    assert hold(tmp_path / "var" / "lock") is None
    first.close()
    again = hold(tmp_path / "var" / "lock")
    assert again is not None
    again.close()


def test_torn_routing_tables_are_dropped_and_whole_ones_kept(tmp_path, settings):
    settings.STATIC_ROOT = str(tmp_path / "static")
    make_folders(tmp_path)
    control = tmp_path / "broker" / "control"
    (control / "celery.exchange").write_text(json.dumps([["celery", "", "celery"]]))
    (control / "torn.exchange").write_text('[["cel')
    (control / "empty.exchange").write_text("")
    drop_torn_tables(control)
    assert [path.name for path in control.iterdir()] == ["celery.exchange"]
