#!/usr/bin/env python3
"""The runner of the text-file tests, tested: what is right passes, and every kind of check can fail."""
import contextlib
import io
import os
import pathlib
import tempfile
import unittest
from unittest import mock

import run_cli_tests


class Runner(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.work = pathlib.Path(folder.name)
        self.program = self.work / "bin" / "plexiform"
        self.program.parent.mkdir()
        self.program.write_text("#!/bin/sh\necho '{\"cells\": [1, 2]}'\necho trouble >&2\ntouch made\nexit \"$1\"\n")
        self.program.chmod(0o755)

    def run_text(self, text, *options):
        """Exit code and what was printed."""
        path = self.work / "case.txt"
        path.write_text(text)
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            code = run_cli_tests.main(["--program", str(self.program), "--work", str(self.work / "out"), *options,
                                       str(path)])
        return code, output.getvalue()

    def test_what_is_right_passes_and_leaves_nothing(self):
        code, output = self.run_text(
            "# all kinds of line\nslow\ntimeout 20\nfile sub/in.txt <<END\none\n\ntwo\nEND\n"
            "python <<END\nnp.save('a.npy', np.zeros(3))\nEND\n"
            "$ plexiform 3\nexit 3\nstdout: cells\nnot stdout: trouble\nstderr: trouble\nstderr matches: ^tr.*e$\n"
            "not stderr: cells\njson: len(o['cells']) == 2\npresent: made\npresent: a.*\nabsent: missing\n"
            "$ cat sub/in.txt &&\n>   test -d $SOURCE/tests\nstdout: two\nempty stderr\n")
        self.assertEqual((code, output.splitlines()[0][:6]), (0, "passed"), output)
        self.assertFalse((self.work / "out" / "case").exists())

    def test_a_folder_is_kept_where_that_is_asked_for_and_begun_afresh(self):
        self.assertEqual(self.run_text("$ plexiform 0\n$ touch old\n", "--keep")[0], 0)
        self.assertTrue((self.work / "out" / "case" / "made").exists())
        self.assertEqual(self.run_text("$ plexiform 0\nabsent: old\n", "--keep")[0], 0)

    def test_each_check_can_fail(self):
        for line in ("exit 2", "stdout: trouble", "stderr: cells", "not stdout: cells", "not stderr: trouble",
                     "stderr matches: ^rouble", "empty stdout", "empty stderr", "json: len(o['cells']) == 3",
                     "json: o['no such']", "present: missing", "absent: made", "absent: m*"):
            with self.subTest(line):
                code, output = self.run_text(f"$ plexiform 0\n{line}\n")
                self.assertEqual(code, 1, output)
                self.assertIn(f"expected: {line}", output)
                self.assertTrue((self.work / "out" / "case" / "made").exists())

    def test_an_exit_code_that_is_not_named_must_be_0(self):
        code, output = self.run_text("$ plexiform 1\nstderr: trouble\n")
        self.assertEqual(code, 1)
        self.assertIn("found: exit 1", output)

    def test_stdout_that_is_not_json(self):
        self.assertIn("stdout is not JSON", self.run_text("$ echo hello\njson: True\n")[1])

    def test_a_signal_is_an_exit_code(self):
        self.assertEqual(self.run_text("$ kill -INT $$\nexit 130\n")[0], 0)

    def test_a_command_that_hangs_fails(self):
        code, output = self.run_text("timeout 0.2\n$ sleep 100\n")
        self.assertEqual(code, 1)
        self.assertIn("not finished after 0.2 s", output)

    def test_files_that_make_no_sense_fail(self):
        for text in ("", "exit 0\n", "$ true\nexits 0\n", "file a <<END\n", "python <<END\nraise ValueError\nEND\n$ true\n"):
            with self.subTest(text):
                self.assertEqual(self.run_text(text)[0], 1)

    def test_needs_data(self):
        text = "needs data\n$ test -d $DATA\n"
        with mock.patch.dict(os.environ, PLEXIFORM_DATA=str(self.work)):
            self.assertEqual(self.run_text(text)[0], 0)
        with mock.patch.object(run_cli_tests, "data_folder", lambda: None):
            code, output = self.run_text(text)
        self.assertEqual((code, output[:7]), (77, "skipped"))


if __name__ == "__main__":
    unittest.main()
