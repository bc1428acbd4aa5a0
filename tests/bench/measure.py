"""Measures sitewright beside what it is compared with. Started by `tests/bench/run`; README.md says what each figure means."""

import contextlib
import dataclasses
import json
import os
import signal
import sys

import services
from common import DAY, RIGS, ROOT, RUNS, Failed, Row, alone, document, medians, megabytes, run, say, seconds, settings_of, site, table, write

RELEASES = ["22.05", "24.11"]
STARTS = 50


# ------------------------------------------------------------------------------------------------ a running cluster

class Rig:
    """A cluster that `tests/rig/up` started."""

    def __init__(self, release):
        self.release = release
        self.env = settings_of(release)
        self.cluster = self.env["CLUSTER"]

    def reset(self):
        run([ROOT / "tests/rig/reset", self.release], more={"SITEWRIGHT_RIG": str(RIGS)}).expect(0)

    def bind(self, folder):
        """Leads the site in a folder to this cluster."""
        prefix = ", ".join(self.env["PREFIX"].split())
        binding = f'{{ slurm: {{ over: local, prefix: [{prefix}], restart: ["{self.env["RESTART"]}"] }} }}'
        (folder / "sitewright.yaml").write_text(f"targets:\n  compute:\n    rig: {binding}\n")

    def sacctmgr(self, *words):
        """One of its commands, to be run."""
        return [*self.env["PREFIX"].split(), "sacctmgr", *words]

    def lines(self, commands):
        """One `sacctmgr -i` that is told these commands, one a line."""
        return self.sacctmgr("-i"), "\n".join([*commands, "quit", ""])

    def associations(self):
        """How many associations there are besides Slurm's own."""
        rows = run(self.sacctmgr("-nP", "show", "assoc", "format=account,user")).expect(0).out.splitlines()
        return sum(not row.startswith("root|") for row in rows)

    def expect(self, count):
        found = self.associations()
        if found != count:
            raise Failed(f"{self.release}: {found} associations, wanted {count}")


@contextlib.contextmanager
def rig_with(release, files):
    """A cluster in its base state and for ourselves, and the folder of a site that is bound to it; the base state again at the end."""
    rig = Rig(release)
    with alone(release), site(files) as folder:
        rig.bind(folder)
        try:
            rig.reset()
            yield rig, folder
        finally:
            rig.reset()


def words_of(program, verb, folder, *more):
    return [program, verb, folder, "--env", "rig", "--at", DAY, *more]


def planned(program, folder):
    """Programs that a plan started to read, and commands that it would write with."""
    plan = json.loads(run(words_of(program, "plan", folder, "--format", "json")).expect(0).out)
    return plan["targets"][0]["reads"]["requests"], len(plan["actions"])


def settled(program, folder):
    return run(words_of(program, "plan", folder, "--detailed-exitcode")).expect(0, "No changes.")


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


FACTORY = document("Factory", "nordlys", "  host: { entity: CSC, country: FI }\n")


def project(name, organisation, users, more=""):
    members = "".join(f"    - {{ user: {user} }}\n" for user in users)
    spec = f"  organisation: {{ name: {organisation}, country: FI, category: sme }}\n{more}"
    return document("Project", name, spec + (f"  members:\n{members}" if members else ""))


PROJECTS, MEMBERS = 100, 199


def full_site():
    """20,000 associations below the factory's account: 100 projects, 199 members each, four of them also in the next one."""
    mode = document("AccessMode", "standard", "  perJob: { wallTime: 24h }\n  priority: 100\n")
    own = MEMBERS - 4
    files = {"factory.yaml": [FACTORY, mode]}
    for index in range(PROJECTS):
        guests = (index - 1) % PROJECTS
        users = [f"u{index:03}x{member:03}" for member in range(own)] + [f"u{guests:03}x{member:03}" for member in range(4)]
        limits = f"  modes: [standard]\n  limits: {{ gpuHours: {index % 4 * 5000 + 5000}, perJob: {{ gpus: 64 }} }}\n"
        files[f"p{index:03}.yaml"] = [project(f"p{index:03}", f"Company {index % 4}", users, limits)]
    return files


@dataclasses.dataclass
class Case:
    """Something to create: as manifests, and as one command an object."""

    what: str
    projects: list
    # Rows that are there afterwards.
    associations: int
    # Commands that the manifests replace.
    objects: int
    # Commands that run before the clock does, and those whose time stands for all.
    before: list
    sample: list
    wanted: float | None = None


def cases(cluster):
    account = "add account name={0} cluster=" + cluster + " parent=nordlys organization={1}"
    user = "add user name={0} account={1} cluster=" + cluster
    factory = f"add account name=nordlys cluster={cluster}"
    names, users = [f"p{index:03}" for index in range(500)], [f"u{index:03}" for index in range(500)]
    yield Case(
        "500 accounts and 500 users, alike",
        [project(name, "Alike Oy", users if name == names[0] else []) for name in names],
        associations=1001,
        objects=1000,
        before=[factory],
        sample=[account.format(name, "alike") for name in names[:25]] + [user.format(name, names[0]) for name in users[:25]],
        wanted=50,
    )
    yield Case(
        "200 users in each of 10 accounts",
        [project(name, "Alike Oy", users[:200]) for name in names[:10]],
        associations=2011,
        objects=2010,
        before=[factory, *(account.format(name, "alike") for name in names[:10])],
        sample=[user.format(name, other) for name in users[:5] for other in names[:10]],
        wanted=50,
    )
    yield Case(
        "20 accounts and 20 users, no two alike",
        [project(name, f"Company {name}", [user_name]) for name, user_name in zip(names[:20], users)],
        associations=41,
        objects=40,
        before=[factory],
        sample=[account.format(name, name) for name in names[:20]] + [user.format(*both) for both in zip(users[:20], names)],
    )


# ------------------------------------------------------------------------------------------------ the figures


def beside(old, what, command, expected, times=RUNS):
    """The same command by another build, in turns: processor time, and how much its runs differ among themselves."""
    if old is None:
        return
    spread = []

    def of(program):
        def ran(weigh):
            result = expected(run([program, *command[1:]], weigh=weigh))
            spread.append(result.processor) if program == command[0] and not weigh else None
            return result

        return ran

    (_, memory, ours), (_, old_memory, before) = medians(times, of(command[0]), of(old))
    noise = (max(spread) - min(spread)) / before
    yield Row(
        f"{what}, beside the other build (processor time)",
        seconds(ours),
        seconds(before),
        f"{ours / before:.2f} × (noise {noise:.2f})",
        memory=megabytes(memory, old_memory),
    )


def figure_a(program, release, old=None):
    """`plan` with nothing to change over 20,000 associations, beside the bare call that lists them."""
    with rig_with(release, full_site()) as (rig, folder):
        _, writes = planned(program, folder)
        say(f"a: {release}: filling the database with {writes} commands")
        filled = run(words_of(program, "apply", folder, "--yes")).expect(0, "Applied:")
        count = 1 + PROJECTS * (1 + MEMBERS)
        rig.expect(count)
        reads, _ = planned(program, folder)
        plan = words_of(program, "plan", folder, "--detailed-exitcode")
        call = rig.sacctmgr("-nP", "show", "assoc")
        (ours, memory, _), (bare, bare_memory, _), (check, *_) = medians(
            RUNS,
            lambda weigh: run(plan, weigh=weigh).expect(0, "No changes."),
            lambda weigh: run(call, weigh=weigh, keep=False).expect(0),
            lambda weigh: run([program, "validate", folder], weigh=weigh).expect(0),
        )
        yield Row(
            f"{release}: plan, nothing to change, {count:,} associations",
            seconds(ours),
            seconds(bare),
            f"{ours / bare:.2f} ×",
            "≤ 1.5 ×",
            f"{reads} / 1",
            megabytes(memory, bare_memory),
            ours <= 1.5 * bare,
        )
        yield from beside(old, f"{release}: plan, nothing to change", plan, lambda ran: ran.expect(0, "No changes."))
        yield Row(f"{release}: the same, manifests only (`validate`)", seconds(check))
        yield Row(f"{release}: the same, the apply that created them, once", seconds(filled.seconds), commands=str(writes))


def figure_b(program, release, _old=None):
    """`apply` of new accounts and users, beside one command an object on one `sacctmgr -i`."""
    for case in cases(Rig(release).cluster):
        with rig_with(release, {"factory.yaml": [FACTORY], "projects.yaml": case.projects}) as (rig, folder):
            yield compared(program, rig, folder, case)


def compared(program, rig, folder, case):
    _, writes = planned(program, folder)

    def ours(weigh):
        rig.reset()
        ran = run(words_of(program, "apply", folder, "--yes"), weigh=weigh).expect(0, "Applied:")
        rig.expect(case.associations)
        settled(program, folder)
        return ran

    def reference(weigh):
        rig.reset()
        run(*rig.lines(case.before))
        idle = run(*rig.lines([]))
        ran = run(*rig.lines(case.sample), weigh=weigh)
        rig.expect(len(case.before) + len(case.sample))
        # The commands stand for others, the start of the program does not.
        return dataclasses.replace(ran, seconds=idle.seconds + (ran.seconds - idle.seconds) * case.objects / len(case.sample))

    (taken, memory, _), (one_by_one, reference_memory, _) = medians(RUNS, ours, reference)
    ratio = one_by_one / taken
    return Row(
        f"{rig.release}: apply, {case.what}",
        seconds(taken),
        seconds(one_by_one),
        f"{ratio:.1f} × faster",
        f"≥ {case.wanted} ×" if case.wanted else "–",
        f"{writes:,} / {case.objects:,}",
        megabytes(memory, reference_memory),
        ratio >= case.wanted if case.wanted else None,
    )


def figure_c(program, _release, old=None):
    """`validate` of 10,000 documents that name each other."""
    for files in (few_files(), many_files()):
        assert sum(len(documents) for documents in files.values()) == DOCUMENTS
        with site(files) as folder:
            command = [program, "validate", folder]
            # All were read, and references were followed: a single wrong one in the last file is found.
            write(folder, {"zz.yaml": [project_of(99_999).replace("partition: booster-49, mode: fast", "partition: nowhere, mode: fast")]})
            run(command).expect(1, "nowhere")
            (folder / "zz.yaml").unlink()
            ((taken, memory, processor),) = medians(RUNS, lambda weigh: run(command, weigh=weigh).expect(0, "No findings"))
            yield Row(
                f"validate, {DOCUMENTS:,} documents in {len(files):,} files",
                f"{seconds(taken)} (processor {seconds(processor)}), {DOCUMENTS / taken:,.0f} documents/s",
                wanted="< 1 s, < 300 MB",
                memory=megabytes(memory),
                met=taken < 1 and memory < 300,
            )
            yield from beside(old, f"validate, {len(files):,} files", command, lambda ran: ran.expect(0, "No findings"))


def figure_d(program, _release, old=None):
    """Start-up, beside a program that does nothing."""
    for words in (["--version"], ["explain", "Partition"]):
        (ours, memory, _), (nothing, nothing_memory, _) = medians(
            STARTS,
            lambda weigh: run([program, *words], weigh=weigh).expect(0),
            lambda weigh: run(["/bin/true"], weigh=weigh).expect(0),
        )
        yield Row(
            f"`sitewright {' '.join(words)}`, beside `/bin/true`",
            seconds(ours),
            seconds(nothing),
            f"{ours / nothing:.1f} ×",
            "< 10 ms",
            memory=megabytes(memory, nothing_memory),
            met=ours < 0.01,
        )
        yield from beside(old, f"`sitewright {' '.join(words)}`", [program, *words], lambda ran: ran.expect(0), STARTS)


# Each figure, and whether it is taken on each release.
FIGURES = {"a": (figure_a, True), "b": (figure_b, True), "c": (figure_c, False), "d": (figure_d, False), "e": (services.figure_e, False), "f": (services.figure_f, False)}


def main():
    program, *words = sys.argv[1:]
    old = None
    if "--against" in words[:-1]:
        place = words.index("--against")
        old = os.path.abspath(words[place + 1])
        del words[place : place + 2]
    names = [word for word in words if word in FIGURES] or list(FIGURES)
    releases = [word for word in words if word in RELEASES] or RELEASES
    unknown = [word for word in words if word not in FIGURES and word not in RELEASES]
    if unknown:
        say(f"tests/bench/run [{'|'.join(FIGURES)}]… [{'|'.join(RELEASES)}]… [--against PROGRAM], not `{unknown[0]}`")
        return 64
    rows, failed = [], False
    load = os.getloadavg()[0]
    for name in names:
        figure, on_releases = FIGURES[name]
        for release in releases if on_releases else [None]:
            try:
                for row in figure(os.path.abspath(program), release, old):
                    say(f"{name}: {row.what}: {row.ours}, reference {row.reference}")
                    rows.append(row)
            except Failed as why:
                failed = True
                say(f"{name}: {release or ''}: {why}")
    print(f"\n{os.cpu_count()} cores, load {load:.1f} before; medians of {RUNS} runs, start-up of {STARTS}\n")
    print(table(rows))
    return 1 if failed or any(row.met is False for row in rows) else 0


if __name__ == "__main__":
    # A TERM must not leave a program, or a full database, behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
