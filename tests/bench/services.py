"""Figures e and f: what a plan and an apply of services cost on a real Kubernetes control plane, beside kubectl and curl."""

import contextlib
import json
import pathlib
import statistics
import time

from common import DAY, RIGS, RUNS, Failed, Row, alone, document, medians, megabytes, run, say, seconds, settings_of, site

RIG = "kubernetes"
# Objects of a service, its namespace among them.
EACH = 200
# What the operator has to be allowed, as `doctor` would ask for it.
RULES = [
    {"apiGroups": [""], "resources": ["namespaces", "configmaps", "services", "serviceaccounts", "nodes"], "verbs": ["get", "list", "create", "patch", "delete"]},
    {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list", "create", "patch", "delete"]},
    {"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"], "verbs": ["get", "list", "create", "patch", "delete"]},
    {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "patch", "delete"]},
]


def of_service(name):
    """Objects of one service without its namespace: settings of half a kilobyte, and what goes with forty workloads."""
    namespace = f"svc-{name}"

    def new(api_version, kind, index, body):
        labels = {"app.kubernetes.io/name": f"w{index:03}", "app.kubernetes.io/component": "worker"}
        return {"apiVersion": api_version, "kind": kind, "metadata": {"name": f"w{index:03}", "namespace": namespace, "labels": labels}, **body}

    for index in range(EACH - 1 - 40 - 20 - 20 - 20):
        data = {f"setting-{key}": f"{name} {index} {key} " + "x" * 60 for key in range(6)}
        yield new("v1", "ConfigMap", index, {"data": data})
    for index in range(40):
        # Without an address of its own: a cluster has fewer than a bench.
        ports = [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080}]
        yield new("v1", "Service", index, {"spec": {"clusterIP": "None", "ports": ports}})
    for index in range(20):
        yield new("v1", "ServiceAccount", index, {"automountServiceAccountToken": False})
        selector = {"matchLabels": {"app.kubernetes.io/name": f"w{index:03}"}}
        rule = {"podSelector": selector, "policyTypes": ["Ingress"], "ingress": [{"ports": [{"port": 8080, "protocol": "TCP"}]}]}
        yield new("networking.k8s.io/v1", "NetworkPolicy", index, {"spec": rule})
        container = {
            "name": "main",
            "image": "registry.nordlys.example/worker:1.2",
            "args": ["serve", f"--shard={index}"],
            "env": [{"name": f"SETTING_{key}", "value": f"{key}"} for key in range(6)],
            "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
            "resources": {"requests": {"cpu": "2", "memory": "4Gi"}, "limits": {"memory": "4Gi"}},
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True, "runAsUser": 1000},
        }
        pod = {"metadata": {"labels": {"app.kubernetes.io/name": f"w{index:03}"}}, "spec": {"containers": [container]}}
        yield new("apps/v1", "Deployment", index, {"spec": {"replicas": 0, "selector": selector, "template": pod}})


def names_of(count):
    return [f"s{index:02}" for index in range(count // EACH)]


def namespace_of(name):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"svc-{name}"}}


@contextlib.contextmanager
def cluster_with(count):
    """A cluster in its base state and for ourselves, and the folder of a site with that many objects for it."""
    files = {"factory.yaml": [document("Factory", "nordlys", "  host: { entity: CSC, country: FI }\n")]}
    for name in names_of(count):
        spec = f"  category: programming-environment\n  description: Workers {name}\n  manifests: {{ folder: {name} }}\n"
        files[f"{name}.yaml"] = [document("SupportService", name, spec)]
    with alone(RIG), site(files) as folder:
        for name in names_of(count):
            (folder / name).mkdir()
            (folder / name / "all.yaml").write_text("---\n".join(json.dumps(one) + "\n" for one in of_service(name)))
        cluster = Cluster()
        binding = f'{{ kubernetes: {{ kubeconfig: "{cluster.env["KUBECONFIG_OPERATOR"]}", context: rig }} }}'
        (folder / "sitewright.yaml").write_text(f"targets:\n  services:\n    rig: {binding}\n")
        try:
            cluster.reset()
            yield cluster, folder
        finally:
            cluster.reset()


class Cluster:
    """What `tests/rig/kubernetes/up` started."""

    def __init__(self):
        self.env = settings_of(RIG)

    def reset(self):
        run([self.env["RESET"]], more={"SITEWRIGHT_RIG": str(RIGS)}).expect(0)
        rules = json.dumps({"rules": RULES})
        run(self.kubectl("ADMIN", "patch", "clusterrole", "hpc-operators", "--type=merge", "-p", rules)).expect(0)
        until = time.monotonic() + 60
        # The server learns of it a little later.
        while run(self.kubectl("OPERATOR", "auth", "can-i", "patch", "networkpolicies", "-A")).status != 0:
            if time.monotonic() > until:
                raise Failed("the operator's rights do not arrive")
            time.sleep(0.1)

    def kubectl(self, user, *words):
        """One of its commands, to be run; it remembers the server's kinds beside the rig."""
        return ["/usr/bin/env", f"HOME={RIGS / RIG / 'home'}", self.env["KUBECTL"], f"--kubeconfig={self.env[f'KUBECONFIG_{user}']}", *words]

    def lists(self, since):
        """What the operator read since a place in the audit log: all but the dry-runs of kubectl, in order."""
        time.sleep(0.3)
        with open(self.env["AUDIT_LOG"], "rb") as log:
            log.seek(since)
            lines = [json.loads(line) for line in log.read().splitlines()]
        return [line["requestURI"] for line in lines if line["user"].get("username") == "olga" and line["verb"] == "list"]

    def logged(self):
        return pathlib.Path(self.env["AUDIT_LOG"]).stat().st_size

    def expect(self, count):
        """So many objects have to carry our label."""
        kinds = "namespaces,configmaps,services,serviceaccounts,deployments,networkpolicies"
        selector = "applyset.kubernetes.io/part-of"
        found = len(run(self.kubectl("ADMIN", "get", kinds, "-A", "-l", selector, "-o", "name")).expect(0).out.split())
        # The endpoints of a service are not asked for, which would carry copies of its labels.
        if found != count:
            raise Failed(f"{found} objects of ours, wanted {count}")


def words_of(program, verb, folder, *more):
    return [program, verb, folder, "--env", "rig", "--at", DAY, *more]


def figure_e(program, _release, _old=None):
    """`plan` with nothing to change over 5,000 objects as an ordinary user, beside kubectl's diff and bare LISTs."""
    count, sample = 5_000, 1_000
    with cluster_with(count) as (cluster, folder):
        say(f"e: writing {count:,} objects")
        filled = run(words_of(program, "apply", folder, "--yes")).expect(0, "Applied:")
        cluster.expect(count)
        reads = json.loads(run(words_of(program, "plan", folder, "--format", "json")).expect(0).out)["targets"][0]["reads"]
        plan = words_of(program, "plan", folder, "--detailed-exitcode")
        asked = folder / "lists"

        def ours(weigh):
            since = cluster.logged()
            ran = run(plan, weigh=weigh).expect(0, "No changes.")
            # The same pages for curl at once, before the server forgets where they go on.
            lists = cluster.lists(since)
            asked.write_text("".join(f'url = "{cluster.env["SERVER"]}{uri}"\noutput = "/dev/null"\n' for uri in lists))
            return ran

        curl = ["curl", "-q", "-sS", "--fail", "--noproxy", "*", "--compressed", "--cacert", cluster.env["CA"]]
        curl += ["-H", f"Authorization: Bearer {cluster.env['TOKEN_OPERATOR']}", "-K", str(asked)]
        (taken, memory, processor), (bare, bare_memory, _), (check, *_) = medians(
            RUNS,
            ours,
            lambda weigh: run(curl, weigh=weigh).expect(0),
            lambda weigh: run([program, "validate", folder], weigh=weigh).expect(0),
        )
        lists = asked.read_text().count("url = ")
        yield Row(
            f"plan, nothing to change, {count:,} objects; beside the same LISTs by curl",
            f"{seconds(taken)} (processor {seconds(processor)})",
            seconds(bare),
            f"{taken / bare:.2f} ×",
            "≤ 1.5 ×, < 200 MB",
            f"{reads['requests']} / {lists}",
            megabytes(memory, bare_memory),
            taken <= 1.5 * bare and memory < 200,
        )
        yield Row("the same, manifests only (`validate`)", seconds(check))
        yield Row("the same, the apply that created them, once", seconds(filled.seconds))
        objects = [one for name in names_of(sample) for one in (namespace_of(name), *of_service(name))]
        (folder / "sample").write_text("\n---\n".join(map(json.dumps, objects)))
        for at_once in (1, 16):
            diff = ["diff", "--server-side", "--force-conflicts", f"--concurrency={at_once}", "-f", str(folder / "sample")]
            say(f"e: kubectl diff, {at_once} at once")
            times = [run(cluster.kubectl("OPERATOR", *diff)).expect(0).seconds for _ in range(2)]
            each = statistics.median(times) / len(objects)
            ratio = each / (taken / count)
            yield Row(
                f"the same for each object; beside `kubectl diff --server-side`, {at_once} at once, {len(objects):,} of them, twice",
                seconds(taken / count),
                seconds(each),
                f"{ratio:.0f} × faster",
                "≥ 100 ×",
                met=ratio >= 100,
            )


def figure_f(program, _release, _old=None):
    """`apply` of 1,000 new objects, beside `kubectl apply --server-side`."""
    count = 1_000
    with cluster_with(count) as (cluster, folder):
        objects = [one for name in names_of(count) for one in (namespace_of(name), *of_service(name))]
        (folder / "sample").write_text("\n---\n".join(map(json.dumps, objects)))
        apply = words_of(program, "apply", folder, "--yes")

        def ours(weigh):
            cluster.reset()
            ran = run(apply, weigh=weigh).expect(0, "Applied:")
            cluster.expect(count)
            return ran

        def reference(weigh):
            cluster.reset()
            return run(cluster.kubectl("OPERATOR", "apply", "--server-side", "-f", str(folder / "sample")), weigh=weigh).expect(0)

        (taken, memory, processor), (one_by_one, other_memory, _) = medians(RUNS, ours, reference)
        ratio = one_by_one / taken
        yield Row(
            f"apply, {count:,} new objects; beside `kubectl apply --server-side`",
            f"{seconds(taken)} (processor {seconds(processor)})",
            seconds(one_by_one),
            f"{ratio:.1f} × faster",
            "≥ 3 ×",
            memory=megabytes(memory, other_memory),
            met=ratio >= 3,
        )
