//! Each field that manifests can set is set, changed, and cleared by leaving it out; read with Slurm's own tools.

use crate::on_each_release;
use crate::rig::Rig;
use crate::site::partition;

const FACTORY: &str = "apiVersion: sitewright.io/v1alpha1\nkind: Factory\nmetadata: { name: nordlys }\nspec: { host: { entity: CSC, country: FI } }\n";

/// A QOS with every field; `n` varies all of them.
fn qos(n: u64) -> String {
    format!(
        r"---
apiVersion: sitewright.io/v1alpha1
kind: AccessMode
metadata: {{ name: full }}
spec:
  description: Number {n}
  priority: {n}
  graceTime: {n}s
  exemptTime: {n}m
  preempts: [other]
  preemption: [requeue]
  flags: [deny-on-limit, no-decay]
  usageThreshold: 0.{n}
  usageFactor: 0.{n}
  limitFactor: 1.{n}
  minimumPriority: {n}
  perJob: {{ gpus: {n}, cpus: {n}, nodes: {n}, memory: {n}GB, wallTime: {n}h, gpuHours: {n}, tresMinutes: {{ cpu: {n} }}, minimum: {{ gpus: 1, cpus: 1 }} }}
  perNode: {{ cpus: {n} }}
  perUser: {{ gpus: {n}, runningJobs: {n}, submittedJobs: {n}, accruingJobs: {n}, runningTresMinutes: {{ cpu: {n} }} }}
  perAccount: {{ gpus: {n}, runningJobs: {n}, submittedJobs: {n}, accruingJobs: {n}, runningTresMinutes: {{ cpu: {n} }} }}
  total: {{ gpus: {n}, memory: {n}GB, gpuHours: {n}, tresMinutes: {{ cpu: {n} }}, runningTresMinutes: {{ cpu: {n} }}, runningJobs: {n}, submittedJobs: {n}, accruingJobs: {n}, wallTime: {n}h }}
---
apiVersion: sitewright.io/v1alpha1
kind: AccessMode
metadata: {{ name: other }}
spec: {{}}
"
    )
}

const QOS_COLUMNS: &str = "format=priority,gracetime,preemptexempttime,preempt,preemptmode,flags,usagethres,usagefactor,limitfactor,grptres,grptresmins,grptresrunmins,grpjobs,grpjobsaccrue,grpsubmit,grpwall,maxtres,maxtrespernode,maxtresmins,maxwall,maxtrespu,maxjobspu,maxjobsaccruepu,maxsubmitpu,maxtrespa,maxtresrunminspa,maxtresrunminspu,maxjobspa,maxjobsaccruepa,maxsubmitpa,minprio,mintres,description";

/// TRES order differs between releases.
fn sorted(row: &str) -> String {
    row.split('|')
        .map(|cell| {
            let mut parts: Vec<&str> = cell.split(',').collect();
            parts.sort_unstable();
            parts.join(",")
        })
        .collect::<Vec<_>>()
        .join("|")
}

fn qos_fields(release: &'static str) {
    let rig = Rig::new(release);
    let read = || sorted(&rig.accounting(&["show", "qos", "full", QOS_COLUMNS]));
    let expected = |n: u64| {
        sorted(&format!(
            "{n}|00:00:0{n}|00:0{n}:00|other|requeue|DenyOnLimit,NoDecay|0.{n}00000|0.{n}00000|1.{n}00000|gres/gpu={n},mem={n}G|cpu={n},gres/gpu={}|cpu={n}|{n}|{n}|{n}|0{n}:00:00|cpu={n},gres/gpu={n},mem={n}G,node={n}|cpu={n}|cpu={n},gres/gpu={}|0{n}:00:00|gres/gpu={n}|{n}|{n}|{n}|gres/gpu={n}|cpu={n}|cpu={n}|{n}|{n}|{n}|{n}|cpu=1,gres/gpu=1|number {n} sitewright-nordlys",
            n * 60,
            n * 60
        ))
    };
    for n in [5, 7] {
        rig.write("site.yaml", &format!("{FACTORY}{}", qos(n)));
        rig.apply(&[]).expect(0);
        assert_eq!(read(), expected(n));
        rig.assert_settled();
    }
    // One TRES of several goes: it alone is cleared.
    rig.write(
        "site.yaml",
        &format!(
            "{FACTORY}{}",
            qos(7).replace("gpus: 7, cpus: 7, nodes: 7, memory: 7GB, wallTime", "cpus: 7, memory: 7GB, wallTime")
        ),
    );
    rig.apply(&[]).expect(0);
    assert_eq!(sorted(&rig.accounting(&["show", "qos", "full", "format=maxtres"])), "cpu=7,mem=7G");
    let bare = "---\napiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: { name: full }\nspec: {}\n---\napiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: { name: other }\nspec: {}\n";
    rig.write("site.yaml", &format!("{FACTORY}{bare}"));
    rig.apply(&[]).expect(0);
    assert_eq!(read(), format!("0|00:00:00|||cluster|||1.000000{}sitewright-nordlys", "|".repeat(25)));
    rig.assert_settled();
}

fn limits(n: u64) -> String {
    format!(
        "{{ gpuHours: {n}, total: {{ cpus: {n} }}, runningTresMinutes: {{ cpu: {n} }}, totalRunningJobs: {n}, totalAccruingJobs: {n}, totalSubmittedJobs: {n}, totalWallTime: {n}h, perJob: {{ cpus: {n} }}, perNode: {{ cpus: {n} }}, perJobTresMinutes: {{ cpu: {n} }}, wallTime: {n}h, runningJobs: {n}, accruingJobs: {n}, submittedJobs: {n}, minimumPriority: {n} }}"
    )
}

const MODES: &str = "---\napiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: { name: one }\nspec: {}\n---\napiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: { name: two }\nspec: {}\n";
const LIMITS: &str = "grptres,grptresmins,grptresrunmins,grpjobs,grpjobsaccrue,grpsubmit,grpwall,maxtres,maxtrespernode,maxtresmins,maxjobs,maxjobsaccrue,maxsubmit,maxwall,minprio";

fn limit_row(n: u64) -> String {
    format!(
        "cpu={n}|gres/gpu={}|cpu={n}|{n}|{n}|{n}|0{n}:00:00|cpu={n}|cpu={n}|cpu={n}|{n}|{n}|{n}|0{n}:00:00|{n}",
        n * 60
    )
}

fn account_and_association_fields(release: &'static str) {
    let rig = Rig::new(release);
    let booster = partition(&rig, "booster", "gpu", 1, 1, "");
    let cluster = format!("cluster={}", rig.get("CLUSTER"));
    let association = |who: &str, columns: &str| {
        let format = format!("format={columns}");
        rig.accounting(&["show", "assoc", "WOPLimits", "WithRawQOSLevel", &cluster, "account=medix", who, &format])
    };
    let comment = if release == "22.05" { String::new() } else { ", comment: Hello There".to_owned() };
    for n in [5, 7] {
        let of_account = if release == "22.05" { String::new() } else { format!("  comment: Remark {n}\n") };
        rig.write(
            "site.yaml",
            &format!(
                "{FACTORY}{MODES}---\n{booster}---\napiVersion: sitewright.io/v1alpha1\nkind: Project\nmetadata: {{ name: medix }}\nspec:\n  organisation: {{ name: Medix {n}, country: FI, category: sme }}\n  description: Text {n}\n{of_account}  modes: [one, two]\n  defaultMode: one\n  fairshare: {n}\n  priority: {n}\n  limits: {}\n  members:\n    - {{ user: anna, role: lead, default: true, fairshare: parent, priority: {n}, modes: [two], defaultMode: two, limits: {}{comment} }}\n    - {{ user: anna, partition: booster, fairshare: {n} }}\n    - {{ user: bo, role: {} }}\n",
                limits(n),
                limits(n),
                if n == 5 { "lead" } else { "member" },
            ),
        );
        rig.apply(&[]).expect(0);
        assert_eq!(
            rig.accounting(&["show", "account", "medix", "format=description,organization"]),
            format!("text {n}|medix {n} sitewright-nordlys")
        );
        let account = association("user=", &format!("parentname,fairshare,priority,defaultqos,qos,{LIMITS}"));
        assert_eq!(account.lines().next().unwrap(), format!("nordlys|{n}|{n}|one|one,two|{}", limit_row(n)));
        let anna = association("user=anna", &format!("partition,fairshare,priority,defaultqos,qos,{LIMITS}"));
        assert!(anna.lines().any(|row| row == format!("|parent|{n}|two|two|{}", limit_row(n))), "{anna}");
        assert!(anna.lines().any(|row| row.starts_with(&format!("booster|{n}|"))), "{anna}");
        if release != "22.05" {
            assert!(association("user=anna", "partition,comment").contains("|hello there"));
            assert_eq!(association("user=", "comment").lines().next(), Some(format!("remark {n}").as_str()));
        }
        let coordinators = rig.accounting(&["show", "account", "medix", "WithCoord", "format=coordinators"]);
        assert_eq!(coordinators, if n == 5 { "anna,bo" } else { "anna" });
        assert_eq!(rig.accounting(&["show", "user", "anna", "format=defaultaccount"]), "medix");
        rig.assert_settled();
    }
    rig.write(
        "site.yaml",
        &format!("{FACTORY}{MODES}---\n{booster}---\napiVersion: sitewright.io/v1alpha1\nkind: Project\nmetadata: {{ name: medix }}\nspec:\n  organisation: {{ name: Medix, country: FI, category: sme }}\n  members: [{{ user: anna }}, {{ user: bo }}]\n"),
    );
    rig.apply(&[]).expect(0);
    let empty = "|".repeat(14);
    assert_eq!(
        association("user=", &format!("fairshare,priority,defaultqos,qos,{LIMITS}")).lines().next().unwrap(),
        format!("1||||{empty}")
    );
    assert_eq!(
        association("user=anna", &format!("partition,fairshare,priority,defaultqos,qos,{LIMITS}")),
        format!("|1||||{empty}")
    );
    assert_eq!(rig.accounting(&["show", "account", "medix", "WithCoord", "format=coordinators"]), "");
    if release != "22.05" {
        assert_eq!(association("user=", "comment").lines().next().unwrap_or_default(), "");
        // One that another hand wrote is seen, and goes.
        rig.accounting(&["-i", "modify", "account", "where", "name=medix", &cluster, "set", "comment=by hand"]);
        assert!(rig.plan(&[]).expect(0).out.contains("Comment"), "drift of a comment");
        rig.apply(&[]).expect(0);
        assert_eq!(association("user=", "comment").lines().next().unwrap_or_default(), "");
    }
    rig.assert_settled();
}

/// Members who coordinate by the account's flag are neither removed nor named again, and the flag goes by its own word.
fn coordinators_by_flag(release: &'static str) {
    // The flag came with 24.05.
    if release == "22.05" {
        return;
    }
    let rig = Rig::new(release);
    let site = |flags: &str| {
        format!(
            "{FACTORY}{MODES}---\napiVersion: sitewright.io/v1alpha1\nkind: Project\nmetadata: {{ name: medix }}\nspec:\n  organisation: {{ name: Medix, country: FI, category: sme }}\n{flags}  members: [{{ user: anna, role: lead }}, {{ user: bo }}]\n"
        )
    };
    let flags = || rig.accounting(&["show", "account", "medix", "format=flags"]);
    let coordinators = || rig.accounting(&["show", "account", "medix", "WithCoord", "format=coordinators"]);
    for _ in 0..2 {
        rig.write("site.yaml", &site("  flags: [UsersAreCoords]\n"));
        rig.apply(&[]).expect(0);
        assert_eq!((flags().as_str(), coordinators().as_str()), ("UsersAreCoords", "anna,bo"));
        rig.assert_settled();
        rig.write("site.yaml", &site(""));
        rig.apply(&[]).expect(0);
        assert!(!flags().contains("UsersAreCoords"), "{}", flags());
        assert_eq!(coordinators(), "anna");
        rig.assert_settled();
    }
}

fn administrators(release: &'static str) {
    let rig = Rig::new(release);
    let site = |administrators: &str| {
        format!(
            "{}{MODES}",
            FACTORY.replace("country: FI } }", &format!("country: FI }}, administrators: [{administrators}] }}"))
        )
    };
    let level = || rig.accounting(&["show", "user", "carla", "format=adminlevel"]);
    rig.write("site.yaml", &site("{ user: carla, level: operator }"));
    rig.apply(&[]).expect(0);
    assert_eq!(level(), "Operator");
    rig.write("site.yaml", &site("{ user: carla, level: administrator }"));
    rig.apply(&[]).expect(0);
    assert_eq!(level(), "Administrator");
    rig.assert_settled();
    rig.write("site.yaml", &site(""));
    rig.apply(&[]).expect(0);
    assert!(!level().contains("Admin"), "{}", level());
    rig.assert_settled();
}

fn shown(rig: &Rig, kind: &str, name: &str) -> std::collections::BTreeMap<String, String> {
    let out = rig.slurm(&["scontrol", "-a", "-o", "show", kind, name]).expect(0).out;
    out.split_whitespace()
        .filter_map(|word| word.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

fn partition_fields(release: &'static str) {
    let rig = Rig::new(release);
    let modern = if release == "22.05" {
        ""
    } else {
        "  powerSaving: { powerDownOnIdle: true, suspendTime: 600s, suspendTimeout: 60s, resumeTimeout: 90s }\n"
    };
    let full = |n: u64| {
        let first = partition(&rig, "booster", "gpu", 1, 2, "");
        let limits = format!(
            "  limits: {{ wallTime: {n}h, defaultWallTime: {n}m, overTime: {n}m, graceTime: {n}s, nodesPerJob: 2, minimumNodesPerJob: 1, cpusPerNode: {n}, memoryPerNode: {n}GB }}\n  defaults: {{ memoryPerNode: 1GB, cpusPerGpu: {n} }}\n  sharing: force:{n}\n  modes: [one]\n  accounts: {{ allow: [root, nordlys] }}\n  groups: [root]\n  submitHosts: \"old[001-002]\"\n  hidden: true\n  requireReservation: true\n  disableRootJobs: true\n  leastLoadedNodes: true\n  rootOnly: true\n  priority: {{ tier: {n}, jobFactor: {n} }}\n  preemption: [cancel]\n  qos: two\n  state: down\n  billing: {{ gres/gpu: {n}.5, cpu: 1.0 }}\n{modern}"
        );
        let start = first.find("  limits:").unwrap();
        format!("{}{limits}", &first[..start])
    };
    for n in [5, 7] {
        rig.write("site.yaml", &format!("{FACTORY}{MODES}---\n{}", full(n)));
        rig.apply(&[]).expect(0);
        let view = shown(&rig, "partition", "booster");
        let is =
            |key: &str, wanted: &str| assert_eq!(view.get(key).map(String::as_str), Some(wanted), "{key}: {view:?}");
        is("MaxTime", &format!("0{n}:00:00"));
        is("DefaultTime", &format!("00:0{n}:00"));
        is("OverTimeLimit", &n.to_string());
        is("GraceTime", &n.to_string());
        is("MaxNodes", "2");
        is("MinNodes", "1");
        is("MaxCPUsPerNode", &n.to_string());
        is("MaxMemPerNode", &(n * 1024).to_string());
        is("DefMemPerNode", "1024");
        is("JobDefaults", &format!("DefCpuPerGPU={n}"));
        is("OverSubscribe", &format!("FORCE:{n}"));
        is("AllowQos", "one");
        is("AllowAccounts", "nordlys,root");
        is("AllowGroups", "root");
        is("AllocNodes", "old[001-002]");
        for key in ["Hidden", "ReqResv", "DisableRootJobs", "LLN", "RootOnly"] {
            is(key, "YES");
        }
        is("PriorityTier", &n.to_string());
        is("PriorityJobFactor", &n.to_string());
        is("PreemptMode", "CANCEL");
        is("QoS", "two");
        is("State", "DOWN");
        assert!(view["TRESBillingWeights"].contains(&format!("{n}.5")), "{view:?}");
        if release != "22.05" {
            // The text leaves these out, so ask for the other form.
            let json = rig.slurm(&["scontrol", "--json", "show", "partition", "booster"]).expect(0).out;
            let view: serde_json::Value = serde_json::from_str(&json).unwrap();
            let booster = &view["partitions"][0];
            assert_eq!(booster["suspend_time"]["number"], 600, "{booster}");
            assert_eq!(booster["timeouts"]["suspend"]["number"], 60, "{booster}");
            assert_eq!(booster["timeouts"]["resume"]["number"], 90, "{booster}");
        }
        rig.assert_settled();
    }
    // What is left out is back at its default.
    rig.write(
        "site.yaml",
        &format!(
            "{FACTORY}{MODES}---\n{}",
            partition(&rig, "booster", "gpu", 1, 2, "")
                .replace("  limits: { wallTime: 2d, defaultWallTime: 1h }\n", "")
        ),
    );
    rig.apply(&[]).expect(0);
    let (ours, usual) = (shown(&rig, "partition", "booster"), shown(&rig, "partition", "legacy"));
    for (key, value) in &ours {
        let own = ["PartitionName", "Nodes", "TotalCPUs", "TotalNodes", "TRES", "Default", "MaxTime"];
        if !own.contains(&key.as_str()) {
            assert_eq!(Some(value), usual.get(key), "{key}");
        }
    }
    assert_eq!(ours["MaxTime"], "UNLIMITED");
    rig.assert_settled();
}

fn node_fields(release: &'static str) {
    let rig = Rig::new(release);
    let group = |more: &str| {
        partition(&rig, "booster", "gpu", 1, 2, "")
            .replace("      memory: 32GB\n", &format!("      memory: 32GB\n{more}"))
    };
    let sets = "  nodeSets: [{ name: fast, feature: ndr }, { name: pair, hosts: \"gpu[001-002]\" }]\n";
    let second = "---\napiVersion: sitewright.io/v1alpha1\nkind: Partition\nmetadata: { name: by-set }\nspec: { hosts: [fast, pair] }\n";
    for n in [5, 7] {
        let more = format!(
            "      addresses: \"127.0.1.[{n}-{}]\"\n      boards: 1\n      threadsPerCore: 1\n      temporaryDisk: {n}GB\n      weight: {n}\n      features: [ndr, rack{n}]\n      reserved: {{ cores: 1, memory: {n}GB }}\n",
            n + 1
        );
        rig.write("site.yaml", &format!("{FACTORY}{MODES}---\n{}{sets}{second}", group(&more)));
        rig.apply(&[]).expect(0);
        let view = shown(&rig, "node", "gpu002");
        let is =
            |key: &str, wanted: &str| assert_eq!(view.get(key).map(String::as_str), Some(wanted), "{key}: {view:?}");
        is("NodeAddr", &format!("127.0.1.{}", n + 1));
        is("TmpDisk", &(n * 1024).to_string());
        is("Weight", &n.to_string());
        is("AvailableFeatures", &format!("ndr,rack{n}"));
        is("CoreSpecCount", "1");
        is("MemSpecLimit", &(n * 1024).to_string());
        is("Gres", "gpu:h100:4");
        is("Sockets", "2");
        is("CoresPerSocket", "4");
        is("RealMemory", "32768");
        assert_eq!(shown(&rig, "partition", "by-set")["Nodes"], "gpu[001-002]");
        rig.assert_settled();
    }
    rig.write("site.yaml", &format!("{FACTORY}{MODES}---\n{}", group("")));
    rig.apply(&[]).expect(0);
    let view = shown(&rig, "node", "gpu002");
    assert_eq!(
        (view["Weight"].as_str(), view["TmpDisk"].as_str(), view["AvailableFeatures"].as_str()),
        ("1", "0", "(null)")
    );
    assert!(!view.contains_key("MemSpecLimit") || view["MemSpecLimit"] == "0");
    rig.assert_settled();
    if release != "22.05" {
        rig.write("site.yaml", &format!("{FACTORY}{MODES}---\n{}", group("      reserved: { coresPerGpu: 1 }\n")));
        rig.apply(&[]).expect(0);
        // The cores themselves stand in brackets behind: `1((null))`.
        assert!(shown(&rig, "node", "gpu002")["RestrictedCoresPerGPU"].starts_with("1("));
        rig.assert_settled();
    }
}

on_each_release!(
    qos_fields,
    account_and_association_fields,
    coordinators_by_flag,
    administrators,
    partition_fields,
    node_fields
);
