//! What a form without script brings: answers by question, and the words.

use serde_json::{Map, Value, json};
use shudong_envelope::statement::{ROLE_WORDS, role_of};

use crate::server::questions::{QUESTIONS, Question};

const UNKNOWN: &str = "unknown";
/// Goes past the school.
const BUREAU: &str = "bureau";
const NOBODY: &str = "nobody";

/// The fields as they came, so that the page can come back filled in.
#[derive(Clone, Default)]
pub(crate) struct Answers {
    fields: Vec<(String, String)>,
}

impl Answers {
    /// Reads a form's body (`application/x-www-form-urlencoded`).
    pub(crate) fn read(body: &[u8]) -> Self {
        let mut answers = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            answers.add(&name, &value);
        }
        answers
    }

    /// Takes a field; lines end as they do in a script's text.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        let field = (name.to_owned(), value.replace("\r\n", "\n"));
        self.fields.push(field);
    }

    /// Whether a field has that value.
    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        self.fields
            .iter()
            .any(|field| field.0 == name && field.1 == value)
    }

    /// A field's first value, or nothing.
    pub(crate) fn first(&self, name: &str) -> &str {
        let field = self.fields.iter().find(|field| field.0 == name);
        field.map_or("", |field| &field.1)
    }

    /// The words.
    pub(crate) fn text(&self) -> &str {
        self.first("text")
    }

    /// "In danger now".
    pub(crate) fn urgent(&self) -> bool {
        self.has("urgent", "1")
    }

    /// Roles that are left out.
    pub(crate) fn roles(&self) -> Vec<u8> {
        let crossed = self.fields.iter().filter(|field| field.0 == "exclude");
        crossed.filter_map(|field| role_of(&field.1)).collect()
    }

    /// Whether somebody is to be left out whom this page does not know: nothing is sealed then.
    pub(crate) fn leaves_out_a_stranger(&self) -> bool {
        let mut crossed = self.fields.iter().filter(|field| field.0 == "exclude");
        crossed.any(|field| ![NOBODY, BUREAU].contains(&&*field.1) && role_of(&field.1).is_none())
    }

    /// Whether the letter goes past the school.
    pub(crate) fn past(&self) -> bool {
        self.has("exclude", BUREAU)
    }

    /// The tip's JSON, as the page with script makes it.
    pub(crate) fn json(&self, school: &str, lang: &str, day: u32) -> Vec<u8> {
        let mut tip = Map::new();
        let mut put = |name: &str, value: Value| drop(tip.insert(name.to_owned(), value));
        put("v", json!(1));
        put("school", json!(school));
        put("lang", json!(lang));
        put("day", json!(day));
        put("urgent", json!(self.urgent()));
        for question in &QUESTIONS {
            put(question.name, self.answer(question));
        }
        put("exclude", json!(self.excluded()));
        put("text", json!(self.text()));
        Value::Object(tip).to_string().into_bytes()
    }

    fn answer(&self, question: &Question) -> Value {
        let codes = question.codes.iter();
        let mut chosen = codes.filter(|code| self.has(question.name, code)).copied();
        if !question.several {
            return json!(chosen.next().unwrap_or(UNKNOWN));
        }
        let chosen: Vec<_> = chosen.collect();
        if chosen.is_empty() {
            json!([UNKNOWN])
        } else {
            json!(chosen)
        }
    }

    fn excluded(&self) -> Vec<&'static str> {
        if self.past() {
            return vec![BUREAU];
        }
        let roles: Vec<_> = self
            .roles()
            .into_iter()
            .map(|role| ROLE_WORDS[usize::from(role)])
            .collect();
        if roles.is_empty() {
            vec![NOBODY]
        } else {
            roles
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tip(body: &str) -> Value {
        serde_json::from_slice(&Answers::read(body.as_bytes()).json("abcdefgh", "zh", 7)).unwrap()
    }

    #[test]
    fn a_form_says_what_the_script_would() {
        let said = tip(
            "who=victim&kind=verbal&kind=online&place=toilet&text=a%0D%0A%C3%A9&exclude=chair&exclude=parent",
        );
        assert_eq!(said["who"], "victim");
        assert_eq!(said["kind"], json!(["verbal", "online"]));
        assert_eq!(said["text"], "a\n\u{e9}");
        assert_eq!(said["exclude"], json!(["chair", "parent"]));
        assert_eq!(said["urgent"], false);
    }

    #[test]
    fn whoever_is_not_known_is_not_silently_let_in() {
        let stranger = |body: &str| Answers::read(body.as_bytes()).leaves_out_a_stranger();
        assert!(stranger("exclude=king") && stranger("exclude=chair&exclude="));
        assert!(!stranger("exclude=chair&exclude=bureau") && !stranger("exclude=nobody"));
    }

    #[test]
    fn what_is_missing_or_unknown_is_dont_know() {
        let said = tip("kind=unknown&kind=verbal&who=king&how_often=&exclude=nobody");
        assert_eq!(said["who"], "unknown");
        assert_eq!(said["kind"], json!(["verbal"]));
        assert_eq!(said["place"], json!(["unknown"]));
        assert_eq!(said["exclude"], json!(["nobody"]));
        assert_eq!(
            tip("exclude=chair&exclude=bureau")["exclude"],
            json!(["bureau"])
        );
    }
}
