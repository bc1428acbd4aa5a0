//! slurm.conf, gres.conf and their includes: lexical rules, merged reading, and a writer (`parse_config.c`).

mod lexer;
mod mark;
mod merge;
mod writer;

pub use lexer::{Entry, Pair, parse};
pub use mark::{is_marked, with_mark};
pub use merge::{Merged, Setting, include_paths, merge};
pub use writer::{WriteError, line};
