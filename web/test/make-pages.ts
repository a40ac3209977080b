// Makes the pages under test with the program itself.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasRecordings, hostileName, pagesFolder, program, web } from "./pages.js";

/// Folders that the text tests of the program have made (tests/CMakeLists.txt).
const made = process.env.PLEXIFORM_MADE ?? join(web, "../build/dev/tests/cli");
const quick = ["--set", "passes=2", "--set", "starts=1", "--threads", "1", "--quiet"];

function run(...args: string[]): void {
  execFileSync(program, args, { cwd: pagesFolder, stdio: ["ignore", "ignore", "inherit"] });
}

/// numpy's format 1.0, little-endian, of whole numbers.
function writeNpy(name: string, shape: number[], values: Int8Array | Int32Array): void {
  const type = values instanceof Int8Array ? "|i1" : "<i4";
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`;
  const length = Math.ceil((10 + header.length + 1) / 64) * 64 - 10;
  const head = Buffer.alloc(10);
  head.write("\x93NUMPY\x01\x00", "latin1");
  head.writeUInt16LE(length, 8);
  const data = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  writeFileSync(join(pagesFolder, name), Buffer.concat([head, Buffer.from(header.padEnd(length - 1) + "\n"), data]));
}

/// Numbers in [0, 1), the same in every run (a multiplicative congruential generator).
function* uniform(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state * 48271) % 2147483647;
    yield state / 2147483647;
  }
}

/// Two cells, one of them of a hostile name, and frames that are shown in four trials.
function hostile(): void {
  const random = uniform(1);
  const [frames, side, trials] = [3000, 6, 4];
  const stimulus = Int8Array.from({ length: frames * side * side }, () => (random.next().value < 0.5 ? -1 : 1));
  const counts = Int32Array.from({ length: 2 * trials * frames }, (_, i) => {
    const pixel = i % frames < 3 ? 1 : stimulus[((i % frames) - 3) * side * side + 14];
    return random.next().value < (pixel > 0 ? 0.3 : 0.05) ? 1 : 0;
  });
  writeNpy("stimulus.npy", [frames, side, side], stimulus);
  writeNpy("counts.npy", [2, trials, frames], counts);
  writeFileSync(join(pagesFolder, "names.txt"), `${hostileName}\n=1+1\n`);
  run(
    "import",
    "arrays",
    "--stimulus",
    "stimulus.npy",
    "--counts",
    "counts.npy",
    "--rate",
    "30",
    "--pixel-um",
    "30",
    "--names",
    "names.txt",
    "--quiet",
    "-o",
    "hostile.h5",
  );
  run("fit", "hostile.h5", "-o", "hostile", ...quick);
  run("score", "hostile");
  report("hostile", "hostile");
}

function report(folder: string, name: string): void {
  run("report", folder, "-o", `${name}.html`, "--quiet");
}

/// Three model cells: a run without anything beside it.
function modelCells(): void {
  run("simulate", "mosaic5", "--seed", "101", "--cells", "3", "--frames", "6000", "-o", "three.h5", "--quiet");
  run("fit", "three.h5", "-o", "three", ...quick);
  report("three", "three");
}

function reportMade(folder: string): void {
  report(join(folder, "demo/demo"), "demo");
  report(join(folder, "compare/out"), "compared");
  report(join(folder, "study/out"), "studied");
  report(join(folder, "transfer/cells"), "between");
  report(join(folder, "transfer/tuned"), "stimuli");
  if (hasRecordings) report(join(folder, "salamander_fit/run"), "salamander");
}

export default function makePages(): void {
  rmSync(pagesFolder, { recursive: true, force: true });
  mkdirSync(pagesFolder, { recursive: true });
  hostile();
  modelCells();
  if (!existsSync(join(made, "demo")))
    throw new Error(`${made} has no folders of text tests: make test CTEST_ARGS="-R web.page" makes them`);
  reportMade(made);
}
