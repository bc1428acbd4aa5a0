//! The fields of a live resource, made from what was read only when somebody looks at them.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::resource::{Body, Digest};

/// What makes a body of an object.
type Make = fn(&Value) -> Body;

/// A live resource's fields. Most resources of a large site are as declared, and nobody looks at their fields twice; so an
/// object as the server sent it is shared, and becomes a body at the first look.
pub struct LiveBody {
    made: OnceLock<Body>,
    from: Option<(Arc<Value>, Make)>,
    /// Digest of the resource as it was read, where the body has marks in place of secrets.
    as_read: Option<Digest>,
}

impl LiveBody {
    /// What `make` gives for an object, when it is asked for.
    pub fn lazy(object: Arc<Value>, make: Make) -> Self {
        Self { made: OnceLock::new(), from: Some((object, make)), as_read: None }
    }

    /// A body that was read with other values: marks stand in it for what a record does not show.
    pub(super) fn masked(body: Body, as_read: Digest) -> Self {
        Self { as_read: Some(as_read), ..body.into() }
    }

    /// Digest of the resource as it was read, where the body has marks in place of secrets.
    pub fn as_read(&self) -> Option<&Digest> {
        self.as_read.as_ref()
    }

    /// It with one field more.
    #[must_use]
    pub fn with(&self, field: &str, value: Value) -> Self {
        let mut body = self.deref().clone();
        body.insert(field.to_owned(), value);
        body.into()
    }
}

impl From<Body> for LiveBody {
    fn from(body: Body) -> Self {
        Self { made: OnceLock::from(body), from: None, as_read: None }
    }
}

impl Deref for LiveBody {
    type Target = Body;

    fn deref(&self) -> &Body {
        self.made.get_or_init(|| self.from.as_ref().map(|(object, make)| make(object)).unwrap_or_default())
    }
}

impl Clone for LiveBody {
    fn clone(&self) -> Self {
        Self { made: self.made.clone(), from: self.from.clone(), as_read: self.as_read.clone() }
    }
}

impl fmt::Debug for LiveBody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.deref().fmt(formatter)
    }
}

impl PartialEq for LiveBody {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for LiveBody {}

impl Serialize for LiveBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.deref().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for LiveBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Body::deserialize(deserializer).map(Self::from)
    }
}
