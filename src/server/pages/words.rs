//! The words of each language, one file each, shared with the web part.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::Value;

/// A language's visitor words by key.
pub(super) struct Words {
    /// For `<html lang>`.
    pub(super) lang: &'static str,
    /// What the addresses of this language begin with.
    pub(super) prefix: &'static str,
    visit: HashMap<String, String>,
}

static CHINESE: LazyLock<Words> =
    LazyLock::new(|| Words::parse("zh-CN", "", include_str!("../../../web/locales/zh.json")));
static ENGLISH: LazyLock<Words> =
    LazyLock::new(|| Words::parse("en", "/en", include_str!("../../../web/locales/en.json")));

/// Every language with complete words.
pub(super) fn languages() -> [&'static Words; 2] {
    [&CHINESE, &ENGLISH]
}

impl Words {
    fn parse(lang: &'static str, prefix: &'static str, json: &str) -> Self {
        let file: Value = serde_json::from_str(json).unwrap_or_default();
        let visit = file
            .get("visit")
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        let visit = visit.filter_map(|(key, word)| Some((key.clone(), word.as_str()?.to_owned())));
        Self {
            lang,
            prefix,
            visit: visit.collect(),
        }
    }

    /// A word; nothing if it is missing, which a test does not let happen.
    pub(super) fn get(&self, key: &str) -> &str {
        self.visit.get(key).map_or("", String::as_str)
    }

    /// The words that are named, and all of a section that is: its name ends with a dot.
    pub(super) fn of(&self, named: &[&str]) -> Vec<(&str, &str)> {
        let wanted = |key: &str| {
            let names = |one: &&str| *one == key || one.ends_with('.') && key.starts_with(*one);
            named.iter().any(names)
        };
        let found = self.visit.iter().filter(|(key, _)| wanted(key));
        let mut found: Vec<_> = found
            .map(|(key, word)| (key.as_str(), word.as_str()))
            .collect();
        found.sort_unstable();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn keys(json: &str) -> BTreeSet<String> {
        fn walk(value: &Value, path: &str, keys: &mut BTreeSet<String>) {
            match value {
                Value::Object(map) => {
                    map.iter()
                        .for_each(|(key, value)| walk(value, &format!("{path}{key}/"), keys));
                }
                _ => drop(keys.insert(path.to_owned())),
            }
        }
        let mut found = BTreeSet::new();
        walk(&serde_json::from_str(json).unwrap(), "", &mut found);
        found
    }

    #[test]
    fn both_languages_have_the_same_words_and_none_is_empty() {
        let zh = include_str!("../../../web/locales/zh.json");
        let en = include_str!("../../../web/locales/en.json");
        assert_eq!(keys(zh), keys(en));
        assert!(!zh.contains("\"\"") && !en.contains("\"\""));
    }
}
