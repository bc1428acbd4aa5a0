//! Names and texts that are nasty are refused or arrive exactly, over each transport.

use crate::on_each_release;
use crate::rig::Rig;

const FACTORY: &str = "apiVersion: sitewright.io/v1alpha1\nkind: Factory\nmetadata: { name: nordlys }\nspec: { host: { entity: CSC, country: FI } }\n";

fn mode(description: &str) -> String {
    let quoted = serde_json::to_string(description).unwrap();
    format!(
        "{FACTORY}---\napiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: {{ name: talk }}\nspec: {{ description: {quoted} }}\n"
    )
}

fn texts_over_each_transport(release: &'static str) {
    let rig = Rig::new(release);
    for environment in ["live", "ssh"] {
        let words = ["--env", environment, "--at", "2026-11-21"];
        for text in [
            "$(touch /tmp/owned)",
            "a  b; rm -rf / && x",
            "(brackets) [and] {braces}",
            "äöü € ßÆø",
            "#hash *star* ?mark !bang ~tilde",
            "-n",
            "%s %c",
            "a:b/c.d-e_f+g@h",
        ] {
            rig.write("site.yaml", &mode(text));
            let ran = rig.tool(&[&["apply", "--yes"], &words[..]].concat());
            if ran.code == 1 {
                assert!(ran.error.contains("error["), "{text}: {}", ran.error);
                continue;
            }
            ran.expect(0);
            let wanted = format!("{} sitewright-nordlys", text.to_lowercase());
            assert_eq!(rig.accounting(&["show", "qos", "talk", "format=description"]), wanted, "{environment}");
            rig.tool(&[&["plan", "--detailed-exitcode"], &words[..]].concat()).expect(0);
        }
        assert!(!std::path::Path::new("/tmp/owned").exists());
        for text in [
            "say \"hi\"",
            "it's",
            "a|b",
            "line\nbreak",
            "tab\there",
            "back\\slash",
            &"x".repeat(300),
            "sitewright-other",
            "日本",
            "Łódź",
        ] {
            rig.write("site.yaml", &mode(text));
            let ran = rig.tool(&[&["apply", "--yes"], &words[..]].concat()).expect(1);
            assert!(ran.error.contains("bad-text"), "{text}: {}", ran.error);
        }
    }
    for name in ["Fast Lane", "a|b", "$(x)", "n[1-3]", "ä", "a,b", "-x", &"y".repeat(300), "quo'te", "a\\nb"] {
        let text = mode("x").replace("name: talk", &format!("name: {}", serde_json::to_string(name).unwrap()));
        rig.write("site.yaml", &text);
        let ran = rig.tool(&["validate"]).expect(1);
        assert!(ran.out.contains("bad-name"), "{name}: {}", ran.out);
    }
}

/// Files too arrive exactly, and a whole site goes over ssh.
fn a_site_over_ssh(release: &'static str) {
    let rig = Rig::new(release);
    rig.write("site.yaml", &crate::site::small(&rig));
    rig.tool(&["apply", "--env", "ssh", "--at", "2026-11-21", "--yes"]).expect(0);
    rig.tool(&["plan", "--env", "ssh", "--at", "2026-11-21", "--detailed-exitcode"]).expect(0);
    rig.assert_settled();
}

on_each_release!(texts_over_each_transport, a_site_over_ssh);
