#!/usr/bin/env python3
"""Plants one-line defects, one at a time, and counts how many of them the tests find.

usage: tests/mutants.py [--mutants N] [--seed S] [--jobs J] [FILE...]

A random sample of what the tool `universalmutator` makes of the C files of dbn/, backends/ and harness/ (or of FILEs).
Each mutant is built in a copy of the tree and tried against the tests until one fails. Mutants that do not compile, and
those whose object file is the same as before, are left out and replaced. Results are kept in
build/mutants/results-S.jsonl, a line each; a second run goes on where the first one stopped.
"""
import argparse, json, os, pathlib, random, shutil, subprocess, sys, threading

TOP = pathlib.Path(__file__).resolve().parent.parent
WORK = TOP / "build/mutants"
TOOL = "universalmutator==1.14.1"
FLAGS = ["VARIANT=release", "CFLAGS=-O1", "WERROR="]
# Scripts of tests/cli worth trying for a folder, besides all tests in C and the golden outputs. Fast ones first.
SCRIPTS = {
    "dbn": "faults split cat info verify nth",
    "backends": "faults split verify syscalls nth",
    "harness/sinks": "faults run_results nth",
    "harness/reference": "info cat verify faults",
    "harness/text": "usage safe gen_file",
    "harness/options": "usage",
    "harness/results": "stored store run_results run_ends",
    "harness/analysis": "compare expect history phases stored",
    "harness/view": "report safe plots export",
    "harness/machine": "machine syscalls surroundings run_ends run",
    "harness/measure": "run_results run_ends faults limits phases split run scale profile",
    "harness/gate": "gate_times gate",
    "harness/cli": "usage stored store cat info gen machine expect compare report run_ends run",
}


def sh(command, cwd, seconds=None, **environment):
    """True if it ends with status 0 in time."""
    try:
        return subprocess.run(command, cwd=cwd, timeout=seconds, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, env={**os.environ, **environment}).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def make(tree, *targets):
    return sh(["make", "-j2", *FLAGS, *targets], tree)


def mutator():
    """The tool, in an environment of its own."""
    tool = WORK / "venv/bin/mutate"
    if not tool.exists():
        subprocess.run([sys.executable, "-m", "venv", WORK / "venv"], check=True)
        subprocess.run([WORK / "venv/bin/pip", "-q", "install", TOOL], check=True)
    return tool


def mutants_of(files):
    """[(file, the number of a line, what it becomes)], without those that change several lines or only blanks."""
    found = []
    for file in files:
        folder = WORK / "all" / file
        if not folder.exists():
            folder.mkdir(parents=True)
            subprocess.run([mutator(), TOP / file, "c", "--noCheck", "--mutantDir", folder], check=True,
                           stdout=subprocess.DEVNULL)
        lines = (TOP / file).read_text().splitlines()
        for mutant in sorted(folder.iterdir()):
            changed = mutant.read_text(errors="replace").splitlines()
            at = next((i for i, (a, b) in enumerate(zip(lines, changed)) if a != b), None)
            if at is None:
                continue
            if len(changed) == len(lines) and changed[at + 1:] == lines[at + 1:]:
                if "".join(changed[at].split()) != "".join(lines[at].split()):
                    found.append((file, at, [changed[at]]))
            elif changed[at + 1:] == lines[at:]:
                found.append((file, at, [changed[at], lines[at]]))
    return found


class Worker(threading.Thread):
    """A copy of the tree that plants, builds and tests one mutant after the other."""

    def __init__(self, number, queue):
        super().__init__()
        self.tree, self.queue = WORK / f"tree-{number}", queue

    def prepare(self):
        if not self.tree.exists():
            subprocess.run(["git", "clone", "-q", TOP, self.tree], check=True)
        subprocess.run(["git", "fetch", "-q", "origin", "HEAD"], cwd=self.tree, check=True)
        subprocess.run(["git", "reset", "-q", "--hard", "FETCH_HEAD"], cwd=self.tree, check=True)
        if not make(self.tree, "all", "programs"):
            sys.exit("the tree does not build as it is")

    def tests(self, file):
        """Commands, those first that are nearest to the file."""
        stem = pathlib.Path(file).stem
        units = [f"{p.parent.name}/{p.stem}" for k in ("unit", "fuzz") for p in sorted((self.tree / "tests" / k).glob("*.c"))]
        units.sort(key=lambda unit: not any(part in unit for part in stem.split("_")))
        for unit in units:
            yield [str(self.tree / "build/tests/units"), unit]
        yield ["bash", "tests/golden.sh"]
        folder = max((f for f in SCRIPTS if file.startswith(f + "/")), key=len, default="")
        for script in SCRIPTS.get(folder, "").split():
            if (self.tree / f"tests/cli/{script}.sh").exists():
                yield ["bash", f"tests/cli/{script}.sh"]

    def verdict(self, mutant):
        file, at, replacement = mutant
        path, object_file = self.tree / file, self.tree / "build" / pathlib.Path(file).with_suffix(".o")
        before, old_object = path.read_text(), object_file.read_bytes()
        lines = before.splitlines()
        try:
            path.write_text("\n".join(lines[:at] + replacement + lines[at + 1:]) + "\n")
            if not make(self.tree, str(object_file.relative_to(self.tree))):
                return "invalid", ""
            if object_file.read_bytes() == old_object:
                return "same", ""
            if not make(self.tree, "all", "programs"):
                return "invalid", ""
            for command in self.tests(file):
                if not sh(command, self.tree, 300, BUILD=str(self.tree / "build"), TEST_PATIENCE="3",
                          DBNBENCH=str(self.tree / "build/dbnbench"), VARIANT="release"):
                    return "killed", " ".join(command[1:])
            return "survived", ""
        finally:
            path.write_text(before)
            make(self.tree, str(object_file.relative_to(self.tree)))

    def run(self):
        while (mutant := self.queue.take()) is not None:
            self.queue.put(mutant, *self.verdict(mutant))


class Queue:
    """Hands out mutants until enough of them count, and keeps what became of them."""

    def __init__(self, mutants, wanted, path):
        self.lock, self.wanted, self.path = threading.Lock(), wanted, path
        self.results = [json.loads(line) for line in path.open()] if path.exists() else []
        done = {(r["file"], r["line"], r["becomes"]) for r in self.results}
        self.mutants = [m for m in mutants if (m[0], m[1] + 1, "\n".join(m[2])) not in done]
        self.begun = self.counted()

    def counted(self):
        return sum(r["verdict"] in ("killed", "survived") for r in self.results)

    def take(self):
        with self.lock:
            if self.begun >= self.wanted or not self.mutants:
                return None
            self.begun += 1
            return self.mutants.pop(0)

    def put(self, mutant, verdict, test):
        with self.lock:
            file, at, replacement = mutant
            was = (TOP / file).read_text().splitlines()[at]
            self.results.append({"file": file, "line": at + 1, "was": was, "becomes": "\n".join(replacement),
                                 "verdict": verdict, "test": test})
            with self.path.open("a") as out:
                out.write(json.dumps(self.results[-1]) + "\n")
            self.begun -= verdict in ("invalid", "same")
            print(f"{self.counted()} of {self.wanted}: {verdict} {file}:{at + 1} {test}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mutants", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("files", nargs="*")
    a = parser.parse_args()
    files = a.files or subprocess.run(["git", "ls-files", "dbn/*.c", "backends/*.c", "harness/*.c"], cwd=TOP, text=True,
                                      stdout=subprocess.PIPE, check=True).stdout.split()
    files = [f for f in files if not f.startswith("harness/gbench/")]
    WORK.mkdir(parents=True, exist_ok=True)
    revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=TOP, text=True, stdout=subprocess.PIPE, check=True).stdout
    if not (WORK / "revision").exists() or (WORK / "revision").read_text() != revision:
        shutil.rmtree(WORK / "all", ignore_errors=True)
        for old in WORK.glob("results-*"):
            old.unlink()
        (WORK / "revision").write_text(revision)
    mutants = mutants_of(files)
    random.Random(a.seed).shuffle(mutants)
    queue = Queue(mutants, a.mutants, WORK / f"results-{a.seed}.jsonl")
    workers = [Worker(i, queue) for i in range(a.jobs)]
    for worker in workers:
        worker.prepare()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    survived = [r for r in queue.results if r["verdict"] == "survived"]
    for r in survived:
        print(f"survived: {r['file']}:{r['line']}\n  - {r['was'].strip()}\n  + {r['becomes'].strip()}")
    counted = queue.counted()
    print(f"{counted - len(survived)} of {counted} found, {len(survived)} survived")


main()
