//! Reads templates, Rust and TypeScript for words: which keys they ask for, and which words they write
//! themselves.

use syn::visit::Visit;
use syn::{Expr, ExprMethodCall, Lit};

/// Stands for whatever a source fills into a key.
pub(super) const HOLE: char = '*';

// -- Rust ---------------------------------------------------------------------------------------

#[derive(Default)]
struct Asked(Vec<String>);

/// `"key"`, `&format!("key.{}", …)`.
fn key(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Reference(one) => key(&one.expr),
        Expr::Lit(one) => match &one.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        Expr::Macro(call) if call.mac.path.is_ident("format") => {
            let first = call.mac.tokens.clone().into_iter().next()?;
            let text: syn::LitStr = syn::parse_str(&first.to_string()).ok()?;
            Some(with_holes(&text.value(), "{").0)
        }
        _ => None,
    }
}

impl<'ast> Visit<'ast> for Asked {
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if call.method == "t" {
            self.0.extend(call.args.first().and_then(key));
        }
        syn::visit::visit_expr_method_call(self, call);
    }
}

/// Keys that a page's Rust asks for by `.t(…)`.
pub(super) fn asked_in_rust(source: &str) -> Vec<String> {
    let mut asked = Asked::default();
    asked.visit_file(&syn::parse_file(source).unwrap());
    asked.0
}

/// Lines of code that hold Chinese; what the server says in English are names of failures, for programs.
pub(super) fn written_in_rust(source: &str) -> Vec<&str> {
    let code = source
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//"));
    code.filter(|line| has_chinese(line)).collect()
}

/// Puts a hole in place of each `opener … }`, and gives what stood there.
fn with_holes<'t>(text: &'t str, opener: &str) -> (String, Vec<&'t str>) {
    let (mut made, mut holes) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some(at) = rest.find(opener) {
        made.push_str(&rest[..at]);
        made.push(HOLE);
        let inside = &rest[at + opener.len()..];
        let mut depth = 1;
        let end = inside.char_indices().find(|(_, one)| {
            depth += i32::from(*one == '{') - i32::from(*one == '}');
            depth == 0
        });
        let end = end.map_or(inside.len(), |(end, _)| end);
        holes.push(&inside[..end]);
        rest = inside.get(end + 1..).unwrap_or_default();
    }
    (made + rest, holes)
}

// -- templates ----------------------------------------------------------------------------------

/// Keys that a template asks for.
pub(super) fn asked_in_template(html: &str) -> Vec<String> {
    let calls = html.split("self.t(\"").skip(1);
    calls
        .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
        .collect()
}

/// Attributes that people see or hear.
const SPOKEN: [&str; 5] = ["alt", "title", "placeholder", "aria-label", "label"];

/// The service's own name: the title of every page, in every language.
const NAME: &str = "树洞";

fn letters(text: &str) -> bool {
    text.replace(NAME, "").chars().any(char::is_alphabetic)
}

/// Visible text that a template writes itself.
pub(super) fn written_in_template(html: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut rest = html;
    while let Some(at) = ["{{", "{%", "{#"]
        .iter()
        .filter_map(|one| rest.find(one))
        .min()
    {
        plain.push_str(&rest[..at]);
        let close = match &rest[at..at + 2] {
            "{{" => "}}",
            "{%" => "%}",
            _ => "#}",
        };
        rest = rest[at..].split_once(close).map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    let mut found = Vec::new();
    for piece in plain.split('<') {
        let (tag, text) = piece.split_once('>').unwrap_or(("", piece));
        if letters(text) {
            found.push(text.trim().to_owned());
        }
        for name in SPOKEN {
            let value = tag.split_once(&format!(" {name}=\""));
            let value = value.and_then(|(_, rest)| rest.split('"').next());
            found.extend(value.filter(|value| letters(value)).map(str::to_owned));
        }
    }
    found
}

// -- TypeScript ---------------------------------------------------------------------------------

/// A piece of a source: code, or a string without its quotes, `${…}` in it a hole.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Everything that is no string; comments are gone.
    Code(String),
    /// A string.
    Text(String),
}

/// Cuts a source into code and strings; what stands in a string's holes is a source of its own.
pub(super) fn cut(source: &str) -> Vec<Vec<Piece>> {
    let (mut found, mut others) = (Vec::new(), Vec::new());
    let mut code = String::new();
    let mut rest = source;
    while let Some(one) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if rest.starts_with("/*") {
            rest = rest.split_once("*/").map_or("", |(_, after)| after);
        } else if one == '/' && (begins_value(&code) || found.is_empty() && code.trim().is_empty())
        {
            // A pattern's quotes, brackets and commas are none of the code's.
            let (pattern, after) = pattern(rest);
            code.extend(pattern.chars().filter(|one| !"()[]{}<>,;".contains(*one)));
            rest = after;
        } else if matches!(one, '"' | '\'' | '`') {
            found.push(Piece::Code(std::mem::take(&mut code)));
            let (text, after) = quoted(&rest[1..], one);
            let (text, holes) = match one {
                '`' => with_holes(text, "${"),
                _ => (text.to_owned(), Vec::new()),
            };
            others.extend(holes.into_iter().flat_map(cut));
            found.push(Piece::Text(text));
            rest = after;
        } else {
            code.push(one);
            rest = &rest[one.len_utf8()..];
        }
    }
    found.push(Piece::Code(code));
    others.insert(0, found);
    others
}

/// Whether a slash after this code begins a pattern: it divides nothing and closes no tag.
fn begins_value(code: &str) -> bool {
    let code = code.trim_end();
    code.ends_with(['(', ',', '=', ':', '[', '!', '&', '|', '?', '{', ';'])
        || ["=>", "return"].iter().any(|one| code.ends_with(one))
}

/// A pattern (`/…/`) and what follows it; a slash in a class does not end it. What does not end in its line is a slash.
fn pattern(rest: &str) -> (&str, &str) {
    let (mut in_class, mut escaped) = (false, false);
    for (at, one) in rest.char_indices().skip(1) {
        match one {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' => break,
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => return rest.split_at(at + 1),
            _ => {}
        }
    }
    rest.split_at(1)
}

/// A string's text and what follows its closing quote. A template's `${…}` may hold strings.
fn quoted(rest: &str, quote: char) -> (&str, &str) {
    let (mut depth, mut escaped) = (0_usize, false);
    for (at, one) in rest.char_indices() {
        if escaped {
            escaped = false;
        } else if one == '\\' {
            escaped = true;
        } else if quote == '`' && one == '{' && rest[..at].ends_with('$') || depth > 0 && one == '{'
        {
            depth += 1;
        } else if depth > 0 && one == '}' {
            depth -= 1;
        } else if one == quote && depth == 0 {
            return (&rest[..at], &rest[at + 1..]);
        }
    }
    (rest, "")
}

/// What a source asks for: keys with holes, and the code of arguments that hold no key.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct AskedInScript {
    pub(super) keys: Vec<String>,
    pub(super) by_name: Vec<String>,
}

/// Keys in the first argument of each call of `name`, or in all arguments if `whole`; then only
/// strings with a dot are keys.
pub(super) fn asked_in_script(source: &str, name: &str, whole: bool) -> AskedInScript {
    let mut asked = AskedInScript::default();
    for pieces in cut(source) {
        asked_in_pieces(&mut asked, &pieces, name, whole);
    }
    asked
}

fn asked_in_pieces(asked: &mut AskedInScript, pieces: &[Piece], name: &str, whole: bool) {
    let call = format!("{name}(");
    for (index, piece) in pieces.iter().enumerate() {
        let Piece::Code(code) = piece else { continue };
        for (at, _) in code.match_indices(&call) {
            let before = code[..at].trim_end();
            let ahead = code[..at].trim_end_matches("...");
            let longer = ahead.ends_with(|one: char| one.is_alphanumeric() || "_.".contains(one));
            if longer || before.ends_with("function") {
                continue;
            }
            let (keys, code) = argument(&code[at + call.len()..], &pieces[index + 1..], whole);
            if keys.is_empty() && !whole {
                asked.by_name.push(code);
            }
            asked.keys.extend(keys);
        }
    }
}

/// The strings of one argument, save those that are compared with, and its code.
fn argument(first: &str, following: &[Piece], whole: bool) -> (Vec<String>, String) {
    let (mut keys, mut code, mut depth) = (Vec::new(), String::new(), 0_i32);
    let first = Piece::Code(first.to_owned());
    for piece in std::iter::once(&first).chain(following) {
        match piece {
            Piece::Code(text) => {
                for one in text.chars() {
                    match one {
                        '(' | '[' | '{' => depth += 1,
                        ')' | ']' | '}' => depth -= 1,
                        _ => {}
                    }
                    if depth < 0 || depth == 0 && one == ',' && !whole {
                        return (keys, code.trim().to_owned());
                    }
                    code.push(one);
                }
            }
            Piece::Text(text) => {
                let compared = code.trim_end().ends_with("==");
                if !compared && (!whole || text.contains('.')) {
                    keys.push(text.clone());
                }
            }
        }
    }
    (keys, code)
}

pub(super) fn has_chinese(text: &str) -> bool {
    text.chars().any(chinese)
}

fn chinese(one: char) -> bool {
    matches!(one, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}')
}

/// A capital, a small letter, and another word: "Try again".
fn sentence(text: &str) -> bool {
    let mut letters = text.chars();
    let capital = letters.next().is_some_and(|one| one.is_ascii_uppercase());
    let small = letters.next().is_some_and(|one| one.is_ascii_lowercase());
    let words = text
        .split(' ')
        .filter(|word| word.chars().any(char::is_alphabetic));
    capital && small && words.count() > 1
}

/// Words that a script would show by itself: Chinese anywhere, English sentences, spoken attributes,
/// text between tags.
pub(super) fn written_in_script(source: &str) -> Vec<String> {
    cut(source)
        .iter()
        .flat_map(|one| written_in_pieces(one))
        .collect()
}

fn written_in_pieces(pieces: &[Piece]) -> Vec<String> {
    let mut found = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => {
                let spoken = letters(text) && is_spoken(&pieces[..index]);
                if spoken || sentence(text) || has_chinese(text) {
                    found.push(text.clone());
                }
            }
            Piece::Code(code) => {
                found.extend(between_tags(code));
                let lines = code.lines().filter(|line| has_chinese(line));
                found.extend(lines.map(|line| line.trim().to_owned()));
            }
        }
    }
    found
}

/// Whether what follows is shown or spoken: the value of an attribute (`title=`, `"title": ` or `"title", `), of
/// `textContent`, or a child of an `element(…, {…}, `.
fn is_spoken(before: &[Piece]) -> bool {
    match before {
        [.., Piece::Text(name), Piece::Code(code)] if [":", ","].contains(&code.trim()) => {
            SPOKEN.contains(&name.as_str())
        }
        [.., Piece::Code(code)] => {
            let shown = ["textContent =", "},"].map(str::to_owned);
            let spoken = SPOKEN.map(|name| format!("{name}="));
            let ends = |one: &String| code.trim_end().ends_with(one.as_str());
            shown.iter().chain(&spoken).any(ends)
        }
        _ => false,
    }
}

/// `>text<` or `>text{`: what JSX shows as it stands.
fn between_tags(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices('>') {
        let rest = &code[at + 1..];
        let end = rest.find(['<', '{', '>', '(', ')', ';', '=', '}', '|', '&']);
        let Some(end) = end else { continue };
        let closes = rest[end..].starts_with(['<', '{']);
        let text = rest[..end].trim();
        // `a ? <b/> : c < d`
        let code_follows = code[..at].ends_with('=') || text.starts_with([':', '?', ',']);
        if closes && !code_follows && text.chars().filter(|one| one.is_alphabetic()).count() > 1 {
            found.push(text.to_owned());
        }
    }
    found
}
