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

# Plays `plexiform`: notes what it was asked; says what it is told to in the folder of PLAYED. Its cell has two true
# subunits that drive it, OFF, and one that suppresses; it finds the first, and the suppressive one in wrong polarity.
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
def spot(x):
    return [[1.0 if abs(u - x) + abs(v - 1) == 0 else 0.5 * (abs(u - x) + abs(v - 1) == 1) for u in range(8)]
            for v in range(3)]
if verb == "simulate":
    import h5py
    with h5py.File(words[words.index("-o") + 1], "w") as file:
        truth = file.create_group("truth/cell_0")
        truth.attrs["nonlinearity"] = "relu"
        truth["spatial"] = [spot(1), spot(6), spot(4)]
        truth["temporal"] = [[0.0, -0.6, -0.8], [0.0, -0.6, -0.8], [0.0, 0.0, -1.0]]
        truth["weight"] = [1.5, 0.5, -0.7]
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
    import h5py
    with h5py.File(pathlib.Path(words[0]) / "reveal.h5", "w") as file:
        for name, x, sign in (("cell_0", 1, -1), ("cell_0/suppressive", 4, 1)):
            file[name + "/spatial"], file[name + "/temporal"] = [spot(x)], [[0.0, sign * 0.6, sign * 0.8]]
    own = {{"both_polarities": False}}
    answer = {{"cells": [{{"cell": 0, "verdict": "structured", "n_subunits": 1, "n_suppressive": 1,
                           "subunits": [own | {{"truth": {{"index": 0, "corr": 1.0}}}}],
                           "suppressive": [own | {{"truth": {{"index": 2, "corr": 1.0}}}}]}}]}}
else:
    answer = {{"cells": [{{"cell": 0, "true_rate_cc": 0.97}}]}}
print(json.dumps(answer))
"""


recovery = load("recovery")
ROW = recovery.Row("mosaic5_30k", "mosaic5", 30000, 5)
LINEAR = recovery.Row("linear_30k", "linear", 30000, 0)
SUPPRESSION = recovery.Row("suppression_30k", "suppression", 30000, 5, suppressive=3)
SURROUND = recovery.Row("surround_30k", "surround", 30000, 5, surround=(0.45, 2.5))


def subunit(corr=None, confidence=0.95, other_sign=0.0, polarity_right=True, **at):
    """One whose true values are 5, as it says itself, with intervals from 4 to 6; `at` changes the truth."""
    truth = None if corr is None else {"index": 0, "corr": corr, "polarity_right": polarity_right} | {
        quantity: at.get(quantity, 5) for quantity in recovery.QUANTITIES}
    return {"confidence": confidence, "truth": truth, "other_sign": other_sign} | {
        quantity + "_interval": [4, 6] for quantity in recovery.QUANTITIES}


def cell(corrs, row="mosaic5_30k", seed=1, true=5, verdict="structured", rate=0.97, suppressive=(), true_suppressive=0,
         surround=None, remark="", functions=1, n_interval=None, true_surround=(), **more):
    return {"row": row, "seed": seed, "preset": "mosaic5", "true_subunits": true, "true_suppressive": true_suppressive,
            "true_surround": list(true_surround), "commit": "abc", "key": "k1 mosaic5 30000",
            "seconds": {"fit": 20, "reveal": 30}, "true_rate_cc": rate,
            "reveal": {"verdict": verdict, "n_subunits": len(corrs), "subunits": [subunit(c) for c in corrs],
                       "n_suppressive": len(suppressive), "suppressive": [subunit(c) for c in suppressive],
                       "n_functions": functions, "surround": surround, "n_interval": n_interval,
                       "residual": {"not_described": remark}}, **more}


def failed(**more):
    return {"row": "mosaic5_30k", "seed": 7, "preset": "mosaic5", "true_subunits": 5, "commit": "abc", "seconds": {},
            "error": "fit: exit 4: no", **more}


def line_of(row, cells):
    return dict(zip(recovery.HEAD, recovery.row_line(row, cells), strict=True))


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
        one = cell([], suppressive=[0.9], true_suppressive=2)
        self.assertEqual(recovery.correlations(one, "suppressive"), [0.9, 0.0])

    def test_a_row_counts_found_true_and_right_numbers_and_failed_cells_as_nothing(self):
        cells = [cell([0.95] * 5), cell([0.9, 0.9, 0.9, 0.9, 0.89]), cell([0.95] * 4 + [0.5, None], rate=0.95),
                 cell([0.95] * 5, verdict="no evidence", rate=0.99, remark="excitation at lag 6", functions=2),
                 failed()]
        line = line_of(ROW, cells)
        self.assertEqual(line["all found"], "2 of 5")
        self.assertEqual(line["all but one found"], "4 of 5")
        self.assertEqual(line["all at 0.8"], "3 of 5")
        self.assertEqual(line["number right"], "3 of 5")
        self.assertEqual(line["suppressive found"], "-")
        self.assertEqual(line["temporal functions"], "1 in 3, 2 in 1")
        self.assertEqual(line["remarks"], "1 of 5")
        self.assertEqual(line["true rate"], "0.970 (0.950 to 0.990)")
        self.assertEqual(line["verdicts"], "3 structured, 1 no evidence")
        self.assertEqual(line["reveal, s (most)"], "30.0 (30.0)")
        self.assertEqual(line["mean match"], f"{(0.95 + 0.898 + 0.86 + 0.95) / 4:.3f} (0.860 to 0.950)")

    def test_a_row_with_suppression_needs_both_numbers(self):
        cells = [cell([0.95] * 5, suppressive=[0.95, 0.85, 0.7], true_suppressive=3),
                 cell([0.95] * 5, suppressive=[0.95], true_suppressive=3),
                 cell([0.95] * 4, suppressive=[0.95] * 3, true_suppressive=3), failed()]
        line = line_of(SUPPRESSION, cells)
        self.assertEqual(line["number right"], "1 of 4")
        self.assertEqual(line["suppressive found"], "5 of 12")

    def test_a_suppressive_one_too_many_is_a_wrong_number(self):
        self.assertEqual(line_of(ROW, [cell([0.95] * 5, suppressive=[None])])["number right"], "0 of 1")

    def test_polarity_is_wrong_of_true_ones_and_sign_of_those_that_are_true_ones_of_the_other(self):
        turned, of_other_sign, mixed, unlike = (cell([0.95] * 4) for _ in range(4))
        turned["reveal"]["subunits"].append(subunit(0.95, polarity_right=False))
        of_other_sign["reveal"]["suppressive"].append(subunit(None, other_sign=0.9))
        mixed["reveal"]["suppressive"].append(subunit(0.85, other_sign=0.9))  # its own partner fits, too
        unlike["reveal"]["subunits"].append(subunit(0.5, polarity_right=False))  # no partner worth the name
        wrong = [line_of(ROW, [c])["sign or polarity wrong"] for c in (turned, of_other_sign, mixed, unlike)]
        self.assertEqual(wrong, ["1 of 1", "1 of 1", "0 of 1", "0 of 1"])

    def test_a_row_in_which_all_failed_or_no_rate_is_known_has_a_line(self):
        line = line_of(ROW, [failed()])
        self.assertEqual([line[name] for name in recovery.HEAD[1:5]], ["0 of 1"] * 4)
        self.assertEqual([line[name] for name in ("true rate", "verdicts", "reveal, s (most)")], ["-"] * 3)
        line = line_of(LINEAR, [cell([None], true=0, rate=None, verdict="no evidence")])
        self.assertEqual((line["number right"], line["true rate"], line["verdicts"]), ("-", "-", "1 no evidence"))

    def test_a_cell_with_too_little_data_has_no_more_than_its_verdict(self):
        bare = cell([]) | {"reveal": {"verdict": "too little data", "n_subunits": 0, "n_suppressive": 0, "subunits": [],
                                      "suppressive": [], "residual": None}}
        self.assertEqual(line_of(ROW, [bare])["temporal functions"], "-")
        self.assertTrue(all(n == 0 for _, n in recovery.calibration([bare]).values()))

    def test_calibration_counts_subunits_of_both_signs_not_cells(self):
        one = cell([])
        one["reveal"]["subunits"] = [subunit(0.95, 0.9), subunit(0.95, 0.5), subunit(0.85, 0.95), subunit(0.79, 0.99)]
        one["reveal"]["suppressive"] = [subunit(None, 0.92), subunit(0.9, None)]
        counts = recovery.calibration([one])
        self.assertEqual(counts["sure ones that are true"], (2, 4))  # 0.95 and 0.85 of these, 0.79 and the surplus one
        self.assertEqual(counts["found ones that are sure"], (1, 3))

    def test_each_quantity_has_a_share_of_intervals_that_hold_it(self):
        one = cell([])
        one["reveal"]["subunits"] = [subunit(0.95), subunit(0.85, y=7, latency=3), subunit(0.79, x=9), subunit(None)]
        counts = recovery.calibration([one])
        held = {q: counts[recovery.interval_name(q)] for q in recovery.QUANTITIES}
        self.assertEqual(held, {"x": (2, 2), "y": (1, 2), "weight": (0, 0), "latency": (1, 2), "temporal_width": (2, 2),
                                "major": (2, 2), "minor": (2, 2)})

    def test_shares_of_the_drive_are_compared_where_all_of_a_sign_are_there(self):
        whole = cell([0.9] * 5, suppressive=[0.9], true_suppressive=2)
        whole["reveal"]["subunits"][0] = subunit(0.9, weight=6.5)
        alone = cell([0.9] * 4, suppressive=[0.9], true_suppressive=1)  # one alone has all of it
        self.assertEqual(recovery.calibration([whole, alone])[recovery.interval_name("weight")], (4, 5))

    def test_intervals_of_numbers_remarks_and_surrounds_are_counted(self):
        cells = [cell([0.95] * 5, n_interval=[5, 6], surround={"strength": 0.1, "ratio": 2}),
                 cell([0.95] * 4, n_interval=[4, 4], remark="suppression at lag 6 near (4, 12) is not described",
                      true_suppressive=1),
                 cell([0.95] * 5, remark="the surround of the subunits is not described", true_surround=(0.45, 2.5)),
                 cell([0.95] * 5, true_suppressive=1)]
        counts = recovery.calibration(cells)
        self.assertEqual(counts["intervals of the number of driving ones that hold the truth"], (1, 2))
        self.assertEqual(counts["intervals of the number of suppressive ones that hold the truth"], (0, 0))
        self.assertEqual(counts["remarks on complete models"], (1, 2))
        self.assertEqual(counts["suppression that was missed and remarked on"], (1, 2))
        self.assertEqual(counts["a surround where there is none"], (1, 3))

    def test_a_version_without_confidence_and_intervals_has_nothing_to_count(self):
        one = cell([])
        one["reveal"]["subunits"] = [{"x": 1, "y": 1, "truth": {"index": 0, "corr": 0.95}}]
        counts = recovery.calibration([one])
        self.assertEqual(counts["found ones that are sure"], (0, 1))
        self.assertEqual(counts["sure ones that are true"], (0, 0))
        self.assertEqual(counts[recovery.interval_name("x")], (0, 0))

    def test_a_row_has_its_own_calibration(self):
        line = dict(zip(recovery.CALIBRATION_HEAD, recovery.calibration_line(ROW, [cell([0.95, 0.7])]), strict=True))
        self.assertEqual(line["sure ones that are true"], "1 of 2 (50 %)")
        self.assertEqual(line["x held"], "1 of 1 (100 %)")
        self.assertEqual(line["number held"], "-")

    def test_surrounds_are_compared_with_the_rows(self):
        cells = [cell([], surround={"strength": 0.5, "ratio": 2.4}), cell([], surround={"strength": 0.3, "ratio": 3.2}),
                 cell([]), failed()]
        line = recovery.surround_line(SURROUND, cells)
        self.assertEqual(line, ["surround_30k", "2 of 4", "0.40 (0.30 to 0.50), true 0.45", "1 of 4",
                                "2.80 (2.40 to 3.20), true 2.5", "1 of 4"])

    def test_shares_have_their_interval(self):
        self.assertEqual(pieces.share(81, 263), "81 of 263: 31 % (26 to 37 %)")
        self.assertEqual(pieces.share(0, 0), "none")

    def test_the_peer_has_a_line_for_both_choices(self):
        row = {"stnmf": {"consensus": {"matches": [.95, .5, 0, 0, 0]}, "best": {"matches": [.95] * 5}}}
        line = recovery.peer_line(ROW, [row, failed()])
        self.assertEqual(line, ["mosaic5_30k", "0 of 2", "1.0 (1.0 to 1.0)", "0.290 (0.290 to 0.290)", "1 of 2",
                                "5.0 (5.0 to 5.0)", "0.950 (0.950 to 0.950)"])


class Truth(unittest.TestCase):
    def test_shapes_are_moments_of_squared_weights(self):
        # A Gaussian of 1.5 and 1 pixels, turned by 30 degrees: what the program says of such a subunit.
        c, s = math.cos(math.pi / 6), math.sin(math.pi / 6)
        along = lambda x, y: (c * (x - 7.3) + s * (y - 8.1), -s * (x - 7.3) + c * (y - 8.1))
        weight = lambda u, v: math.exp(-(u / 1.5) ** 2 / 2 - v**2 / 2)
        shape = recovery.shape_of([[weight(*along(x, y)) for x in range(16)] for y in range(16)])
        for quantity, true in (("x", 7.3), ("y", 8.1), ("major", 1.5), ("minor", 1.0)):
            self.assertAlmostEqual(shape[quantity], true, 3)

    def test_courses_are_moments_of_squared_filters(self):
        course = recovery.course_of([0, 1, -1, 0])
        self.assertAlmostEqual(course["latency"], 1.5)
        self.assertAlmostEqual(course["temporal_width"], 0.5)

    def test_filters_are_compared_as_far_as_both_go(self):
        self.assertAlmostEqual(recovery.cosine([0, 1, 0, 0], [0, -2]), -1)
        self.assertEqual(recovery.cosine([0, 0], [1, 1]), 0)

    def test_both_polarities_are_right_of_squares_and_twins_alone(self):
        one, other = [[1, 0], [0, 0]], [[0, 0], [0, 1]]
        truth = {"spatial": [one, other, one], "temporal": [[1, 0], [1, 0], [-1, 0]], "weight": [1, 1, 1],
                 "nonlinearity": "relu"}
        right = lambda even, k, **more: recovery.polarity_is_right([1, 0.1], even, truth | more, k)
        self.assertEqual([right(False, k) for k in range(3)], [True, True, False])
        self.assertEqual([right(True, k) for k in range(3)], [True, False, True])
        self.assertTrue(right(True, 1, nonlinearity="squared"))


class Rows(unittest.TestCase):
    def test_judged_are_20_cells_of_each_kind_and_100_without_subunits(self):
        judged = recovery.rows_of("judged")
        self.assertEqual({len(row.seeds()) for row in judged if row.subunits}, {20})
        self.assertEqual(sum(len(row.seeds()) for row in judged if not row.subunits), 100)
        self.assertTrue(all(len(row.seeds()) == 5 for row in recovery.rows_of("others")))
        self.assertEqual(len({row.name for row in recovery.ROWS}), len(recovery.ROWS))

    def test_rows_know_their_truth(self):
        row = {r.name: r for r in recovery.ROWS}
        self.assertEqual((row["suppression_10k"].suppressive, row["crossover_30k"].suppressive), (3, 1))
        self.assertEqual(row["surround_30k"].surround, (0.45, 2.5))
        self.assertEqual((row["twelve_60k"].subunits, row["irregular_60k_dense"].settings), (12, ("target_rate=0.5",)))

    def test_kinds_without_subunits_go_by_the_seed(self):
        kinds = [LINEAR.preset_of(seed) for seed in range(1, 51)]
        self.assertEqual(kinds[:8], [*recovery.LINEAR[1:], "linear"])
        self.assertTrue(all(kinds.count(kind) in (6, 7) for kind in recovery.LINEAR))

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
        self.keep(failed(key="k1 mosaic5 30000"))
        self.keep(cell([None], row="linear_30k", seed=1, true=0, verdict="no evidence"))
        self.keep(cell([None], row="linear_30k", seed=2, true=0, verdict="too little data"))
        text = "\n".join(recovery.table(self.work, recovery.rows_of("judged")))
        self.assertIn("| mosaic5_30k | 1 of 2 |", text)
        self.assertNotIn("| mosaic9_300k |", text)
        self.assertIn("| sure ones that are true | 5 of 5: 100 % (57 to 100 %) |", text)
        self.assertIn("| mosaic5_30k | 5 of 5 (100 %) |", text)
        self.assertIn('"structured" of cells without subunits: 0 of 2: 0 %', text)
        self.assertIn("| mosaic5 | - | 1 no evidence, 1 too little data |", text)
        self.assertIn("- failed: mosaic5_30k seed 7 (mosaic5): fit: exit 4: no", text)
        self.assertIn("- mosaic9_300k: not run", text)
        self.assertIn("- mosaic5_30k: seeds 2-6, 8-20 are missing", text)
        self.assertIn("- commit abc, program k1: mosaic5_30k, linear_30k", text)
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

    def test_what_the_truth_says_of_subunits_is_kept(self):
        self.run_seeds("1")
        (one,), (suppressive,) = (self.kept(1)["reveal"][key] for key in ("subunits", "suppressive"))
        truth = one["truth"]
        self.assertEqual((truth["corr"], truth["polarity_right"]), (1.0, True))
        for quantity, true in (("x", 1), ("y", 1), ("weight", 0.75), ("latency", 1.64), ("temporal_width", 0.48)):
            self.assertAlmostEqual(truth[quantity], true, 6)
        self.assertAlmostEqual(truth["major"], 0.5**0.5)
        self.assertLess(one["other_sign"], 0.5)
        self.assertFalse(suppressive["truth"]["polarity_right"])
        self.assertAlmostEqual(suppressive["truth"]["weight"], 1)

    def test_a_second_call_does_what_is_missing(self):
        self.run_seeds("1-2")
        self.calls()
        self.assertEqual(self.run_seeds("1-3"), 0)
        self.assertEqual(len(self.calls()), 4)

    def test_what_another_program_or_recipe_made_is_made_again(self):
        self.run_seeds("1-2")
        self.calls()
        library = self.told / "lib" / "libplexiform_core.so"
        library.parent.mkdir()
        (self.told / "bin").mkdir()
        self.program = self.program.rename(self.told / "bin" / "plexiform")
        self.assertEqual(self.run_seeds("1"), 0)  # elsewhere, but the same
        self.assertFalse((self.told / "calls").exists())
        library.write_text("another")
        self.assertEqual(self.run_seeds("1"), 0)
        self.assertEqual(len(self.calls()), 4)
        self.assertEqual(self.run_seeds("1", "--key", "by hand"), 0)
        self.assertEqual(len(self.calls()), 4)
        self.assertTrue(self.kept(1)["key"].startswith("by hand"))
        kept = self.kept(2)
        kept["key"] = kept["key"].replace("30000", "20000")
        pieces.write_whole(self.work / "cells" / "mosaic5_30k_2.json", kept)
        library.unlink()
        self.assertEqual(self.run_seeds("2"), 0)
        self.assertEqual(len(self.calls()), 4)

    def test_a_program_that_is_not_there_is_said(self):
        self.program.unlink()
        with self.assertRaisesRegex(SystemExit, "no program"):
            self.run_seeds("1")

    def test_a_failed_cell_is_kept_with_its_error_and_tried_again(self):
        (self.told / "fails_reveal").touch()
        self.assertEqual(self.run_seeds("1-2"), 1)
        self.assertIn("plexiform reveal: exit 1: plexiform: reveal went wrong", self.kept(2)["error"])
        self.assertEqual(os.listdir(self.work / "tmp"), [])
        (self.told / "fails_reveal").unlink()
        self.assertEqual(self.run_seeds("1-2"), 0)
        self.assertNotIn("error", self.kept(2))

    def test_the_settings_of_a_row_reach_the_program(self):
        self.run_seeds("1", row="pooled_30k")
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
