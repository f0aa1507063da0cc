//! The dialect of `/crm-associations/v1`: what a link looks like as a request.

use serde::Serialize;

use crate::association::Association;

/// The path that creates one association by `PUT`.
pub(super) const CREATE_PATH: &str = "/crm-associations/v1/associations";

/// The only status that says that the association stands.
pub(super) const CREATED: u16 = 204;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    from_object_id: u64,
    to_object_id: u64,
    category: &'static str,
    definition_id: u32,
}

/// The body that creates one association.
pub(super) fn create_body(association: &Association) -> Vec<u8> {
    let body = Body {
        from_object_id: association.from.get(),
        to_object_id: association.to.get(),
        category: "HUBSPOT_DEFINED",
        definition_id: association.definition.get(),
    };
    // Integers and a constant: serializing them cannot fail.
    serde_json::to_vec(&body).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::association::{Definition, RecordId};

    #[test]
    fn ids_are_exact_integers() {
        let association = Association {
            from: RecordId::new(RecordId::MAX).unwrap(),
            to: RecordId::new((1 << 53) + 1).unwrap(),
            definition: Definition::new(1).unwrap(),
        };
        assert_eq!(
            String::from_utf8(create_body(&association)).unwrap(),
            r#"{"fromObjectId":9223372036854775807,"toObjectId":9007199254740993,"category":"HUBSPOT_DEFINED","definitionId":1}"#
        );
    }
}
