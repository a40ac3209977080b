#!/usr/bin/env python3
"""Sparse semi-NMF of a spike-triggered ensemble: PyPI `stnmf` 1.1.0 beside plexiform's factorise(), in one run.

    python3 -m venv build/stnmf && build/stnmf/bin/pip install -r bench/peers/stnmf-requirements.txt
    build/stnmf/bin/python bench/peers/stnmf_race.py build/bench/bin/stnmf_race [--spikes 30000] [--modules 10]
        [--sparsity 1.7] [--iterations 1000] [--seeds 1,2,3] [--threads 1] [--json FILE]

(stnmf_race is built by `make bench`, from bench/stnmf_race.cpp.) The ensemble: 16 x 16 pixels of white Gaussian noise
of standard deviation 1, a cell of five Gaussian subunits on a ring, rectified, as in the preset mosaic5. Both get the
same float32 ensemble and the same start (the package's own). The goal is the penalised objective

    1/2 ||V - W H||^2 + sparsity * sum W,   rows of H of unit norm,

that the package ends at: the lower of its value as it ends and after one more update of W. Its time is that of
factorize() alone, without start and progress bar; ours is that of the second moment and the iterations until the goal.
Our objective is computed again here, from the ensemble, in double.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--spikes", type=int, default=30000)
    parser.add_argument("--modules", type=int, default=10)
    parser.add_argument("--sparsity", type=float, default=1.7)
    parser.add_argument("--iterations", type=int, default=1000)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", help="also write the figures to this file")
    return parser.parse_args()


options = arguments() if __name__ == "__main__" else None
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):  # read when numpy is loaded
    os.environ[name] = str(options.threads if options else 1)

import numpy as np  # noqa: E402
from stnmf import init, mf  # noqa: E402

SIDE = 16


def subunits(rng):
    """Five Gaussians of unit norm on a ring around the centre, [subunit, pixel]."""
    y, x = np.mgrid[:SIDE, :SIDE]
    turn, found = rng.uniform(0, 2 * np.pi), []
    for k in range(5):
        angle, radius = turn + 2 * np.pi * k / 5, 3.04 * (1 + 0.15 * rng.normal())
        along, across = 1.3 * (1 + 0.15 * rng.normal(size=2))
        tilt = rng.uniform(0, np.pi)
        dx, dy = x - 7.5 - radius * np.cos(angle), y - 7.5 - radius * np.sin(angle)
        u, v = dx * np.cos(tilt) + dy * np.sin(tilt), dy * np.cos(tilt) - dx * np.sin(tilt)
        found.append(np.exp(-((u / along) ** 2 + (v / across) ** 2) / 2).ravel())
    return np.array([f / np.linalg.norm(f) for f in found])


def ensemble(spikes, seed):
    """The stimuli of `spikes` spikes, float32 [spike, pixel], about 0.1 spikes a frame, and the subunits."""
    rng = np.random.default_rng(seed)
    filters, weights = subunits(rng), rng.uniform(0.7, 1.3, 5)
    drive = lambda x: np.maximum(x @ filters.T, 0) @ weights
    probe = drive(rng.normal(size=(20000, SIDE * SIDE)))
    half = probe.mean() / 2
    gain = 0.1 / np.maximum(probe - half, 0).mean()
    parts, found = [], 0
    while found < spikes:
        x = rng.normal(size=(20000, SIDE * SIDE)).astype(np.float32)
        counts = rng.poisson(gain * np.maximum(drive(x) - half, 0))
        parts.append(np.repeat(x, counts, axis=0))
        found += counts.sum()
    return np.concatenate(parts)[:spikes], filters


def objective(v, w, h, sparsity):
    """v [pixel, spike], w [pixel, module], h [module, spike], in double."""
    h = h / np.linalg.norm(h, axis=1, keepdims=True)
    return 0.5 * np.sum((v - w @ h) ** 2) + sparsity * w.sum()


def match(modules, filters):
    """Mean over subunits of the correlation with the best module."""
    unit = modules / np.maximum(np.linalg.norm(modules, axis=1, keepdims=True), 1e-12)
    return (filters @ unit.T).max(axis=1).mean()


def package(v, start, o):
    """Seconds of the package, the objective that it ends at and its modules."""
    m = mf.SparseSemiNMF(v, o.modules, w0=start, sparsity=o.sparsity)
    begun = time.perf_counter()
    m.factorize(o.iterations, disp=False)
    seconds = time.perf_counter() - begun
    modules = m.w.T.copy()
    v = v.astype(np.float64)
    as_it_ends = objective(v, m.w.astype(np.float64), m.h.astype(np.float64), o.sparsity)
    m.update_w()
    return seconds, min(as_it_ends, objective(v, m.w.astype(np.float64), m.h.astype(np.float64), o.sparsity)), modules


def run_seed(seed, o):
    spikes, filters = ensemble(o.spikes, seed)
    v = np.ascontiguousarray(spikes.T)
    begun = time.perf_counter()
    start = init.nnsvdlrc(v, o.modules, dict(method="SparseSemiNMF", num_iter=1, sparsity=o.sparsity))
    start_s = time.perf_counter() - begun
    theirs_s, goal, theirs = package(v, start, o)
    with tempfile.TemporaryDirectory() as folder:
        np.save(os.path.join(folder, "ensemble.npy"), spikes)
        np.save(os.path.join(folder, "start.npy"), np.ascontiguousarray(start.T))
        command = [o.program, folder, str(o.sparsity), repr(float(goal)), str(20 * o.iterations), str(o.threads)]
        ours = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        modules = np.load(os.path.join(folder, "modules.npy")).astype(np.float64)
        readout = np.load(os.path.join(folder, "readout.npy")).astype(np.float64)
    again = objective(v.astype(np.float64), modules.T, readout @ v, o.sparsity)
    ours_s = ours["moment_s"] + ours["iterations_s"]
    reached = ours["objective"] <= goal and again <= goal * (1 + 1e-7)
    result = {"seed": seed, "package_s": theirs_s, "goal": goal, "ours_s": ours_s, "ratio": theirs_s / ours_s,
              "reached": bool(reached), "again": again, "package_match": match(theirs, filters),
              "ours_match": match(modules, filters), "package_start_s": start_s, **ours}
    print(f"| {seed} | {theirs_s:.2f} | {goal:.1f} | {ours['moment_s']:.3f} + {ours['iterations_s']:.3f} | "
          f"{ours['iterations']} | {ours['objective']:.1f} | {again:.1f} | {'yes' if reached else 'NO'} | "
          f"{theirs_s / ours_s:.0f} | {result['package_match']:.3f} / {result['ours_match']:.3f} | "
          f"{ours['start_differs']:.0e} |", flush=True)
    return result


def main():
    o = options
    print(f"{SIDE} x {SIDE} pixels, {o.spikes} spikes, {o.modules} modules, sparsity {o.sparsity:g}, "
          f"{o.iterations} iterations, {o.threads} thread(s); goal: at least 20 times sooner\n")
    print("| seed | stnmf 1.1.0, s | its objective | plexiform, s: moment + iterations | iterations | objective | "
          "computed again | reached | ratio | match of subunits, stnmf / plexiform | starts differ by |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    results = [run_seed(int(seed), o) for seed in o.seeds.split(",")]
    if o.json:
        with open(o.json, "w") as out:
            json.dump({"settings": vars(o), "seeds": results}, out, indent=1)
    return 0 if all(r["reached"] for r in results) else 1


if __name__ == "__main__":
    sys.exit(main())
