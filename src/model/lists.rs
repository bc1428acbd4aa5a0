//! Lists of manifests, with the place of each item.

use crate::diagnostics::DocumentId;
use crate::manifest::Refused;
use crate::resource::FieldPath;

/// Items of a list with their places in the text, where refused ones may stand between them.
pub(super) fn numbered<'a, Item>(
    items: &'a [Item],
    document: DocumentId,
    list: &FieldPath,
    refused: &Refused,
) -> Vec<(FieldPath, &'a Item)> {
    refused.kept(document, list).map(|index| list.index(index)).zip(items).collect()
}

/// Names of a list with their places.
pub(super) fn listed(
    names: &[String],
    document: DocumentId,
    list: &FieldPath,
    refused: &Refused,
) -> Vec<(String, FieldPath)> {
    numbered(names, document, list, refused).into_iter().map(|(path, name)| (name.clone(), path)).collect()
}
