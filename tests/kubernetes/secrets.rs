//! No secret is in anything that the tool prints or saves: planted values, each unlike any other, are looked for in all of it.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::requests::lay;
use super::rig::{Rig, User};

/// What all planted values have in common; what the server makes of some of them in base64 is looked for beside it.
const PLANTED: &str = "planted-";

/// The site's service, which refers to a secret, and the folder of another.
const SERVICE: &str = "
---
apiVersion: sitewright.io/v1alpha1
kind: SupportService
metadata: { name: hub }
spec:
  category: model-hub
  audience: { public: true }
  kubernetes:
    image: registry.nordlys.example/hub:1
    replicas: 1
    ports: [{ port: 8080 }]
    resources: { cpus: 1, memory: 1GB }
    env: [{ name: HF_TOKEN, fromSecret: { name: creds, key: token } }]
";

/// Runs each verb in each of its forms, and looks at what it prints and leaves in the folder and at home.
struct Search<'a> {
    rig: &'a Rig,
    /// Files in which the test planted something itself.
    sown: Vec<PathBuf>,
    /// All that was printed, to tell a search in nothing.
    seen: String,
    /// Journals that were looked at.
    journals: usize,
}

impl Search<'_> {
    #[track_caller]
    fn look(&mut self, what: &str, text: &str) {
        for value in [PLANTED, "cGxhbnRlZ"] {
            assert!(!text.contains(value), "{what} shows {value}:\n{text}");
        }
        self.seen.push_str(text);
    }

    #[track_caller]
    fn run(&mut self, words: &[&str]) -> i32 {
        let ran = self.rig.tool(words);
        println!("$ sitewright {} [{}]\n{}{}", words.join(" "), ran.code, ran.out, ran.error);
        self.look(&words.join(" "), &format!("{}{}", ran.out, ran.error));
        let root = self.rig.dir().parent().unwrap().to_owned();
        self.files(&root, &words.join(" "));
        ran.code
    }

    #[track_caller]
    fn files(&mut self, folder: &Path, what: &str) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.files(&path, what);
            } else if !self.sown.contains(&path) {
                self.journals += usize::from(path.extension().is_some_and(|end| end == "journal"));
                let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
                self.look(&format!("{} after {what}", path.display()), &text);
            }
        }
    }

    /// All that shows something and changes nothing.
    #[track_caller]
    fn all(&mut self, environment: &str) {
        let env = ["--env", environment];
        for words in [
            &["validate"][..],
            &["validate", "--format", "json"],
            &["plan"],
            &["plan", "--show", "all", "--stats"],
            &["plan", "--format", "json", "--show", "all"],
            &["plan", "--out", "saved.json"],
            &["destroy"],
            &["render"],
            &["render", "--out", "../rendered"],
            &["doctor"],
            &["doctor", "--format", "json"],
        ] {
            let with: Vec<&str> = if words[0] == "validate" { words.to_vec() } else { [words, &env].concat() };
            self.run(&with);
        }
        if self.rig.dir().join("saved.json").exists() {
            self.run(&["show", "saved.json"]);
            self.run(&["show", "saved.json", "--format", "json", "--show", "all"]);
            std::fs::remove_file(self.rig.dir().join("saved.json")).unwrap();
        }
    }

    /// A file of the service's folder, with something planted in it or not.
    fn board(&mut self, objects: &[Value]) {
        let path = self.rig.dir().join("board/all.yaml");
        let text: Vec<String> = objects.iter().map(|one| serde_yaml::to_string(one).unwrap()).collect();
        let text = text.join("---\n");
        self.sown.retain(|one| *one != path);
        if text.contains(PLANTED) {
            self.sown.push(path);
        }
        self.rig.write("board/all.yaml", &text);
    }

    #[track_caller]
    fn said(&mut self, words: &str) {
        assert!(self.seen.contains(words), "nothing said {words}:\n{}", self.seen);
        self.seen.clear();
    }
}

fn searched(rig: &Rig) -> Search<'_> {
    lay(rig);
    Search { rig, sown: Vec::new(), seen: String::new(), journals: 0 }
}

fn secret(label: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "held", "labels": { "tier": label } }, "type": "Opaque" })
}

fn deployment(variables: &Value) -> Value {
    json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web" }, "spec": { "replicas": 0,
        "selector": { "matchLabels": { "app": "web" } }, "template": { "metadata": { "labels": { "app": "web" } }, "spec": {
            "securityContext": { "runAsNonRoot": true, "seccompProfile": { "type": "RuntimeDefault" } },
            "containers": [{ "name": "main", "image": "r.example/a:1", "env": variables,
                "securityContext": { "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } } }] } } } })
}

#[test]
fn values_in_manifests_and_on_the_cluster() {
    let rig = Rig::new();
    let mut search = searched(&rig);
    // A secret that a service refers to, made by hand: also as kubectl keeps it in an annotation.
    let site = std::fs::read_to_string(rig.dir().join("site.yaml")).unwrap();
    rig.write("site.yaml", &(site.clone() + SERVICE));
    search.run(&["apply", "--env", "admin", "--yes"]);
    let creds = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "creds", "namespace": "svc-hub" },
        "stringData": { "token": "planted-referred" } });
    rig.kubectl_with(User::Admin, &["apply", "-f", "-"], &creds.to_string()).expect(0);
    search.all("admin");
    assert_eq!(search.run(&["apply", "--env", "admin", "--yes"]), 0);
    search.seen.clear();

    // Values in a folder, of a Secret and of variables.
    for field in ["data", "stringData"] {
        let mut with = secret("a");
        with[field] = json!({ "token": if field == "data" { "cGxhbnRlZC1mb2xkZXI=" } else { "planted-folder" } });
        search.board(&[with]);
        search.sown.push(rig.dir().join("board/all.yaml"));
        search.all("admin");
        assert_eq!(search.run(&["apply", "--env", "admin", "--yes"]), 1);
        search.said("secret-value");
    }
    // What is misspelt is no less a value, and `kubectl` keeps all of an object in an annotation.
    for (pointer, value) in [
        ("/stringdata", json!({ "token": "planted-misspelt" })),
        ("/immutable", json!("planted-immutable")),
        ("/type", json!({ "planted-type": "planted-inner" })),
        ("/metadata/annotations", json!({ "kubectl.kubernetes.io/last-applied-configuration": "planted-applied" })),
    ] {
        let mut with = secret("a");
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        with.pointer_mut(parent).unwrap()[key] = value;
        search.board(&[with]);
        search.all("admin");
        assert_eq!(search.run(&["apply", "--env", "admin", "--yes"]), 1);
        search.said("secret-value");
    }
    for variable in [
        json!({ "name": "HF_TOKEN", "value": "planted-variable" }),
        json!({ "name": "DATABASE", "value": "postgres://u:planted-url@db/x" }),
    ] {
        search.board(&[deployment(&json!([variable]))]);
        search.all("admin");
        assert_eq!(search.run(&["apply", "--env", "admin", "--yes"]), 1);
        search.said("secret-value");
    }
    search.board(&[]);
    rig.write(
        "site.yaml",
        &(site.clone() + &SERVICE.replace("fromSecret: { name: creds, key: token }", "value: planted-own")),
    );
    search.sown.push(rig.dir().join("site.yaml"));
    search.all("admin");
    search.said("secret-value");
    rig.write("site.yaml", &site);
}

#[test]
fn values_that_others_write() {
    let rig = Rig::new();
    let mut search = searched(&rig);
    search.board(&[secret("a"), deployment(&json!([{ "name": "HF_TOKEN", "value": "/run/token" }]))]);
    assert_eq!(search.run(&["apply", "--env", "admin", "--yes"]), 0);

    // Another manager fills our Secret, and takes fields of ours.
    let held = ["secret", "board", "held"];
    let change = json!({ "metadata": { "labels": { "tier": "b" }, "annotations": { "note": "planted-note" } },
        "stringData": { "token": "planted-edited" } });
    rig.patch_as("hands", held, &change, &[]).expect(0);
    let path = "/spec/template/spec/containers/0/env/0/value";
    let patch = json!([{ "op": "replace", "path": path, "value": "planted-live" }]).to_string();
    let words = ["patch", "deployment", "web", "-n", "board", "--type=json", "--field-manager=hands", "-p", &patch];
    rig.kubectl(User::Admin, &words).expect(0);
    search.all("admin");
    search.all("reader");
    assert_eq!(search.run(&["apply", "--env", "admin", "--yes"]), 3);
    search.said("hands");
    let take = |field: &str| format!("services/{field}");
    let env = "Deployment.apps/board/web:.spec.template.spec.containers[name=\"main\"].env[name=\"HF_TOKEN\"].value";
    let taken = [take("Secret/board/held:.metadata.labels.tier"), take(env)];
    let words = ["--env", "admin", "--take", &taken[0], "--take", &taken[1]];
    search.run(&[&["plan", "--format", "json", "--show", "all"], &words[..]].concat());
    search.said("(hidden)");
    search.run(&[&["plan", "--out", "taken.json"], &words[..]].concat());
    assert_eq!(search.run(&["apply", "taken.json", "--env", "admin", "--yes"]), 0);
    assert!(search.seen.contains("Secret/board/held"), "{}", search.seen);
    assert!(rig.object(held[0], held[1], held[2]).unwrap()["data"]["token"].is_string());

    assert!(search.journals > 0, "no journal was looked at");

    // Nothing of ours is left declared.
    search.board(&[]);
    search.all("admin");
    search.run(&["apply", "--env", "admin", "--yes", "--allow-deletes", "9", "--allow-delete-share", "100"]);
    assert_eq!(search.run(&["destroy", "--env", "admin", "--confirm", "nordlys"]), 0);
}

/// Policies of the server repeat what they were sent, or what is stored.
#[test]
fn words_of_a_server_that_repeats_values() {
    let rig = Rig::new();
    let mut search = searched(&rig);
    search.board(&[secret("a")]);
    assert_eq!(search.run(&["apply", "--env", "admin", "--yes"]), 0);
    rig.patch_as("hands", ["secret", "board", "held"], &json!({ "stringData": { "token": "planted-stored" } }), &[])
        .expect(0);
    let policy = |operation: &str, object: &str| {
        let expression = format!("'it is ' + string({object}.data['token'])");
        json!({ "apiVersion": "v1", "kind": "List", "items": [
            { "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
              "metadata": { "name": "echo" }, "spec": { "failurePolicy": "Fail",
                "matchConstraints": { "resourceRules": [{ "apiGroups": [""], "apiVersions": ["v1"],
                    "operations": [operation], "resources": ["secrets"] }] },
                "validations": [{ "expression": "false", "messageExpression": expression }] } },
            { "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
              "metadata": { "name": "echo" }, "spec": { "policyName": "echo", "validationActions": ["Deny"],
                "matchResources": { "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": "board" } } } } },
        ] })
    };
    let refusing = |operation: &str, object: &str, verb: &[&str]| {
        rig.apply_as("site", &policy(operation, object).to_string(), &["--force-conflicts"]).expect(0);
        rig.wait("the policy holds", || rig.kubectl(User::Admin, verb).error.contains("it is cGxhbnRlZ"));
    };
    refusing(
        "UPDATE",
        "object",
        &["label", "secret", "held", "-n", "board", "tier=x", "--overwrite", "--dry-run=server"],
    );
    search.board(&[secret("c")]);
    search.all("admin");
    assert_eq!(search.run(&["apply", "--env", "admin", "--yes"]), 1);
    search.said("the object is a Secret");

    refusing("DELETE", "oldObject", &["delete", "secret", "held", "-n", "board", "--dry-run=server"]);
    search.board(&[]);
    let ran = search.run(&["apply", "--env", "admin", "--yes", "--allow-deletes", "9", "--allow-delete-share", "100"]);
    assert_eq!(ran, 4);
    search.said("the object is a Secret");
    let words = ["delete", "validatingadmissionpolicy,validatingadmissionpolicybinding", "echo"];
    rig.kubectl(User::Admin, &words).expect(0);
}

/// A policy that refuses objects of a kind and says this (CEL); `params` is our Secret.
fn echo(group: &str, resource: &str, operation: &str, says: &str) -> String {
    json!({ "apiVersion": "v1", "kind": "List", "items": [
        { "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
          "metadata": { "name": "echo" }, "spec": { "failurePolicy": "Fail",
            "paramKind": { "apiVersion": "v1", "kind": "Secret" },
            "matchConstraints": { "resourceRules": [{ "apiGroups": [group], "apiVersions": ["v1"],
                "operations": [operation], "resources": [resource] }] },
            "validations": [{ "expression": "false", "messageExpression": says }] } },
        { "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
          "metadata": { "name": "echo" }, "spec": { "policyName": "echo", "validationActions": ["Deny"],
            "paramRef": { "name": "held", "namespace": "board", "parameterNotFoundAction": "Deny" },
            "matchResources": { "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": "board" } } } } },
    ] })
    .to_string()
}

/// What is repeated of a Secret, a variable or a ConfigMap in what is said of another object, or of the object itself.
#[test]
fn words_that_repeat_what_is_held_elsewhere() {
    let rig = Rig::new();
    let mut search = searched(&rig);
    let map = |key: &str, value: &str| json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "settings" }, "data": { key: value } });
    let program = |image: &str| {
        let mut object = deployment(&json!([{ "name": "HF_TOKEN", "value": "/run/token" }]));
        object["spec"]["template"]["spec"]["containers"][0]["image"] = json!(image);
        object
    };
    search.board(&[secret("a"), program("r.example/a:1"), map("a", "1")]);
    assert_eq!(search.run(&["apply", "--env", "admin", "--yes"]), 0);
    rig.patch_as("hands", ["secret", "board", "held"], &json!({ "stringData": { "token": "planted-stored" } }), &[])
        .expect(0);
    let path = "/spec/template/spec/containers/0/env/0/value";
    let patch = json!([{ "op": "replace", "path": path, "value": "planted-live" }]).to_string();
    let words = ["patch", "deployment", "web", "-n", "board", "--type=json", "--field-manager=hands", "-p", &patch];
    rig.kubectl(User::Admin, &words).expect(0);
    let refusing = |policy: &str, verb: &[&str], words: &str| {
        rig.apply_as("site", policy, &["--force-conflicts"]).expect(0);
        rig.wait("the policy holds", || rig.kubectl(User::Admin, verb).error.contains(words));
    };
    let denied = |search: &mut Search<'_>, env: &str| {
        for words in [&["plan"][..], &["plan", "--format", "json", "--show", "all"], &["apply", "--yes"]] {
            assert_eq!(search.run(&[words, &["--env", env]].concat()), 1);
        }
        search.said("it is (hidden), indeed");
    };

    // A Secret of ours, in words about a ConfigMap.
    let says = "'it is ' + string(params.data['token']) + ', indeed'";
    let label = |kind: &'static str, name: &'static str| {
        ["label", kind, name, "-n", "board", "tier=x", "--overwrite", "--dry-run=server"]
    };
    refusing(&echo("", "configmaps", "UPDATE", says), &label("configmap", "settings"), "it is cGxhbnRlZ");
    search.board(&[secret("a"), program("r.example/a:1"), map("a", "2")]);
    denied(&mut search, "admin");

    // What a ConfigMap would hold.
    let says = "'it is ' + (has(object.data.API_TOKEN) ? object.data.API_TOKEN : 'planted-no') + ', indeed'";
    refusing(&echo("", "configmaps", "UPDATE", says), &label("configmap", "settings"), "it is planted-no");
    search.board(&[secret("a"), program("r.example/a:1"), map("API_TOKEN", "planted-map")]);
    denied(&mut search, "admin");

    // What somebody has put into a variable of ours.
    let says = "'it is ' + oldObject.spec.template.spec.containers[0].env[0].value + ', indeed'";
    refusing(&echo("apps", "deployments", "UPDATE", says), &label("deployment", "web"), "it is planted-live");
    search.board(&[secret("a"), program("r.example/a:2"), map("a", "1")]);
    denied(&mut search, "admin");
    let words = ["delete", "validatingadmissionpolicy,validatingadmissionpolicybinding", "echo"];
    rig.kubectl(User::Admin, &words).expect(0);
}

#[test]
fn credentials() {
    let rig = Rig::new();
    let mut search = searched(&rig);
    let base = std::fs::read_to_string(rig.kubeconfig(User::Admin)).unwrap();
    let user = format!("user: {{token: {}}}", rig.token(User::Admin));
    assert!(base.contains(&user), "the kubeconfig has no {user}");
    let plugin = |script: &str| {
        format!(
            "user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: sh, \
             args: [\"-c\", \"{script}\", \"--secret=planted-argument\"], env: [{{name: KEY, value: planted-environment}}]}}}}"
        )
    };
    for (name, text, words) in [
        ("unknown", base.replace(&user, "user: {token: planted-token}"), "does not accept these credentials"),
        ("broken", base.replace(&user, "user: {token: [planted-list]}"), "the kubeconfig is not what it has to be"),
        ("text", base.replace(&user, "user: planted-text"), "the kubeconfig is not what it has to be"),
        ("open", base.replace(&user, "user: {token: 'planted-open}"), "the kubeconfig is not what it has to be"),
        (
            "key",
            base.replace(&user, "user: {client-key-data: planted-key, client-certificate-data: planted-cert}"),
            "`",
        ),
        ("lines", base.replace(&user, "user: {token: \"planted\\nplanted-line\"}"), "signs that cannot be sent"),
        (
            "fails",
            base.replace(&user, &plugin("echo planted-output; echo planted-error >&2; exit 3")),
            "credential plugin",
        ),
        ("prints", base.replace(&user, &plugin("echo '{ planted-output'")), "credential plugin"),
        (
            "other",
            base.replace(&user, &plugin("echo '{ \\\"kind\\\": 7, \\\"status\\\": \\\"planted-status\\\" }'")),
            "credential plugin",
        ),
        (
            "proxied",
            base.replace("cluster: {", "cluster: {proxy-url: 'ftp://u:planted-proxy@127.0.0.1:1', "),
            "a proxy has to be",
        ),
        ("server", base.replace("https://", "https://u:planted-server@"), "127.0.0.1"),
    ] {
        let path = rig.dir().parent().unwrap().join(format!("{name}.kubeconfig"));
        std::fs::write(&path, &text).unwrap();
        search.sown.push(path.clone());
        rig.bind(&format!("    {name}: {{ kubernetes: {{ kubeconfig: \"{}\", context: rig }} }}\n", path.display()));
        search.seen.clear();
        search.run(&["plan", "--env", name]);
        search.run(&["plan", "--env", name, "--format", "json"]);
        search.run(&["apply", "--env", name, "--yes"]);
        search.run(&["doctor", "--env", name]);
        search.said(words);
    }
}
