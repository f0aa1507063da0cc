//! Inputs whose rows name the records of a scripted account by keys.

/// Links of the contacts with these numbers to a company, one after the other.
pub(super) fn by_email(numbers: impl IntoIterator<Item = u64>) -> String {
    let row = |number| format!("p{number}@x.com,1001");
    file("from_email,to_object_id", numbers, row)
}

/// Links of a contact to the companies with these numbers.
pub(super) fn by_domain(numbers: impl IntoIterator<Item = u64>) -> String {
    let row = |number| format!("1,c{number}.com");
    file("from_object_id,to_domain", numbers, row)
}

/// Links of contacts to companies, with these columns in front of the definition.
fn file(
    columns: &str,
    numbers: impl IntoIterator<Item = u64>,
    row: impl Fn(u64) -> String,
) -> String {
    let rows = numbers.into_iter();
    let rows = rows.map(|number| row(number) + ",contact_to_company\n");
    format!("{columns},definition_id\n{}", rows.collect::<String>())
}
