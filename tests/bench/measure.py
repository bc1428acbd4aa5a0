"""Measures sitewright beside what it is compared with. Started by `tests/bench/run`; README.md says what each figure means."""

import contextlib
import dataclasses
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 5
STARTS = 50
# Longest time for one program.
LIMIT = 900
# Programs see this and nothing else: a caller's SLURM_* or SQUEUE_* would change what they do.
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root"}


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

    def expect(self, status, word=""):
        if self.status != status or word not in self.out:
            raise Failed(f"exit {self.status}, wanted {status} and `{word}`:\n{self.out[-2000:]}{self.error[-2000:]}")
        return self


def too_long(_number, _frame):
    raise Failed(f"a program took longer than {LIMIT} s")


def run(argv, text="", keep=True):
    """Runs a program and takes its time, from before it starts until it has ended. Without `keep` its output goes nowhere."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [f"{folder}/{name}" for name in ("in", "out", "error")]
        pathlib.Path(paths[0]).write_text(text)
        if not keep:
            paths[1] = "/dev/null"
        write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        streams = [(os.POSIX_SPAWN_OPEN, number, path, write if number else os.O_RDONLY, 0o600) for number, path in enumerate(paths)]
        argv = [str(word) for word in argv]
        signal.signal(signal.SIGALRM, too_long)
        signal.alarm(LIMIT)
        started = time.perf_counter()
        # A group of its own, so that what it started ends with it.
        process = os.posix_spawnp(argv[0], argv, ENVIRONMENT, file_actions=streams, setpgroup=0)
        try:
            _, status = os.waitpid(process, 0)
        except BaseException:
            os.killpg(process, signal.SIGKILL)
            os.waitpid(process, 0)
            raise
        finally:
            signal.alarm(0)
        seconds = time.perf_counter() - started
        out = pathlib.Path(paths[1]).read_text() if keep else ""
        return Ran(seconds, os.waitstatus_to_exitcode(status), out, pathlib.Path(paths[2]).read_text())


def weighed(argv, text=""):
    """Runs a program and takes the most memory (MB) that it, or one of the programs that it started, had at one time."""
    with tempfile.NamedTemporaryFile("r") as note:
        # Not getrusage(2) from here: what Python itself has would count for a smaller program.
        ran = run(["/usr/bin/time", "-q", "-f", "%M", "-o", note.name, *argv], text)
        return ran, int(note.read().split()[-1]) / 1024


def alternate(ours, reference, times):
    """Medians of both, taken in turns, so that both see the same machine."""
    pairs = [(ours(), reference()) for _ in range(times)]
    return [statistics.median(column) for column in zip(*pairs)]


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


BRANCHES, PARTITIONS, DOCUMENTS = 50, 50, 10_000


def large_site():
    """Documents that name each other: a factory with branches, partitions, three modes each, and projects."""
    branches = "".join(f"    - {{ name: branch-{index:02}, fairshare: {index + 1} }}\n" for index in range(BRANCHES))
    factory = document("Factory", "nordlys", f"  host: {{ entity: CSC, country: FI }}\n  ethics: {{ conditions: docs/ethics.md }}\n  accounts:\n{branches}")
    partitions, modes = [], []
    for index in range(PARTITIONS):
        play, fast, large = (f"{name}-{index:02}" for name in ("playground", "fast-lane", "large-scale"))
        partitions.append(
            document(
                "Partition",
                f"booster-{index:02}",
                f"  nodes:\n"
                f"    - hosts: g{index:02}n[001-100]\n"
                f"      sockets: 2\n"
                f"      coresPerSocket: 32\n"
                f"      memory: 512GB\n"
                f'      accelerators: {{ model: h100, count: 8, files: "/dev/nvidia[0-7]" }}\n'
                f"  limits: {{ wallTime: 2d, defaultWallTime: 1h }}\n"
                f"  modes: [{play}, {fast}, {large}]\n",
            )
        )
        modes += [
            document("AccessMode", play, "  eligible: [startup, sme, academia]\n  perJob: { gpus: 4, wallTime: 12h }\n  priority: 50\n"),
            document("AccessMode", fast, f"  perJob: {{ gpus: 32, wallTime: 24h, minimum: {{ gpus: 5 }}, continues: {play} }}\n  priority: 200\n  preempts: [{play}]\n"),
            document("AccessMode", large, f"  perJob: {{ wallTime: 2d, minimum: {{ gpus: 33 }}, continues: {fast} }}\n  perProject: {{ gpuHours: 50_000, months: 12 }}\n  preempts: [{play}, {fast}]\n"),
        ]
    count = DOCUMENTS - 1 - len(partitions) - len(modes)
    return factory, partitions, modes, [project_of(index) for index in range(count)]


def project_of(index):
    place = index % PARTITIONS
    return document(
        "Project",
        f"p{index:05}",
        f"  organisation: {{ name: Company {index}, country: FI, category: sme }}\n"
        f"  parent: branch-{index % BRANCHES:02}\n"
        f"  domain: health\n"
        f"  ethics: {{ attestedBy: u{index:05}a, on: 2026-03-01 }}\n"
        f"  members:\n"
        f"    - {{ user: u{index:05}a, role: lead, default: true }}\n"
        f"    - {{ user: u{index:05}b, modes: [playground-{place:02}] }}\n"
        f"    - {{ user: u{(index * 7 + 1) % 9000:05}a, fairshare: 10 }}\n"
        f"  modes: [playground-{place:02}]\n"
        f"  allocations:\n"
        f"    - {{ partition: booster-{place:02}, mode: fast-lane-{place:02}, gpuHours: 4_000, from: 2026-10-01, until: 2027-03-31 }}\n"
        f"    - {{ partition: booster-{place:02}, mode: large-scale-{place:02}, gpuHours: 6_000, from: 2026-10-01, until: 2027-03-31 }}\n",
    )


def few_files():
    factory, partitions, modes, projects = large_site()
    parts = {f"projects-{start // 100:03}.yaml": projects[start : start + 100] for start in range(0, len(projects), 100)}
    return {"factory.yaml": [factory], "partitions.yaml": partitions, "access.yaml": modes, **parts}


def many_files():
    factory, partitions, modes, projects = large_site()
    return {f"{index:05}.yaml": [text] for index, text in enumerate([factory, *partitions, *modes, *projects])}


# ------------------------------------------------------------------------------------------------ the four figures


def figure_c(program):
    """`validate` of 10,000 documents that name each other."""
    for files in (few_files(), many_files()):
        assert sum(len(documents) for documents in files.values()) == DOCUMENTS
        with site(files) as folder:
            command = [program, "validate", folder]
            # All were read, and references were followed: a single wrong one in the last file is found.
            write(folder, {"zz.yaml": [project_of(99_999).replace("partition: booster-49, mode: fast", "partition: nowhere, mode: fast")]})
            wrong = run(command).expect(1)
            if "nowhere" not in wrong.out + wrong.error:
                raise Failed(f"a wrong reference was not found:\n{wrong.out}{wrong.error}")
            (folder / "zz.yaml").unlink()
            ran, memory = weighed(command)
            ran.expect(0)
            taken = statistics.median(run(command).expect(0).seconds for _ in range(RUNS))
            yield Row(
                f"validate, {DOCUMENTS:,} documents in {len(files):,} files",
                f"{seconds(taken)} ({DOCUMENTS / taken:,.0f} documents/s)",
                wanted="< 1 s, < 300 MB",
                memory=megabytes(memory),
                met=taken < 1 and memory < 300,
            )


def figure_d(program):
    """Start-up, beside a program that does nothing."""
    for words in (["--version"], ["explain", "Partition"]):
        _, memory = weighed([program, *words])
        ours, nothing = alternate(lambda: run([program, *words]).expect(0).seconds, lambda: run(["/bin/true"]).expect(0).seconds, STARTS)
        yield Row(
            f"`sitewright {' '.join(words)}`, beside `/bin/true`",
            seconds(ours),
            seconds(nothing),
            wanted="< 10 ms",
            memory=megabytes(memory),
            met=ours < 0.01,
        )


FIGURES = {"c": figure_c, "d": figure_d}


def main():
    program, *words = sys.argv[1:]
    wanted = [word for word in words if word in FIGURES] or list(FIGURES)
    unknown = [word for word in words if word not in FIGURES]
    if unknown:
        say(f"tests/bench/run [{'|'.join(FIGURES)}]…, not `{unknown[0]}`")
        return 64
    rows, failed = [], False
    load = os.getloadavg()[0]
    for name in wanted:
        try:
            for row in FIGURES[name](os.path.abspath(program)):
                say(f"{name}: {row.what}: {row.ours}, reference {row.reference}")
                rows.append(row)
        except Failed as why:
            failed = True
            say(f"{name}: {why}")
    print(f"\n{os.cpu_count()} cores, load {load:.1f} before; medians of {RUNS} runs, start-up of {STARTS}\n")
    print(table(rows))
    return 1 if failed or any(row.met is False for row in rows) else 0


if __name__ == "__main__":
    # A service manager's TERM must not leave a program, or a full database, behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
