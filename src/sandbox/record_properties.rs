//! Reads of properties: what the account's records of an object type may have.
//!
//! Knows nothing of records.

use super::{
    crm::Crm,
    object::ObjectType,
    record_route::RecordQuery,
    records::properties::{PropertyInfo, PropertyType},
    response::{ErrorResponse, json_text},
};

impl Crm {
    /// The properties of an object type. None is archived.
    pub(super) fn properties(&self, object_type: ObjectType, query: &RecordQuery) -> String {
        let all = self.records.properties(object_type);
        let asked = all.into_iter().filter(|_| !query.archived);
        let properties: Vec<_> = asked
            .map(|property| property_json(object_type, property))
            .collect();
        format!(r#"{{"results":[{}]}}"#, properties.join(","))
    }

    /// One property.
    pub(super) fn property(
        &self,
        object_type: ObjectType,
        name: &str,
        query: &RecordQuery,
    ) -> Result<String, ErrorResponse> {
        let property = self.records.property(object_type, name);
        let property = property.filter(|_| !query.archived);
        property
            .map(|property| property_json(object_type, property))
            .ok_or_else(|| ErrorResponse::no_property(object_type, name))
    }
}

fn property_json(object_type: ObjectType, property: PropertyInfo<'_>) -> String {
    let PropertyInfo {
        name,
        value_type,
        unique,
        built_in,
    } = property;
    let (name, group) = (json_text(name), object_type.singular());
    let (value_type, field) = match value_type {
        PropertyType::Text => ("string", "text"),
        PropertyType::Number => ("number", "number"),
        PropertyType::Time => ("datetime", "date"),
    };
    format!(
        r#"{{"name":{name},"label":{name},"type":"{value_type}","fieldType":"{field}","description":"","groupName":"{group}information","options":[],"hasUniqueValue":{unique},"hidden":false,"hubspotDefined":{built_in},"archived":false,"dataSensitivity":"non_sensitive"}}"#
    )
}
