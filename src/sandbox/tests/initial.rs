//! Associations that exist when the sandbox starts.

use super::*;
use crate::sandbox::SandboxError;

fn start_with_links(links: &str, merged: &str) -> Result<Sandbox, SandboxError> {
    let folder = tempfile::tempdir().unwrap();
    let [links_path, merged_path] =
        ["links.csv", "merged.csv"].map(|name| folder.path().join(name));
    std::fs::write(&links_path, links).unwrap();
    std::fs::write(&merged_path, merged).unwrap();
    Sandbox::start(SandboxOptions {
        links: Some(links_path),
        merged: Some(merged_path),
        ..SandboxOptions::default()
    })
}

/// The existing links of contacts.
fn contact_links(sandbox: &Sandbox) -> Vec<String> {
    let links = sandbox.links();
    let from_contacts = links.iter().filter(|link| link.starts_with("contacts"));
    from_contacts.cloned().collect()
}

#[test]
fn definitions_may_be_numbers_names_or_the_accounts_own() {
    let links = "\u{feff}note,from_object_id,to_object_id,definition_id\n\
                 a,1,2,279\n\"b, c\",3,4,contact_to_company\nd,3,4,USER_DEFINED=26\n";
    let sandbox = start_with_links(links, "").unwrap();
    assert_eq!(
        contact_links(&sandbox),
        [
            "contacts 1 -> companies 2 HUBSPOT_DEFINED=279",
            "contacts 3 -> companies 4 HUBSPOT_DEFINED=1",
            "contacts 3 -> companies 4 HUBSPOT_DEFINED=279",
            "contacts 3 -> companies 4 USER_DEFINED=26",
        ]
    );
}

#[test]
fn types_and_labels_work_and_old_ids_become_current() {
    let links = "From_Object_Type,from_object_id,to_object_type,to_object_id,label\n\
                 contact,101,companies,2,decision maker\ncontacts,5,0-2,6,\n";
    let sandbox = start_with_links(links, "contacts,101,1001\n").unwrap();
    assert_eq!(
        contact_links(&sandbox),
        [
            "contacts 1001 -> companies 2 HUBSPOT_DEFINED=279",
            "contacts 1001 -> companies 2 USER_DEFINED=26",
            "contacts 5 -> companies 6 HUBSPOT_DEFINED=279",
        ]
    );
}

#[test]
fn an_invalid_association_is_refused_with_its_line_or_columns() {
    let typed = "from_object_id,to_object_id,from_object_type,to_object_type,label\n";
    for (links, words) in [
        ("from,to\n1,2\n", "definition_id"),
        (
            "from_object_id,to_object_id,definition_id\n1,2,279\n1,x,279\n",
            "line 3: an id",
        ),
        (
            "from_object_id,to_object_id,definition_id\n1,2,9999\n",
            "'9999' is no association type",
        ),
        (
            &format!("{typed}1,2,contacts,boats,\n"),
            "'boats' is no object type",
        ),
        (
            &format!("{typed}1,2,contacts,companies,Boss\n"),
            "no label 'Boss'",
        ),
    ] {
        let error = start_with_links(links, "").unwrap_err().to_string();
        assert!(
            error.contains(words) && error.contains("links.csv"),
            "{error}"
        );
    }
}
