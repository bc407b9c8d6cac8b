#!/usr/bin/env python3
"""Plants one-line defects, one at a time, and counts how many of them the tests find.

usage: tests/mutants.py [--mutants N] [--seed S] [--jobs J] [FILE...]

A random sample of what the rules of `universalmutator` make of the C files of dbn/, inflate/, backends/, lib/ and
harness/ (or of FILEs) as they are in HEAD. What gcc or clang does not compile without a warning, or makes the same object
file of, is left out and replaced.

A mutant is tried only against tests that execute its line, until one fails: those first that are fast or that found much
in its file. A copy of the tree that gcov watches says which these are. Sanitizers, which would find more, are left out.
All stays in build/mutants: a second run goes on where the first one stopped.
"""
import argparse, collections, concurrent.futures, hashlib, json, os, pathlib, random, re, signal, subprocess, sys, threading, time

TOP = pathlib.Path(__file__).resolve().parent.parent
WORK = TOP / "build/mutants"
TOOL = "universalmutator==1.14.1"
RULES = ["universal.rules", "c_like.rules"]
FOLDERS = ("dbn/", "inflate/", "backends/", "lib/", "harness/")
# These build programs of their own, look at the text of the tree, or take minutes.
LEFT_OUT = {f"cli/{name}" for name in "build circles gbench install lib libdbn nth runner toy".split()}
SECONDS = 120  # of CPU time for a mutant, as its tests took in the watched copy: what takes longer is not tried
# Without it a process that ends by _exit() or becomes another program, as children do, leaves no counts.
FLUSH = """
void __gcov_dump(void), __gcov_reset(void), __real__exit(int);
int __real_execvpe(const char *, char *const *, char *const *);
void __wrap__exit(int status) { __gcov_dump(); __real__exit(status); }
int __wrap_execvpe(const char *file, char *const *argv, char *const *environment)
{
    __gcov_dump();
    __gcov_reset();
    return __real_execvpe(file, argv, environment);
}
"""


def sh(command, cwd, seconds=600, until=None, **environment):
    """(whether it ends with status 0 in time, its CPU time, the first line that begins with `until`, which ends it)"""
    process = subprocess.Popen(["timeout", "-k", "5", str(seconds), *command], cwd=cwd, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, **environment},
                               text=True, errors="replace", start_new_session=True)
    found = ""
    for line in process.stdout:
        if until and not found and line.startswith(until):
            found = line
            os.kill(process.pid, signal.SIGTERM)  # which does not look whether it has ended, as terminate() does
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    return status == 0 and not found, usage.ru_utime + usage.ru_stime, found


def output(command, cwd=TOP):
    return subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, text=True, check=True).stdout


class Tree:
    """A copy of HEAD, built in a way of its own."""

    def __init__(self, name, *flags):
        self.top, self.flags = WORK / name, flags
        if not self.top.exists():
            subprocess.run(["git", "clone", "-q", TOP, self.top], check=True)
        subprocess.run(["git", "fetch", "-q", "origin", "HEAD"], cwd=self.top, check=True)
        subprocess.run(["git", "reset", "-q", "--hard", "FETCH_HEAD"], cwd=self.top, check=True)

    def make(self, *targets):
        return sh(["make", "-j1", "WERROR=1", *self.flags, *targets], self.top)[0]

    def test(self, job, whole=False):
        """(Does it pass? Its CPU time.) It ends at the first case that fails, unless all of it is wanted. That case gets a
        second chance: much depends on how busy the machine is."""
        unit = job.startswith(("unit/", "fuzz/"))
        command = ["build/tests/units", job] if unit else ["bash", f"tests/{job}.sh"]
        environment = {"TEST_PATIENCE": "10", "VARIANT": "release", "BUILD": str(self.top / "build"),
                       "DBNBENCH": str(self.top / "build/dbnbench")}
        passes, seconds, failed = sh(command, self.top, until=None if whole else "FAIL ", **environment)
        if failed and job != "golden":
            passes = sh(command + [failed.split()[1].rstrip(":")], self.top, **environment)[0]
        return passes, seconds


def scope(lines, n):
    """The name of the function that line n (from 0) lies in, "" outside of all."""
    for i in range(n, -1, -1):
        if i < n and lines[i].startswith("}"):
            return ""
        if (name := re.match(r"[A-Za-z_][^;=]*?(\w+)\(", lines[i])) and not lines[i].startswith("#"):
            return name[1]
    return ""


class Coverage:
    """Which tests execute which line, and how long each takes.

    A line is known by its function and its text, so that what was found holds for later revisions, too: there only tests
    that changed are watched again. What a test executes for the first time by a change of the code goes unnoticed.
    """

    def __init__(self, jobs):
        self.path, self.lock, self.sound = WORK / "coverage.json", threading.Lock(), {}
        kept = json.loads(self.path.read_text()) if self.path.exists() else {"tests": {}, "lines": {}}
        self.tests, self.lines = kept["tests"], kept["lines"]
        self.kills = collections.Counter()
        for path in WORK.glob("results-*"):
            for result in map(json.loads, path.open()):
                self.kills[result["test"], result["file"]] += 1
        self.watch(Tree("tree-0", *RELEASE), jobs)
        self.seconds = {job: test["seconds"] for job, test in self.tests.items() if test["passes"]}

    def watch(self, plain, jobs):
        texts = {str(p.relative_to(plain.top / "tests").with_suffix("")): p.read_text()
                 for kind in ("unit/*.c", "fuzz/*.c", "cli/*.sh", "golden.sh") for p in (plain.top / "tests").glob(kind)}
        long_first = sorted(texts.keys() - LEFT_OUT, key=lambda job: -len(texts[job]))
        texts = {job: hashlib.sha256(texts[job].encode()).hexdigest() for job in long_first}
        for job in self.tests.keys() - texts.keys():
            self.forget(job)
        new = [job for job in texts if self.tests.get(job, {}).get("text") != texts[job]]
        if not new:
            return
        (WORK / "flush.c").write_text(FLUSH)
        subprocess.run(["cc", "-c", "-fPIE", "-o", WORK / "flush.o", WORK / "flush.c"], check=True)
        trees = [Tree(f"watched-{i}", "CFLAGS=-O1 --coverage",
                      f"LDFLAGS=--coverage -Wl,--wrap=_exit,--wrap=execvpe {WORK}/flush.o") for i in range(jobs)]
        if not all(tree.make("all", "programs") for tree in [plain, *trees]):
            sys.exit("the tree does not build as it is")

        def watch_in(tree):
            while new:
                job = new.pop()
                self.watch_one(tree, plain, job, texts[job])
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(watch_in, trees))

    def watch_one(self, tree, plain, job, text):
        for counts in (tree.top / "build").rglob("*.gcda"):
            counts.unlink()
        passes, took = tree.test(job, whole=True)
        counts = [str(p) for f in FOLDERS for p in (tree.top / "build" / f).rglob("*.gcda")]
        # One that was killed while it wrote its counts leaves a file that gcov cannot read.
        said = subprocess.run(["gcov", "--json-format", "--stdout", *counts], cwd=tree.top, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True).stdout if counts else ""
        with self.lock:
            passes = passes or plain.test(job)[0]  # being watched may be what it does not stand
            print(f"{job}: {took:.1f} s" if passes else f"{job} fails without any defect: it is left out", flush=True)
            self.forget(job)
            self.tests[job] = {"text": text, "seconds": took, "passes": passes}
            for of in (of for unit in said.splitlines() for of in json.loads(unit)["files"]):
                if of["file"].startswith(FOLDERS):
                    self.add(of, (tree.top / of["file"]).read_text().splitlines(), job)
            self.path.write_text(json.dumps({"tests": self.tests, "lines": self.lines}))

    def forget(self, job):
        self.tests.pop(job, None)
        for known in self.lines.values():
            for jobs in known.values():
                if job in jobs:
                    jobs.remove(job)

    def add(self, of, lines, job):
        known = self.lines.setdefault(of["file"], {})
        for line in of["lines"]:
            n = line["line_number"] - 1
            jobs = known.setdefault(f"{scope(lines, n)}: {lines[n]}", [])
            if line["count"] and job not in jobs:
                jobs.append(job)

    def jobs(self, file, lines, n):
        """Those that execute the line. A line of a table may matter to all, most to those near it."""
        known, name = self.lines.get(file, {}), scope(lines, n)
        while name and scope(lines, n) == name:
            if (jobs := known.get(f"{name}: {lines[n]}")) is not None:
                return sorted((job for job in jobs if job in self.seconds), key=lambda job: self.order(job, file))
            n -= 1
        near = {job for jobs in known.values() for job in jobs}
        return sorted(self.seconds, key=lambda job: (job not in near, self.order(job, file)))

    def is_sound(self, tree, job):
        """Does the test pass without a defect? It counts no longer if not. It is tried once."""
        with self.lock:
            if job not in self.sound:
                self.sound[job] = tree.make("all", "programs") and tree.test(job, whole=True)[0]
                if not self.sound[job]:
                    print(f"{job} fails without any defect: it is left out", flush=True)
                    self.seconds.pop(job, None)
            return self.sound[job]

    def order(self, job, file):
        """Those that take little, and those that found much in this file."""
        return (self.seconds[job] + 0.2) / (1 + self.kills[job, file])


RELEASE = ["VARIANT=release", "CFLAGS=-O1"]
# Run by the tool's own Python: for each file, [line, what it becomes].
MAKE_MUTANTS = """
import contextlib, io, json, sys
from universalmutator import mutator
with contextlib.redirect_stdout(io.StringIO()):
    made = {f: [m[:2] for m in mutator.mutants_regexp(open(f).readlines(), %r, ignorePatterns=[])] for f in sys.argv[1:]}
json.dump(made, sys.stdout)
""" % RULES


def mutants_of(top, files):
    """[(file, line, what it becomes)], without those that change only blanks or comments."""
    python = WORK / "venv/bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", WORK / "venv"], check=True)
        subprocess.run([python, "-m", "pip", "-q", "install", TOOL], check=True)
    made, found = json.loads(output([python, "-c", MAKE_MUTANTS, *files], top)), []
    for file in files:
        lines = (top / file).read_text().splitlines()
        found += [(file, line, text.rstrip("\n")) for line, text in made[file]
                  if "".join(text.split()) != "".join(lines[line - 1].split())
                  and not lines[line - 1].lstrip().startswith(("/*", "* "))]
    return found


class Worker(threading.Thread):
    """Plants, builds and tests one mutant after the other."""

    def __init__(self, number, queue, coverage):
        super().__init__()
        self.tree, self.queue, self.coverage, self.whole = Tree(f"tree-{number}", *RELEASE), queue, coverage, {}
        if not self.tree.make("all", "programs"):
            sys.exit("the tree does not build as it is")

    def tried(self, file, lines, n):
        """What the tests say, and which one did."""
        left, built = SECONDS, set()
        for job in self.coverage.jobs(file, lines, n):
            if self.coverage.seconds[job] > left:
                continue
            left -= self.coverage.seconds[job]
            program = "build/tests/units" if job.startswith(("unit/", "fuzz/")) else "build/dbnbench"
            if program not in built and not self.tree.make(program):
                return "invalid", ""
            built.add(program)
            if not self.tree.test(job)[0]:
                return "killed", job
        return "survived", ""

    def objects(self, file):
        """What both compilers make of it, None where that takes a warning."""
        for flags, out in ([], "build/"), (["VARIANT=clang", "CFLAGS=-O2"], "build/clang/"):
            path = out + file[:-2] + ".o"
            yield (self.tree.top / path).read_bytes() if self.tree.make(*flags, path) else None

    def verdict(self, file, line, becomes):
        path = self.tree.top / file
        before = path.read_text()
        lines = before.splitlines()
        if file not in self.whole:
            self.whole[file] = list(self.objects(file))
        try:
            path.write_text("\n".join(lines[:line - 1] + [becomes] + lines[line:]) + "\n")
            for whole, planted in zip(self.whole[file], self.objects(file)):
                if planted is None or planted == whole:
                    return "invalid" if planted is None else "same", ""
            result, test = self.tried(file, lines, line - 1)
        finally:
            path.write_text(before)
        if result == "killed" and not self.coverage.is_sound(self.tree, test):
            return self.verdict(file, line, becomes)
        return result, test

    def run(self):
        while (mutant := self.queue.take()) is not None:
            begin = time.monotonic()
            self.queue.put(mutant, *self.verdict(*mutant), round(time.monotonic() - begin, 1))


class Queue:
    """Hands out mutants until enough of them count, and keeps what became of them."""

    def __init__(self, mutants, wanted, path, sources, found):
        self.lock, self.wanted, self.path, self.sources, self.found = threading.Lock(), wanted, path, sources, found
        self.results = [json.loads(line) for line in path.open()] if path.exists() else []
        done = {(r["file"], r["line"], r["becomes"]) for r in self.results}
        self.mutants = [m for m in mutants if m not in done]
        self.begun = self.counted()

    def counted(self):
        return sum(r["verdict"] in ("killed", "survived") for r in self.results)

    def take(self):
        with self.lock:
            if self.begun >= self.wanted or not self.mutants:
                return None
            self.begun += 1
            return self.mutants.pop(0)

    def put(self, mutant, verdict, test, seconds):
        with self.lock:
            file, line, becomes = mutant
            self.results.append({"file": file, "line": line, "was": self.sources[file][line - 1], "becomes": becomes,
                                 "verdict": verdict, "test": test, "seconds": seconds})
            with self.path.open("a") as out:
                out.write(json.dumps(self.results[-1]) + "\n")
            self.begun -= verdict in ("invalid", "same")
            self.found[test, file] += 1
            print(f"{self.counted()} of {self.wanted}: {verdict} {file}:{line} {test} ({seconds} s)", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mutants", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("files", nargs="*")
    a = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    revision = output(["git", "rev-parse", "--short", "HEAD"]).strip()
    coverage = Coverage(a.jobs)
    top = Tree("tree-0").top
    files = a.files or [f for f in output(["git", "ls-files", "*.c"], top).split()
                        if f.startswith(FOLDERS) and not f.startswith("harness/gbench/")]
    mutants = mutants_of(top, files)
    random.Random(a.seed).shuffle(mutants)
    queue = Queue(mutants, a.mutants, WORK / f"results-{revision}-{a.seed}.jsonl",
                  {file: (top / file).read_text().splitlines() for file in files}, coverage.kills)
    workers = [Worker(i, queue, coverage) for i in range(a.jobs)]
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
