//! What a plan asks of a server: as many pages as there are objects to read, and a few requests more.

use std::fmt::Write as _;
use std::path::Path;

use super::rig::{Requests, Rig, User};

/// A factory with one service, whose objects are those of the folder `board`.
pub const SITE: &str = r"apiVersion: sitewright.io/v1alpha1
kind: Factory
metadata: { name: nordlys }
spec:
  host: { entity: CSC, country: FI }
---
apiVersion: sitewright.io/v1alpha1
kind: SupportService
metadata: { name: board }
spec:
  category: data-catalogue
  audience: { public: true }
  manifests: { folder: board, namespace: board }
";

/// Objects of a page of a list.
const PAGE: usize = 500;

/// The site, applied with one object, so that its namespace is there.
pub fn lay(rig: &Rig) {
    rig.bind("");
    rig.write("site.yaml", SITE);
    std::fs::create_dir_all(rig.dir().join("board")).unwrap();
    let base = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: base }\ndata: { a: \"1\" }\n";
    rig.write("board/base.yaml", base);
    rig.tool(&["apply", "--env", "admin", "--yes"]).expect(0);
}

/// So many objects, in turn of four kinds.
fn objects(count: usize) -> String {
    let mut text = String::new();
    for index in 0..count {
        let (kind, version, body) = match index % 4 {
            0 => ("ConfigMap", "v1", "data: { a: \"1\", b: \"2\" }"),
            1 => (
                "Role",
                "rbac.authorization.k8s.io/v1",
                "rules: [{ apiGroups: [\"\"], resources: [pods], verbs: [get, list] }]",
            ),
            2 => (
                "NetworkPolicy",
                "networking.k8s.io/v1",
                "spec: { podSelector: { matchLabels: { app: a } }, policyTypes: [Ingress] }",
            ),
            _ => ("ServiceAccount", "v1", "automountServiceAccountToken: false"),
        };
        let _ = writeln!(text, "---\napiVersion: {version}\nkind: {kind}\nmetadata: {{ name: n{index} }}\n{body}");
    }
    text
}

fn write(folder: &Path, count: usize) {
    std::fs::write(folder.join("board/all.yaml"), objects(count)).unwrap();
}

/// What a plan that changes nothing asks.
fn asked(rig: &Rig, count: usize) -> Requests {
    rig.mark();
    let ran = rig.tool(&["plan", "--env", "live", "--stats", "--detailed-exitcode"]).expect(0);
    let asked = rig.asked().by(User::Operator);
    println!("{count} objects: {} requests\n{asked}", asked.count());
    assert!(ran.out.contains(" 0 confirmed by the server, 0 predicted"), "{}", ran.out);
    asked
}

#[test]
fn requests_grow_by_pages_only() {
    let rig = Rig::new();
    rig.grant_all();
    lay(&rig);
    let mut constants = Vec::new();
    for count in [100, 1_000, 5_000] {
        write(&rig.dir(), count);
        rig.tool(&["apply", "--env", "live", "--yes"]).expect(0);
        let asked = asked(&rig, count);
        assert_eq!(asked.clone().dry_runs().count(), 0, "{asked}");
        assert_eq!(asked.clone().writes().count(), 0, "{asked}");
        assert_eq!(asked.clone().by(User::Operator).code(200).count(), asked.count(), "{asked}");
        // Four kinds with a quarter each.
        let pages = 4 * (count / 4).div_ceil(PAGE);
        println!("{count} objects: {pages} pages and {} more", asked.count() - pages);
        constants.push(asked.count() - pages);
    }
    assert!(constants.iter().all(|one| *one == constants[0]), "{constants:?}");
}
