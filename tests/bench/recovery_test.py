#!/usr/bin/env python3
"""bench/recovery tested: the arithmetic of its table on cells written by hand, and its way with a program played by a
script."""
import contextlib
import io
import json
import math
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from played_program import SOURCE, PlayedProgram, load

import pieces  # noqa: I001, found by played_program

SCRIPT = SOURCE / "bench" / "recovery"

# Plays `plexiform`: notes what it was asked; says what it is told to in the folder of PLAYED.
PLAYED = """#!{python}
import json, os, pathlib, sys, time
told = pathlib.Path(os.environ["PLAYED"])
with open(told / "calls", "a") as calls:
    print(" ".join(sys.argv[1:]), file=calls)
verb, words = sys.argv[1], sys.argv[2:]
if (told / ("slow_" + verb)).exists():
    (told / "begun").touch()
    time.sleep(60)
if (told / ("fails_" + verb)).exists():
    sys.exit("plexiform: " + verb + " went wrong\\n  do something else")
if verb == "simulate":
    pathlib.Path(words[words.index("-o") + 1]).touch()
    answer = {{"spikes": 3000}}
elif verb == "fit":
    run = pathlib.Path(words[words.index("-o") + 1])
    (run / "minimal").mkdir(parents=True)
    (run / "minimal" / "config.toml").touch()
    answer = {{}}
elif verb == "export":
    pathlib.Path(words[words.index("--arrays") + 1]).mkdir()
    answer = {{}}
elif verb == "reveal":
    answer = {{"cells": [{{"cell": 0, "verdict": "structured", "n_subunits": 0, "subunits": []}}]}}
else:
    answer = {{"cells": [{{"cell": 0, "true_rate_cc": 0.97}}]}}
print(json.dumps(answer))
"""


recovery = load("recovery")
ROW = recovery.Row("mosaic5_30k", "mosaic5", 30000, 5)
LINEAR = recovery.Row("linear_30k", "linear", 30000, 0)


def subunit(corr=None, confidence=0.95, x_interval=(4, 6), y_interval=(4, 6), at=(5, 5)):
    truth = None if corr is None else {"index": 0, "corr": corr, "x": at[0], "y": at[1]}
    return {"x": 5, "y": 5, "x_interval": list(x_interval), "y_interval": list(y_interval), "confidence": confidence,
            "truth": truth}


def cell(corrs, row="mosaic5_30k", seed=1, true=5, verdict="structured", rate=0.97, **more):
    return {"row": row, "seed": seed, "preset": "mosaic5", "true_subunits": true, "commit": "abc",
            "seconds": {"fit": 20, "reveal": 30}, "true_rate_cc": rate,
            "reveal": {"verdict": verdict, "n_subunits": len(corrs), "subunits": [subunit(c) for c in corrs]}, **more}


def failed(**more):
    return {"row": "mosaic5_30k", "seed": 7, "preset": "mosaic5", "true_subunits": 5, "commit": "abc", "seconds": {},
            "error": "fit: exit 4: no", **more}


class Arithmetic(unittest.TestCase):
    def test_wilson_interval_is_the_published_one(self):
        # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3: 81/263, 15/148, 0/20, 1/29.
        for hits, n, low, high in [(81, 263, .2553, .3662), (15, 148, .0624, .1605), (0, 20, 0, .1611),
                                   (1, 29, .0061, .1718)]:
            found = pieces.wilson(hits, n)
            self.assertAlmostEqual(found[0], low, 4)
            self.assertAlmostEqual(found[1], high, 4)
        self.assertTrue(math.isnan(pieces.wilson(0, 0)[0]))
        self.assertEqual(pieces.wilson(20, 20)[1], 1)

    def test_a_true_subunit_without_partner_counts_0_and_a_surplus_one_not_at_all(self):
        self.assertEqual(recovery.correlations(cell([0.95, 0.99, None, 0.85])), [0.99, 0.95, 0.85, 0.0, 0.0])

    def test_a_row_counts_found_true_and_right_numbers_and_failed_cells_as_nothing(self):
        cells = [cell([0.95] * 5), cell([0.9, 0.9, 0.9, 0.9, 0.89]), cell([0.95] * 4 + [0.5, None], rate=0.95),
                 cell([0.95] * 5, verdict="no evidence", rate=0.99), failed()]
        line = dict(zip(recovery.HEAD, recovery.row_line(ROW, cells)))
        self.assertEqual(line["all found"], "2 of 5")
        self.assertEqual(line["all but one found"], "4 of 5")
        self.assertEqual(line["all at 0.8"], "3 of 5")
        self.assertEqual(line["number right"], "3 of 5")
        self.assertEqual(line["true rate"], "0.970 (0.950 to 0.990)")
        self.assertEqual(line["verdicts"], "3 structured, 1 no evidence")
        self.assertEqual(line["fit + reveal, s"], "50")
        self.assertEqual(line["mean match"], f"{(0.95 + 0.898 + 0.86 + 0.95) / 4:.3f} (0.860 to 0.950)")

    def test_a_row_in_which_all_failed_or_no_rate_is_known_has_a_line(self):
        self.assertEqual(recovery.row_line(ROW, [failed()])[1:], ["0 of 1"] * 4 + ["-"] * 4)
        self.assertEqual(recovery.row_line(LINEAR, [cell([None], true=0, rate=None)])[4:7], ["1 of 1", "-", "-"])

    def test_calibration_counts_subunits_not_cells(self):
        one = cell([])
        one["reveal"]["subunits"] = [
            subunit(0.95, 0.9), subunit(0.95, 0.5), subunit(0.85, 0.95, y_interval=(6, 7)), subunit(0.79, 0.99),
            subunit(None, 0.92), subunit(0.9, None, x_interval=(5, 6), y_interval=(3, 5))]
        counts = recovery.calibration([one])
        self.assertEqual(counts["sure ones that are true"], (2, 4))  # 0.95 and 0.85 of these, 0.79 and the surplus one
        self.assertEqual(counts["found ones that are sure"], (1, 3))
        self.assertEqual(counts["place intervals that hold the truth"], (7, 8))  # two of each true one

    def test_a_version_without_confidence_and_intervals_has_nothing_to_count(self):
        one = cell([0.95])
        one["reveal"]["subunits"] = [{"x": 1, "y": 1, "truth": {"index": 0, "corr": 0.95}}]
        self.assertEqual(recovery.calibration([one]), {"sure ones that are true": (0, 0),
                                                       "found ones that are sure": (0, 1),
                                                       "place intervals that hold the truth": (0, 0)})

    def test_shares_have_their_interval(self):
        self.assertEqual(pieces.share(81, 263), "81 of 263: 31 % (26 to 37 %)")
        self.assertEqual(pieces.share(0, 0), "none")

    def test_the_peer_has_a_line_for_both_choices(self):
        row = {"stnmf": {"consensus": {"matches": [.95, .5, 0, 0, 0]}, "best": {"matches": [.95] * 5}}}
        line = recovery.peer_line(ROW, [row, failed()])
        self.assertEqual(line, ["mosaic5_30k", "0 of 2", "1.0 (1.0 to 1.0)", "0.290 (0.290 to 0.290)", "1 of 2",
                                "5.0 (5.0 to 5.0)", "0.950 (0.950 to 0.950)"])


class Rows(unittest.TestCase):
    def test_the_judged_set_has_140_cells(self):
        self.assertEqual(sum(len(row.seeds()) for row in recovery.rows_of("judged")), 140)
        self.assertTrue(all(len(row.seeds()) == 5 for row in recovery.rows_of("others")))

    def test_linear_kinds_go_by_the_seed(self):
        kinds = [LINEAR.preset_of(seed) for seed in range(1, 21)]
        self.assertEqual(kinds[:5], ["linear_inseparable", "linear_saturating", "linear_exponential",
                                     "linear_overdispersed", "linear"])
        self.assertEqual([kinds.count(k) for k in ("linear", "linear_overdispersed", "linear_underdispersed")],
                         [4, 2, 2])

    def test_names_and_seeds_are_lists(self):
        self.assertEqual([r.name for r in recovery.rows_of("linear_30k,mosaic5_10k,linear_30k")],
                         ["linear_30k", "mosaic5_10k"])
        self.assertEqual(recovery.numbers_of("1-3,7"), [1, 2, 3, 7])
        with self.assertRaisesRegex(SystemExit, "no row 'mosaic6'"):
            recovery.rows_of("mosaic6")


class Table(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.work = pathlib.Path(folder.name)

    def keep(self, value):
        pieces.write_whole(self.work / "cells" / f"{value['row']}_{value['seed']}.json", value)

    def test_has_lines_for_what_is_kept_and_notes_for_the_rest(self):
        self.keep(cell([0.95] * 5))
        self.keep(failed())
        self.keep(cell([None], row="linear_30k", seed=1, true=0, verdict="no evidence"))
        self.keep(cell([None], row="linear_30k", seed=2, true=0, verdict="too little data"))
        text = "\n".join(recovery.table(self.work, recovery.rows_of("judged")))
        self.assertIn("| mosaic5_30k | 1 of 2 |", text)
        self.assertNotIn("| mosaic5_300k |", text)
        self.assertIn("| sure ones that are true | 5 of 5: 100 % (57 to 100 %) |", text)
        self.assertIn('"no evidence" in linear cells: 1 of 2: 50 %', text)
        self.assertIn("- failed: mosaic5_30k seed 7 (mosaic5): fit: exit 4: no", text)
        self.assertIn("- mosaic5_300k: not run", text)
        self.assertIn("- commit abc", text)
        self.assertEqual(sorted(os.listdir(self.work / "cells")), ["linear_30k_1.json", "linear_30k_2.json",
                                                                   "mosaic5_30k_1.json", "mosaic5_30k_7.json"])


class Running(PlayedProgram):
    script = PLAYED

    def run_seeds(self, seeds, *more, row="mosaic5_30k"):
        with contextlib.redirect_stderr(io.StringIO()):
            return recovery.main(["run", "--program", str(self.program), "--work", str(self.work), "--rows", row,
                                  "--seeds", seeds, "--jobs", "2", *more])

    def kept(self, seed, folder="cells"):
        return json.loads((self.work / folder / f"mosaic5_30k_{seed}.json").read_text())

    def test_a_cell_goes_all_the_way_and_leaves_one_file(self):
        self.assertEqual(self.run_seeds("1"), 0)
        calls = self.calls()
        self.assertEqual([c.split()[0] for c in calls], ["simulate", "fit", "reveal", "score"])
        self.assertIn("mosaic5 --seed 1 --frames 30000", calls[0])
        self.assertIn("--test none", calls[1])
        self.assertIn("run/minimal", calls[3])
        self.assertTrue(all("--threads 1 --json" in c for c in calls))
        self.assertEqual(self.kept(1)["true_rate_cc"], 0.97)
        self.assertEqual(self.kept(1)["reveal"]["verdict"], "structured")
        self.assertEqual(os.listdir(self.work / "tmp"), [])
        self.assertEqual(os.listdir(self.work / "cells"), ["mosaic5_30k_1.json"])

    def test_a_second_call_does_what_is_missing(self):
        self.run_seeds("1-2")
        self.calls()
        self.assertEqual(self.run_seeds("1-3"), 0)
        self.assertEqual(len(self.calls()), 4)

    def test_a_failed_cell_is_kept_with_its_error_and_tried_again(self):
        (self.told / "fails_reveal").touch()
        self.assertEqual(self.run_seeds("1-2"), 1)
        self.assertIn("plexiform reveal: exit 1: plexiform: reveal went wrong", self.kept(2)["error"])
        self.assertEqual(os.listdir(self.work / "tmp"), [])
        (self.told / "fails_reveal").unlink()
        self.assertEqual(self.run_seeds("1-2"), 0)
        self.assertNotIn("error", self.kept(2))

    def test_the_settings_of_a_row_reach_the_program(self):
        self.run_seeds("1", row="surround_30k")
        self.assertIn("--set surround=0.3", self.calls()[0])

    def test_the_peer_sees_the_same_spikes_and_can_come_later(self):
        self.run_seeds("1")
        self.calls()
        peer = self.told / "python"
        peer.write_text("#!/bin/sh\ntest -d \"$2\" && echo '{\"consensus\": {}, \"best\": {}}'\n")
        peer.chmod(0o755)
        self.assertEqual(self.run_seeds("1-2", "--peer-python", str(peer), "--peer-seeds", "1"), 0)
        verbs = [c.split()[0] for c in self.calls()]
        self.assertEqual((verbs.count("export"), verbs.count("fit")), (1, 1))
        self.assertEqual(self.kept(1, "stnmf")["stnmf"]["best"], {})

    def test_an_interrupted_one_keeps_what_is_finished_and_leaves_no_program_behind(self):
        self.run_seeds("1")
        (self.told / "slow_fit").touch()
        process = subprocess.Popen([sys.executable, SCRIPT, "run", "--program", self.program, "--work", self.work,
                                    "--rows", "mosaic5_30k", "--seeds", "1-3"], stderr=subprocess.PIPE, text=True)
        while not (self.told / "begun").exists() and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130)
        self.assertIn("interrupted; finished cells are kept", stderr)
        self.assertEqual(os.listdir(self.work / "cells"), ["mosaic5_30k_1.json"])
        self.assertEqual(os.listdir(self.work / "tmp"), [])
        self.assertNotIn("Traceback", stderr)


if __name__ == "__main__":
    unittest.main()
