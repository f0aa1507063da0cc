//! Tests of rows with object types and a label instead of a definition.

use std::sync::Arc;

use super::*;
use crate::{
    association::{AccountLabel, AccountLabels, AssociationType, Category},
    input::LabelColumn,
    tables::v2026_09,
};

const TYPED: &str = "from_object_id,to_object_id,from_object_type,to_object_type,label\n";

fn dated(change: impl FnOnce(&mut InputOptions)) -> InputOptions {
    let mut options = options();
    options.table = v2026_09::table();
    change(&mut options);
    options
}

fn read(file: &str, options: &InputOptions) -> Result<InputResult, String> {
    let input = open(io::Cursor::new(file.to_owned()), options);
    input
        .map(drain)
        .map_err(|refusal| messages::refusal(&refusal))
}

/// Reads a file for an account with known labels.
fn read_with_labels(file: &str, change: impl FnOnce(&mut InputOptions)) -> InputResult {
    let account_label = |id, label: &str| AccountLabel {
        association_type: AssociationType {
            category: Category::UserDefined,
            id,
        },
        label: Some(label.to_owned()),
    };
    let mut labels = AccountLabels::new(v2026_09::table());
    let infos = vec![
        account_label(26, "Decision maker"),
        account_label(28, "Billing contact"),
    ];
    labels.insert("contacts", "companies", infos);
    let options = dated(|options| {
        options.labels = Some(Arc::new(labels));
        change(options);
    });
    read(file, &options).unwrap()
}

fn refused(file: &str, change: impl FnOnce(&mut InputOptions)) -> String {
    read(file, &dated(change)).unwrap_err()
}

fn messages(result: &InputResult) -> Vec<String> {
    let wrong = result.rows.iter().filter(|row| row.link.is_err());
    wrong.map(message).collect()
}

#[test]
fn types_and_labels_in_columns_resolve_to_definitions_of_the_account() {
    let file = format!(
        "{TYPED}1,2,contacts,companies,Decision maker\n3,4,Contact,0-2, billing CONTACT \n5,6,deals,contacts,\n"
    );
    let result = read_with_labels(&file, |_| {});
    assert_eq!(
        result.links(),
        [Ok((1, 2, 26)), Ok((3, 4, 28)), Ok((5, 6, 3))]
    );
}

#[test]
fn types_and_label_can_be_set_for_all_rows() {
    let result = read_with_labels("from_object_id,to_object_id\n1,2\n", |options| {
        options.from_type = Some("contacts");
        options.to_type = Some("companies");
        options.label = Some("decision maker".to_owned());
    });
    assert_eq!(result.links(), [Ok((1, 2, 26))]);
}

#[test]
fn without_a_label_column_links_are_unlabeled() {
    let file = "from_object_id,to_object_id,to_object_type\n1,2,companies\n";
    let result = read_with_labels(file, |options| options.from_type = Some("contacts"));
    assert_eq!(result.links(), [Ok((1, 2, 279))]);
}

#[test]
fn an_unknown_label_makes_the_row_invalid_and_similar_ones_are_named() {
    let file = format!("{TYPED}1,2,contacts,companies,Decison maker\n");
    let result = read_with_labels(&file, |_| {});
    assert_eq!(result.links(), [Err(Code::UnknownLabel)]);
    let message = &messages(&result)[0];
    assert!(
        message.starts_with("label: this account has no label 'Decison maker'")
            && message.contains("closest: 'Decision maker', 'Billing contact'"),
        "{message}"
    );
}

#[test]
fn an_unknown_object_type_makes_the_row_invalid() {
    let file = format!("{TYPED}1,2,contacts,12345,\n1,2,,companies,\n");
    let result = read_with_labels(&file, |_| {});
    assert_eq!(result.links(), [Err(Code::InvalidObjectType); 2]);
    let message = messages(&result);
    assert!(
        message[0].starts_with(
            "to_object_type: '12345' is not an object type; write contacts, companies, …, or a \
             custom object's name or id (2-123456)"
        ),
        "{message:?}"
    );
    assert!(
        message[1].starts_with("from_object_type: the object type is missing"),
        "{message:?}"
    );
}

#[test]
fn lookalikes_of_names_are_shown_differently() {
    let file = format!("{TYPED}1,2,c\u{43e}ntacts,companies,\n");
    let result = read_with_labels(&file, |_| {});
    let message = &messages(&result)[0];
    let shown = r"from_object_type: 'c\u{43e}ntacts' is not an object type; write contacts, ";
    assert!(message.starts_with(shown), "{message}");
    let result = read_bytes(format!(
        "{HEADER}1,2,c\u{43e}ntact_to_company\n1,2,Contact\u{a0}to company\n"
    ));
    let message = messages(&result);
    for (message, shown) in message.iter().zip([
        r"definition_id: 'c\u{43e}ntact_to_company' is not the id or name of a definition",
        r"definition_id: 'Contact\u{a0}to company' is not the id or name of a definition",
    ]) {
        assert!(message.starts_with(shown), "{message}");
    }
}

#[test]
fn without_account_labels_every_well_formed_reference_resolves() {
    let file = format!("{TYPED}1,2,contacts,companies,Boss\n1,2,contacts,2-5,\nx,2,a,b,c\n");
    let result = read(&file, &dated(|_| {})).unwrap();
    let names: Vec<_> = result.rows[..2]
        .iter()
        .map(|row| row.association().unwrap().definition.to_string())
        .collect();
    assert_eq!(names, ["contact_to_company \"Boss\"", "contact_to_2-5"]);
    assert_eq!(result.links()[2], Err(Code::InvalidId));
}

#[test]
fn different_references_have_different_stand_ins() {
    let file = format!("{TYPED}1,2,contacts,companies,A\n1,2,contacts,companies,B\n");
    let result = read(&file, &dated(|_| {})).unwrap();
    let links: Vec<_> = result
        .rows
        .iter()
        .map(|row| *row.association().unwrap())
        .collect();
    assert_ne!(links[0].definition, links[1].definition);
}

#[test]
fn a_definition_together_with_types_is_refused() {
    let both = "from_object_id,to_object_id,definition_id,from_object_type\n1,2,1,contacts\n";
    let message = refused(both, |_| {});
    assert!(
        message.contains("(the column 'definition_id')")
            && message.contains("column 'from_object_type'"),
        "{message}"
    );
    let message = refused(HEADER, |options| options.label = Some("Boss".to_owned()));
    assert!(
        message.contains(
            ") and --label say what the rows mean; leave out one of them, or rename the column"
        ),
        "{message}"
    );
    let message = refused(TYPED, |options| {
        options.definition = v2026_09::table().parse("1").ok();
    });
    assert!(message.contains("(--definition)"), "{message}");
}

#[test]
fn a_type_in_a_column_and_for_all_rows_is_refused() {
    let message = refused(TYPED, |options| options.to_type = Some("companies"));
    assert!(
        message.contains(
            "the file has the column to_object_type and --to-type is given too; leave out"
        ),
        "{message}"
    );
}

#[test]
fn a_label_that_would_be_lost_is_refused_with_both_remedies() {
    let ids = "from_object_id,to_object_id";
    let types = |options: &mut InputOptions| {
        options.from_type = Some("contacts");
        options.to_type = Some("companies");
    };
    for name in ["label", "Labels", "association label", "Association_Labels"] {
        let column = format!("the labels in the column '{name}' would be ignored: to send them,");
        let message = refused(&format!("{ids},definition_id,{name}\n1,2,1,Boss\n"), |_| {});
        assert!(message.contains(&column), "{message}");
        let way =
            format!("give --label-column '{name}' with --from-type and --to-type, and rename");
        assert!(
            message.contains(&way) && message.contains("--label-column off"),
            "{message}"
        );
        let message = refused(&format!("{ids},{name}\n1,2,Boss\n"), |options| {
            options.definition = v2026_09::table().parse("1").ok();
        });
        assert!(
            message.contains(&column) && message.contains("leave out --definition"),
            "{message}"
        );
        let message = refusal(format!("{ids},definition_id,{name}\n1,2,1,Boss\n"));
        assert!(
            message.contains(&column) && message.contains("give --api 2026-09"),
            "{message}"
        );
    }
    for name in ["labels", "Association label"] {
        let message = refused(&format!("{ids},{name}\n1,2,Boss\n"), types);
        let way = format!(
            "' would be ignored: to send them, give --label-column '{name}'; to ignore them, give \
             --label-column off"
        );
        assert!(message.contains(&way), "{message}");
        let message = refused(&TYPED.replace('\n', &format!(",{name}\n")), |_| {});
        assert!(message.contains(&way), "{message}");
    }
    let message = refused(&format!("{ids},labels\n1,2,Boss\n"), |options| {
        types(options);
        options.label = Some("Boss".to_owned());
    });
    assert!(
        message.contains("leave out --label and give --label-column 'labels'"),
        "{message}"
    );
}

#[test]
fn the_column_of_labels_can_be_named_or_turned_off() {
    let ids = "from_object_id,to_object_id";
    let with = |column: LabelColumn| {
        |options: &mut InputOptions| {
            options.from_type = Some("contacts");
            options.to_type = Some("companies");
            options.label_column = column;
        }
    };
    let file = format!("{ids},Role,label\n1,2,Decision maker,x\n");
    let result = read_with_labels(&file, with("role".into()));
    assert_eq!(result.links(), [Ok((1, 2, 26))]);
    assert_eq!(
        read_with_labels(&file, with("off".into())).links(),
        [Ok((1, 2, 279))]
    );
    let message = refused(&file, with("Rolle".into()));
    assert!(
        message.contains("has no column Rolle") && message.contains("--label-column"),
        "{message}"
    );
    let file = format!("{ids},definition_id,label\n1,2,1,Boss\n");
    for begun in [LabelColumn::Off, LabelColumn::AlreadyChecked] {
        for mut options in [options(), dated(|_| {})] {
            options.label_column = begun.clone();
            let result = read(&file, &options).unwrap();
            assert_eq!(result.links(), [Ok((1, 2, 1))]);
            assert_eq!(result.cells()[0][3], "Boss");
        }
    }
}

#[test]
fn type_columns_next_to_a_definition_are_kept_if_the_api_has_no_labels() {
    let file = "from_object_id,to_object_id,definition_id,from_object_type\n1,2,1,unicorn!\n";
    assert_eq!(read_bytes(file).links(), [Ok((1, 2, 1))]);
}

#[test]
fn missing_columns_are_reported_with_the_option_that_replaces_them() {
    let ids = "from_object_id,to_object_id";
    let message = refused(&format!("{ids},label\n1,2,Boss\n"), |_| {});
    assert!(
        message.contains("no column from_object_type, to_object_type")
            && message.contains("give --from-type and --to-type for the whole file"),
        "{message}"
    );
    let message = refused(&format!("{ids}\n1,2\n"), |_| {});
    assert!(
        message.contains("no column definition_id")
            && message.contains("or --from-type and --to-type"),
        "{message}"
    );
    let message = refusal(format!("{ids},to_object_type\n1,2,deals\n"));
    assert!(
        message.contains("to_object_type needs --api 2026-09"),
        "{message}"
    );
}
