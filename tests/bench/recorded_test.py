#!/usr/bin/env python3
"""bench/recorded tested: the arithmetic of its table on cells written by hand, and its way with a program played by a
script."""
import contextlib
import io
import json
import os
import unittest

from played_program import PlayedProgram, load

# Plays `plexiform` for a recording of three cells of which the second has few spikes.
PLAYED = """#!{python}
import json, os, pathlib, sys
told = pathlib.Path(os.environ["PLAYED"])
with open(told / "calls", "a") as calls:
    print(" ".join(sys.argv[1:]), file=calls)
verb = sys.argv[1]
if (told / ("fails_" + verb)).exists():
    sys.exit("plexiform: " + verb + " went wrong")
answer = {{"info": {{"spikes": [900, 20, 500]}}, "fit": {{}}}}
blocks = {{"spikes": [10], "nats": [-1], "ln_nats": [-2]}}
answer["score"] = {{"cells": [{{"cc": 0.5, "ln": {{"cc": 0.4}}, "blocks": blocks}}]}}
answer["reveal"] = {{"cells": [{{"verdict": "structured", "n_subunits": 3}}]}}
print(json.dumps(answer[verb]))
"""


recorded = load("recorded")


def part(differences, spikes=100, cc=0.6, ln=0.5):
    return {"cc": cc, "ln": {"cc": ln}, "blocks": {"spikes": [spikes] * len(differences), "nats": differences,
                                                   "ln_nats": [0] * len(differences)}}


def cell(number, parts, verdict="structured", n=5):
    return {"cell": number, "commit": "abc", "parts": parts, "seconds": {"fit": 60, "reveal": 30, "score": 10},
            "reveal": {"verdict": verdict, "n_subunits": n, "n_interval": [n - 1, n + 2]},
            "minimal": {"cc": 0.66, "ln": {"cc": 0.6}}}


class Arithmetic(unittest.TestCase):
    def test_differences_are_paired_over_the_blocks_of_all_parts(self):
        bits, t = recorded.paired([part([1, 2, 3], 2), part([2], 4)])
        self.assertAlmostEqual(bits, 8 / 10 / 0.693147, 5)
        # Mean 2, standard deviation sqrt(2/3), four blocks.
        self.assertAlmostEqual(t, 2 / ((2 / 3) ** 0.5 / 2), 9)
        self.assertEqual(recorded.paired([part([0, 0])]), (0, 0))

    def test_a_ratio_is_of_means_over_parts(self):
        self.assertAlmostEqual(recorded.ratio([part([1], cc=0.6, ln=0.2), part([1], cc=0.4, ln=0.3)]), 2)

    def test_a_column_counts_clear_differences(self):
        cells = [cell(0, [part([1, 1.1, 0.9])]), cell(1, [part([-1, -1.1, -0.9])], "no evidence", 1),
                 cell(2, [part([1, -1, 0.5])], n=9), {"cell": 3, "error": "fit: no", "commit": "abc"}]
        column = recorded.column(cells)
        self.assertEqual((column["cells"], column["failed"]), ("4", "1"))
        self.assertEqual(column["verdicts"], "2 structured, 1 no evidence")
        self.assertIn("1 of 3: 33 %", column["network worse than LN (paired over blocks, 5 %)"])
        self.assertIn("1 of 2: 50 %", column["network better than LN, of those structured"])
        self.assertEqual(column["subunits of those structured"], "7 (6 to 8)")
        self.assertEqual(column["last sixth: minimal network over LN, structured"], "1.10 (1.10 to 1.10)")
        self.assertEqual(column["fit once and reveal: s a cell"], "40 (40 to 40)")


class Running(PlayedProgram):
    script = PLAYED

    def run_all(self, *more):
        with contextlib.redirect_stderr(io.StringIO()):
            return recorded.main(["run", "--program", str(self.program), "--recording", "rec.h5", "--work",
                                  str(self.work), *more])

    def test_each_cell_with_enough_spikes_is_tested_on_all_six_parts_and_revealed_once(self):
        self.assertEqual(self.run_all(), 0)
        calls = self.calls()
        self.assertEqual(sorted(os.listdir(self.work / "cells")), ["0.json", "2.json"])
        self.assertEqual(os.listdir(self.work / "tmp"), [])
        fits = [c for c in calls if c.startswith("fit") and "--cells 2 " in c]
        self.assertEqual([c.split("--test ")[1].split()[0] for c in fits], [f"{k}/6" for k in range(1, 7)])
        self.assertEqual(sum(c.startswith("reveal") and "run_6" in c for c in calls), 2)
        self.assertEqual(sum(c.startswith("score") and "run_6/minimal" in c for c in calls), 2)
        lines = "\n".join(recorded.table(self.work, [2]))
        self.assertIn("|  | cells | looked at before |", lines)
        self.assertIn("| verdicts | 1 structured | 1 structured |", lines)

    def test_a_failed_cell_is_kept_with_its_error_and_tried_again(self):
        (self.told / "fails_reveal").touch()
        self.assertEqual(self.run_all("--cells", "0"), 1)
        self.assertIn("reveal went wrong", json.loads((self.work / "cells" / "0.json").read_text())["error"])
        (self.told / "fails_reveal").unlink()
        self.assertEqual(self.run_all("--cells", "0"), 0)
        self.calls()
        self.assertEqual(self.run_all("--cells", "0"), 0)
        self.assertEqual([c.split()[0] for c in self.calls()], ["info"])


if __name__ == "__main__":
    unittest.main()
