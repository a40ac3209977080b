#!/usr/bin/env python3
"""PyPI stnmf 1.1.0 on the arrays of `plexiform export REC.h5 --arrays DIR`; one JSON object on standard output.

    bench/peers/stnmf_recovery.py DIR [--cell 0] [--repeats 10] [--iterations 1000]

The effective spike-triggered ensemble is made as stnmf.preprocessing does it (each spike's frames, weighted by the time
course of the spike-triggered average), but from the spikes' frames only, and with the time course of the average's best
product of space and time, which is less noisy than that of its strongest pixel. Two answers:
- consensus: 20 modules (stnmf's default); the sparsity with the highest cophenetic correlation over random starts.
  Chosen without the truth.
- best: of 10 and 20 modules and these sparsities the one with the most subunits found, then the best mean match. No one
  who has recorded a cell could choose so.
Matches are correlations of filters over all pixels (peak positive), one to one by the assignment with the greatest sum
over all modules. Needs stnmf 1.1.0 with scipy < 1.14.
"""
import argparse
import importlib.metadata
import json
import pathlib
import sys
import time

import numpy as np
from scipy.optimize import linear_sum_assignment
from stnmf import STNMF
from stnmf.callbacks import consensus

LAGS = 20
SPARSITIES = [0.5, 1.0, 1.5, 1.7, 2.0, 2.5]  # about stnmf's default, 1.7
MODULES = [10, 20]
DEFAULT_MODULES, DEFAULT_SPARSITY = 20, 1.7
CONSENSUS_SPIKES = 2000  # a matrix of pairs of these
FOUND = 0.9


def spike_frames(counts):
    """The frame of each spike that has a whole history, one for each spike."""
    frames = np.repeat(np.arange(len(counts)), counts)
    return frames[frames >= LAGS - 1]


def time_course(stimulus, frames):
    """[lag] of the spike-triggered average's best product of space and time, unit norm, the largest value positive as
    stnmf turns it."""
    sta = np.stack([stimulus[frames - lag].mean(axis=0, dtype=np.float64) for lag in range(LAGS)])
    course = np.linalg.svd(sta.reshape(LAGS, -1), full_matrices=False)[0][:, 0]
    return (course * np.sign(course[np.abs(course).argmax()])).astype(np.float32)


def ensemble(stimulus, frames, course):
    """[height, width, spike], float32."""
    total = np.zeros((len(frames), *stimulus.shape[1:]), np.float32)
    for lag, weight in enumerate(course):
        total += weight * stimulus[frames - lag]
    return np.ascontiguousarray(np.moveaxis(total, 0, -1))


def peak_positive(filters):
    flat = filters.reshape(len(filters), -1).astype(np.float64)
    signs = np.sign(flat[np.arange(len(flat)), np.abs(flat).argmax(axis=1)])
    return flat * signs[:, None]


def correlations(truth, filters):
    """[true, revealed]; 0 for a filter that is constant."""
    def standard(values):
        centred = values - values.mean(axis=1, keepdims=True)
        norm = np.linalg.norm(centred, axis=1, keepdims=True)
        return np.divide(centred, norm, out=np.zeros_like(centred), where=norm > 0)

    return standard(peak_positive(truth)) @ standard(peak_positive(filters)).T


def matches(truth, filters):
    """Of each true subunit, 0 for one without a partner."""
    table = correlations(truth, filters)
    rows, columns = linear_sum_assignment(-table)
    found = np.zeros(len(truth))
    found[rows] = table[rows, columns]
    return found


def factorised(ste, truth, modules, sparsity, iterations):
    begun = time.perf_counter()
    result = STNMF(ste, r=modules, sparsity=sparsity, num_iter=iterations, disp=False)
    each = matches(truth, np.nan_to_num(np.asarray(result.modules)))
    return {"modules": modules, "sparsity": sparsity, "matches": [round(float(m), 4) for m in each],
            "found": int((each >= FOUND).sum()), "mean_match": round(float(each.mean()), 4),
            "localized": int(result.num_subunits), "seconds": round(time.perf_counter() - begun, 2)}


def chosen_by_consensus(ste, repeats, iterations):
    """The sparsity, and the cophenetic correlation of each that was tried."""
    results = {}
    STNMF(ste, r=DEFAULT_MODULES, num_iter=iterations, disp=False, callback=consensus, callback_data=results,
          callback_kwargs={"sparsities": SPARSITIES, "num_rep": repeats, "max_elem": CONSENSUS_SPIKES})
    stable = np.asarray(results["cpcc"], np.float64)
    known = np.isfinite(stable)
    sparsity = SPARSITIES[int(np.where(known, stable, -np.inf).argmax())] if known.any() else DEFAULT_SPARSITY
    return sparsity, [round(float(v), 5) if k else None for v, k in zip(stable, known)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("arrays", type=pathlib.Path)
    parser.add_argument("--cell", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=10, help="random starts for the consensus of each sparsity")
    parser.add_argument("--iterations", type=int, default=1000)
    options = parser.parse_args()
    begun = time.perf_counter()
    stimulus = np.load(options.arrays / "stim.npy", mmap_mode="r")
    counts = np.load(options.arrays / "counts.npy")[options.cell]
    truth = np.load(options.arrays / "truth_spatial.npy")[options.cell]
    frames = spike_frames(counts)
    ste = ensemble(stimulus, frames, time_course(stimulus, frames))

    runs = [factorised(ste, truth, r, s, options.iterations) for r in MODULES for s in SPARSITIES]
    sparsity, stable = chosen_by_consensus(ste, options.repeats, options.iterations)
    chosen = next(r for r in runs if (r["modules"], r["sparsity"]) == (DEFAULT_MODULES, sparsity))
    print(json.dumps({
        "stnmf": importlib.metadata.version("stnmf"), "spikes": len(frames), "repeats": options.repeats,
        "iterations": options.iterations, "sparsities": SPARSITIES, "cophenetic": stable, "consensus": chosen,
        "best": max(runs, key=lambda r: (r["found"], r["mean_match"])), "runs": runs,
        "seconds": round(time.perf_counter() - begun, 1)}))


if __name__ == "__main__":
    sys.exit(main())
