//! What a person sees when a server refuses: the code, the manifest's line, a hint that can be pasted, the exit code.
//! As transcripts in `tests/snapshots`; `INSTA_UPDATE=always` writes them anew.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::requests::lay;
use super::rig::{Rig, User, write_strange_authority};

/// A transcript of one refusal after the other.
struct Screen<'a> {
    rig: &'a Rig,
    text: String,
}

impl<'a> Screen<'a> {
    fn new(rig: &'a Rig) -> Self {
        lay(rig);
        Self { rig, text: String::new() }
    }

    /// A heading, and objects for the folder of the service.
    fn case(&mut self, title: &str, objects: &[Value]) {
        let _ = writeln!(self.text, "# {title}");
        let text: Vec<String> = objects.iter().map(yaml).collect();
        self.rig.write("board/all.yaml", &text.join("---\n"));
    }

    /// Runs the tool; both outputs without the findings of before.
    fn run(&mut self, words: &[&str]) -> i32 {
        // Wide, for paths that differ from checkout to checkout would break lines elsewhere.
        let ran = self.rig.tool_at(words, 1000);
        let _ = writeln!(
            self.text,
            "$ sitewright {}\n{}{}[exit {}]\n",
            words.join(" "),
            ran.out,
            after_warning(&ran.error),
            ran.code
        );
        ran.code
    }

    /// A plan and an apply as the environment's user, which end so and write nothing.
    #[track_caller]
    fn refused(&mut self, environment: &str, codes: [i32; 2]) {
        let user = if environment == "admin" { User::Admin } else { User::Operator };
        // The servers keep leases of their own in `kube-system`, which come and go.
        let objects = |rig: &Rig| {
            ["configmaps", "deployments", "leases"].map(|kind| {
                let names = rig.names(kind).into_iter();
                names.filter(|name| !name.starts_with("kube-")).collect::<Vec<_>>()
            })
        };
        let before = objects(self.rig);
        let mut ended = [0; 2];
        self.rig.mark();
        ended[0] = self.run(&["plan", "--env", environment]);
        let asked = self.rig.asked().by(user).writes().code(200);
        // What the harness itself asks is the administrator's, and writes nothing here.
        assert_eq!(asked.count(), 0, "{asked}");
        ended[1] = self.run(&["apply", "--env", environment, "--yes"]);
        assert_eq!(ended, codes, "{}", self.text);
        assert_eq!(objects(self.rig), before, "{}", self.text);
    }

    /// Compares the transcript with the one that is kept.
    fn pinned(self, name: &str) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        for (pattern, shown) in [
            (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID"),
            (r"\d+ requests?, [\d.]+ [kM]?B, [\d.]+ m?s", "N requests"),
            (r"\b\d+(\.\d+)? ?ms\b", "N ms"),
            (r#"/[^\s"`]*/(kubeconfig-[a-z-]+|users/operator)"#, "/$1"),
            (r"wants \d+ s of rest", "wants N s of rest"),
            (r" {12,}", "            "),
        ] {
            settings.add_filter(pattern, shown);
        }
        settings.bind(|| insta::assert_snapshot!(name, self.text));
    }
}

/// Behind the warning about the portfolio, which is the same each time.
fn after_warning(text: &str) -> &str {
    let rest = text.split_once("more: sitewright explain portfolio-gap\n").map_or(text, |(_, rest)| rest);
    let rest = rest.trim_start_matches('\n');
    rest.strip_prefix("1 warning in 4 files.").map_or(rest, |rest| rest.trim_start_matches('\n'))
}

/// Block style, so that each field has a line.
fn yaml(object: &Value) -> String {
    serde_yaml::to_string(object).unwrap()
}

fn map(name: &str, value: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name }, "data": { "a": value } })
}

fn queue(quota: &str) -> Value {
    json!({ "apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "ClusterQueue", "metadata": { "name": "board" }, "spec": {
        "namespaceSelector": {}, "resourceGroups": [{ "coveredResources": ["cpu"], "flavors": [{ "name": "a",
            "resources": [{ "name": "cpu", "nominalQuota": quota }] }] }] } })
}

fn deployment(label: &str) -> Value {
    json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web" }, "spec": { "replicas": 0,
        "selector": { "matchLabels": { "app": label } }, "template": { "metadata": { "labels": { "app": label } }, "spec": {
            "securityContext": { "runAsNonRoot": true, "seccompProfile": { "type": "RuntimeDefault" } },
            "containers": [{ "name": "main", "image": "r.example/a:1",
                "securityContext": { "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } } }] } } } })
}

fn hook(namespace: &str) -> Value {
    json!({ "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": { "name": "down" },
        "webhooks": [{ "name": "down.example.com", "admissionReviewVersions": ["v1"], "sideEffects": "None", "failurePolicy": "Fail",
            "timeoutSeconds": 2, "clientConfig": { "url": "https://127.0.0.1:1/x" },
            "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": namespace } },
            "rules": [{ "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["configmaps"] }] }] })
}

#[test]
fn objects_that_a_server_refuses() {
    let rig = Rig::new();
    let mut screen = Screen::new(&rig);

    let mut wrong = deployment("web");
    wrong["spec"]["replica"] = json!(1);
    screen.case("unknown field", &[wrong]);
    screen.refused("admin", [1, 1]);

    screen.case(
        "value of the wrong type",
        &[json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a" },
        "data": { "a": 4711 } })],
    );
    screen.refused("admin", [1, 1]);

    let mut wrong = deployment("web");
    wrong["spec"]["template"]["spec"]["containers"][0]["ports"] =
        json!([{ "containerPort": 70_000, "protocol": "TCP" }]);
    screen.case("invalid value", &[wrong]);
    screen.refused("admin", [1, 1]);

    screen.case("webhook denial", &[queue("-1")]);
    screen.refused("admin", [1, 1]);

    screen.case(
        "missing kind",
        &[json!({ "apiVersion": "no.example/v1", "kind": "Thing", "metadata": { "name": "a", "namespace": "board" } })],
    );
    screen.refused("admin", [1, 1]);

    let mut old = queue("1");
    old["apiVersion"] = json!("kueue.x-k8s.io/v1alpha1");
    screen.case("version that is not served", &[old]);
    screen.refused("admin", [1, 1]);

    screen.case("object too large", &[map("big", &"x".repeat(1_100_000))]);
    screen.rig.write(
        "board/all.yaml",
        &format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: big }}\ndata:\n  a: {}\n", "x".repeat(1_100_000)),
    );
    screen.refused("admin", [1, 1]);

    rig.apply_as("test", &hook("board").to_string(), &[]).expect(0);
    std::thread::sleep(std::time::Duration::from_secs(2));
    screen.case("webhook down", &[map("a", "1")]);
    screen.refused("admin", [1, 1]);
    rig.kubectl(User::Admin, &["delete", "validatingwebhookconfiguration", "down"]).expect(0);

    let quota = json!({ "apiVersion": "v1", "kind": "ResourceQuota", "metadata": { "name": "small", "namespace": "board" },
        "spec": { "hard": { "count/configmaps": "1" } } });
    rig.apply_as("test", &quota.to_string(), &[]).expect(0);
    rig.wait("the quota is counted", || {
        rig.object("resourcequota", "board", "small").unwrap()["status"]["used"]["count/configmaps"].is_string()
    });
    screen.case("quota", &[map("a", "1"), map("b", "1")]);
    screen.refused("admin", [1, 1]);
    rig.kubectl(User::Admin, &["delete", "resourcequota", "small", "-n", "board"]).expect(0);

    screen.pinned("kubernetes_refusals");
}

/// What comes with its namespace cannot be asked about beforehand: it is refused when it is written, at its line all the same.
#[test]
fn objects_that_a_server_refuses_while_they_are_written() {
    let rig = Rig::new();
    rig.bind("");
    rig.write("site.yaml", super::requests::SITE);
    std::fs::create_dir_all(rig.dir().join("board")).unwrap();
    let mut wrong = deployment("web");
    wrong["spec"]["template"]["spec"]["containers"][0]["ports"] =
        json!([{ "containerPort": 80, "protocol": "TCP" }, { "containerPort": 70_000, "protocol": "TCP" }]);
    let text = yaml(&wrong);
    rig.write("board/all.yaml", &format!("{}---\n{text}", yaml(&map("a", "1"))));
    let line = 8 + text.lines().position(|line| line.contains("70000")).unwrap();
    let ran = rig.tool_at(&["apply", "--env", "admin", "--yes"], 1000).expect(4);
    let told = format!(
        "failed: services/Deployment.apps/board/web: board/all.yaml:{line}: Deployment.apps \"web\" is invalid: "
    );
    assert!(ran.out.contains(&told), "{told}\n{}{}", ran.out, ran.error);
    assert!(ran.out.contains("failed 1 resource; skipped 0 resources"), "{}", ran.out);
    assert!(rig.object("configmap", "board", "a").is_some());
}

/// The server takes a program whose pods it will refuse; the doctor says so.
#[test]
fn a_quota_of_others_that_refuses_pods() {
    let rig = Rig::new();
    lay(&rig);
    let mut program = deployment("web");
    program["spec"]["replicas"] = json!(1);
    rig.write("board/all.yaml", &yaml(&program));
    let said = "the quota `board/team`, which is not ours, takes only pods that say `limits.cpu`; `board/web` does not";
    assert!(!rig.tool_at(&["doctor", "--env", "admin"], 1000).out.contains("quota"));
    let quota = json!({ "apiVersion": "v1", "kind": "ResourceQuota", "metadata": { "name": "team", "namespace": "board" },
        "spec": { "hard": { "limits.cpu": "8" } } });
    rig.apply_as("team", &quota.to_string(), &[]).expect(0);
    let ran = rig.tool_at(&["doctor", "--env", "admin"], 1000);
    assert!(ran.out.contains(said), "{}{}", ran.out, ran.error);
}

/// What is ours and no longer declared has to be seen to be deleted.
#[test]
fn the_doctor_asks_for_kinds_that_are_no_longer_declared() {
    let rig = Rig::new();
    lay(&rig);
    let service = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "web", "namespace": "board" },
        "spec": { "clusterIP": "None", "ports": [{ "port": 80, "protocol": "TCP" }] } });
    rig.write("board/all.yaml", &yaml(&service));
    rig.tool(&["apply", "--env", "admin", "--yes"]).expect(0);
    rig.write("board/all.yaml", &yaml(&map("a", "1")));
    rig.grant(&json!([{ "apiGroups": [""], "resources": ["configmaps", "namespaces"], "verbs": ["get", "list"] }]));
    let ran = rig.tool_at(&["doctor", "--env", "live"], 1000);
    assert!(ran.out.contains("    list `services`\n"), "{}{}", ran.out, ran.error);
}

#[test]
fn objects_that_others_have_or_that_stay() {
    let rig = Rig::new();
    let mut screen = Screen::new(&rig);
    screen.case("first apply", &[deployment("web"), map("a", "1")]);
    assert_eq!(screen.run(&["apply", "--env", "admin", "--yes"]), 0, "{}", screen.text);
    screen.text.clear();

    rig.patch_as("somebody", ["configmap", "board", "a"], &json!({ "data": { "a": "2" } }), &[]).expect(0);
    screen.case("conflict", &[deployment("web"), map("a", "3")]);
    screen.refused("admin", [3, 3]);

    screen.case("immutable field", &[deployment("other")]);
    screen.refused("admin", [3, 3]);

    screen.case("no right", &[deployment("web"), map("a", "1"), map("b", "1")]);
    rig.grant(&json!([{ "apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list"] }]));
    screen.refused("live", [0, 3]);
    rig.grant(&json!([{ "apiGroups": [""], "resources": ["namespaces"], "verbs": ["get", "list"] }]));
    // The lock comes before the reading.
    screen.refused("live", [1, 3]);

    let mut held = map("held", "x");
    held["metadata"] = json!({ "name": "held", "namespace": "board", "finalizers": ["example.org/never"] });
    rig.apply_as("test", &held.to_string(), &[]).expect(0);
    rig.kubectl(User::Admin, &["delete", "namespace", "board", "--wait=false"]).expect(0);
    let left =
        |kind| rig.names(kind).into_iter().filter(|name| name.starts_with("board/") && name != "board/held").count();
    rig.wait("the namespace is emptied", || ["deployments", "configmaps", "leases"].map(left) == [0; 3]);
    rig.await_condition("namespace", "", "board", "NamespaceFinalizersRemaining");
    screen.case("terminating namespace", &[map("b", "1")]);
    screen.refused("admin", [1, 1]);
    screen.pinned("kubernetes_conflicts");
}

#[test]
fn servers_that_cannot_be_asked() {
    let rig = Rig::new();
    rig.grant_all();
    let mut screen = Screen::new(&rig);
    let token = rig.kubeconfig_with("t-expired");
    let strange = rig.kubeconfig_with("t-strange");
    let text = std::fs::read_to_string(&strange).unwrap();
    let other = strange.with_file_name("other.crt");
    write_strange_authority(&other);
    let (before, rest) = text.split_once("certificate-authority-data: ").unwrap();
    let after = &rest[rest.find(['}', ',', '\n', ' ']).unwrap()..];
    let other = format!("{before}certificate-authority: {}{after}", other.display());
    std::fs::write(&strange, other.replace("certificate-authority-data", "certificate-authority")).unwrap();
    rig.bind(&format!(
        "    expired: {{ kubernetes: {{ kubeconfig: \"{}\", context: rig }} }}\n    strange: {{ kubernetes: {{ kubeconfig: \"{}\", context: rig }} }}\n",
        token.display(),
        strange.display()
    ));
    screen.case("expired token", &[map("a", "1")]);
    screen.refused("expired", [1, 1]);
    screen.case("wrong authority", &[map("a", "1")]);
    screen.refused("strange", [1, 1]);

    rig.apiserver(&["stop", "busy"]);
    screen.case("nobody there", &[map("a", "1")]);
    screen.refused("busy", [1, 1]);
    rig.apiserver(&["start", "busy"]);
    screen.pinned("kubernetes_unreachable");

    // Two at a time are let in; what is refused comes back later, and all of it is done.
    let maps: Vec<Value> = (0..60).map(|index| map(&format!("m{index}"), "1")).collect();
    let mut screen = Screen { rig: &rig, text: String::new() };
    screen.case("busy server", &maps);
    rig.mark();
    assert_eq!(screen.run(&["apply", "--env", "busy", "--yes"]), 0, "{}", screen.text);
    let refused = rig.asked().by(User::Operator).code(429);
    println!("{} requests were told to wait", refused.count());
    assert!(refused.0.iter().all(|request| request.busy) && refused.count() > 0, "{refused}");
    assert_eq!(rig.names("configmaps").iter().filter(|name| name.starts_with("board/m")).count(), 60);
}
