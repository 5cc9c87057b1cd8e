//! Structs that are rows of a table.

/// `row! { struct Row { a: i64, b: Vec<u8> } }`: the struct, read from a row of either database by the names of its
/// columns.
macro_rules! row {
    ($(#[$doc:meta])* $visible:vis struct $name:ident {
        $($(#[$field_doc:meta])* $field_visible:vis $field:ident: $kind:ty,)*
    }) => {
        $(#[$doc])*
        $visible struct $name {
            $($(#[$field_doc])* $field_visible $field: $kind,)*
        }

        impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for $name
        where
            &'static str: sqlx::ColumnIndex<R>,
            $($kind: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,)*
        {
            fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
                Ok(Self {
                    $($field: row.try_get(stringify!($field).trim_start_matches("r#"))?,)*
                })
            }
        }
    };
}

pub(crate) use row;
