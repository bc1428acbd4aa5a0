//! Ending a program together with everything that it started.
//!
//! A wrapper that is killed leaves its children running: an `sh` its `sacctmgr`, a `timeout` its program. They keep no process
//! group of their own, for a `sudo` in it could not ask for its password; so they are found by their parents.

use std::collections::{BTreeMap, BTreeSet};

use rustix::process::{Pid, Signal, kill_process};

/// Ends a program and its descendants when it is dropped, unless the program has ended by itself.
#[derive(Debug)]
pub(super) struct Tree(Option<u32>);

impl Tree {
    /// Of a process that was just started and that nobody has waited for.
    pub(super) fn of(process: Option<u32>) -> Self {
        Self(process)
    }

    /// The program has ended: its number may be another's soon.
    pub(super) fn ended(&mut self) {
        self.0 = None;
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        if let Some(process) = self.0.take() {
            end(process);
        }
    }
}

/// Stops all first, parents before their children, so that none starts another meanwhile and no number is used again; then
/// ends them.
fn end(root: u32) {
    let mut stopped = BTreeSet::new();
    loop {
        let found: Vec<u32> = descendants(root).into_iter().filter(|process| !stopped.contains(process)).collect();
        if found.is_empty() || stopped.len() > 10_000 {
            break;
        }
        for process in found {
            send(process, Signal::STOP);
            stopped.insert(process);
        }
    }
    for process in stopped {
        send(process, Signal::KILL);
    }
}

/// A process that is gone, or that is somebody else's, is left alone.
fn send(process: u32, signal: Signal) {
    if let Some(process) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        let _ = kill_process(process, signal);
    }
}

/// A process and all below it, as `/proc` tells, parents first.
fn descendants(root: u32) -> Vec<u32> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    for process in entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()) {
        if let Some(parent) = parent_of(process) {
            children.entry(parent).or_default().push(process);
        }
    }
    let mut all = vec![root];
    let mut next = 0;
    while let Some(process) = all.get(next).copied() {
        let below = children.remove(&process).unwrap_or_default();
        all.extend(below);
        next += 1;
    }
    all
}

/// The parent of a process (proc(5), `/proc/pid/stat`, field 4). The name before may hold anything, brackets too.
fn parent_of(process: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_are_below_our_parent() {
        let here = std::process::id();
        let parent = parent_of(here).unwrap();
        assert!(descendants(parent).contains(&here));
        assert_eq!(descendants(u32::MAX), [u32::MAX]);
    }
}
