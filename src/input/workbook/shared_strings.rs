//! Reads the texts that the cells of a workbook share. Cells refer to them by index.

use super::{package::Package, text::append_text, xml::XmlPiece};
use crate::input::{shared_strings::SharedStrings, workbook_fault::WorkbookFault};

/// Reads the shared texts from a part. What the part says about their number is not believed.
pub(super) fn read(package: &Package, part: &str) -> Result<SharedStrings, WorkbookFault> {
    let mut xml = package.xml(part)?;
    let mut strings = SharedStrings::default();
    loop {
        let has_text = match xml.next()? {
            XmlPiece::Start(element) if element.name() == "si" => true,
            XmlPiece::Empty(element) if element.name() == "si" => false,
            XmlPiece::Eof => break,
            XmlPiece::Start(_)
            | XmlPiece::Empty(_)
            | XmlPiece::End
            | XmlPiece::Text(_)
            | XmlPiece::Other => continue,
        };
        let too_large = || WorkbookFault::Inflates(part.to_owned());
        strings.add(
            |text| {
                if has_text {
                    append_text(&mut xml, text)
                } else {
                    Ok(())
                }
            },
            too_large,
        )?;
    }
    Ok(strings)
}
