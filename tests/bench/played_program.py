"""For the tests of the benchmarks: these as modules, and a program played by a script, with a folder in which it is told
what to do and notes what it was asked."""
import importlib.machinery
import importlib.util
import os
import pathlib
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(SOURCE / "bench"))


def load(name):
    """The script bench/NAME as a module."""
    loader = importlib.machinery.SourceFileLoader(name, str(SOURCE / "bench" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    sys.modules[name] = module
    loader.exec_module(module)
    return module


class PlayedProgram(unittest.TestCase):
    script = ""  # Python that plays `plexiform`; {python} is the interpreter, PLAYED in its environment the folder

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.told = pathlib.Path(folder.name)
        self.work = self.told / "work"
        self.program = self.told / "plexiform"
        self.program.write_text(self.script.format(python=sys.executable))
        self.program.chmod(0o755)
        os.environ["PLAYED"] = str(self.told)
        self.addCleanup(os.environ.pop, "PLAYED")

    def calls(self):
        """What it was asked since the last call of this."""
        lines = (self.told / "calls").read_text().splitlines()
        (self.told / "calls").unlink()
        return lines
