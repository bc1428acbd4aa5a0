//! Text → documents: sources and places, wire types, schema, shape errors.

pub mod v1alpha1;
