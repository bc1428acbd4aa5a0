//! Answers of servers, as they were seen.

#![expect(clippy::needless_pass_by_value, reason = "literals are handed over")]

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn said(status: u16, reason: &str, message: &str, details: Value) -> Failure {
    let body = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "reason": reason,
        "details": details, "code": status});
    classify(status, None, body.to_string().as_bytes())
}

fn kind(status: u16, message: &str) -> FailureKind {
    said(status, "", message, json!({})).kind
}

fn causes(list: &[(&str, &str, &str)]) -> Value {
    let list: Vec<Value> = list
        .iter()
        .map(|(reason, field, message)| json!({"reason": reason, "field": field, "message": message}))
        .collect();
    json!({ "causes": list })
}

#[test]
fn guards() {
    assert_eq!(
        kind(409, "uid mismatch: the provided object specified uid 1b2c, and no existing object was found"),
        FailureKind::Gone
    );
    let field = causes(&[("FieldValueInvalid", "metadata.uid", "Invalid value: \"1b2c\": field is immutable")]);
    assert_eq!(
        said(
            422,
            "Invalid",
            "ConfigMap \"a\" is invalid: metadata.uid: Invalid value: \"1b2c\": field is immutable",
            field
        )
        .kind,
        FailureKind::Replaced
    );
    assert_eq!(
        kind(
            409,
            "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again"
        ),
        FailureKind::Stale
    );
    assert_eq!(
        kind(
            409,
            "Operation cannot be fulfilled on configmaps \"a\": Precondition failed: UID in precondition: 1, UID in object meta: 2"
        ),
        FailureKind::Replaced
    );
    assert_eq!(kind(409, "object is being deleted: configmaps \"a\" already exists"), FailureKind::BeingDeleted);
}

#[test]
fn fields_that_do_not_fit() {
    let failure = said(
        500,
        "",
        "failed to create typed patch object (/d1; apps/v1, Kind=Deployment): .spec.replica: field not declared in schema",
        json!({}),
    );
    assert_eq!(failure.kind, FailureKind::UnknownField);
    assert_eq!(failure.causes[0].field, ".spec.replica");
    assert!(!failure.passes());
    let failure = said(
        500,
        "",
        "failed to create typed patch object (x/s; /v1, Kind=Secret): .data.a: expected string, got &value.valueUnstructured{Value:4711}",
        json!({}),
    );
    assert_eq!(failure.kind, FailureKind::Invalid);
    assert_eq!((failure.causes[0].field.as_str(), failure.causes[0].message.as_str()), (".data.a", "expected string"));
    let hidden = failure.without_values();
    assert!(!hidden.message.contains("4711"), "{}", hidden.message);
    let failure = said(
        500,
        "",
        "failed to create typed patch object (a/b; v1, Kind=X): errors:\n  .spec.foo: field not declared in schema\n  .spec.bar: field not declared in schema",
        json!({}),
    );
    assert_eq!(failure.causes.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), [".spec.foo", ".spec.bar"]);
    for (said_of_list, wanted) in [
        (
            ".spec.containers: element 1: associative list with keys has an element that omits key field \"name\"",
            ".spec.containers[1]",
        ),
        (".spec.containers: duplicate entries for key [name=\"a\"]", ".spec.containers[name=\"a\"]"),
    ] {
        let text = format!("failed to create typed patch object (a/b; v1, Kind=X): {said_of_list}");
        assert_eq!(said(500, "", &text, json!({})).causes[0].field, wanted);
    }
}

#[test]
fn owners_of_fields() {
    let failure = said(
        409,
        "Conflict",
        "Apply failed with 1 conflict: conflict with \"us\": .data.a",
        causes(&[
            ("FieldManagerConflict", ".data.a", "conflict with \"us\""),
            ("FieldManagerConflict", ".spec.replicas", "conflict with \"kubectl-client-side-apply\" using apps/v1"),
        ]),
    );
    let FailureKind::Conflict { fields } = failure.kind else { panic!() };
    assert_eq!((fields[0].path.as_str(), fields[0].manager.as_str()), (".data.a", "us"));
    let second = (fields[1].manager.as_str(), fields[1].version.as_str());
    assert_eq!(second, ("kubectl-client-side-apply", "apps/v1"));
}

#[test]
fn what_is_not_there() {
    assert_eq!(classify(404, None, b"404 page not found\n").kind, FailureKind::KindMissing);
    assert_eq!(
        kind(404, "the server could not find the requested resource"),
        FailureKind::VersionNotServed { served: Vec::new() }
    );
    let details = json!({"name": "x", "kind": "namespaces"});
    assert_eq!(
        said(404, "NotFound", "namespaces \"x\" not found", details).kind,
        FailureKind::NamespaceMissing { namespace: "x".into() }
    );
    let details = json!({"name": "x", "kind": "configmaps"});
    assert_eq!(said(404, "NotFound", "configmaps \"x\" not found", details).kind, FailureKind::Missing);
}

#[test]
fn sizes() {
    let field = causes(&[("FieldValueTooLong", "", "Too long: may not be more than 1048576 bytes")]);
    assert_eq!(
        said(422, "Invalid", "ConfigMap \"big\" is invalid: []: Too long: may not be more than 1048576 bytes", field)
            .kind,
        FailureKind::TooLarge
    );
    let field = causes(&[("FieldValueTooLong", "metadata.labels", "Too long: may not be more than 63 bytes")]);
    assert_eq!(said(422, "Invalid", "…", field).kind, FailureKind::Invalid);
    assert_eq!(kind(413, "Request entity too large: limit is 3145728"), FailureKind::TooLarge);
    assert_eq!(kind(500, "etcdserver: request is too large"), FailureKind::TooLarge);
}

#[test]
fn rights_quotas_and_namespaces() {
    let failure = kind(
        403,
        "configmaps \"p1\" is forbidden: User \"olga\" cannot patch resource \"configmaps\" in API group \"\" in the namespace \"default\"",
    );
    let FailureKind::Forbidden { user, right } = failure else { panic!("{failure:?}") };
    assert_eq!((user.as_str(), right.verb.as_str(), right.resource.as_str()), ("olga", "patch", "configmaps"));
    assert_eq!(right.namespace.as_deref(), Some("default"));
    let failure = kind(
        403,
        "deployments.apps is forbidden: User \"olga\" cannot list resource \"deployments\" in API group \"apps\" at the cluster scope",
    );
    let FailureKind::Forbidden { right, .. } = failure else { panic!("{failure:?}") };
    assert_eq!((right.spelled().as_str(), right.namespace), ("deployments.apps", None));
    assert_eq!(
        kind(
            403,
            "configmaps \"c\" is forbidden: exceeded quota: rq2, requested: count/configmaps=1, used: count/configmaps=3, limited: count/configmaps=3"
        ),
        FailureKind::Quota { quota: "rq2".into() }
    );
    let field = causes(&[("NamespaceTerminating", "metadata.namespace", "namespace x is being terminated")]);
    let message =
        "configmaps \"a\" is forbidden: unable to create new content in namespace x because it is being terminated";
    assert_eq!(said(403, "Forbidden", message, field).kind, FailureKind::NamespaceTerminating);
    assert_eq!(kind(401, "Unauthorized"), FailureKind::Unauthorized);
}

#[test]
fn webhooks() {
    let failure = said(
        403,
        "",
        "admission webhook \"vclusterqueue.kb.io\" denied the request: [spec.resourceGroups[0].flavors[0].resources[0].nominalQuota: Invalid value: \"-1\": must be greater than or equal to 0, spec.cohortName: Invalid value: \"A, b\": a lowercase RFC 1123 subdomain must consist of lower case]",
        json!({}),
    );
    assert_eq!(failure.kind, FailureKind::Denied { webhook: "vclusterqueue.kb.io".into() });
    let fields: Vec<&str> = failure.causes.iter().map(|one| one.field.as_str()).collect();
    assert_eq!(fields, ["spec.resourceGroups[0].flavors[0].resources[0].nominalQuota", "spec.cohortName"]);
    assert_eq!(
        kind(
            500,
            "Internal error occurred: failed calling webhook \"vclusterqueue.kb.io\": failed to call webhook: Post \"https://127.0.0.1:9443/x?timeout=10s\": dial tcp 127.0.0.1:9443: connect: connection refused"
        ),
        FailureKind::WebhookDown { webhook: "vclusterqueue.kb.io".into() }
    );
    assert_eq!(
        kind(
            500,
            "conversion webhook for kueue.x-k8s.io/v1beta1, Kind=LocalQueue failed: Post \"https://127.0.0.1:9443/convert?timeout=30s\": connection refused"
        ),
        FailureKind::ConversionDown
    );
    assert_eq!(
        kind(400, "admission webhook \"side.example\" does not support dry run"),
        FailureKind::DryRunUnsupported
    );
    assert_eq!(
        kind(
            422,
            "configmaps \"a\" is forbidden: ValidatingAdmissionPolicy 'no-a' with binding 'b' denied request: failed expression: false"
        ),
        FailureKind::DeniedByPolicy { policy: "no-a".into() }
    );
}

#[test]
fn immutable_in_all_its_wordings() {
    for message in [
        "Invalid value: \"x\": field is immutable",
        "Invalid value: \"10.0.0.1\": may not change once set",
        "Invalid value: 5: may not be changed in an update.",
        "Invalid value: {\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"Role\",\"name\":\"b\"}: cannot change roleRef",
        "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template' are forbidden",
        "Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims @@ -6,7 +6,7 @@ \"Requests\": { - \"storage\": \"1Gi\" + \"storage\": \"2Gi\" }, \"VolumeName\": \"\",",
        "Invalid value: {\"matchLabels\":{\"app\":\"b\"}}: field is immutable",
        "Invalid value: \"object\": resourceFlavorSpec are immutable when topologyName is set",
    ] {
        let field = causes(&[("FieldValueInvalid", "spec.x", message)]);
        assert_eq!(said(422, "Invalid", "…", field).kind, FailureKind::Immutable, "{message}");
    }
    let field = causes(&[(
        "FieldValueInvalid",
        "metadata.name",
        "Invalid value: \"immutable\": a lowercase RFC 1123 subdomain",
    )]);
    assert_eq!(said(422, "Invalid", "…", field).kind, FailureKind::Invalid, "a value may hold the word");
    let both = causes(&[
        ("FieldValueInvalid", "spec.selector", "Invalid value: \"x\": field is immutable"),
        ("FieldValueRequired", "spec.template", "Required value"),
    ]);
    assert_eq!(said(422, "Invalid", "…", both).kind, FailureKind::Invalid, "making it anew would not help");
}

#[test]
fn too_many() {
    let failure = classify(429, Some(3), b"Too many requests, please try again later.\n");
    assert_eq!(failure.kind, FailureKind::TooMany { after: Some(Duration::from_secs(3)) });
    assert!(failure.passes());
    assert_eq!(failure.title(), "the server has too much to do and wants 3 s of rest");
    assert!(classify(503, None, b"").passes());
    assert_eq!(classify(200, None, b"<html>").kind, FailureKind::Garbled);
}

proptest! {
    #[test]
    fn any_answer_is_classified(status in 300_u16..600, body in prop::collection::vec(any::<u8>(), 0..200), message in "\\PC{0,80}") {
        let _ = classify(status, None, &body);
        let failure = said(status, "", &message, json!({"causes": [{"message": message}]}));
        let _ = (failure.title(), failure.hint(), failure.without_values());
    }
}

#[test]
fn what_is_held_is_hidden_before_a_text_is_cut() {
    let held = crate::kubernetes::held::Held::of(&json!({"apiVersion": "v1", "kind": "Secret",
        "stringData": {"token": "planted-value"}}));
    let hide = |text: &str| held.hide(text, &[]);
    // Wherever the text is cut, nothing of it is left.
    for before in 380..420 {
        let message = format!(
            "admission webhook \"echo.example\" denied the request: {} planted-value {}",
            "x".repeat(before),
            "y".repeat(400)
        );
        let body = json!({"kind": "Status", "message": message, "details": {"causes": [
            {"field": "data[planted-value]", "message": "it is cGxhbnRlZC12YWx1ZQ=="}]}});
        let failure = classify_hiding(403, None, body.to_string().as_bytes(), &hide);
        assert_eq!(failure.kind, FailureKind::Denied { webhook: "echo.example".into() });
        assert!(!failure.message.contains("plan"), "{}", failure.message);
        assert_eq!(
            (failure.causes[0].field.as_str(), failure.causes[0].message.as_str()),
            ("data[(hidden)]", "it is (hidden)")
        );
    }
    let failure = classify_hiding(502, None, b"<html>planted-value</html>", &hide);
    assert_eq!(failure.message, "<html>(hidden)</html>");
}

#[test]
fn no_server_makes_us_wait_for_ever() {
    let hour = std::time::Duration::from_secs(3600);
    assert_eq!(classify(429, Some(u64::MAX), b"").kind, FailureKind::TooMany { after: Some(hour) });
    let said = said(429, "TooManyRequests", "later", json!({"retryAfterSeconds": u64::MAX}));
    assert_eq!(said.kind, FailureKind::TooMany { after: Some(hour) });
}
