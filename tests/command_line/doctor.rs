//! `doctor --slurm-conf` says what it could not look at.

use super::Folder;

fn conf() -> Folder {
    Folder::empty()
        .with("slurm.conf", "ClusterName=nordlys\nSlurmctldHost=head\nNodeName=n1 CPUs=4\nPartitionName=p Nodes=n1\n")
}

#[test]
fn a_folder_is_no_file() {
    conf()
        .run(&["doctor", "--slurm-conf", "."])
        .expect(1)
        .says("`.` cannot be read: it is a folder")
        .never_says("does not exist");
}

#[test]
fn a_file_that_was_named_has_to_be_there() {
    let folder = conf();
    folder.run(&["doctor", "--slurm-conf", "slurm.conf"]).expect(0);
    folder
        .run(&["doctor", "--slurm-conf", "slurm.conf", "--gres-conf", "nope"])
        .expect(1)
        .says("`nope` cannot be read");
    folder.run(&["doctor", "--slurm-conf", "nope"]).expect(1).says("does not exist");
}

#[test]
fn only_known_releases_are_taken() {
    let folder = conf();
    let with = |release: &str| folder.run(&["doctor", "--slurm-conf", "slurm.conf", "--release", release]);
    for release in ["22.05", "24.11.5", "26.05"] {
        with(release).expect(0);
    }
    for release in ["99.1", "21.08", "24.08", "26.11"] {
        with(release)
            .expect(64)
            .says("is not known here: write one of 22.05, 23.02, 23.11, 24.05, 24.11, 25.05, 25.11, 26.05");
    }
    with("new").expect(64).says("is not a Slurm release");
}
