//! What the linter says of the settings of slurm.conf, release by release, and what it leaves alone.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::collections::BTreeMap;

use sitewright::diagnostics::codes::slurm_settings;
use sitewright::diagnostics::{Diagnostic, Place};
use sitewright::slurm::lint::{LintInput, lint};
use sitewright::slurm::release::Release;

/// What every file needs.
const HEAD: &str = "ClusterName=nordlys\nSlurmctldHost=admin\n";
const TAIL: &str = "NodeName=n[1-2] CPUs=4\nPartitionName=batch Nodes=n[1-2]\n";

fn findings(text: &str, release: Option<&str>) -> Vec<Diagnostic> {
    let input = LintInput {
        slurm_conf: "/e/slurm.conf".to_owned(),
        files: BTreeMap::from([("/e/slurm.conf".to_owned(), text.to_owned())]),
        release: release.map(|release| release.parse().unwrap()),
        ..LintInput::default()
    };
    lint(&input).0
}

/// Codes found in a whole file.
fn codes(text: &str, release: Option<&str>) -> Vec<&'static str> {
    findings(text, release).iter().map(|one| one.code.name).collect()
}

/// Findings in some lines among what every file needs.
fn among(lines: &str, release: &str) -> Vec<Diagnostic> {
    findings(&format!("{HEAD}{lines}\n{TAIL}"), Some(release))
}

fn all() -> Vec<String> {
    Release::ALL.iter().map(ToString::to_string).collect()
}

/// Asserts the codes of some lines, in each release of a list.
#[track_caller]
fn yields(lines: &str, releases: &[&str], wanted: &[&str]) {
    for release in releases {
        let found = among(lines, release);
        let names: Vec<&str> = found.iter().map(|one| one.code.name).collect();
        assert_eq!(names, wanted, "{lines} on {release}: {found:?}");
        for one in &found {
            assert!(one.hint.is_some(), "{lines}: no hint");
            let Some(Place::Text { offset, length, .. }) = &one.place else { panic!("{lines}: {:?}", one.place) };
            let text = format!("{HEAD}{lines}\n{TAIL}");
            assert!(lines.contains(&text[*offset..offset + length]), "{lines}: found elsewhere");
        }
    }
}

#[track_caller]
fn yields_everywhere(lines: &str, wanted: &[&str]) {
    let all = all();
    yields(lines, &all.iter().map(String::as_str).collect::<Vec<_>>(), wanted);
}

#[track_caller]
fn says(lines: &str, release: &str, message: &str, hint: &str) {
    let found = among(lines, release);
    let one = found.first().unwrap_or_else(|| panic!("{lines}: nothing found"));
    assert_eq!((one.message.as_str(), one.hint.as_deref().unwrap()), (message, hint), "{lines}");
}

#[test]
fn the_page_of_every_code_is_true() {
    for code in slurm_settings::ALL {
        let release = code.failing.split_once("# ").map_or("26.05", |(_, release)| release.trim());
        let whole = |text: &str| {
            let head = if code.name == "no-controller" { "" } else { HEAD };
            let nodes = if text.contains("Nodes=n1") { "NodeName=n1\n" } else { "" };
            format!("{head}{nodes}{text}\n{TAIL}").replace("n[1-2]", "m[1-2]")
        };
        assert_eq!(codes(&whole(code.failing), Some(release)), [code.name]);
        assert_eq!(codes(&whole(code.passing), Some(release)), [""; 0], "{}", code.name);
    }
}

#[test]
fn a_removed_plugin_is_an_error_from_its_release_on() {
    let line = "SelectType=select/cons_res";
    yields(line, &["22.05", "23.02"], &[]);
    yields(line, &["23.11", "24.05", "26.05"], &["plugin-not-in-release"]);
    says(
        line,
        "26.05",
        "Slurm 26.05 has no `select/cons_res`",
        "it existed only before 23.11; write `select/cons_tres`",
    );
    assert_eq!(codes(&format!("{HEAD}{line}\n{TAIL}"), None), [""; 0], "without a release only what holds for all");
    yields("AuthType=auth/slurm", &["23.02"], &["plugin-not-in-release"]);
    yields("AuthType=auth/slurm\nCredType=cred/slurm", &["23.11"], &[]);
    // slurmctld went on without job completion.
    yields("JobCompType=jobcomp/kafka", &["22.05"], &["unknown-plugin"]);
    yields("JobCompType=jobcomp/kafka", &["23.02"], &[]);
}

#[test]
fn a_strange_plugin_is_a_warning_and_a_slip_an_error() {
    yields_everywhere("SchedulerType=sched/foo", &["unknown-plugin"]);
    yields_everywhere("SchedulerType=sched/backfil", &["misspelt-plugin"]);
    yields_everywhere("TaskPlugin=task/cgroup,task/afinity", &["misspelt-plugin"]);
    yields_everywhere("PriorityType=priority/multifactor2", &["unknown-plugin"]);
    yields_everywhere("AccountingStorageType=accounting_storage/mysql", &["bad-setting"]);
    says(
        "SelectType=cons_tres",
        "24.05",
        "`cons_tres` is no plugin for SelectType",
        "did you mean `select/cons_tres`?",
    );
    says(
        "SchedulerType=sched/foo",
        "24.05",
        "`sched/foo` is none of Slurm's own plugins for SchedulerType",
        "Slurm's own are `sched/backfill`, `sched/builtin`",
    );
}

#[test]
fn retired_settings_are_fatal_ignored_or_renamed() {
    yields_everywhere("FastSchedule=0", &["removed-setting"]);
    yields_everywhere("FastSchedule=2", &["removed-setting"]);
    yields_everywhere("FastSchedule=1", &["ignored-setting"]);
    yields_everywhere("AccountingStoreJobComment=NO", &["removed-setting"]);
    yields("AccountingStorageLoc=db", &["22.05", "25.05"], &["removed-setting"]);
    yields("AccountingStorageLoc=db", &["25.11"], &["unknown-key"]);
    yields_everywhere("CryptoType=crypto/munge", &["renamed-setting"]);
    yields_everywhere("CryptoType=crypto/munge\nCredType=cred/munge", &["ignored-setting"]);
    yields_everywhere("CryptoType=crypto/openssl", &["renamed-setting", "plugin-not-in-release"]);
    yields("PowerPlugin=power/none", &["23.11"], &[]);
    yields("PowerPlugin=power/none", &["24.05"], &["ignored-setting"]);
    yields("JobContainerType=job_container/tmpfs", &["25.05"], &[]);
    yields("JobContainerType=job_container/tmpfs", &["25.11"], &["renamed-setting"]);
    says(
        "JobContainerType=job_container/tmpfs",
        "25.11",
        "`JobContainerType` is the old name of `NamespaceType`",
        "write `NamespaceType=namespace/tmpfs`",
    );
    yields_everywhere("ControlMachine=old", &["ignored-setting"]);
    yields("SchedulerAuth=x", &["23.11"], &["ignored-setting"]);
    yields("SchedulerAuth=x", &["24.05"], &["unknown-key"]);
    yields_everywhere("CacheGroups=0", &["unknown-key"]);
    says(
        "CacheGroups=0",
        "24.05",
        "Slurm 24.05 does not know the key `CacheGroups`",
        "the key existed before 21.08; take it out here",
    );
}

#[test]
fn unknown_words_are_refused_or_ignored() {
    yields_everywhere("PreemptType=preempt/qos\nPreemptMode=REQUEU", &["bad-setting"]);
    yields_everywhere("AccountingStorageEnforce=limits,qoss", &["bad-setting"]);
    yields_everywhere("AccountingStorageEnforce=\"limits, qos\"", &["bad-setting"]);
    yields_everywhere("AccountingStorageEnforce=limits,qos,safe,nosteps", &[]);
    yields_everywhere("SelectTypeParameters=CR_Core_Memmory\nSelectType=select/cons_tres", &["bad-setting"]);
    yields("SelectType=select/cons_tres\nSelectTypeParameters=CR_Core,LL_SHARED_GRES", &["23.02"], &["bad-setting"]);
    yields("SelectType=select/cons_tres\nSelectTypeParameters=CR_Core,LL_SHARED_GRES", &["23.11", "26.05"], &[]);
    yields_everywhere("PrivateData=jobs,acounts", &["ignored-word"]);
    yields("PrivateData=cloud", &["22.05"], &[]);
    yields("PrivateData=cloud", &["23.02"], &["ignored-word"]);
    yields_everywhere("ReturnToService=3", &["ignored-word"]);
    yields_everywhere("EnforcePartLimits=SOME", &["bad-setting"]);
    yields_everywhere("TaskPluginParam=Sched", &["bad-setting"]);
    yields("DebugFlags=ExtSensors", &["23.11"], &[]);
    yields("DebugFlags=ExtSensors", &["24.05"], &["bad-setting"]);
    yields_everywhere("NodeName=x CPUs=1 State=IDEL", &["bad-value"]);
    yields("NodeName=x CPUs=1 State=EXTERNAL", &["24.11"], &["bad-value"]);
    yields("NodeName=x CPUs=1 State=EXTERNAL", &["25.05"], &[]);
    yields_everywhere("DownNodes=n1 State=DWON Reason=x", &["ignored-word"]);
    yields_everywhere("PartitionName=p Nodes=n1 State=CLOSED", &["bad-value"]);
    yields_everywhere("PartitionName=p Nodes=n1 OverSubscribe=EXCLUSIV", &["bad-value"]);
    yields_everywhere("PartitionName=p Nodes=n1 OverSubscribe=FORCE:2", &[]);
    yields_everywhere("PartitionName=p Nodes=n1 SelectTypeParameters=CR_CPU", &["bad-value"]);
    yields("PartitionName=p Nodes=n1 PreemptMode=REQUEU", &["22.05", "24.05"], &["bad-value"]);
    yields("PartitionName=p Nodes=n1 PreemptMode=REQUEU", &["24.11", "26.05"], &["ignored-word"]);
    says(
        "PreemptMode=REQUEU",
        "26.05",
        "Slurm 26.05 does not know `REQUEU` for PreemptMode",
        "did you mean `REQUEUE`?",
    );
    says(
        "PreemptType=preempt/qos\nPreemptMode=CANCEL,PRIORITY",
        "24.05",
        "Slurm 24.05 does not know `PRIORITY` for PreemptMode",
        "the word exists only since 25.05; take it out here",
    );
}

#[test]
fn what_older_releases_ignore_is_a_warning_there() {
    yields("ReconfigFlags=KeepPowerSaveSettings", &["22.05"], &["ignored-word"]);
    yields("ReconfigFlags=KeepPowerSaveSettings", &["23.02", "26.05"], &[]);
    yields("ReconfigFlags=foo", &["24.11", "26.05"], &["bad-setting"]);
}

#[test]
fn a_node_set_of_all_nodes_is_taken() {
    yields_everywhere("NodeSet=everything Nodes=ALL\nPartitionName=p Nodes=everything", &[]);
    yields_everywhere("NodeSet=everything Nodes=all", &[]);
}

#[test]
fn a_key_needs_a_value() {
    let wrong = &["key-without-value"];
    yields_everywhere("SuspendExcNodes=", wrong);
    yields_everywhere("MaxJobCount=", wrong);
    yields_everywhere("PriorityMaxAge=  # none", wrong);
    yields_everywhere("SuspendExcParts=#x", wrong);
    yields_everywhere("NodeName=x CPUs=1 RealMemory=", wrong);
    yields_everywhere("PartitionName=p Nodes=n1 QOS=", wrong);
    yields_everywhere("SuspendExcNodes=\"\"", &[]);
}

#[test]
fn numbers_have_no_unit_and_a_width() {
    let wrong = &["bad-value"];
    for pair in ["RealMemory=256G", "TmpDisk=1T", "RealMemory=-1", "RealMemory=1.5", "Weight=-1", "Weight=5000000000"] {
        yields_everywhere(&format!("NodeName=x CPUs=1 {pair}"), wrong);
    }
    for pair in ["DefMemPerCPU=4G", "MaxMemPerNode=4G", "PriorityTier=70000", "MaxNodes=-1", "GraceTime=00:05:00"] {
        yields_everywhere(&format!("PartitionName=p Nodes=n1 {pair}"), wrong);
    }
    for pair in ["RealMemory=256000k", "RealMemory=UNLIMITED", "RealMemory=INFINITE", "RealMemory=0x1000"] {
        yields_everywhere(&format!("NodeName=x CPUs=1 {pair}"), &[]);
    }
    for line in ["DefMemPerCPU=4G", "TreeWidth=70000", "KillWait=-1", "MaxJobCount=10x"] {
        yields_everywhere(line, &["bad-setting"]);
    }
    yields_everywhere("TreeWidth=65533\nDefMemPerCPU=4000k\nKillWait=UNLIMITED", &[]);
}

#[test]
fn times_of_settings_are_times() {
    let wrong = &["bad-setting"];
    for line in ["PriorityDecayHalfLife=7days", "PriorityMaxAge=2w", "PreemptExemptTime=10m", "PriorityCalcPeriod=-1"] {
        yields_everywhere(line, wrong);
    }
    for line in ["PriorityDecayHalfLife=7-0", "PriorityMaxAge=UNLIMITED", "PreemptExemptTime=-1", "PriorityMaxAge=0"] {
        yields_everywhere(line, &[]);
    }
}

#[test]
fn front_ends_labels_and_tracked_resources_need_more() {
    yields("FrontendName=fe1", &["22.05", "24.11"], &["bad-setting"]);
    yields_everywhere("MCSParameters=ondemand,select", &["incompatible-settings"]);
    yields_everywhere("MCSPlugin=mcs/group\nMCSParameters=ondemand,select:a", &[]);
    yields_everywhere("GresTypes=gpu\nAccountingStorageTRES=gres/gpu", &["incompatible-settings"]);
    yields_everywhere("AccountingStorageTRES=cpu,mem,fs/disk", &[]);
    yields_everywhere(
        "GresTypes=gpu\nAccountingStorageType=accounting_storage/slurmdbd\nAccountingStorageTRES=gres/gpu",
        &[],
    );
}

#[test]
fn settings_are_seen_together() {
    let wrong = &["incompatible-settings"];
    yields_everywhere("PreemptMode=REQUEUE", wrong);
    yields_everywhere("PreemptMode=GANG", &[]);
    yields_everywhere("PreemptType=preempt/qos", wrong);
    yields_everywhere("PreemptType=preempt/partition_prio\nPreemptMode=OFF", wrong);
    yields_everywhere("PreemptType=preempt/partition_prio\nPreemptMode=SUSPEND", wrong);
    yields_everywhere("PreemptType=preempt/partition_prio\nPreemptMode=SUSPEND,GANG", &[]);
    yields_everywhere("PreemptType=preempt/qos\nPreemptMode=CANCEL,REQUEUE", wrong);
    yields_everywhere("PreemptType=preempt/qos\nPreemptMode=REQUEUE,GANG,WITHIN", wrong);
    yields_everywhere("PreemptType=preempt/site\nPreemptMode=REQUEUE", &["unknown-plugin"]);
    yields_everywhere("SelectType=select/linear\nSelectTypeParameters=CR_Core", wrong);
    yields_everywhere("SelectType=select/linear\nSelectTypeParameters=CR_Memory", &[]);
    yields_everywhere("SelectType=select/cons_tres\nSelectTypeParameters=CR_Memory", wrong);
    yields_everywhere("SelectType=select/cons_tres\nSelectTypeParameters=CR_Core,CR_Memory", wrong);
    yields_everywhere("SelectType=select/cons_tres\nSelectTypeParameters=CR_CPU,CR_ONE_TASK_PER_CORE", wrong);
    yields_everywhere("SelectType=select/cons_tres", &[]);
    // The default changed.
    yields("SelectTypeParameters=CR_Core_Memory", &["22.05", "23.02"], wrong);
    yields("SelectTypeParameters=CR_Core_Memory", &["23.11", "26.05"], &[]);
    yields("SelectType=select/linear\nTopologyPlugin=topology/tree", &["23.11"], &[]);
    yields("SelectType=select/linear\nTopologyPlugin=topology/tree", &["24.05"], wrong);
}

#[test]
fn keys_that_stand_twice_on_a_line() {
    yields_everywhere("JobCompType=jobcomp/none JobCompType=jobcomp/lua", &["two-settings-on-a-line"]);
    yields_everywhere("MaxJobCount=10 MinJobAge=300", &["two-settings-on-a-line"]);
    yields_everywhere("SlurmctldHost=spare Port=1", &["unknown-key"]);
    yields_everywhere("PartitionName=p Nodes=n1 MaxTime=60 maxtime=30", &["repeated-setting"]);
    yields("Prolog=/a\nProlog=/b", &["23.11"], &["repeated-setting"]);
    yields("Prolog=/a\nProlog=/b", &["24.05"], &[]);
    yields("PowerAction=off Program=/a Location=slurmd", &["26.05"], &[]);
}

#[test]
fn controllers_are_named_once_and_rightly() {
    assert_eq!(codes(&format!("ClusterName=c\n{TAIL}"), Some("24.05")), ["no-controller"]);
    assert_eq!(codes(TAIL, Some("24.05")), ["no-controller", "bad-cluster-name"]);
    assert_eq!(codes(&format!("ClusterName=c\nControlMachine=admin\n{TAIL}"), Some("26.05")), [""; 0]);
    yields_everywhere("SlurmctldHost=spare(10.0.0.2)", &[]);
    yields_everywhere("SlurmctldHost=spare(10.0.0.2", &["bad-setting"]);
    yields_everywhere("SlurmctldHost=spare(10.0.0.2):6817", &["bad-setting"]);
    yields_everywhere("SlurmctldHost=admin(10.0.0.1)", &["bad-setting"]);
}

#[test]
fn a_denial_beside_a_permission_is_named() {
    let wrong = &["allow-and-deny"];
    yields_everywhere("PartitionName=p Nodes=n1 AllowQos=a DenyQos=b", wrong);
    yields_everywhere("PartitionName=p Nodes=n1 AllowAccounts=a DenyAccounts=b", wrong);
    yields_everywhere("PartitionName=p Nodes=n1 AllowAccounts=all DenyAccounts=b", &[]);
    yields_everywhere("PartitionName=p Nodes=n1 AllowQos=a DenyAccounts=b", &[]);
    // From a DEFAULT line above; the line itself is marked.
    yields_everywhere(
        "PartitionName=DEFAULT AllowQos=a\nPartitionName=p Nodes=n1 DenyQos=b\nPartitionName=DEFAULT AllowQos=ALL",
        wrong,
    );
}

#[test]
fn a_weight_of_an_untracked_tres_is_an_error() {
    let wrong = &["unknown-tres"];
    yields_everywhere("PartitionName=p Nodes=n1 TRESBillingWeights=CPU=1,GRES/gpu=8", wrong);
    yields_everywhere("NodeName=x CPUs=1 TRESWeights=CPU=1,GRES/gpu=8", wrong);
    yields_everywhere("PriorityWeightTRES=CPU=1000,GRES/gpu=3000", wrong);
    yields_everywhere(
        "PartitionName=DEFAULT TRESBillingWeights=GRES/gpu=8\nPartitionName=p Nodes=n1\nPartitionName=DEFAULT TRESBillingWeights=CPU=1",
        wrong,
    );
    yields_everywhere(
        "AccountingStorageType=accounting_storage/slurmdbd\nAccountingStorageTRES=gres/gpu\nPartitionName=p Nodes=n1 TRESBillingWeights=\"GRES/gpu=8,GRES/gpu:h100=1,License/matlab=2\"",
        &["unknown-tres", "unknown-tres"],
    );
    says(
        "PartitionName=p Nodes=n1 TRESBillingWeights=License/matlab=2",
        "24.11",
        "TRESBillingWeights weighs `license/matlab`, which AccountingStorageTRES does not name",
        "add `license/matlab` to AccountingStorageTRES in slurm.conf and restart slurmctld, or take the weight out",
    );
    // What slurmctld tracks without being asked, and what is named.
    yields_everywhere(
        "PartitionName=p Nodes=n1 TRESBillingWeights=CPU=1,Mem=1G,Node=1,Energy=1,Billing=1,FS/disk=1,VMem=1,Pages=1",
        &[],
    );
    yields_everywhere(
        "AccountingStorageType=accounting_storage/slurmdbd\nAccountingStorageTRES=GRES/gpu,gres/gpu:h100,license/matlab\nPriorityWeightTRES=GRES/GPU=1\nPartitionName=p Nodes=n1 TRESBillingWeights=gres/gpu=8,gres/gpu:H100=1,License/matlab=2",
        &[],
    );
    yields_everywhere("PriorityType=priority/basic\nPriorityWeightTRES=GRES/gpu=3000", &[]);
}

#[test]
fn what_slurm_takes_is_no_error() {
    yields_everywhere("GresTypes=gpu,mps", &[]);
    yields_everywhere("NodeName=x CPUs=1 Gres=gpu:1", &["gres-type-missing"]);
    assert_eq!(among("NodeName=x CPUs=1 Gres=gpu:1", "24.05")[0].code.severity.word(), "warning");
    yields_everywhere("PartitionName=p Nodes=n1 TRESBillingWeights=CPU=1,Mem=.25G", &[]);
    yields_everywhere(
        "NodeName=x NodeHostname=box NodeAddr=10.0.0.1\nNodeName=y NodeHostname=box NodeAddr=10.0.0.2",
        &[],
    );
    yields_everywhere("NodeName=x NodeHostname=box\nNodeName=y NodeHostname=box", &["duplicate-address"]);
}

#[test]
fn a_gres_line_has_file_or_multiple_files() {
    let slurm_conf = format!("{HEAD}GresTypes=gpu\nNodeName=g1 CPUs=4 Gres=gpu:1\nPartitionName=p Nodes=g1\n");
    let gres_conf = "NodeName=g1 Name=gpu File=/dev/nvidia0 MultipleFiles=/dev/nvidia0,/dev/caps21\n".to_owned();
    let input = LintInput {
        slurm_conf: "/e/slurm.conf".to_owned(),
        gres_conf: Some("/e/gres.conf".to_owned()),
        files: BTreeMap::from([("/e/slurm.conf".to_owned(), slurm_conf), ("/e/gres.conf".to_owned(), gres_conf)]),
        ..LintInput::default()
    };
    assert_eq!(lint(&input).0.iter().map(|one| one.code.name).collect::<Vec<_>>(), ["bad-value"]);
}

/// Asked of `slurmd -G` 22.05.8.
#[test]
fn a_gres_line_has_a_head_and_devices_of_its_own() {
    let found = |gres_conf: &str| {
        let slurm_conf =
            format!("{HEAD}GresTypes=gpu,shard\nNodeName=g1 CPUs=4 Gres=gpu:2\nPartitionName=p Nodes=g1\n");
        let gres_conf = ("/e/gres.conf".to_owned(), gres_conf.to_owned());
        let input = LintInput {
            slurm_conf: "/e/slurm.conf".to_owned(),
            gres_conf: Some("/e/gres.conf".to_owned()),
            files: BTreeMap::from([("/e/slurm.conf".to_owned(), slurm_conf), gres_conf]),
            ..LintInput::default()
        };
        lint(&input).0.iter().map(|one| one.message.clone()).collect::<Vec<_>>()
    };
    let twice = "`/dev/nvidia0` of `g1` is a device of `gpu` already";
    for (gres_conf, wanted) in [
        ("NodeName=g1 Name=gpu File=/dev/nvidia[0-1]\n", &[][..]),
        ("NodeName=g1 Name=gpu File=/dev/nvidia[0-1]\nNodeName=g1 Name=gpu File=/dev/nvidia0\n", &[twice]),
        (
            "NodeName=g1 Name=gpu Type=a File=/dev/nvidia[0-1]\nNodeName=g1 Name=gpu Type=b File=/dev/nvidia0\n",
            &[twice],
        ),
        ("NodeName=g1 Name=gpu File=/dev/nvidia[0-1]\nNodeName=g1 Name=shard Count=8 File=/dev/nvidia0\n", &[]),
        ("NodeName=g1 Name=gpu File=/dev/nvidia[0-1]\nNodeName=g2 Name=gpu File=/dev/nvidia0\n", &[]),
        ("AutoDetect=off\nNodeName=g1 Name=gpu File=/dev/nvidia[0-1]\n", &[]),
        ("Type=a100 File=/dev/nvidia[0-1]\n", &["a line of gres.conf cannot begin with `Type`"]),
        ("File=/dev/nvidia[0-1] Name=gpu\n", &["a line of gres.conf cannot begin with `File`"]),
    ] {
        assert_eq!(found(gres_conf), wanted, "{gres_conf}");
    }
}

#[test]
fn several_parts_of_a_file_are_no_wrong_count() {
    let input = LintInput {
        slurm_conf: "/e/slurm.conf".to_owned(),
        gres_conf: Some("/e/gres.conf".to_owned()),
        files: BTreeMap::from([
            ("/e/slurm.conf".to_owned(), format!("{HEAD}GresTypes=gpu,shard\nNodeName=g1 CPUs=4 Gres=gpu:2,shard:16\nPartitionName=p Nodes=g1\n")),
            (
                "/e/gres.conf".to_owned(),
                "NodeName=g1 Name=gpu File=/dev/nvidia[0-1]\nNodeName=g1 Name=shard Count=8 File=/dev/nvidia0\nNodeName=g1 Name=shard Count=8 File=/dev/nvidia1\n".to_owned(),
            ),
        ]),
        ..LintInput::default()
    };
    assert!(lint(&input).is_empty(), "{:?}", lint(&input));
}

/// A university's cluster with GPUs, in the manner of those found in public.
const UNIVERSITY: &str = "# slurm.conf of a department
ClusterName=hilltop
SlurmctldHost=head(10.1.0.1)
SlurmctldHost=head2
SlurmUser=slurm
AuthType=auth/munge
CredType=cred/munge
StateSaveLocation=/var/spool/slurmctld
SlurmdSpoolDir=/var/spool/slurmd.%n
ProctrackType=proctrack/cgroup
TaskPlugin=task/cgroup,task/affinity
TaskPluginParam=autobind=threads
ReturnToService=2
PrologFlags=Contain,X11
PropagateResourceLimitsExcept=MEMLOCK
EnforcePartLimits=ALL
SchedulerType=sched/backfill
SchedulerParameters=bf_window=4320,bf_continue,defer
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory,CR_CORE_DEFAULT_DIST_BLOCK,CR_ONE_TASK_PER_CORE
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE,GANG
PriorityType=priority/multifactor
PriorityFlags=ACCRUE_ALWAYS,NO_FAIR_TREE
PriorityDecayHalfLife=14-0
PriorityUsageResetPeriod=NONE
PriorityWeightTRES=CPU=1000,GRES/gpu=3000
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=head
AccountingStorageEnforce=associations,limits,qos,safe
AccountingStorageTRES=gres/gpu,gres/gpu:a100
AccountingStoreFlags=job_comment,job_script
JobAcctGatherType=jobacct_gather/cgroup
JobAcctGatherFrequency=task=30
JobCompType=jobcomp/none
PrivateData=jobs,users,usage
DebugFlags=NO_CONF_HASH,Backfill
SlurmctldDebug=info
SlurmdDebug=3
GresTypes=gpu
NodeName=DEFAULT Boards=1 SocketsPerBoard=2 CoresPerSocket=16 ThreadsPerCore=2 State=UNKNOWN
NodeName=cn[01-40] RealMemory=190000 Feature=skylake
NodeName=gn[1-4] RealMemory=500000 Gres=gpu:a100:4(S:0-1) Feature=a100 Weight=10
DownNodes=cn07 State=DRAIN Reason=\"bad memory\"
PartitionName=DEFAULT State=UP MaxTime=7-0 DefaultTime=1:00:00 OverSubscribe=NO
PartitionName=short Nodes=cn[01-40] Default=YES MaxTime=4:00:00 PriorityTier=10 PreemptMode=OFF
PartitionName=long Nodes=cn[01-40] AllowAccounts=physics,chemistry
PartitionName=gpu Nodes=gn[1-4] DefMemPerGPU=60000 TRESBillingWeights=CPU=1.0,Mem=.25G,GRES/gpu=8 QOS=gpu
";

/// One machine in a container, with nothing accounted.
const CONTAINER: &str = "ClusterName=linux
SlurmctldHost=localhost
MpiDefault=none
ProctrackType=proctrack/linuxproc
SlurmctldPidFile=/run/slurmctld.pid
SlurmctldPort=6817
SlurmdPort=6818
AuthInfo=/run/munge/munge.socket.2
SwitchType=switch/none
TaskPlugin=task/none
InactiveLimit=0
KillWait=30
MinJobAge=300
SlurmctldTimeout=120
Waittime=0
SchedulerType=sched/builtin
SelectType=select/linear
PriorityType=priority/basic
PreemptType=preempt/none
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/filetxt
JobCompLoc=/var/log/slurm/jobcomp.log
SlurmdLogFile=/var/log/slurm/slurmd.log
NodeName=c[1-5] NodeHostName=localhost Port=[7001-7005] RealMemory=1000 State=UNKNOWN
PartitionName=normal Default=yes Nodes=c[1-5] Priority=50 DefMemPerCPU=500 Shared=NO MaxNodes=5 MaxTime=5-00:00:00 DefaultTime=5-00:00:00 State=UP
";

/// An elastic cluster in a cloud.
const CLOUD: &str = "ClusterName=cloud
SlurmctldHost=controller
SlurmctldParameters=idle_on_node_suspend,cloud_dns,power_save_interval=30
CommunicationParameters=NoInAddrAny
LaunchParameters=enable_nss_slurm,use_interactive_step
TreeWidth=65533
ReturnToService=2
ResumeProgram=/opt/resume
SuspendProgram=/opt/suspend
ResumeTimeout=600
SuspendTime=300
SuspendExcParts=login
PrivateData=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
AuthAltTypes=auth/jwt
AuthAltParameters=jwt_key=/etc/slurm/jwt.key
TaskPlugin=affinity,cgroup
JobSubmitPlugins=lua
ReconfigFlags=KeepPartState
HealthCheckNodeState=IDLE,CYCLE
GresTypes=gpu
NodeName=burst-[0-99] CPUs=8 RealMemory=30000 State=CLOUD Feature=cloud
NodeName=spare-[0-9] CPUs=8 RealMemory=30000 State=FUTURE
NodeName=login-0 CPUs=2 RealMemory=4000
NodeSet=cloudy Feature=cloud
PartitionName=burst Nodes=cloudy Default=YES State=UP ResumeTimeout=600 SuspendTime=300 OverSubscribe=EXCLUSIVE
PartitionName=login Nodes=login-0 State=INACTIVE RootOnly=YES Hidden=YES
";

/// The newest release, with the words that it brought.
const NEWEST: &str = "ClusterName=new
SlurmctldHost=a1
SlurmctldHost=a2
AuthType=auth/slurm
CredType=cred/slurm
HashPlugin=hash/sha3
TLSType=tls/none
SwitchType=switch/nvidia_imex
TopologyPlugin=topology/block
PreemptType=preempt/qos
PreemptMode=REQUEUE,PRIORITY
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory,ENFORCE_BINDING_GRES,CR_NO_DIST_TOPO_BLOCK
NamespaceType=namespace/tmpfs
PrologFlags=Contain,RunInJob
HealthCheckNodeState=START_ONLY
DebugFlags=TLS,AuditRPCs,ConMgr
AccountingStoreFlags=job_extra,no_stdio
PriorityFlags=MAX_TRES_GRES
NodeName=x[1-9] CPUs=4 State=EXTERNAL
PartitionName=p Nodes=x[1-9] Exclusive=TOPO PreemptMode=CANCEL
";

#[test]
fn files_in_the_manner_of_real_ones_pass() {
    for release in all() {
        for file in [UNIVERSITY, CONTAINER, CLOUD] {
            assert!(findings(file, Some(&release)).is_empty(), "{release}: {:?}", findings(file, Some(&release)));
        }
    }
    for file in [UNIVERSITY, CONTAINER, CLOUD, NEWEST] {
        assert!(findings(file, None).is_empty(), "{:?}", findings(file, None));
    }
    assert!(findings(NEWEST, Some("26.05")).is_empty(), "{:?}", findings(NEWEST, Some("26.05")));
}
