#!/usr/bin/env python3
"""Runs text-file tests of the program: run_cli_tests.py --program build/dev/bin/plexiform --work DIR FILE.txt...

A test file is read from top to bottom in a folder of its own, DIR/<name of the file>, which is kept when the test fails
(and with --keep also when it passes, for another test that goes on with what is in it):

    # a comment
    needs data                      skip this file where neither PLEXIFORM_DATA nor ../shared/data is there
    slow                            only a label for ctest
    timeout 120                     seconds for each command from here on (default 60)
    file cell.toml <<END            makes a file
    gain = 10
    END
    python <<END                    runs Python with numpy as np, to make binary files
    np.save("counts.npy", np.zeros((1, 100), np.uint8))
    END
    $ plexiform fit tiny.h5 -o out --set filterz=4
    exit 2                          exit code (0 where this line is left out); one killed by signal n ends with 128 + n
    stderr: unknown setting         this text is part of what the command printed there; `stdout:` likewise
    not stderr: Traceback           this text is not part of it
    stderr matches: filter[sz]      a regular expression is found in it
    empty stdout                    nothing was printed there
    json: len(o["cells"]) == 2      stdout is one JSON value `o` for which this Python expression is true
    present: rec.h5                 this file or folder exists (* and ? as in a shell)
    absent: out                     and this one does not

Checks belong to the command above them. A command goes to bash and may go on in lines that begin with `> `. It finds
`plexiform` (the program), `python3` (that of .venv), $SOURCE (the project) and, with `needs data`, $DATA. The first
command with a failed check ends its file. Exit codes: 0 passed, 1 failed, 77 all files skipped.
"""
import argparse
import glob
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77


class TestFailure(Exception):
    pass


class Command:
    """One command line and what the file expects of it."""

    def __init__(self, line_number, text, timeout):
        self.line_number, self.text, self.timeout = line_number, text, timeout
        self.exit_code = 0
        self.checks = []  # (line, function of Result that returns None or what was found)


class Result:
    def __init__(self, exit_code, stdout, stderr, folder):
        self.exit_code, self.stdout, self.stderr, self.folder = exit_code, stdout, stderr, folder


def data_folder():
    for folder in (os.environ.get("PLEXIFORM_DATA"), SOURCE.parent / "shared" / "data"):
        if folder and pathlib.Path(folder).is_dir():
            return pathlib.Path(folder)
    return None


def contains(stream, text, wanted):
    return lambda r: None if (text in getattr(r, stream)) == wanted else stream


def matches(stream, pattern):
    return lambda r: None if re.search(pattern, getattr(r, stream), re.MULTILINE) else stream


def empty(stream):
    return lambda r: stream if getattr(r, stream) else None


def exists(pattern, wanted):
    def check(r):
        if bool(glob.glob(pattern, root_dir=r.folder)) == wanted:
            return None
        return "the folder holds " + (", ".join(sorted(os.listdir(r.folder))) or "nothing")

    return check


def json_holds(expression):
    def check(r):
        try:
            value = json.loads(r.stdout)
        except ValueError as error:
            return f"stdout is not JSON ({error})"
        try:
            return None if eval(expression, {"o": value}) else "false"
        except Exception as error:  # the expression is part of the test, so whatever it does wrong is a failed check
            return f"{type(error).__name__}: {error}"

    return check


CHECKS = [
    (r"stdout: (.+)", lambda m: contains("stdout", m[1], True)),
    (r"stderr: (.+)", lambda m: contains("stderr", m[1], True)),
    (r"not (stdout|stderr): (.+)", lambda m: contains(m[1], m[2], False)),
    (r"(stdout|stderr) matches: (.+)", lambda m: matches(m[1], m[2])),
    (r"empty (stdout|stderr)", lambda m: empty(m[1])),
    (r"json: (.+)", lambda m: json_holds(m[1])),
    (r"present: (.+)", lambda m: exists(m[1], True)),
    (r"absent: (.+)", lambda m: exists(m[1], False)),
]


def parse(path):
    """The steps of a test file, as (kind, ...) in order: a Command, ("file", name, text) or ("python", line, text)."""
    steps, needs_data, timeout = [], False, 60.0
    lines = path.read_text().splitlines()
    number = 0

    def fail(what):
        raise TestFailure(f"{path}:{number}: {what}")

    def block(end):
        nonlocal number
        begin = number
        while number < len(lines):
            number += 1
            if lines[number - 1] == end:
                return "".join(line + "\n" for line in lines[begin:number - 1])
        fail(f"no line '{end}' ends the block that begins at line {begin}")

    while number < len(lines):
        line = lines[number].rstrip()
        number += 1
        command = steps[-1] if steps and isinstance(steps[-1], Command) else None
        if not line or line.startswith("#") or line == "slow":
            continue
        if line == "needs data":
            needs_data = True
        elif m := re.fullmatch(r"timeout ([0-9.]+)", line):
            timeout = float(m[1])
        elif m := re.fullmatch(r"file (\S+) <<(\S+)", line):
            steps.append(("file", m[1], block(m[2])))
        elif m := re.fullmatch(r"python <<(\S+)", line):
            steps.append(("python", number, block(m[1])))
        elif line.startswith("$ "):
            steps.append(Command(number, line[2:], timeout))
        elif command is None:
            fail(f"'{line}' stands after no command")
        elif line.startswith("> "):
            command.text += "\n" + line[2:]
        elif m := re.fullmatch(r"exit ([0-9]+)", line):
            command.exit_code = int(m[1])
        else:
            for pattern, make in CHECKS:
                if m := re.fullmatch(pattern, line):
                    command.checks.append((line, make(m)))
                    break
            else:
                fail(f"'{line}' is none of what a test file may say")
    if not any(isinstance(step, Command) for step in steps):
        fail("no command")
    return steps, needs_data


def run_shell(text, folder, environment, timeout):
    process = subprocess.Popen(["bash", "-c", text], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
                               start_new_session=True)
    try:
        stdout, stderr = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        stdout, stderr = process.communicate()
        raise TestFailure(f"not finished after {timeout:g} s\n{printed(stdout, stderr)}") from None
    code = process.returncode
    return Result(128 - code if code < 0 else code, stdout, stderr, folder)


def printed(stdout, stderr):
    def stream(name, text):
        text = text if len(text) < 8000 else text[:4000] + "\n[...]\n" + text[-4000:]
        return f"  {name}:\n" + "".join(f"    | {line}\n" for line in text.splitlines()) if text else ""

    return (stream("stdout", stdout) + stream("stderr", stderr)) or "  (nothing was printed)\n"


def run_command(path, command, folder, environment):
    where = f"{path}:{command.line_number}\n  $ {command.text}\n"
    try:
        result = run_shell(command.text, folder, environment, command.timeout)
    except TestFailure as failure:
        raise TestFailure(f"{where}  found: {failure}") from None
    wrong = []
    if result.exit_code != command.exit_code:
        wrong.append((f"exit {command.exit_code}", f"exit {result.exit_code}"))
    for line, check in command.checks:
        found = check(result)
        if found:
            wrong.append((line, f"{found}, see below" if found in ("stdout", "stderr") else found))
    if wrong:
        raise TestFailure(where + "".join(f"  expected: {e}\n  found: {f}\n" for e, f in wrong) +
                          printed(result.stdout, result.stderr))


def run_file(path, program, work, keep=False):
    """True where it passed, None where it was skipped; throws TestFailure."""
    steps, needs_data = parse(path)
    environment = dict(os.environ, SOURCE=str(SOURCE), TERM="dumb", PYTHONDONTWRITEBYTECODE="1",
                       PATH=os.pathsep.join([str(program.parent), str(pathlib.Path(sys.executable).parent),
                                             os.environ.get("PATH", "")]))
    if needs_data:
        data = data_folder()
        if data is None:
            return None
        environment["DATA"] = str(data.resolve())
    folder = work / path.stem
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        for step in steps:
            if isinstance(step, Command):
                run_command(path, step, folder, environment)
            elif step[0] == "file":
                target = folder / step[1]
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(step[2])
            else:
                done = subprocess.run([sys.executable, "-c", "import numpy as np\n" + step[2]], cwd=folder,
                                      env=environment, capture_output=True, text=True, timeout=300)
                if done.returncode != 0:
                    raise TestFailure(f"{path}:{step[1]}: the python block failed\n{printed(done.stdout, done.stderr)}")
    except TestFailure as failure:
        raise TestFailure(f"{failure}\n  its folder is kept: {folder}") from None
    if not keep:
        shutil.rmtree(folder)
    return True


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Runs text-file tests of the program.")
    parser.add_argument("--program", type=pathlib.Path, required=True, help="the built plexiform")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="where the tests' folders are made")
    parser.add_argument("--keep", action="store_true", help="keep the folders of tests that pass")
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    options = parser.parse_args(arguments)
    outcomes = []
    for path in options.files:
        try:
            outcomes.append(run_file(path, options.program.resolve(), options.work.resolve(), options.keep))
        except TestFailure as failure:
            print(f"FAILED {failure}")
            outcomes.append(False)
        else:
            print(f"passed {path}" if outcomes[-1] else
                  f"skipped {path}: no data (PLEXIFORM_DATA is not set and there is no ../shared/data)")
    if False in outcomes:
        return 1
    return 0 if True in outcomes else SKIPPED


if __name__ == "__main__":
    sys.exit(main())
