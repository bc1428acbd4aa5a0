//! What of a plan is waited for only when all is written: programs that nothing else in the plan needs.

use std::collections::BTreeSet;

use crate::kubernetes::kinds::{kind_and_group, wave};
use crate::plan::kubernetes::{self, ObjectWrite, Verb};
use crate::plan::{Plan, Step};
use crate::resource::Address;

/// Waves whose objects programs of the same plan may have to answer for: webhooks, what operators read, and policies.
const ANSWERED: [u8; 3] = [50, 60, 90];

/// Programs that nothing else in the plan needs: one that never gets ready then holds nothing back.
pub(super) fn at_end(plan: &Plan) -> BTreeSet<Address> {
    let writes: Vec<&ObjectWrite> = plan
        .actions
        .iter()
        .filter_map(|action| match &action.step {
            Step::Kubernetes(kubernetes::Step::Objects { writes }) => Some(writes),
            _ => None,
        })
        .flatten()
        .collect();
    of(&writes)
}

fn of(writes: &[&ObjectWrite]) -> BTreeSet<Address> {
    let needed: BTreeSet<&Address> = writes.iter().flat_map(|write| &write.needs).collect();
    let answering: BTreeSet<&str> = writes
        .iter()
        .filter(|write| write.verb != Verb::Delete && ANSWERED.contains(&wave(&write.address.kind)))
        .map(|write| write.address.target.as_str())
        .collect();
    writes
        .iter()
        .filter(|write| write.verb == Verb::Apply && write.wait.is_some())
        .map(|write| &write.address)
        .filter(|address| kind_and_group(&address.kind).1 == "apps")
        .filter(|address| !needed.contains(address) && !answering.contains(address.target.as_str()))
        .cloned()
        .collect()
}

/// Writes, of which some are not waited for.
pub(super) fn without(writes: &[ObjectWrite], at_end: &BTreeSet<Address>) -> Vec<ObjectWrite> {
    let mut writes = writes.to_vec();
    for write in writes.iter_mut().filter(|write| at_end.contains(&write.address)) {
        write.wait = None;
    }
    writes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(kind: &str, name: &str) -> ObjectWrite {
        ObjectWrite {
            address: Address::new("services", kind, name),
            api_version: String::new(),
            plural: String::new(),
            verb: Verb::Apply,
            object: None,
            uid: None,
            force: false,
            wait: crate::kubernetes::kinds::patience(kind),
            needs: BTreeSet::new(),
        }
    }

    #[test]
    fn a_program_holds_back_no_queue() {
        let (program, queue) = (write("Deployment.apps", "a/b"), write("ClusterQueue.kueue.x-k8s.io", "q"));
        let claim = write("PersistentVolumeClaim", "a/c");
        assert_eq!(claim.wait, None, "a claim binds when a program uses it, or never");
        let late = of(&[&program, &queue, &claim]);
        assert_eq!(late, BTreeSet::from([program.address.clone()]));
        let sent = without(&[program, queue.clone()], &late);
        assert_eq!((sent[0].wait, sent[1].wait), (None, queue.wait));
    }

    #[test]
    fn what_others_need_is_waited_for_at_once() {
        let program = write("Deployment.apps", "a/b");
        let mut route = write("Ingress.networking.k8s.io", "a/b");
        route.needs.insert(program.address.clone());
        assert_eq!(of(&[&program, &route]), BTreeSet::new());
        let webhook = write("ValidatingWebhookConfiguration.admissionregistration.k8s.io", "hook");
        assert_eq!(of(&[&program, &webhook]), BTreeSet::new(), "its program has to answer first");
    }
}
