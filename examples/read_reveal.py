"""Subunits of a run, in Python:  python3 examples/read_reveal.py RUN

reveal.h5 holds a group /cell_<i> a cell; docs/formats/run.md describes it.
"""
import sys

import h5py
import numpy as np

with h5py.File(sys.argv[1] + "/reveal.h5", "r") as f:
    for name, cell in f.items():
        spatial = cell["spatial"][:]    # [subunit, height, width], unit norm, peak positive
        temporal = cell["temporal"][:]  # [subunit, lag], unit norm, carries the sign (ON or OFF)
        weight = cell["weight"][:]      # [subunit], shares that sum to 1
        print(f"{name}: {len(weight)} subunits on {spatial.shape[1]} x {spatial.shape[2]} pixels")
        for i in range(len(weight)):
            y, x = np.unravel_index(spatial[i].argmax(), spatial[i].shape)
            lag = np.abs(temporal[i]).argmax()
            kind = "ON" if temporal[i, lag] > 0 else "OFF"
            print(f"  {i}: weight {weight[i]:.2f}, {kind}, peak at pixel ({x}, {y}), lag {lag}")
