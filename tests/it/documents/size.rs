//! The front page stays one that is read to its end.

use super::page;

/// Bytes of README.md.
const LONGEST_README: usize = 10_240;

#[test]
fn the_readme_is_short() {
    let length = page::read("README.md").len();
    assert!(
        length <= LONGEST_README,
        "README.md has {length} bytes; move details to docs/"
    );
}
