//! Members of a project, as several rules look at them.

use crate::diagnostics::Place;
use crate::model::{Member, Project, Site};

/// Members whose user and partition were read, each with the place of its user.
pub(super) fn identified<'a>(site: &'a Site, project: &'a Project) -> impl Iterator<Item = (&'a Member, Place)> {
    let read = |member: &&Member| {
        let refused = |field: &str| site.refused.touches(project.document, &member.path.key(field));
        !refused("user") && !refused("partition")
    };
    let members = project.members.iter().filter(read);
    members.map(|member| (member, Place::value(project.document, member.path.key("user"))))
}
