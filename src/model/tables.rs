//! The tables of rows of all kinds.

use super::rows::Table;
use super::service::slurm as service;
use super::{accounts, mode, node, partition};

/// Fields of all resources that manifests declare on Slurm, by the part of a manifest that says them.
pub const TABLES: &[Table] = &[
    accounts::ROOT_TABLE,
    accounts::BRANCH_TABLE,
    accounts::LEVEL_TABLE,
    partition::TABLE,
    partition::NODE_SETS,
    node::TABLE,
    node::ACCELERATORS_TABLE,
    node::GRES_TABLE,
    mode::TABLE,
    accounts::PROJECT_TABLE,
    accounts::MEMBER_TABLE,
    accounts::USER_TABLE,
    service::ACCOUNT,
    service::QOS,
];
