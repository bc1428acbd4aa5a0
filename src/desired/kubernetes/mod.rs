//! The Kubernetes side: whole objects as the server keeps them.

mod service;

use jiff::civil::Date;

use crate::model::Site;
use crate::resource::Resource;

/// Resources of all Kubernetes targets.
pub(super) fn compile(site: &Site, day: Date) -> Vec<Resource> {
    service::compile(site, day)
}
