"""Subunits of a run, in Python:  python3 examples/read_reveal.py RUN

reveal.h5 (version 3) holds a group /cell_<i> a cell, with its excitatory subunits, and in it a group `suppressive` with
those that suppress; docs/formats/run.md describes it.
"""
import sys

import h5py
import numpy as np


def show(group, kind):
    spatial = group["spatial"][:]        # [subunit, height, width], unit norm, peak positive
    temporal = group["temporal"][:]      # [subunit, lag], unit norm, carries the polarity
    weight = group["weight"][:]          # [subunit], shares that sum to 1
    confidence = group["confidence"][:]  # [subunit], NaN where it was not asked for
    both = group["both_polarities"][:]   # [subunit], 1 where it answers to brighter and darker alike
    channels = group["channel_weight"][:] if "channel_weight" in group else None  # [subunit, channel]; colour
    print(f"  {len(weight)} {kind} subunits on {spatial.shape[1]} x {spatial.shape[2]} pixels")
    for i in range(len(weight)):
        y, x = np.unravel_index(spatial[i].argmax(), spatial[i].shape)
        lag = np.abs(temporal[i]).argmax()
        polarity = "both" if both[i] else "ON" if temporal[i, lag] > 0 else "OFF"
        text = f"    {i}: weight {weight[i]:.2f}, {polarity}, peak at pixel ({x}, {y}), lag {lag}"
        if not np.isnan(confidence[i]):
            text += f", confidence {confidence[i]:.2f}"
        if channels is not None:
            text += ", channels " + " ".join(f"{c:.2f}" for c in channels[i])
        print(text)


with h5py.File(sys.argv[1] + "/reveal.h5", "r") as f:
    if f.attrs["version"] != 3:
        sys.exit(f"reveal.h5 is of version {f.attrs['version']:.0f}, expected 3: reveal the run again")
    for name, cell in f.items():
        print(name)
        if "spatial" in cell:
            show(cell, "excitatory")
        if "suppressive" in cell:
            show(cell["suppressive"], "suppressive")
