//! Tests of columns that are found by their usual names, and of those that are only suggested.

use super::*;
use crate::{
    input::{
        ColumnFault, ColumnRemedy, ColumnSuggestion, LabelColumn, NamedColumn, SuggestedColumn,
        SuggestedType,
    },
    tables::{v1, v2026_09},
};

fn dated(change: impl FnOnce(&mut InputOptions)) -> InputOptions {
    let mut options = options();
    options.table = v2026_09::table();
    change(&mut options);
    options
}

fn with_definition(id: u32) -> InputOptions {
    let definition = v1::table().definition(id).unwrap();
    InputOptions {
        definition: Some(definition),
        ..options()
    }
}

fn with_types(options: &mut InputOptions) {
    (options.from_type, options.to_type) = (Some("contacts"), Some("companies"));
}

/// The columns and links of a file with this header and a row with the ids 1, 2, 3, …
fn read(header: &str, options: &InputOptions) -> (Option<[NamedColumn; 2]>, Vec<Link>) {
    let cells = header.split([',', ';']).count();
    let ids: Vec<_> = (1..=cells).map(|id| id.to_string()).collect();
    let delimiter = if header.contains(';') { ";" } else { "," };
    let file = format!("{header}\n{}\n", ids.join(delimiter));
    let input = open(io::Cursor::new(file), options).map_err(|why| messages::refusal(&why));
    let input = input.unwrap_or_else(|why| panic!("{why}"));
    let columns = input.shape().named_columns.clone();
    (columns, drain(input).links())
}

/// Why a file with this header is refused.
fn refused(header: &str, options: &InputOptions) -> InputRefusal {
    match open(io::Cursor::new(format!("{header}\n")), options) {
        Ok(input) => panic!("{header} is read: {:?}", input.shape().named_columns),
        Err(refusal) => refusal,
    }
}

/// The suggestions for a header that is refused: name and type of from and to.
fn suggested(header: &str, options: &InputOptions) -> Vec<ColumnSuggestion> {
    let InputRefusal::Columns(fault) = refused(header, options) else {
        panic!("{header} is refused for another reason");
    };
    let ColumnFault::Missing {
        remedy: ColumnRemedy::Suggestions(suggestions),
        ..
    } = *fault
    else {
        panic!("{fault:?}");
    };
    suggestions
}

/// Like `Record ID (contacts) > Company ID`, with `?` for a type that nobody knows.
fn shown(header: &str, options: &InputOptions) -> Vec<String> {
    let column = |column: &SuggestedColumn| match column.object_type {
        SuggestedType::Stated => column.name.clone(),
        SuggestedType::Guessed(object_type) => format!("{} ({object_type})", column.name),
        SuggestedType::Unknown => format!("{} (?)", column.name),
    };
    let suggestions = suggested(header, options);
    let shown = suggestions
        .iter()
        .map(|it| format!("{} > {}", column(&it.from), column(&it.to)));
    shown.collect()
}

fn column(name: &str, object_type: Option<&'static str>) -> NamedColumn {
    NamedColumn {
        name: name.to_owned(),
        object_type,
        property: None,
    }
}

fn contact_and_company() -> [NamedColumn; 2] {
    [
        column("Contact ID", Some("contacts")),
        column("Company ID", Some("companies")),
    ]
}

#[test]
fn two_columns_of_different_types_are_from_and_to_in_the_order_of_the_file() {
    let read = |header| read(header, &dated(|_| ()));
    let of_contact = [Ok((1, 2, 279))];
    assert_eq!(
        read("Contact ID,Company ID"),
        (Some(contact_and_company()), of_contact.to_vec())
    );
    let columns = Some([
        column("COMPANY-ID", Some("companies")),
        column("contact_id", Some("contacts")),
    ]);
    assert_eq!(
        read("note;COMPANY-ID;contact_id "),
        (columns, vec![Ok((2, 3, 280))])
    );
    let (_, links) = read("HubSpot contact id,Contact name,Associated Company IDs");
    assert_eq!(links, [Ok((1, 3, 279))]);
}

#[test]
fn known_types_say_which_column_is_from() {
    let header = "Contact ID,Company ID";
    for (options, links) in [
        (with_definition(1), [Ok((1, 2, 1))]),
        (with_definition(2), [Ok((2, 1, 2))]),
        (dated(with_types), [Ok((1, 2, 279))]),
    ] {
        assert_eq!(read(header, &options).1, links);
    }
    // Columns of other types do not matter then.
    let (columns, links) = read("Deal ID,Contact ID,Company ID", &with_definition(1));
    assert_eq!(
        (columns, links),
        (Some(contact_and_company()), vec![Ok((2, 3, 1))])
    );
}

#[test]
fn one_side_may_be_named_and_the_other_found() {
    let columns = Some([
        column("from_object_id", Some("contacts")),
        column("Company ID", Some("companies")),
    ]);
    let links = vec![Ok((1, 2, 1))];
    assert_eq!(
        read("from_object_id,Company ID", &with_definition(1)),
        (columns, links)
    );
    let mut options = with_definition(1);
    options.from_column = Some("person".to_owned());
    let columns = Some([
        column("Person", Some("contacts")),
        column("Company ID", Some("companies")),
    ]);
    let links = vec![Ok((2, 1, 1))];
    assert_eq!(read("Company ID,Person", &options), (columns, links));
    // A type of the other side may differ from row to row.
    let options = dated(|options| options.to_type = Some("companies"));
    let file = "from_object_id,from_object_type,Company ID\n1,contacts,7\n2,deals,7\n";
    let input = open(io::Cursor::new(file), &options).unwrap();
    let columns = [
        column("from_object_id", None),
        column("Company ID", Some("companies")),
    ];
    assert_eq!(input.shape().named_columns, Some(columns));
    assert_eq!(drain(input).links(), [Ok((1, 7, 279)), Ok((2, 7, 341))]);
}

#[test]
fn a_label_column_is_used_where_the_types_are_given() {
    let file = "Contact ID,Company ID,label\n1,2,\n";
    let input = open(io::Cursor::new(file), &dated(with_types)).unwrap();
    assert_eq!(input.shape().key_columns, [0, 1, 2]);
    assert_eq!(input.shape().named_columns, Some(contact_and_company()));
    let options = dated(|options| options.label_column = LabelColumn::Off);
    let input = open(io::Cursor::new(file), &options).unwrap();
    assert_eq!(input.shape().key_columns, [0, 1]);
}

#[test]
fn columns_with_their_own_names_are_never_read_by_usual_names() {
    for header in [
        "Contact ID,Company ID,from_object_id,to_object_id,definition_id",
        // With commas, this looks like two columns of ids. With semicolons, it has all columns.
        "Contact ID,Company ID,x;from_object_id;to_object_id;definition_id",
    ] {
        let options = dated(|_| ());
        let input = open(io::Cursor::new(format!("{header}\n")), &options).unwrap();
        let shape = input.shape();
        assert_eq!(shape.named_columns, None, "{header}");
        assert_eq!(
            shape.header.get(shape.key_columns[0]),
            Some("from_object_id")
        );
    }
}

#[test]
fn two_delimiters_that_both_give_columns_are_not_guessed() {
    let header = "Contact ID,Company ID,x;Deal ID;y;Ticket ID";
    let refusal = messages::refusal(&refused(header, &dated(|_| ())));
    assert!(refusal.contains("give --delimiter comma"), "{refusal}");
}

#[test]
fn what_has_two_meanings_is_refused() {
    let none = dated(|_| ());
    for (header, options) in [
        // Two candidates for one side.
        ("Contact ID,Company ID,Associated Company IDs", &none),
        (
            "Contact ID,Company ID,HubSpot Company ID",
            &with_definition(1),
        ),
        (
            "from_object_id,Company ID,HubSpot Company ID",
            &with_definition(1),
        ),
        ("Contact ID,Company ID,Deal ID", &none),
        // One type.
        ("Contact ID,HubSpot Contact ID", &none),
        // Both are linked to a third record.
        ("Associated Contact IDs,Associated Company IDs", &none),
        (
            "Associated Contact IDs,Associated Company IDs",
            &with_definition(1),
        ),
        // Records whose type is not known.
        ("Record ID,Associated Company IDs", &none),
        ("Record ID,Associated Company IDs", &with_definition(1)),
        ("Record ID,Contact ID,Company ID", &none),
        ("hs_object_id,Contact ID,Company ID", &with_definition(1)),
        ("ID,Contact ID,Company ID", &none),
        // An unlabeled link would not be primary.
        ("Contact ID,Associated Company IDs (Primary)", &none),
    ] {
        refused(header, options);
    }
}

#[test]
fn names_are_not_read_where_something_else_says_what_the_rows_mean() {
    let none = dated(|_| ());
    for (header, options) in [
        ("Contact ID,Company ID,label", &none),
        ("Contact ID,Company ID,Association Label", &none),
        ("Contact ID,Company ID,definition_id", &none),
        (
            "Contact ID,Company ID,from_object_type,to_object_type",
            &none,
        ),
        (
            "Contact ID,Company ID",
            &dated(|options| options.from_type = Some("contacts")),
        ),
        (
            "Contact ID,Company ID",
            &dated(|options| options.label = Some("Boss".to_owned())),
        ),
        ("Contact ID,Company ID", &with_definition(3)),
        // A column that was named is missing, or twice.
        (
            "Contact ID,Company ID",
            &dated(|options| options.from_column = Some("x".to_owned())),
        ),
        (
            "Contact ID,from_object_id,from_object_id,Company ID",
            &with_definition(1),
        ),
        // The API has no links without a definition.
        ("Contact ID,Company ID", &options()),
        // Names that say nothing.
        ("Contact ID,2-123456 ID", &none),
        ("Contact ID,Email ID", &none),
        ("Contact,Company", &none),
    ] {
        refused(header, options);
    }
}

#[test]
fn a_title_above_usual_names_and_a_header_in_one_cell_are_explained() {
    let refusal = |file: &str| {
        let refused = open(io::Cursor::new(file.to_owned()), &dated(|_| ()));
        messages::refusal(&refused.err().unwrap())
    };
    let title = refusal("My links\n\nContact ID,Company ID\n1,2\n");
    assert!(title.contains("the header seems to be line 3"), "{title}");
    let cell = refusal("\"Contact ID;Company ID\"\n1;2\n");
    assert!(cell.contains("the whole of line 1 is in quotes"), "{cell}");
    let broken = refusal("\"Contact\" ID,Company ID\n1,2\n");
    assert!(broken.contains("text after a closing quote"), "{broken}");
}

const CONTACTS: &str = "Record ID,First Name,Last Name,Email,Associated Company IDs,\
                        Associated Company IDs (Primary),Associated Deal IDs";

#[test]
fn an_export_of_contacts_suggests_a_link_for_each_column_of_associated_records() {
    let of_contact = |to| format!("Record ID (contacts) > {to}");
    let expected = [
        of_contact("Associated Company IDs (companies)"),
        of_contact("Associated Deal IDs (deals)"),
    ];
    assert_eq!(shown(CONTACTS, &dated(|_| ())), expected);
    let suggestions = suggested(CONTACTS, &options());
    let apis = suggestions.iter().map(|it| it.api);
    assert_eq!(apis.collect::<Vec<_>>(), [Some("2026-09"); 2]);
    // Links of primary companies are those of a definition.
    assert_eq!(
        shown(CONTACTS, &with_definition(1)),
        [
            "Record ID > Associated Company IDs",
            "Record ID > Associated Company IDs (Primary)"
        ]
    );
    let options = dated(with_types);
    assert_eq!(shown(CONTACTS, &options).len(), 1);
}

#[test]
fn the_other_columns_say_of_which_type_an_export_is() {
    for (header, expected) in [
        (
            "Record ID,Deal Name,Deal Stage,Pipeline,Associated Contact IDs",
            "Record ID (deals) > Associated Contact IDs (contacts)",
        ),
        (
            "Record ID,Company name,Company Domain Name,Associated Contact IDs",
            "Record ID (companies) > Associated Contact IDs (contacts)",
        ),
        (
            "Record ID,Ticket name,Ticket ID,Associated Company IDs",
            "Record ID (tickets) > Associated Company IDs (companies)",
        ),
        (
            "Record ID,Associated Company IDs",
            "Record ID (?) > Associated Company IDs (companies)",
        ),
        (
            "Record ID,Email,Deal Name,Associated Company IDs",
            "Record ID (?) > Associated Company IDs (companies)",
        ),
    ] {
        assert_eq!(shown(header, &dated(|_| ())), [expected], "{header}");
    }
}

#[test]
fn each_of_several_candidates_is_suggested() {
    let header = "Contact ID,Company ID,Associated Company IDs";
    let expected = [
        "Contact ID (contacts) > Company ID (companies)",
        "Contact ID (contacts) > Associated Company IDs (companies)",
    ];
    assert_eq!(shown(header, &dated(|_| ())), expected);
    let expected = [
        "Company ID > Contact ID",
        "Associated Company IDs > Contact ID",
    ];
    assert_eq!(shown(header, &with_definition(2)), expected);
    // What is complete comes first.
    let expected = [
        "Contact ID (contacts) > Company ID (companies)",
        "Record ID (?) > Contact ID (contacts)",
        "Record ID (?) > Company ID (companies)",
    ];
    let header = "Record ID,Contact ID,Company ID";
    assert_eq!(shown(header, &dated(|_| ())), expected);
    let header = "Contact ID,Company ID,Deal ID,Ticket ID";
    assert_eq!(shown(header, &dated(|_| ())).len(), 3);
}

#[test]
fn a_suggestion_names_a_label_column_that_would_be_lost() {
    for (header, options, column) in [
        ("Contact ID,Company ID,label", dated(|_| ()), None),
        (
            "Contact ID,Company ID,Labels",
            dated(with_types),
            Some("Labels"),
        ),
        ("Contact ID,Company ID,Labels", options(), Some("Labels")),
    ] {
        let suggestions = suggested(header, &options);
        let columns = suggestions.iter().map(|it| it.label_column.as_deref());
        assert_eq!(columns.collect::<Vec<_>>(), [column], "{header}");
    }
}

#[test]
fn a_column_that_a_header_has_twice_is_not_suggested() {
    let header = "Record ID,Email,Associated Deal IDs,Associated Company IDs,associated-deal-ids";
    assert_eq!(
        shown(header, &dated(|_| ())),
        ["Record ID (contacts) > Associated Company IDs (companies)"]
    );
    let header = "Contact ID,contact_id,Company ID";
    let refusal = messages::refusal(&refused(header, &dated(|_| ())));
    assert!(
        refusal.contains("the header on line 1 has the column Contact ID more than once"),
        "{refusal}"
    );
}

#[test]
fn nothing_is_suggested_that_would_not_be_read() {
    let stdin = |change: fn(&mut InputOptions)| InputOptions {
        path: InputPath::Stdin,
        ..dated(change)
    };
    for (header, options) in [
        // Labels of a stream are not known before its rows are sent.
        ("Contact ID,Company ID,label", &stdin(|_| ())),
        // A definition column that was named is missing.
        (
            "Contact ID,Company ID",
            &dated(|options| options.definition_column = Some("kind".to_owned())),
        ),
        (
            "Record ID,Deal Name,Associated Company IDs",
            &with_definition(1),
        ),
        ("Record ID,First Name", &dated(|_| ())),
        // Each row has its own direction, and one of the two would link other records.
        ("Contact ID,Company ID,definition_id", &options()),
        ("Contact ID,HubSpot Contact ID", &dated(|_| ())),
        ("a,b", &dated(|_| ())),
    ] {
        let refusal = messages::refusal(&refused(header, options));
        assert!(
            refusal.contains("give their names with --from-column"),
            "{refusal}"
        );
    }
    assert_eq!(shown(CONTACTS, &stdin(|_| ())).len(), 2);
}

#[test]
fn a_header_of_very_many_columns_of_ids_is_refused_at_once() {
    let repeated = vec!["Contact ID"; 10_000].join(",");
    let refusal = messages::refusal(&refused(&repeated, &dated(|_| ())));
    assert!(refusal.contains("more than once"), "{refusal}");
}
