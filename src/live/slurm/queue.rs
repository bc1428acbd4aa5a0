//! The queue: `squeue`, one row a job or array task.

use super::complaints::{incomplete, one};
use crate::diagnostics::Diagnostics;
use crate::live::{Job, JobState};
use crate::resource::hostlist::HostSet;
use crate::slurm::value;

/// Columns asked for.
pub(super) const FORMAT: &str = "%i|%T|%P|%a|%q|%u|%D|%N|%l|%e|%b";
const COLUMNS: usize = 11;

/// Parses the queue; its header proves that there was an answer.
pub(super) fn jobs(text: &str) -> Result<Vec<Job>, Diagnostics> {
    let cut = |why: &str| Err(one(incomplete("squeue", why)));
    if text.is_empty() || !text.ends_with('\n') {
        return cut("its header or its end is missing");
    }
    let mut lines = text.lines();
    if !lines.next().is_some_and(|header| header.starts_with("JOBID|STATE|PARTITION")) {
        return cut("it has another header than asked for");
    }
    let mut jobs = Vec::new();
    for line in lines {
        let cells: Vec<&str> = line.splitn(COLUMNS, '|').collect();
        if cells.len() != COLUMNS {
            return cut("a line is cut off");
        }
        let state = match cells[1] {
            "PENDING" | "REQUEUED" | "REQUEUE_HOLD" | "REQUEUE_FED" | "SPECIAL_EXIT" | "RESV_DEL_HOLD" => {
                JobState::Pending
            }
            "CANCELLED" | "COMPLETED" | "FAILED" | "TIMEOUT" | "NODE_FAIL" | "BOOT_FAIL" | "DEADLINE"
            | "OUT_OF_MEMORY" | "REVOKED" => continue,
            _ => JobState::Running,
        };
        let Ok(hosts) = HostSet::parse_lenient(cells[7]) else { return cut("a host list cannot be read") };
        let nodes = cells[6].split('-').next_back().and_then(|text| text.parse().ok()).unwrap_or(0);
        jobs.push(Job {
            id: cells[0].to_owned(),
            state,
            partitions: cells[2].split(',').map(ToOwned::to_owned).collect(),
            account: cells[3].to_owned(),
            qos: cells[4].to_owned(),
            user: cells[5].to_owned(),
            hosts: hosts.iter().map(ToOwned::to_owned).collect(),
            gpus: gpus_per_node(cells[10]) * std::cmp::max(nodes, 1),
            nodes,
            time_limit: value::minutes(cells[8]),
            ends: (cells[9].starts_with(|digit: char| digit.is_ascii_digit())).then(|| cells[9].to_owned()),
        });
    }
    Ok(jobs)
}

/// GPUs of `gres/gpu:h100:4`, `gres:gpu:4`, `gpu`, `N/A`.
fn gpus_per_node(text: &str) -> u64 {
    text.split(',')
        .filter(|part| part.split([':', '/', '=']).any(|word| word == "gpu"))
        .map(|part| part.rsplit([':', '=']).next().and_then(|count| count.parse().ok()).unwrap_or(1))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "JOBID|STATE|PARTITION|ACCOUNT|QOS|USER|NODES|NODELIST|TIME_LIMIT|END_TIME|TRES_PER_NODE\n";

    #[test]
    fn rows_become_jobs() {
        let text = format!(
            "{HEADER}12|RUNNING|booster|medix|fast|anna|2|gpu[001-002]|12:00:00|2026-11-21T14:10:00|gres/gpu:h100:4\n13_2|PENDING|a,b|medix|fast|bo|1-4||UNLIMITED|N/A|N/A\n"
        );
        let jobs = jobs(&text).unwrap();
        assert_eq!((jobs[0].gpus, jobs[0].nodes, jobs[0].time_limit), (8, 2, Some(720)));
        assert_eq!(jobs[0].hosts, ["gpu001", "gpu002"]);
        assert_eq!((jobs[1].state, jobs[1].nodes, jobs[1].time_limit), (JobState::Pending, 4, None));
        assert_eq!(jobs[1].partitions, ["a", "b"]);
    }

    #[test]
    fn no_header_is_no_answer() {
        for text in ["", "12|RUNNING\n", &format!("{HEADER}12|RUNNING\n"), &format!("{HEADER}12|RUN")] {
            assert!(jobs(text).is_err(), "{text:?}");
        }
        assert!(jobs(HEADER).unwrap().is_empty());
    }
}
