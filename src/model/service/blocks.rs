//! All blocks that say what a service runs on.

use super::block::Block;
use super::runtime::Runtime;
use crate::diagnostics::Diagnostics;
use crate::manifest::Loaded;
use crate::model::Site;
use crate::targets::each;

const OF_TARGETS: &[&[Block]] = &each!(BLOCKS);

const EXTERNAL: Block = Block {
    turn: 3,
    name: "external",
    usual: None,
    is: |wire| wire.spec.external.is_some(),
    read: |_, _| Runtime::External,
};

/// All blocks in their order.
pub(super) fn blocks() -> Vec<&'static Block> {
    let mut all: Vec<&Block> = OF_TARGETS.iter().copied().flatten().chain([&EXTERNAL]).collect();
    all.sort_by_key(|block| block.turn);
    all
}

/// What is looked up when all documents are known.
const ATTACH: &[fn(&Loaded, &mut Site, &mut Diagnostics)] = &each!(attach);

/// Gives services what stands in other documents.
pub(in crate::model) fn attach(loaded: &Loaded, site: &mut Site, found: &mut Diagnostics) {
    for attach in ATTACH {
        attach(loaded, site, found);
    }
}

/// Names of all runtimes, as people read them: `a`, `b` and `c`.
pub fn runtimes() -> String {
    let names: Vec<String> = blocks().iter().map(|block| format!("`{}`", block.name)).collect();
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => names.concat(),
    }
}
