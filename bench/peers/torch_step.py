#!/usr/bin/env python3
"""A training step in PyTorch, the way people write it, beside `plexiform doctor --bench step`, in turns.

    bench/peers/torch_step.py PROGRAM [--cases small,wide,...] [--rounds 5] [--threads 2] [--json FILE]

For every case both compute loss and gradients on the same movie, counts and weights, without noise; times are believed
only where these agree. Then the two run in turns, and the ratios of the rounds are printed with their spread. PyTorch
sees windows of frames as channels (conv2d); conv3d on the uncut block is timed too. Python: the project's .venv.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch
import torch.nn.functional as F

# name: (lags, side, filters, filter side, frames, separable, second layer, goal, frames a step in PyTorch)
CASES = {
    "default": (20, 15, 1, 7, 30000, True, None, 4, 1000),
    "small": (20, 8, 8, 7, 2000, False, None, 6, 2000),
    "wide": (20, 8, 32, 7, 2000, False, None, 6, 2000),
    "field": (20, 20, 8, 9, 2000, False, None, 20, 2000),
    "large": (40, 50, 8, 15, 1000, False, None, 40, 1000),
    "two layers": (40, 50, 8, 15, 1000, False, (8, 11), 15, 1000),
    "separable": (20, 20, 8, 9, 2000, True, None, 4, 2000),
}


def first_layer(weights, movie, lags, how):
    """[time, filter, row, column] of a movie [time with history, 1, height, width]."""
    if "filter" in weights:
        w = weights["filter"][:, :, 0]  # [filter, lag, row, column]
        if how == "conv3d":
            return F.conv3d(movie.transpose(0, 1).unsqueeze(0), w.flip(1).unsqueeze(1)).squeeze(0).transpose(0, 1)
        return F.conv2d(movie, w.flip(1))  # windows: the oldest lag is channel 0
    u = F.conv2d(movie, weights["spatial"])  # [time with history, filter, row, column]
    frames, filters, rows, columns = u.shape
    u = u.permute(2, 3, 1, 0).reshape(rows * columns, filters, frames)
    y = F.conv1d(u, weights["temporal"].flip(1).unsqueeze(1), groups=filters)
    return y.reshape(rows, columns, filters, -1).permute(3, 2, 0, 1)


def objective(weights, movie, counts, lags, how, noise):
    seen = first_layer(weights, movie, lags, how) + weights["bias"].view(1, -1, 1, 1)
    if noise:
        seen = seen + 0.1 * torch.randn_like(seen)
    activity = F.relu(seen)
    penalty = 0
    if "second" in weights:
        activity = F.relu(F.conv2d(activity, weights["second"]))
        penalty = 5.5e-4 * weights["second"].abs().sum() + 1e-3 * weights["second"].square().sum()
    drive = activity.flatten(1) @ weights["map"].flatten()
    log_a, log_b, offset = weights["output"]
    z = torch.exp(log_b) * (drive + offset)
    rate = torch.exp(log_a) * F.softplus(z)
    filters = weights["filter"] if "filter" in weights else weights["spatial"]
    penalty = penalty + 5.5e-4 * filters.abs().sum() + 1e-3 * filters.square().sum()
    penalty = penalty + 1e-3 * weights["map"].square().sum()
    return (rate - counts * torch.log(rate + 1e-30)).mean() + penalty + 1e-3 * activity.abs().sum() / len(counts)


class Peer:
    """One case in PyTorch."""

    def __init__(self, case, folder):
        self.lags, self.batch, self.separable = case[0], case[8], case[5]
        load = lambda name: torch.from_numpy(np.load(os.path.join(folder, name + ".npy")))
        names = [f[:-4] for f in os.listdir(folder) if not f.startswith("gradient_")]
        self.movie, self.counts, self.loss = load("movie"), load("counts"), float(load("loss"))
        self.weights = {n: load(n).requires_grad_(True) for n in names if n not in ("movie", "counts", "loss")}
        self.expected = {n: load("gradient_" + n) for n in self.weights}
        self.optimiser = torch.optim.Adam(list(self.weights.values()), lr=1e-3)

    def parts(self, how):
        """Inputs of each step of a pass: windows or block, and counts."""
        for begin in range(0, len(self.counts), self.batch):
            end = min(begin + self.batch, len(self.counts))
            block = self.movie[begin : end + self.lags - 1]
            yield self.windows(block) if how == "conv2d" and not self.separable else block, self.counts[begin:end]

    def windows(self, block):
        return block[:, 0].unfold(0, self.lags, 1).permute(0, 3, 1, 2).contiguous()

    def disagreement(self):
        """Largest difference of loss and gradients, as a share of each one's largest value."""
        windows = self.movie if self.separable else self.windows(self.movie)
        loss = objective(self.weights, windows, self.counts, self.lags, "conv2d", False)
        loss.backward()
        worst = abs(loss.item() - self.loss) / abs(self.loss)
        for name, w in self.weights.items():
            difference = (w.grad - self.expected[name]).abs().max() / self.expected[name].abs().max().clamp_min(1e-12)
            worst = max(worst, difference.item())
        return worst

    def milliseconds(self, how, inputs, steps):
        times = []
        for _ in range(steps):
            begun = time.perf_counter()
            for block, counts in inputs:
                self.optimiser.zero_grad()
                objective(self.weights, block, counts, self.lags, how, True).backward()
                self.optimiser.step()
            times.append((time.perf_counter() - begun) * 1e3)
        return sorted(times)[len(times) // 2]


def ours(program, case, threads, *more):
    lags, side, filters, size, frames, separable, second = case[:7]
    command = [program, "doctor", "--bench", "step", "--movie", f"{lags}x{side}x{side}", "--filters", str(filters),
               "--size", str(size), "--frames", str(frames), "--threads", str(threads), "--json", *more]
    command += ["--separable"] if separable else []
    command += ["--second", "x".join(map(str, second))] if second else []
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def spread(values):
    values = sorted(values)
    return f"{values[len(values) // 2]:.1f} ({values[0]:.1f} to {values[-1]:.1f})"


def run_case(name, case, options, peak):
    with tempfile.TemporaryDirectory() as folder:
        ours(options.program, case, options.threads, "--rounds", "1", "--data", folder)
        peer = Peer(case, folder)
        worst = peer.disagreement()
    if not worst < 1e-3:
        raise SystemExit(f"{name}: loss or gradients differ by {worst:.1e}: no times")
    hows = ["conv2d"] if case[5] or case[1] >= 50 else ["conv2d", "conv3d"]
    inputs = {how: list(peer.parts(how)) for how in hows}
    copying = time.perf_counter()
    list(peer.parts("conv2d"))
    copying = (time.perf_counter() - copying) * 1e3
    for how in hows:
        peer.milliseconds(how, inputs[how], 1)
    mine, theirs, gflops = [], {how: [] for how in hows}, 0
    for _ in range(options.rounds):
        result = ours(options.program, case, options.threads)
        mine.append(result["step_ms"])
        gflops = result.get("gflops", 0)
        for how in hows:
            theirs[how].append(peer.milliseconds(how, inputs[how], 1 if case[1] >= 50 else 5))
    ratios = [t / m for t, m in zip(theirs["conv2d"], mine)]
    third = spread([t / m for t, m in zip(theirs["conv3d"], mine)]) if "conv3d" in hows else "-"
    median = sorted(mine)[len(mine) // 2]
    print(f"| {name} | {sorted(theirs['conv2d'])[len(mine) // 2]:.1f} (+{copying:.1f}) | {median:.2f} | {spread(ratios)} | "
          f"{case[7]} | {third} | {result['algorithm']} | {100 * gflops / peak:.0f} % | {worst:.0e} |", flush=True)
    return {"case": name, "torch_ms": theirs["conv2d"], "ours_ms": mine, "ratios": ratios, "goal": case[7],
            "algorithm": result["algorithm"], "gflops": gflops, "disagreement": worst}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", help="also write the figures to this file")
    options = parser.parse_args()
    unknown = [c for c in options.cases.split(",") if c not in CASES]
    if unknown:
        parser.error(f"no case {unknown[0]!r}; there are {', '.join(CASES)}")
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    machine = json.loads(subprocess.run([options.program, "doctor", "--bench", "machine", "--json", "--threads",
                                         str(options.threads)], check=True, stdout=subprocess.PIPE).stdout)
    print(f"PyTorch {torch.__version__}, {options.threads} threads; peak {machine['peak_gflops']:.0f} GFLOP/s "
          f"({machine['kernels']}), memory {machine['bandwidth_gb_s']:.0f} GB/s; medians, ratios of {options.rounds} rounds\n")
    print("| case | PyTorch, ms (+ windows) | plexiform, ms | ratio | goal | conv3d, ratio | algorithm | of peak | differ by |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    results = [run_case(c, CASES[c], options, machine["peak_gflops"]) for c in options.cases.split(",")]
    if options.json:
        with open(options.json, "w") as out:
            json.dump({"machine": machine, "torch": torch.__version__, "cases": results}, out, indent=1)


if __name__ == "__main__":
    sys.exit(main())
