//! Searches of records by the values of their properties.
//!
//! Knows nothing of links and quotas, nor where the records come from.

use std::cmp::Ordering;

use serde::Deserialize;

use super::{
    association_input::WholeNumber,
    crm::{CallContext, Crm},
    object::ObjectType,
    records::{
        FoundRecord,
        properties::{self, PropertyType},
    },
    response::ErrorResponse,
};

/// As documented: results in a page, and in all pages.
const DEFAULT_PAGE: usize = 10;
const MAX_PAGE: usize = 200;
const MAX_RESULTS: usize = 10_000;

/// Filters, as specified and as documented.
const MAX_GROUPS: usize = 6;
const MAX_FILTERS_OF_GROUP: usize = 6;
const MAX_FILTERS: usize = 18;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SearchBody {
    #[serde(default)]
    filter_groups: Vec<FilterGroup>,
    #[serde(default)]
    sorts: Vec<SearchOrder>,
    #[serde(default)]
    properties: Vec<String>,
    limit: Option<WholeNumber>,
    after: Option<WholeNumber>,
    query: Option<String>,
}

#[derive(Deserialize)]
struct FilterGroup {
    filters: Vec<SearchFilter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SearchFilter {
    property_name: String,
    operator: String,
    value: Option<String>,
    values: Option<Vec<String>>,
}

/// A property to sort by: its name, as specified, or an object, as in examples.
#[derive(Deserialize)]
#[serde(untagged)]
enum SearchOrder {
    Name(String),
    #[serde(rename_all = "camelCase")]
    Object {
        property_name: String,
        direction: Option<String>,
    },
}

impl Crm {
    /// The answer to a search.
    pub(super) fn search(
        &self,
        object_type: ObjectType,
        body: &[u8],
        context: CallContext,
    ) -> Result<String, ErrorResponse> {
        if !self.search_rules.accepts(body) {
            return Err(ErrorResponse::search("The request body is too long"));
        }
        let search = SearchBody::read(body)?;
        let (first, limit) = search.page()?;
        let mut found = self.matches(object_type, &search.filter_groups)?;
        found.retain(|record| self.search_rules.finds(record, context.date));
        found.sort_by(|one, other| search.order(one, other));
        found.dedup_by_key(|record| record.id);
        let writer = self.record_writer(&search.properties, &[]);
        let page = found.iter().skip(first).take(limit);
        let results: Vec<_> = page.map(|record| writer.json(record)).collect();
        let (total, results, next) = (found.len(), results.join(","), first + limit);
        let paging = if next < total {
            format!(r#","paging":{{"next":{{"after":"{next}"}}}}"#)
        } else {
            String::new()
        };
        Ok(format!(
            r#"{{"total":{total},"results":[{results}]{paging}}}"#
        ))
    }

    /// The records that match one of the groups. A record may come several times.
    fn matches(
        &self,
        object_type: ObjectType,
        groups: &[FilterGroup],
    ) -> Result<Vec<FoundRecord<'_>>, ErrorResponse> {
        if groups.is_empty() {
            return Ok(self.records.all(object_type).collect());
        }
        let mut found = Vec::new();
        for FilterGroup { filters } in groups {
            for filter in filters {
                let property = self.records.property(object_type, &filter.property_name);
                let property = property.ok_or_else(|| {
                    ErrorResponse::unknown_property(object_type, &filter.property_name)
                })?;
                if property.value_type == PropertyType::Time || property.name == properties::MERGED
                {
                    let name = property.name;
                    let text = format!("The sandbox has no filter on {name}");
                    return Err(ErrorResponse::search(text));
                }
            }
            let Some((first, others)) = filters.split_first() else {
                continue;
            };
            for value in first.values()? {
                let name = &first.property_name;
                found.extend(self.records.with_value(object_type, name, value));
            }
            for filter in others {
                let values = filter.values()?;
                found.retain(|record| {
                    let mut values = values.iter();
                    values.any(|value| record.matches(&filter.property_name, value))
                });
            }
        }
        Ok(found)
    }
}

impl SearchBody {
    fn read(body: &[u8]) -> Result<Self, ErrorResponse> {
        if body.is_empty() {
            return Err(ErrorResponse::no_body());
        }
        let search: Self =
            serde_json::from_slice(body).map_err(|error| ErrorResponse::json(&error))?;
        let groups = &search.filter_groups;
        let filters = groups.iter().map(|group| group.filters.len());
        let too_many = groups.len() > MAX_GROUPS
            || filters.clone().any(|count| count > MAX_FILTERS_OF_GROUP)
            || filters.sum::<usize>() > MAX_FILTERS;
        if too_many {
            return Err(ErrorResponse::search("The search has too many filters"));
        }
        if search.sorts.len() > 1 {
            return Err(ErrorResponse::search("A search is sorted by one property"));
        }
        if search.query.as_ref().is_some_and(|query| !query.is_empty()) {
            return Err(ErrorResponse::search("The sandbox has no search by query"));
        }
        Ok(search)
    }

    /// The first result of the page, from 0, and the length of the page.
    fn page(&self) -> Result<(usize, usize), ErrorResponse> {
        let number = |number: &Option<WholeNumber>, default: usize| {
            let number = number.as_ref().map(|number| usize::try_from(number.0));
            number.unwrap_or(Ok(default))
        };
        let first = number(&self.after, 0).map_err(|_| ErrorResponse::parameter("after"))?;
        let limit = number(&self.limit, DEFAULT_PAGE);
        let limit = limit.map_err(|_| ErrorResponse::parameter("limit"))?;
        if limit > MAX_PAGE {
            let text = format!("The limit of a page is {MAX_PAGE}, but this one is {limit}");
            return Err(ErrorResponse::search(text));
        }
        if first.saturating_add(limit) > MAX_RESULTS {
            let text = format!("Only the first {MAX_RESULTS} results of a search can be read");
            return Err(ErrorResponse::search(text));
        }
        Ok((first, limit))
    }

    /// By the property that is asked for, then by creation, then by id.
    fn order(&self, one: &FoundRecord<'_>, other: &FoundRecord<'_>) -> Ordering {
        let by_property = self.sorts.first().map_or(Ordering::Equal, |order| {
            let (name, descending) = order.parts();
            let order = match name {
                properties::ID => one.id.get().cmp(&other.id.get()),
                name => one.value(name).cmp(&other.value(name)),
            };
            if descending { order.reverse() } else { order }
        });
        let by_creation = || one.created_at().cmp(&other.created_at());
        by_property
            .then_with(by_creation)
            .then_with(|| one.id.get().cmp(&other.id.get()))
    }
}

/// The values that the body of a search asks for.
pub(super) fn keys(body: &[u8]) -> Vec<String> {
    let groups = SearchBody::read(body).map_or(Vec::new(), |search| search.filter_groups);
    let filters = groups.iter().flat_map(|group| &group.filters);
    let values = filters.filter_map(|filter| filter.values().ok());
    values.flatten().cloned().collect()
}

impl SearchOrder {
    /// The name of the property, and whether its largest values come first.
    fn parts(&self) -> (&str, bool) {
        match self {
            Self::Name(name) => {
                let descending = name.strip_prefix('-');
                (descending.unwrap_or(name), descending.is_some())
            }
            Self::Object {
                property_name,
                direction,
            } => (property_name, direction.as_deref() == Some("DESCENDING")),
        }
    }
}

impl SearchFilter {
    /// The values of which a record has to have one.
    fn values(&self) -> Result<&[String], ErrorResponse> {
        let values = match &*self.operator {
            "EQ" => self.value.as_ref().map(std::slice::from_ref),
            "IN" => self.values.as_deref().filter(|values| !values.is_empty()),
            other => {
                let text = format!("The sandbox has no filter with the operator {other}");
                return Err(ErrorResponse::search(text));
            }
        };
        values.ok_or_else(|| {
            let name = &self.property_name;
            ErrorResponse::search(format!("The filter on {name} has no value"))
        })
    }
}
