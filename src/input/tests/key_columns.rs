//! Tests of columns that name records by keys, from bytes to rows.

use std::fs;

use super::*;
use crate::{
    association::{KeyProperty, RecordId, RecordReference},
    input::{self, ColumnFault, ColumnRemedy, IdSeparator, NamedColumn},
    journal,
    results_column::ResultsColumn,
    row::RowLink,
    tables::v2026_09,
};

fn with(change: impl FnOnce(&mut InputOptions)) -> InputOptions {
    let mut options = options();
    change(&mut options);
    options
}

fn read_with(file: &str, options: &InputOptions) -> InputResult {
    let input = open(io::Cursor::new(file.to_owned()), options);
    drain(input.unwrap_or_else(|refusal| panic!("{file}: {}", messages::refusal(&refusal))))
}

/// The columns of from and to, such as `from_email (contacts by email)`.
fn columns(header: &str, options: &InputOptions) -> Result<[String; 2], String> {
    let column = |column: &NamedColumn| {
        let property = column.property.unwrap_or("id");
        format!(
            "{} ({} by {property})",
            column.name,
            column.object_type.unwrap_or("?")
        )
    };
    let input = open(io::Cursor::new(format!("{header}\n")), options);
    let input = input.map_err(|refusal| messages::refusal(&refusal))?;
    let named = input.shape().named_columns.as_ref();
    Ok(named.map_or_else(Default::default, |named| named.each_ref().map(column)))
}

/// Both ends of a row, such as `contacts email a@x.com` or `7`, or the code.
fn ends(row: &Row) -> Result<[String; 2], Code> {
    let end = |reference: &RecordReference| match reference {
        RecordReference::Id(id) => id.to_string(),
        RecordReference::Key(key) => {
            let KeyProperty { object_type, name } = key.property;
            format!("{object_type} {name} {}", key.value)
        }
    };
    match &row.link {
        Ok(RowLink::Known(link)) => Ok([link.from.to_string(), link.to.to_string()]),
        Ok(RowLink::Keyed(link)) => Ok([end(&link.from), end(&link.to)]),
        Err(failure) => Err(failure.code),
    }
}

fn all_ends(result: &InputResult) -> Vec<Result<[String; 2], Code>> {
    result.rows.iter().map(ends).collect()
}

#[expect(clippy::unnecessary_wraps, reason = "rows are compared with it")]
fn pair(from: &str, to: &str) -> Result<[String; 2], Code> {
    Ok([from.to_owned(), to.to_owned()])
}

#[test]
fn the_names_of_columns_say_the_property() {
    let plain = options();
    let [email, domain] = ["from_email (? by email)", "to_domain (? by domain)"];
    for (header, options, expected) in [
        (
            "from_email,to_domain,definition_id",
            &plain,
            [email, domain],
        ),
        (
            "Definition ID,TO-DOMAIN,From Email",
            &plain,
            ["From Email (? by email)", "TO-DOMAIN (? by domain)"],
        ),
        (
            "from_object_id,to_domain,definition_id",
            &plain,
            ["from_object_id (? by id)", domain],
        ),
        // Dates, names and types say nothing about which record is meant.
        (
            "from_email,from_date,from_name,from_type,to_domain,definition_id",
            &plain,
            [email, domain],
        ),
        // A column of ids is certain.
        (
            "from_object_id,from_email,to_object_id,to_domain,definition_id",
            &plain,
            ["", ""],
        ),
        (
            "from_email,Person,to_object_id,definition_id",
            &with(|options| options.from_column = Some("person".to_owned())),
            ["", ""],
        ),
        (
            "from_email,to_domain",
            &with(|options| options.definition = options.table.definition(1).ok()),
            [
                "from_email (contacts by email)",
                "to_domain (companies by domain)",
            ],
        ),
    ] {
        let expected = expected.map(str::to_owned);
        assert_eq!(columns(header, options), Ok(expected), "{header}");
    }
}

#[test]
fn an_option_says_the_property() {
    let by_email = with(|options| options.from_key = Some("email"));
    let of_person = InputOptions {
        from_column: Some("Person".to_owned()),
        ..by_email.clone()
    };
    for (header, options, from) in [
        (
            "from_external_id,from_email,to_object_id,definition_id",
            &by_email,
            "from_email (? by email)",
        ),
        (
            "from_object_id,From Email,to_object_id,definition_id",
            &by_email,
            "From Email (? by email)",
        ),
        (
            "from_email,Person,to_object_id,definition_id",
            &of_person,
            "Person (? by email)",
        ),
    ] {
        let expected = [from, "to_object_id (? by id)"].map(str::to_owned);
        assert_eq!(columns(header, options), Ok(expected), "{header}");
    }
    for header in [
        "from_object_id,to_object_id,definition_id",
        "from_external_id,to_object_id,definition_id",
        "email,to_object_id,definition_id",
    ] {
        let refusal = columns(header, &by_email).unwrap_err();
        assert!(refusal.contains("has no column from_email"), "{refusal}");
    }
}

/// The suggestions for a header that is refused, such as `from_email by email > to_domain by domain`.
fn suggested(header: &str, options: &InputOptions) -> Vec<String> {
    let refused = open(io::Cursor::new(format!("{header}\n")), options).err();
    let Some(InputRefusal::Columns(fault)) = refused else {
        panic!("{header} is not refused for its columns");
    };
    let ColumnFault::Missing {
        remedy: ColumnRemedy::Suggestions(suggestions),
        ..
    } = *fault
    else {
        panic!("{fault:?}");
    };
    let suggestions = suggestions.iter().map(|it| {
        let [from, to] = [&it.from, &it.to]
            .map(|column| format!("{} by {}", column.name, column.property.unwrap_or("id")));
        format!("{from} > {to}")
    });
    suggestions.collect()
}

#[test]
fn which_of_several_keys_is_meant_has_to_be_said() {
    assert_eq!(
        suggested(
            "from_email,from_external_id,to_domain,definition_id",
            &options()
        ),
        [
            "from_email by email > to_domain by domain",
            "from_external_id by external_id > to_domain by domain",
        ]
    );
    let refusal = columns("from_email,From Email,to_domain,definition_id", &options());
    let refusal = refusal.unwrap_err();
    assert!(
        refusal.contains("has the column from_email more than once"),
        "{refusal}"
    );
}

#[test]
fn names_that_do_not_say_the_side_are_only_suggested() {
    let dated = with(|options| options.table = v2026_09::table());
    assert_eq!(
        suggested("Email,Company Domain Name,Note", &dated),
        ["Email by email > Company Domain Name by domain"]
    );
}

#[test]
fn the_definition_says_of_which_object_type_a_record_is() {
    let result = read_with(
        "from_email,to_email,definition_id\n\
         A@x.com,B,1\n\
         A,b@x.com,2\n\
         a@x.com,b@x.com,9999\n\
         a@x.com,b@x.com,x\n\
         from_email,to_email,definition_id\n",
        &options(),
    );
    assert_eq!(
        all_ends(&result),
        [
            // Of companies, it is a property like any other.
            pair("contacts email a@x.com", "companies email B"),
            pair("companies email A", "contacts email b@x.com"),
            Err(Code::UnknownObjectType),
            Err(Code::InvalidDefinition),
            Err(Code::RepeatedHeader),
        ]
    );
    assert_eq!(
        message(&result.rows[2]),
        "from_email: the key cannot be looked up, because it is not known which object types \
         definition 9999 links; use ids, or give --api 2026-09 --from-type TYPE --to-type TYPE (and \
         --label LABEL, if it has a label) in place of the definition; a column with definitions \
         then needs another name"
    );
}

#[test]
fn one_side_may_have_ids() {
    let result = read_with(
        "from_object_id,to_domain,definition_id\n7,X.com,1\nx,x.com,1\n7,x,1\n7,gmail.com,1\n",
        &options(),
    );
    assert_eq!(
        all_ends(&result),
        [
            pair("7", "companies domain x.com"),
            Err(Code::InvalidId),
            Err(Code::InvalidDomain),
            Err(Code::FreeMailDomain),
        ]
    );
    let allowed = with(|options| options.allow_free_mail = true);
    let file = "from_object_id,to_domain,definition_id\n7,gmail.com,1\n";
    assert_eq!(
        all_ends(&read_with(file, &allowed)),
        [pair("7", "companies domain gmail.com")]
    );
}

#[test]
fn several_keys_in_a_cell_are_split_even_if_they_look_like_one() {
    let file = "from_sku,to_domain,definition_id\n\
                A;B,x.com,1\n\
                \" C \",x.com; ;y.com;n/a,1\n\
                A;B,x.com;y.com,1\n";
    // The whole cell is a value as well.
    assert_eq!(
        all_ends(&read_with(file, &options()))[0],
        pair("contacts sku A;B", "companies domain x.com")
    );
    let split = with(|options| options.split = Some(IdSeparator::SEMICOLON));
    let result = read_with(file, &split);
    assert_eq!(
        all_ends(&result),
        [
            pair("contacts sku A", "companies domain x.com"),
            pair("contacts sku B", "companies domain x.com"),
            pair("contacts sku C", "companies domain x.com"),
            pair("contacts sku C", "companies domain y.com"),
            Err(Code::InvalidDomain),
            Err(Code::SeveralInBothColumns),
        ]
    );
    assert_eq!(result.lines(), [2, 2, 3, 3, 3, 4]);
    assert_eq!(result.cells()[1], ["B", "x.com", "1"]);
}

#[test]
fn recorded_rows_have_the_ids_to_which_their_keys_have_led() {
    let names: Vec<_> = ResultsColumn::ALL
        .iter()
        .map(|column| column.name())
        .collect();
    let names = names.join(",");
    let line = |cells: &str, row: u64, status: &str, sent: &str| {
        format!("{cells},1,{row},{},{status},,0,,,,,{sent}\n", row + 1)
    };
    let file = [
        format!("from_email,to_object_id,definition_id,{names}\n"),
        line("a@x.com,7", 1, "succeeded", "351,"),
        line("b@x.com,7", 2, "succeeded", "352,8"),
        line("c@x.com,7", 3, "failed", ","),
        line("d,7", 4, "invalid", ","),
    ]
    .concat();
    let recorded = with(|options| options.recorded = true);
    let result = read_with(&file, &recorded);
    assert_eq!(
        all_ends(&result),
        [
            pair("351", "7"),
            // The company was merged.
            pair("352", "8"),
            pair("contacts email c@x.com", "7"),
            Err(Code::InvalidEmail),
        ]
    );
    let id = RecordId::new;
    let sent: Vec<_> = result.rows.iter().map(Row::sent_ids).collect();
    assert_eq!(
        sent,
        [[id(351), None], [id(352), id(8)], [None; 2], [None; 2]],
        "the same ids are recorded again"
    );
    let input = "from_email,to_object_id,definition_id\n\
                 a@x.com,7,1\nb@x.com,7,1\nc@x.com,7,1\nd,7,1\n";
    let hashes = |rows: &[Row]| rows.iter().map(journal::hash_ids).collect::<Vec<_>>();
    assert_eq!(
        hashes(&result.rows),
        hashes(&read_with(input, &options()).rows),
        "and they are still rows of the same input"
    );
}

/// The properties of a file: object type, name, line.
fn properties(file: &str, change: impl FnOnce(&mut InputOptions)) -> Vec<(String, u64)> {
    let input = tempfile::NamedTempFile::new().unwrap();
    fs::write(input.path(), file).unwrap();
    let options = with(|options| {
        options.path = InputPath::File(input.path().to_owned());
        change(options);
    });
    let properties = input::key_properties(&options).unwrap();
    let shown = properties
        .into_iter()
        .map(|(KeyProperty { object_type, name }, line)| (format!("{object_type} {name}"), line));
    shown.collect()
}

#[test]
fn the_properties_of_a_file_are_known_before_its_rows_are_sent() {
    let property = |name: &str, line| (name.to_owned(), line);
    let one_definition = |options: &mut InputOptions| {
        options.definition = options.table.definition(1).ok();
    };
    // No row is read where all rows have the same object types.
    assert_eq!(
        properties("from_email,to_sku\n", one_definition),
        [property("contacts email", 0), property("companies sku", 0)]
    );
    assert_eq!(
        properties("from_object_id,to_sku\n", one_definition),
        [property("companies sku", 0)]
    );
    let file = "from_sku,to_object_id,definition_id\n\
                A,7,1\n,7,2\nB,7,1\nC,7,2\nD,7,9999\nE,7,3\n";
    assert_eq!(
        properties(file, |_| ()),
        [
            property("contacts sku", 2),
            property("companies sku", 5),
            property("deals sku", 7),
        ]
    );
    let ids = format!("{HEADER}1,2,1\n");
    assert_eq!(properties(&ids, |_| ()), []);
}
