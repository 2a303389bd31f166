# SPDX-License-Identifier: Apache-2.0
"""What tests/run.py may try again: never what a sanitizer reported."""
import importlib.util
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
spec = importlib.util.spec_from_file_location("run", TOP / "tests/run.py")
run = importlib.util.module_from_spec(spec)
spec.loader.exec_module(run)


def test_a_sanitizers_report_in_a_programs_log_is_found(tmp_path):
    (tmp_path / "tests/unit").mkdir(parents=True)
    (tmp_path / "tests/unit/test-a.log").write_text("1..1\nWARNING: ThreadSanitizer: data race\n")
    (tmp_path / "tests/unit/test-b.log").write_text("not ok 2 - late\n")
    bad = ["ERROR: tests/unit/test-a - exited with status 66",
           "FAIL: tests/unit/test-b 2 - late", "FAIL: tests/unit/test-c 1 - no log"]
    assert run.reports(tmp_path, bad) == ["ThreadSanitizer"]
    assert run.reports(tmp_path, bad[1:]) == []
