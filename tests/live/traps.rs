//! Ways in which changing accounting goes wrong: order, inheritance, what others did meanwhile, exit codes.

use crate::on_each_release;
use crate::rig::Rig;

const ALL_DELETES: [&str; 4] = ["--allow-deletes", "99", "--allow-delete-share", "100"];

fn document(kind: &str, name: &str, spec: &str) -> String {
    format!("---\napiVersion: sitewright.io/v1alpha1\nkind: {kind}\nmetadata: {{ name: {name} }}\nspec: {spec}\n")
}

fn factory(more: &str) -> String {
    document("Factory", "nordlys", &format!("{{ host: {{ entity: CSC, country: FI }}{more} }}"))
}

fn mode(name: &str, spec: &str) -> String {
    document("AccessMode", name, &format!("{{ {spec} }}"))
}

fn project(name: &str, spec: &str) -> String {
    document("Project", name, &format!("{{ organisation: {{ name: Company, country: FI, category: sme }}, {spec} }}"))
}

impl Rig {
    /// Applies a site; nothing is left to do afterwards.
    #[track_caller]
    fn reach(&self, site: &str) {
        self.write("site.yaml", site);
        self.apply(&ALL_DELETES).expect(0);
        self.assert_settled();
    }

    /// A change by another hand.
    #[track_caller]
    fn sacctmgr(&self, words: &str) {
        let all: Vec<&str> = ["sacctmgr", "-i"].into_iter().chain(words.split(' ')).collect();
        self.slurm(&all).expect(0);
    }

    /// Columns of associations of this cluster, as they are stored, sorted.
    fn associations(&self, words: &str, columns: &str) -> Vec<String> {
        let (cluster, format) = (format!("cluster={}", self.get("CLUSTER")), format!("format={columns}"));
        let mut all = vec!["sacctmgr", "-nP", "show", "assoc", "WOPLimits", "WithRawQOSLevel", &cluster, &format];
        all.extend(words.split_whitespace());
        let mut rows: Vec<String> = self.slurm(&all).out.lines().map(ToOwned::to_owned).collect();
        rows.sort();
        rows
    }
}

/// Deleting an account takes the associations of the whole tree below it, whoever made them.
fn others_below_our_accounts_stay(release: &'static str) {
    let rig = Rig::new(release);
    let none = factory("") + &mode("one", "");
    rig.reach(&(none.clone() + &project("medix", "members: [{ user: anna }]")));
    rig.sacctmgr("add account name=theirs parent=medix");
    rig.sacctmgr("add user name=dan account=theirs");
    for words in [
        &["apply", "--env", "live", "--yes", "--allow-delete-share", "100"][..],
        &["destroy", "--env", "live", "--confirm", "nordlys"],
    ] {
        rig.write("site.yaml", &none);
        let refused = rig.tool(words);
        assert_eq!(rig.associations("account=theirs", "user"), ["", "dan"], "{}", refused.all());
        assert_eq!(refused.code, 1, "{}", refused.all());
        assert!(
            refused.error.contains("still-named") && refused.error.contains("compute/account/theirs"),
            "{}",
            refused.all()
        );
    }
    rig.sacctmgr("modify account where name=theirs set parent=root");
    rig.reach(&none);
    assert_eq!(rig.associations("account=theirs", "user"), ["", "dan"]);
    assert_eq!(rig.accounting(&["show", "account", "medix", "format=account"]), "");
}

/// Preemption and parents that turn round: each step on the way has to be legal too.
fn what_turns_round_goes_through(release: &'static str) {
    let rig = Rig::new(release);
    // Each list keeps something: 22.05 stores an emptied one and goes on thinking of what was in it.
    let site = |modes: [&str; 3], branches: &str| {
        let modes: String = ["one", "two", "three"]
            .iter()
            .zip(modes)
            .map(|(name, preempts)| mode(name, &format!("preempts: [{preempts}]")))
            .collect();
        factory(&format!(", accounts: [{branches}]")) + &modes + &mode("last", "")
    };
    let down = "{ name: a }, { name: b, parent: a }, { name: c, parent: b }";
    let up = "{ name: c }, { name: b, parent: c }, { name: a, parent: b }";
    rig.reach(&site(["two, last", "three, last", "last"], down));
    rig.reach(&site(["last", "one, last", "two, last"], up));
    rig.reach(&site(["three, last", "one, last", "last"], down));
    assert_eq!(rig.associations("user=", "account,parentname"), ["a|nordlys", "b|a", "c|b", "nordlys|root", "root|"]);
    if release != "22.05" {
        rig.reach(&site(["", "three", "one"], down));
        rig.reach(&site(["two", "", ""], down));
    }
    rig.reach(&site(["last", "last", "last"], down));
    assert_eq!(rig.accounting(&["show", "qos", "three", "format=preempt"]), "last");
}

/// A default is moved before what it points to goes.
fn defaults_move_first(release: &'static str) {
    let rig = Rig::new(release);
    let modes = |names: &[&str]| names.iter().map(|name| mode(name, "")).collect::<String>();
    let default = |user: &str| rig.associations(&format!("OnlyDefaults user={user}"), "account");
    rig.reach(
        &(factory("")
            + &modes(&["one", "two"])
            + &project("first", "modes: [one], defaultMode: one, members: [{ user: anna, default: true }, { user: bo }]")
            + &project("second", "modes: [one, two], defaultMode: two, members: [{ user: anna, modes: [one], defaultMode: one }, { user: bo, defaultMode: one }]")),
    );
    assert_eq!(default("anna"), ["first"]);
    // Each list loses the mode that was the default, the mode itself goes, and so does anna's default account.
    rig.reach(
        &(factory("")
            + &modes(&["two", "three"])
            + &project("first", "modes: [three], defaultMode: three, members: [{ user: bo }]")
            + &project("second", "modes: [two, three], defaultMode: three, members: [{ user: anna, modes: [two], defaultMode: two }, { user: bo, defaultMode: two }]")),
    );
    assert_eq!(default("anna"), ["second"]);
    assert_eq!(
        rig.associations("account=second", "user,qos,defaultqos"),
        ["anna|two|two", "bo||two", "|three,two|three"]
    );
    // The account of bo's default goes as a whole.
    rig.reach(
        &(factory("") + &modes(&["two", "three"]) + &project("second", "modes: [two, three], members: [{ user: bo }]")),
    );
    assert_eq!(
        (default("bo"), rig.accounting(&["show", "user", "anna", "format=user"])),
        (vec!["second".to_owned()], String::new())
    );
}

/// What is set here and what is inherited are told apart, and what others added is taken off again.
fn inherited_is_not_set(release: &'static str) {
    let rig = Rig::new(release);
    let members =
        "members: [{ user: anna, modes: [one, two], limits: { perJob: { gpus: 2 }, runningJobs: 5 } }, { user: bo }]";
    let site = factory(", account: { limits: { perJob: { cpus: 8, nodes: 2 }, wallTime: 1d } }")
        + &mode("one", "perJob: { gpus: 4 }")
        + &mode("two", "")
        + &project("medix", &format!("modes: [one, two], defaultMode: one, limits: {{ perJob: {{ cpus: 4 }}, runningJobs: 5, priority: 3 }}, {members}").replace(", priority: 3", ""));
    rig.reach(&site);
    let columns = "user,qos,defaultqos,maxtres,maxjobs,maxwall";
    let declared = ["anna|one,two||gres/gpu=2|5|", "bo|||||", "|one,two|one|cpu=4|5|"];
    assert_eq!(rig.associations("account=medix", columns), declared);
    let cluster = rig.get("CLUSTER");
    let bo = format!("modify user where name=bo account=medix cluster={cluster} set");
    rig.sacctmgr(&format!("{bo} qos+=normal"));
    rig.sacctmgr(&format!("{bo} maxtres=cpu=9,gres/gpu=1 maxjobs=5 maxwall=60"));
    rig.sacctmgr(&format!("modify user where name=anna account=medix cluster={cluster} set qos-=two maxtres=node=1"));
    let planned = rig.plan(&["--detailed-exitcode"]).expect(2);
    for address in ["compute/association/medix/anna", "compute/association/medix/bo"] {
        assert!(planned.out.contains(address), "{}", planned.out);
    }
    rig.apply(&[]).expect(0);
    rig.assert_settled();
    assert_eq!(rig.associations("account=medix", columns), declared);
}

/// Neither 0 nor 1 says what became of a command: what is read afterwards does.
fn exit_codes_prove_nothing(release: &'static str) {
    let rig = Rig::new(release);
    let site = |n: u64| {
        let members: Vec<String> = ["anna", "bo", "carla"]
            .iter()
            .map(|user| format!("{{ user: {user}, limits: {{ runningJobs: {n} }} }}"))
            .collect();
        factory("")
            + &mode("one", &format!("priority: {n}"))
            + &project("medix", &format!("limits: {{ runningJobs: {n} }}, members: [{}]", members.join(", ")))
    };
    let slipped = |site: &str, script: &str| {
        rig.write("site.yaml", site);
        rig.slip(script);
        rig.tool(&[
            "apply",
            "--env",
            "slip",
            "--at",
            "2026-11-21",
            "--yes",
            "--allow-deletes",
            "99",
            "--allow-delete-share",
            "100",
        ])
    };
    // Somebody adds the same first: `add` leaves it as it is. (exit 1: nothing new added)
    let ran = slipped(
        &site(1),
        "case \"$*\" in *'add qos'*) real sacctmgr -i add qos name=one priority=77 description=sitewright-nordlys >/dev/null;; esac",
    );
    assert_eq!(ran.code, 4, "{}", ran.all());
    assert!(ran.out.contains("compute/qos/one: Priority reads back as 77, wanted 1"), "{}", ran.all());
    rig.apply(&[]).expect(0);
    rig.assert_settled();
    // One of three users goes in between: the others are changed. (exit 0)
    let ran = slipped(
        &site(2),
        "case \"$*\" in *'modify user'*) real sacctmgr -i delete user bo account=medix >/dev/null;; esac",
    );
    assert_eq!(ran.code, 4, "{}", ran.all());
    assert!(
        ran.out.contains("failed: compute/association/medix/bo: is not there") && ran.out.contains("failed 1 resource"),
        "{}",
        ran.all()
    );
    rig.apply(&[]).expect(0);
    rig.assert_settled();
    // Commands that do nothing and say 0, as one release does where a parent does not exist.
    let ran =
        slipped(&site(3), "case \"$*\" in *'modify account'*) echo ' Modified account associations...'; exit 0;; esac");
    assert_eq!(ran.code, 4, "{}", ran.all());
    assert!(ran.out.contains("compute/account/medix: MaxJobs reads back as 2, wanted 3"), "{}", ran.all());
    // Done, and told as a failure; and rows that another transaction holds for a moment.
    let ran = slipped(
        &site(4),
        "case \"$*\" in *'modify user'*) real \"$@\" >/dev/null; echo ' Nothing modified'; exit 1;;
         *'modify account'*) [ -e busy ] || { touch busy; echo 'sacctmgr: error: Database is busy or waiting for lock from other user.' >&2; exit 1; };; esac",
    );
    assert_eq!(ran.code, 0, "{}", ran.all());
    assert!(rig.dir().join("busy").exists());
    rig.assert_settled();
    // Slurm knows of a job that the queue does not show, such as a runaway one.
    let ran = slipped(
        &(factory("") + &mode("one", "priority: 4")),
        "case \"$*\" in *'delete account'*) echo ' Error with request: Job(s) active, cancel job(s) before remove'; echo '  JobID = 7 C = c A = medix U = anna'; exit 1;; esac",
    );
    assert_eq!(ran.code, 4, "{}", ran.all());
    assert!(ran.out.contains("JobID = 7"), "{}", ran.all());
    rig.apply(&ALL_DELETES).expect(0);
    rig.assert_settled();
}

/// What was deleted after it was used is kept by the database, marked as gone: made again, it begins anew.
fn what_comes_back_begins_anew(release: &'static str) {
    let rig = Rig::new(release);
    let with = factory("")
        + &mode("one", "priority: 9, flags: [deny-on-limit], perUser: { runningJobs: 3 }")
        + &mode("two", "")
        + &project(
            "medix",
            "modes: [one], defaultMode: one, fairshare: 7, priority: 5, limits: { runningJobs: 3 }, members: [{ user: anna, role: lead, fairshare: 9, limits: { submittedJobs: 5 } }]",
        );
    let without = factory("") + &mode("two", "");
    rig.reach(&with);
    let job = rig.job("anna", &["-p", "legacy", "-q", "one", "-t", "10"]);
    rig.write("site.yaml", &without);
    let refused = rig.apply(&ALL_DELETES).expect(3);
    assert!(refused.all().contains(&job), "{}", refused.all());
    rig.cancel(&job);
    // The database hears of the end a little later than the queue.
    rig.wait("the end of the job is known", || {
        rig.slurm(&["sacct", "-nPX", "-o", "end", "-j", &job]).out.starts_with('2')
    });
    rig.reach(&without);
    assert_eq!(rig.accounting(&["show", "user", "anna", "format=user"]), "");
    // As it was, and with less: nothing of before shines through.
    let less = factory("") + &mode("one", "") + &mode("two", "") + &project("medix", "members: [{ user: anna }]");
    rig.reach(&less);
    let rows = rig.associations("account=medix", "user,fairshare,priority,qos,defaultqos,maxjobs,maxsubmit");
    assert_eq!(rows, ["anna|1|||||", "|1|||||"]);
    assert_eq!(rig.accounting(&["show", "qos", "one", "format=priority,flags,maxjobspu"]), "0||");
    rig.reach(&without);
    rig.reach(&with);
    // An account of which only the row is left takes its texts and its mark again.
    rig.reach(&without);
    rig.sacctmgr("add account name=medix organization=other description=other");
    rig.sacctmgr(&format!("delete account where name=medix cluster={}", rig.get("CLUSTER")));
    rig.reach(&with);
}

/// One database for two clusters: the other one's rows are neither seen nor touched.
fn other_clusters_are_left_alone(release: &'static str) {
    let rig = Rig::new(release);
    rig.sacctmgr("add cluster other");
    rig.sacctmgr("add account name=medix cluster=other organization=others");
    rig.sacctmgr("add user name=anna,dan account=medix cluster=other fairshare=3");
    let theirs = || rig.accounting(&["show", "assoc", "cluster=other", "account=medix", "format=user,fairshare"]);
    let before = theirs();
    assert_eq!(before.lines().count(), 3);
    let without = factory("") + &mode("two", "");
    rig.reach(&(without.clone() + &project("medix", "fairshare: 5, limits: { runningJobs: 5 }, members: [{ user: anna, default: true, fairshare: 4, limits: { runningJobs: 2 } }, { user: bo }]")));
    assert_eq!(theirs(), before);
    rig.reach(
        &(without.clone()
            + &project("medix", "fairshare: 6, members: [{ user: anna, default: true, fairshare: 5 }, { user: bo }]")),
    );
    rig.reach(&without);
    assert_eq!(theirs(), before);
    assert!(rig.associations("account=medix", "user").is_empty());
    rig.tool(&["destroy", "--env", "live", "--confirm", "nordlys"]).expect(0);
    assert_eq!(theirs(), before);
    assert_eq!(rig.accounting(&["show", "user", "dan", "format=user"]), "dan");
}

on_each_release!(
    exit_codes_prove_nothing,
    what_comes_back_begins_anew,
    other_clusters_are_left_alone,
    others_below_our_accounts_stay,
    what_turns_round_goes_through,
    defaults_move_first,
    inherited_is_not_set,
);
