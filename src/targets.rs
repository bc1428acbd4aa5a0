//! The table of targets. Whoever adds one adds a row here: a name in each of the lists below.
//!
//! A room that treats targets differently has a folder or file named after each, and goes through all of them by this
//! table: `each!(TARGET)` in `diff` is `[slurm::TARGET, kubernetes::TARGET]` of `diff`, and does not compile while one lacks
//! it. So shared files name no target, and imports go one way still: this table names no room but those of the targets'
//! own meaning. The twin is no row; it stands in for all of them.

/// An item of each target's module of the room that says it, in the order of the table.
macro_rules! each {
    ($item:ident) => {
        [super::slurm::$item, super::kubernetes::$item]
    };
}

/// An enum with a variant for each target, which holds that target's type of the same name, and those variants that are
/// written out, which are nobody's.
macro_rules! one_of {
    ($(#[$about:meta])* pub enum $name:ident { $($own:tt)* }) => {
        $(#[$about])*
        pub enum $name {
            $($own)*
            /// Slurm's.
            Slurm(super::slurm::$name),
            /// Kubernetes'.
            Kubernetes(super::kubernetes::$name),
        }

        impl From<super::slurm::$name> for $name {
            fn from(own: super::slurm::$name) -> Self {
                Self::Slurm(own)
            }
        }

        impl From<super::kubernetes::$name> for $name {
            fn from(own: super::kubernetes::$name) -> Self {
                Self::Kubernetes(own)
            }
        }
    };
}

/// The value in such an enum as a trait that the type of each target has; `$own` are the variants that are nobody's.
macro_rules! as_trait {
    ($value:expr, $name:ident { $($own:ident),* }) => {
        match $value {
            $($name::$own(own) => own,)*
            $name::Slurm(own) => own,
            $name::Kubernetes(own) => own,
        }
    };
}

/// Does something with the value in such an enum, or something else where the variant is nobody's.
macro_rules! in_each {
    ($value:expr, $name:ident, $own:ident => $do:expr, $else:expr) => {
        match $value {
            $name::Slurm($own) => $do,
            $name::Kubernetes($own) => $do,
            _ => $else,
        }
    };
}

/// The target of a value of such an enum.
macro_rules! placed {
    ($name:ident) => {
        impl $name {
            /// What a room knows of its target, where `all` is in the order of the table.
            pub(crate) fn of_kind<Known: Copy>(&self, all: &[Known]) -> Option<Known> {
                let place = match self {
                    Self::Slurm(_) => 0,
                    Self::Kubernetes(_) => 1,
                    _ => return None,
                };
                all.get(place).copied()
            }
        }
    };
}

/// The sides of a kind of manifest: a field for each target that has a block of its own in it, called as the block is. Slurm
/// has none: what manifests say without a block is in its words.
macro_rules! sides {
    ($(#[$about:meta])* pub struct $name:ident { $side:ident }
     read $read:ident($($more:ident: $type:ty)?) of $spec:ty) => {
        $(#[$about])*
        #[derive(Debug, Clone)]
        pub struct $name {
            /// On Kubernetes.
            pub kubernetes: Option<super::kubernetes::$side>,
        }

        impl $name {
            /// The typed sides.
            pub(super) fn read(
                document: DocumentId,
                name: &str,
                $($more: $type,)?
                spec: &$spec,
                refused: &Refused,
                found: &mut Diagnostics,
            ) -> Self {
                let kubernetes = spec.kubernetes.as_ref();
                Self { kubernetes: super::kubernetes::$read(document, name, $($more,)? kubernetes, refused, found) }
            }

            /// Targets that they live on.
            pub fn targets(&self) -> impl Iterator<Item = &str> {
                [self.kubernetes.as_ref().map(|side| side.target.as_str())].into_iter().flatten()
            }
        }
    };
}

/// Fields that name a target, of all kinds of manifests.
pub(crate) const NAMED_BY: [&str; 2] = ["spec.target", "spec.kubernetes.target"];

pub(crate) use {as_trait, each, in_each, one_of, placed, sides};

/// Whether a kind of resource, as it stands in addresses, is the target's.
const HAS_KIND: &[fn(&str) -> bool] = &each!(has_kind);

/// The target's place in the table whose kind of resource this is.
pub(crate) fn place(kind: &str) -> Option<usize> {
    HAS_KIND.iter().position(|has| has(kind))
}

/// What a room knows of the target whose kind of resource this is. `all` is in the order of the table.
pub(crate) fn of_kind<Known: Copy>(all: &[Known], kind: &str) -> Option<Known> {
    all.get(place(kind)?).copied()
}
