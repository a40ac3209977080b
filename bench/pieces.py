"""What the long benchmarks share: a piece of work that leaves one file, pieces side by side, one that goes on where it
stopped, and the words of their tables."""
import contextlib
import dataclasses
import hashlib
import json
import math
import os
import pathlib
import queue
import shutil
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
NAME = pathlib.Path(sys.argv[0]).name


def numbers_of(text):
    """"1-20", "3,7" or both."""
    numbers = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return numbers


def spans(numbers):
    """The other way round: "1-5, 7"."""
    ends = []
    for number in sorted(numbers):
        if ends and number == ends[-1][1] + 1:
            ends[-1][1] = number
        else:
            ends.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ends)


def write_whole(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    with open(temporary, "w") as out:
        json.dump(value, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    os.replace(temporary, path)


def read_kept(path):
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return None


def commit():
    """Of the source, for the table; None outside a repository."""
    done = subprocess.run(["git", "-C", HERE, "describe", "--always", "--dirty", "--abbrev=12"], capture_output=True,
                          text=True)
    return done.stdout.strip() or None


def checksum(files):
    sums = hashlib.sha256()
    for file in files:
        sums.update(pathlib.Path(file).read_bytes())
    return sums.hexdigest()[:16]


def program_key(program):
    """Checksum of a program and of its own libraries, where a build or an installation has them: what computes a piece.
    Of a script that calls the program elsewhere it tells nothing; that needs a key given by hand."""
    found = shutil.which(str(program))
    if found is None:
        raise SystemExit(f"{NAME}: no program '{program}'")
    path = pathlib.Path(found).resolve()
    top = path.parent.parent
    folders = [path.parent, top / "lib", top / "lib64", *top.glob("lib/*-linux-gnu")]
    libraries = {library.resolve() for folder in folders for library in folder.glob("libplexiform*.so*")}
    return checksum([path, *sorted(libraries, key=lambda library: library.name)])


class Stopped(Exception):
    pass


class CellFailed(Exception):
    pass


class Programs:
    """Starts programs, and ends those that run when the whole is to stop."""

    def __init__(self):
        self.lock, self.running, self.stopped = threading.Lock(), set(), False

    def call(self, *command):
        """What it printed, as JSON. Throws CellFailed with the last words of its standard error."""
        environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
        with self.lock:
            if self.stopped:
                raise Stopped
            # In a session of its own: Ctrl-C is for us to pass on.
            process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
                                       env=environment)
            self.running.add(process)
        try:
            stdout, stderr = process.communicate()
        finally:
            with self.lock:
                self.running.discard(process)
        if self.stopped:
            raise Stopped
        if process.returncode != 0:
            raise CellFailed(f"{pathlib.Path(command[0]).name} {command[1]}: exit {process.returncode}: "
                             f"{stderr.strip()[-500:]}")
        try:
            return json.loads(stdout)
        except ValueError as error:
            raise CellFailed(f"{pathlib.Path(command[0]).name} {command[1]}: printed no JSON: {error}") from None

    def stop(self):
        with self.lock:
            self.stopped = True
            for process in self.running:
                process.terminate()


@dataclasses.dataclass
class Piece:
    name: str
    stage: str = dataclasses.field(default="", init=False)
    begun: float = dataclasses.field(default=0, init=False)


class PieceBench:
    """Calls the program for pieces, and keeps what comes out, with the key of what computed it and, for people, the
    commit. `do(piece)`, of those that derive, does all of one."""

    def __init__(self, program, work, key=None):
        # Names with a slash are files; they must not depend on where a child runs.
        self.program = str(pathlib.Path(program).resolve()) if os.sep in str(program) else program
        self.work, self.programs, self.commit = pathlib.Path(work), Programs(), commit()
        self.key = key or program_key(self.program)

    def missing(self, path, key=None):
        """Whether a piece is still to do: not kept, failed, or computed by something else."""
        kept = read_kept(path)
        return kept is None or "error" in kept or kept.get("key") != (key or self.key)

    def timed(self, piece, times, stage, *command):
        piece.stage = stage
        begun = time.monotonic()
        result = self.programs.call(*command)
        times[stage] = round(times.get(stage, 0) + time.monotonic() - begun, 2)
        return result

    def verb(self, piece, times, verb, *arguments):
        return self.timed(piece, times, verb, self.program, verb, *arguments, "--threads", "1", "--json")

    def one_cell(self, piece, times, verb, *arguments):
        """What a verb says about its only cell. Throws CellFailed where that is an error."""
        cell = self.verb(piece, times, verb, *arguments)["cells"][0]
        if "error" in cell:
            raise CellFailed(f"{verb}: {cell['error']}")
        return cell

    def keep(self, path, result, work, key=None):
        """Writes what `work` adds to `result`, or its error. Whether it went well."""
        result |= {"commit": self.commit, "key": key or self.key, "seconds": {}}
        try:
            work(result)
        except (CellFailed, KeyError, IndexError, OSError) as error:
            result["error"] = str(error) if isinstance(error, CellFailed) else f"{type(error).__name__}: {error}"
        write_whole(path, result)
        return "error" not in result

    @contextlib.contextmanager
    def folder(self, piece):
        """To work in, gone afterwards."""
        folder = self.work / "tmp" / piece.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


class Line:
    """One line that is written over on a terminal; elsewhere a line for each finished cell."""

    def __init__(self, total):
        self.total, self.done, self.failed, self.begun = total, 0, 0, time.monotonic()
        self.terminal = sys.stderr.isatty()

    def finished(self, job, well):
        self.done += 1
        self.failed += not well
        if not self.terminal:
            print(f"{job.name}: {'finished' if well else 'failed'} ({self.done} of {self.total})", file=sys.stderr,
                  flush=True)

    def show(self, active):
        if not self.terminal:
            return
        now = time.monotonic()
        doing = ", ".join(f"{j.name} {j.stage} {now - j.begun:.0f} s" for j in active)
        text = f"{self.done} of {self.total}, {self.failed} failed, {(now - self.begun) / 60:.0f} min: {doing}"
        width = shutil.get_terminal_size().columns - 1
        print(f"\r{text[:width]:<{width}}", end="", file=sys.stderr, flush=True)

    def end(self):
        if self.terminal and self.total:
            print(file=sys.stderr)


def run(bench, jobs, workers):
    """Exit code: 0, 1 where a cell failed, 130 where it was interrupted."""
    waiting, done, active, line = queue.Queue(), queue.Queue(), [], Line(len(jobs))
    for job in jobs:
        waiting.put(job)

    def work():
        while True:
            try:
                job = waiting.get_nowait()
            except queue.Empty:
                return
            job.begun = time.monotonic()
            active.append(job)
            try:
                done.put((job, bench.do(job)))
            except Stopped:
                return
            except Exception as error:  # ours, or a full disk: this cell's, the others go on
                print(f"\n{NAME}: {job.name}: {type(error).__name__}: {error}", file=sys.stderr)
                done.put((job, False))
            finally:
                active.remove(job)

    threads = [threading.Thread(target=work) for _ in range(min(workers, len(jobs)))]
    try:
        for thread in threads:
            thread.start()
        while line.done < len(jobs):
            try:
                line.finished(*done.get(timeout=0.5))
            except queue.Empty:
                pass
            line.show(list(active))
    except KeyboardInterrupt:
        bench.programs.stop()
        for thread in threads:
            thread.join()
        line.end()
        print(f"{NAME}: interrupted; finished cells are kept", file=sys.stderr)
        return 130
    line.end()
    return 1 if line.failed else 0


def interrupt(*_):
    raise KeyboardInterrupt


# ------------------------------------------------------------------------------------------------------- for tables


def wilson(hits, n, z=1.959964):
    """The 95 % interval of a share (Wilson 1927, J. Am. Stat. Assoc. 22:209)."""
    if n == 0:
        return math.nan, math.nan
    p = hits / n
    middle, spread = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, (middle - spread) / (1 + z * z / n)), min(1.0, (middle + spread) / (1 + z * z / n))


def share(hits, n):
    low, high = wilson(hits, n)
    return f"{hits} of {n}: {100 * hits / n:.0f} % ({100 * low:.0f} to {100 * high:.0f} %)" if n else "none"


def mean_and_range(values, digits=3):
    if not values:
        return "-"
    return f"{sum(values) / len(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def markdown(head, lines):
    return ["| " + " | ".join(words) + " |" for words in (head, ["---"] * len(head), *lines)]
