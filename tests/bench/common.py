"""What all figures need: running programs and taking their time, turns on a cluster, manifests, the table."""

import contextlib
import dataclasses
import fcntl
import os
import pathlib
import signal
import statistics
import sys
import tempfile
import time

RUNS = 5
# Longest time for one program, in seconds.
LIMIT = 3600
# A day for which the manifests below are made.
DAY = "2026-11-21"
# Programs see this and nothing else: a caller's SLURM_* or SQUEUE_* would change what they do.
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": os.path.expanduser("~")}


class Failed(Exception):
    """What makes a figure worthless."""


def say(text):
    print(text, file=sys.stderr, flush=True)


# ------------------------------------------------------------------------------------------------ running programs


@dataclasses.dataclass
class Ran:
    """How a program went."""

    seconds: float
    status: int
    out: str
    error: str
    # Most memory (MB) that it, or one of the programs that it started, had at one time; where it was asked for.
    memory: float = 0.0
    # Processor time of both, which other work on the machine disturbs less.
    processor: float = 0.0

    def expect(self, status, word=""):
        if self.status != status or word not in self.out:
            raise Failed(f"exit {self.status}, wanted {status} and `{word}`:\n{self.out[-2000:]}{self.error[-2000:]}")
        return self


def too_long(_number, _frame):
    raise Failed(f"a program took longer than {LIMIT} s")


def run(argv, text="", weigh=False, keep=True, more=None):
    """Runs a program and takes its time, from before it starts until it has ended.

    `text` is its input. With `weigh` its memory is taken as well. Without `keep` its output goes nowhere.
    """
    argv = [str(word) for word in argv]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        # Not getrusage(2) from here: what Python itself has would count for a smaller program.
        if weigh:
            argv = ["/usr/bin/time", "-q", "-f", "%M", "-o", str(folder / "memory"), *argv]
        (folder / "in").write_text(text)
        paths = [folder / "in", folder / "out" if keep else "/dev/null", folder / "error"]
        write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        streams = [(os.POSIX_SPAWN_OPEN, number, str(path), write if number else os.O_RDONLY, 0o600) for number, path in enumerate(paths)]
        signal.signal(signal.SIGALRM, too_long)
        signal.alarm(LIMIT)
        started = time.perf_counter()
        # A group of its own, so that what it started ends with it.
        process = os.posix_spawnp(argv[0], argv, {**ENVIRONMENT, **(more or {})}, file_actions=streams, setpgroup=0)
        try:
            _, status, usage = os.wait4(process, 0)
        except BaseException:
            os.killpg(process, signal.SIGKILL)
            os.waitpid(process, 0)
            raise
        finally:
            signal.alarm(0)
        seconds = time.perf_counter() - started
        out = (folder / "out").read_text() if keep else ""
        memory = int((folder / "memory").read_text().split()[-1]) / 1024 if weigh else 0.0
        return Ran(seconds, os.waitstatus_to_exitcode(status), out, (folder / "error").read_text(), memory, usage.ru_utime + usage.ru_stime)


def medians(times, *programs):
    """Median time, peak memory and median processor time of each, taken in turns, so that all see the same machine. A
    first round, which takes the memory, does not count for the times."""
    memory = [program(weigh=True).memory for program in programs]
    columns = list(zip(*([program(weigh=False) for program in programs] for _ in range(times))))
    times_of = [[statistics.median(getattr(ran, field) for ran in column) for column in columns] for field in ("seconds", "processor")]
    return list(zip(times_of[0], memory, times_of[1]))


# ------------------------------------------------------------------------------------------------ turns on a cluster

ROOT = pathlib.Path(__file__).resolve().parents[2]
RIGS = pathlib.Path(os.environ.get("SITEWRIGHT_RIG", ROOT / "target/rig")).resolve()


@contextlib.contextmanager
def alone(rig):
    """A cluster for ourselves: `tests.lock` beside its `env` is the lock that the tests take, each for as long as it runs."""
    with open(RIGS / rig / "tests.lock", "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"{rig}: waiting for the tests that use it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def settings_of(rig):
    """What a running cluster says about itself."""
    try:
        lines = (RIGS / rig / "env").read_text().splitlines()
    except OSError as error:
        raise Failed(f"there is no running rig `{rig}` ({error})") from error
    return dict(line.split("=", 1) for line in lines if "=" in line)


# ------------------------------------------------------------------------------------------------ manifests


def document(kind, name, spec):
    return f"apiVersion: sitewright.io/v1alpha1\nkind: {kind}\nmetadata: {{ name: {name} }}\nspec:\n{spec}"


def write(folder, files):
    for name, documents in files.items():
        (folder / name).write_text("---\n".join(documents))


@contextlib.contextmanager
def site(files):
    with tempfile.TemporaryDirectory(prefix="sitewright-bench-") as name:
        folder = pathlib.Path(name)
        write(folder, files)
        yield folder


# ------------------------------------------------------------------------------------------------ the table


@dataclasses.dataclass
class Row:
    """One figure. `met` is unset where nothing is wanted."""

    what: str
    ours: str
    reference: str = "–"
    ratio: str = "–"
    wanted: str = "–"
    commands: str = "–"
    memory: str = "–"
    met: bool | None = None


def seconds(value):
    return f"{value * 1000:.1f} ms" if value < 0.1 else f"{value:.2f} s" if value < 100 else f"{value:,.0f} s"


def megabytes(*values):
    return " / ".join(f"{value:.0f}" for value in values) + " MB"


def table(rows):
    head = ["", "sitewright", "reference", "ratio", "wanted", "commands", "peak memory", ""]
    marks = {None: "", True: "met", False: "**missed**"}
    lines = [[row.what, row.ours, row.reference, row.ratio, row.wanted, row.commands, row.memory, marks[row.met]] for row in rows]
    widths = [max(len(line[column]) for line in [head, *lines]) for column in range(len(head))]
    texts = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in [head, *lines]]
    return "\n".join([texts[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *texts[1:]])
