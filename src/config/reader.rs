//! Takes settings one by one out of a table and remembers every mistake.

use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::RangeInclusive;

use toml::{Table, Value};

use super::ConfigError;

/// What is left to read, and what was wrong so far.
pub(super) struct Reader {
    table: Table,
    mistakes: Vec<String>,
}

impl Reader {
    /// Parses the file's text and lays `SHUDONG_SECTION__KEY` over it.
    pub(super) fn new(
        text: &str,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let table = text
            .parse::<Table>()
            .map_err(|error| ConfigError(vec![error.to_string()]))?;
        let mut reader = Self {
            table,
            mistakes: Vec::new(),
        };
        for (name, value) in environment {
            let Some((section, key)) = name
                .strip_prefix("SHUDONG_")
                .and_then(|rest| rest.split_once("__"))
            else {
                continue;
            };
            let section = reader
                .table
                .entry(section.to_lowercase())
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(section) = section {
                section.insert(key.to_lowercase(), Value::String(value));
            }
        }
        Ok(reader)
    }

    fn take(&mut self, section: &str, key: &str) -> Option<Value> {
        self.table.get_mut(section)?.as_table_mut()?.remove(key)
    }

    fn mistake(&mut self, section: &str, key: &str, what: impl Display) {
        self.mistakes.push(format!("{section}.{key}: {what}"));
    }

    pub(super) fn text(&mut self, section: &str, key: &str, default: &str) -> String {
        match self.take(section, key) {
            None => default.to_owned(),
            Some(Value::String(text)) => text,
            Some(_) => {
                self.mistake(section, key, "must be a text in quotes");
                default.to_owned()
            }
        }
    }

    pub(super) fn texts(&mut self, section: &str, key: &str, default: &[&str]) -> Vec<String> {
        let given = match self.take(section, key) {
            None => None,
            Some(Value::String(text)) => {
                Some(text.split(',').map(|part| part.trim().to_owned()).collect())
            }
            Some(Value::Array(values)) => values
                .into_iter()
                .map(|value| value.as_str().map(str::to_owned))
                .collect(),
            Some(_) => None,
        };
        given.unwrap_or_else(|| default.iter().map(|&text| text.to_owned()).collect())
    }

    pub(super) fn number<N>(
        &mut self,
        section: &str,
        key: &str,
        default: N,
        range: RangeInclusive<N>,
    ) -> N
    where
        N: TryFrom<i64> + PartialOrd + Display + Copy,
    {
        let given = match self.take(section, key) {
            None => return default,
            Some(Value::Integer(number)) => N::try_from(number).ok(),
            Some(Value::String(text)) => text.parse().ok().and_then(|n: i64| N::try_from(n).ok()),
            Some(_) => None,
        };
        match given {
            Some(number) if range.contains(&number) => number,
            _ => {
                let what = format!(
                    "must be a whole number from {} to {}",
                    range.start(),
                    range.end()
                );
                self.mistake(section, key, what);
                default
            }
        }
    }

    /// An address that must be given as `host:port`.
    pub(super) fn parsed(&mut self, section: &str, key: &str, default: &str) -> SocketAddr {
        let text = self.text(section, key, default);
        text.parse().unwrap_or_else(|_| {
            self.mistake(
                section,
                key,
                "must be an address and a port, such as 127.0.0.1:8080",
            );
            SocketAddr::from(([127, 0, 0, 1], 0))
        })
    }

    pub(super) fn optional(&mut self, section: &str, key: &str) -> Option<SocketAddr> {
        let given = self.table.get(section)?.as_table()?.contains_key(key);
        given.then(|| self.parsed(section, key, ""))
    }

    /// Names what was not asked for, and all other mistakes.
    pub(super) fn finish(mut self) -> Result<(), ConfigError> {
        for (section, rest) in std::mem::take(&mut self.table) {
            match rest {
                Value::Table(keys) => {
                    for key in keys.keys() {
                        self.mistake(&section, key, "no such setting");
                    }
                }
                _ => self.mistakes.push(format!("{section}: no such section")),
            }
        }
        if self.mistakes.is_empty() {
            Ok(())
        } else {
            Err(ConfigError(self.mistakes))
        }
    }
}
