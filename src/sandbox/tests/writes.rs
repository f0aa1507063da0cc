//! Writes, checked by reads.

use super::*;

fn results(sandbox: &Sandbox, object: u64, definition: u64) -> String {
    let body = read(sandbox, object, &definition.to_string());
    let from = body.find('[').unwrap();
    body[from..=body.find(']').unwrap()].to_owned()
}

#[test]
fn a_batch_with_one_bad_association_writes_nothing() {
    let sandbox = start(SandboxOptions::default());
    for links in [
        [link(7, 1, 3), link(7, 2404, 3)],
        [link(7, 2404, 3), link(7, 1, 3)],
        [link(7, 1, 3), link(7, 1, 999)],
    ] {
        assert_eq!(put(&sandbox, PUT_BATCH, &batch(&links)).status, 400);
        assert_eq!(results(&sandbox, 7, 3), "[]");
    }
    assert_eq!(sandbox.request_log().applied, 0);
}

#[test]
fn every_bad_association_of_a_batch_is_named_once() {
    let sandbox = start(SandboxOptions::default());
    let links = [link(1404, 1, 3), link(7, 2404, 3), link(1404, 3404, 3)];
    let answer = put(&sandbox, PUT_BATCH, &batch(&links));
    let errors = r#""errors":["DEAL=1404 is not valid","CONTACT=2404 is not valid"]}"#;
    assert!(answer.body.ends_with(errors), "{}", answer.body);
}

#[test]
fn deleting_a_missing_link_is_not_an_error() {
    let sandbox = start(SandboxOptions::default());
    put(&sandbox, PUT_BATCH, &batch(&[link(7, 1, 3), link(7, 2, 3)]));
    let links = batch(&[link(7, 2404, 3), link(7, 1, 3), link(7, 5, 3)]);
    let answer = put(&sandbox, &format!("{PUT_ONE}/delete-batch"), &links);
    assert_eq!(answer.status, 204);
    assert_eq!(results(&sandbox, 7, 3), "[2]");
    assert_eq!(results(&sandbox, 1, 4), "[]");
}

#[test]
fn a_link_is_read_from_its_other_end() {
    let sandbox = start(SandboxOptions::default());
    put(&sandbox, PUT_ONE, &link(10, 20, 5));
    put(&sandbox, PUT_ONE, &link(10, 20, 5));
    assert_eq!(results(&sandbox, 20, 6), "[10]");
}

#[test]
fn records_on_the_missing_list_do_not_exist() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing");
    std::fs::write(&path, "contact,123\n").unwrap();
    let sandbox = start(SandboxOptions {
        missing: Some(path),
        ..SandboxOptions::default()
    });
    assert_eq!(put(&sandbox, PUT_ONE, &link(123, 1, 1)).status, 400);
    assert_eq!(put(&sandbox, PUT_ONE, &link(1, 123, 1)).status, 204);
}
