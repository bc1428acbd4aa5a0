//! Text → documents: reading folders, parsing YAML with places, checking shapes against the generated schemas.

mod folder;
mod load;
mod node;
mod pass_through;
mod recover;
mod refused;
pub mod schema;
mod secrets;
mod shape;
mod source;
pub mod v1alpha1;

pub use folder::{RENDERED_FOLDER, manifest_below};
pub use load::{Document, Loaded, LoadedSettings, load, load_settings, load_texts, settings_of};
pub use pass_through::{PassedThrough, folder_named, is_under};
pub use refused::Refused;
pub use schema::Schemas;
pub use source::{Located, Sources};
pub use v1alpha1::{Kind, Wire};
