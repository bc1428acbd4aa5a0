//! Fields whose values `desired` puts together from several documents, each with the part that one manifest writes.

pub use super::accounts::{
    BRANCH_PARENT, PROJECT_DEFAULT_MODE, PROJECT_MODES, PROJECT_PARENT, USER_ACCOUNT, USER_LEVEL,
};
