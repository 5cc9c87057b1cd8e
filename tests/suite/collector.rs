//! Reads the sources for every address that the service answers.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use syn::visit::Visit;
use syn::{Expr, ExprCall, ExprMethodCall, Lit};

use crate::house::sources;

const METHODS: [&str; 6] = ["get", "post", "put", "delete", "patch", "any"];
/// Ways to add an address that the collector cannot read; a route added so has no row.
const UNREADABLE: [&str; 4] = ["route_service", "nest_service", "fallback_service", "nest"];

/// Method and address template.
pub(crate) type Route = (String, String);

#[derive(Default)]
struct Found {
    /// Address expressions as (kind, text): a literal, `at("…")`, or `root`.
    routes: Vec<(String, Address)>,
    prefixes: BTreeSet<String>,
    unreadable: Vec<String>,
}

#[derive(Clone)]
enum Address {
    Whole(String),
    InEachLanguage(String),
}

fn literal(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(one) => match &one.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        Expr::Reference(one) => literal(&one.expr),
        _ => None,
    }
}

/// `"…"`, `&at("…")`, `root`, or `&format!("{BASE}/…")`.
fn address(expression: &Expr) -> Option<Address> {
    if let Some(text) = literal(expression) {
        return Some(Address::Whole(text));
    }
    match expression {
        Expr::Reference(one) => address(&one.expr),
        Expr::Path(one) if one.path.is_ident("root") => {
            Some(Address::InEachLanguage("/".to_owned()))
        }
        Expr::Call(call) => match &*call.func {
            Expr::Path(name) if name.path.is_ident("at") => {
                Some(Address::InEachLanguage(literal(call.args.first()?)?))
            }
            _ => None,
        },
        Expr::Macro(call) if call.mac.path.is_ident("format") => {
            let text: syn::LitStr = call.mac.parse_body().ok()?;
            let path = text.value().replace("{BASE}", "/desk/api/v1");
            Some(Address::Whole(path))
        }
        _ => None,
    }
}

/// `get(…).post(…)`.
fn methods(expression: &Expr) -> Vec<String> {
    match expression {
        Expr::Call(call) => match &*call.func {
            Expr::Path(name) => {
                let last = name.path.segments.last();
                let last = last.map(|one| one.ident.to_string()).unwrap_or_default();
                let known = METHODS.contains(&last.as_str());
                known.then_some(last).into_iter().collect()
            }
            _ => Vec::new(),
        },
        Expr::MethodCall(call) => {
            let mut found = methods(&call.receiver);
            found.push(call.method.to_string());
            found
        }
        _ => Vec::new(),
    }
}

impl<'ast> Visit<'ast> for Found {
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let name = call.method.to_string();
        if UNREADABLE.contains(&name.as_str()) {
            self.unreadable.push(name.clone());
        }
        if name == "route" {
            let arguments: Vec<&Expr> = call.args.iter().collect();
            let found = match &arguments[..] {
                [path, handler] => address(path).map(|address| (address, methods(handler))),
                _ => None,
            };
            match found {
                Some((address, methods)) if !methods.is_empty() => {
                    let each = methods.into_iter().map(|one| (one, address.clone()));
                    self.routes.extend(each);
                }
                _ => self.unreadable.push(name),
            }
        }
        syn::visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Expr::Path(name) = &*call.func {
            let names: Vec<String> = name
                .path
                .segments
                .iter()
                .map(|one| one.ident.to_string())
                .collect();
            if names == ["Words", "parse"] {
                self.prefixes
                    .extend(call.args.iter().nth(1).and_then(literal));
            }
        }
        syn::visit::visit_expr_call(self, call);
    }
}

fn collected<'s>(sources: impl Iterator<Item = &'s str>) -> (BTreeSet<Route>, Vec<String>) {
    let mut found = Found::default();
    for source in sources {
        found.visit_file(&syn::parse_file(source).unwrap());
    }
    let mut routes = BTreeSet::new();
    for (method, address) in found.routes {
        let method = method.to_uppercase();
        match address {
            Address::Whole(path) => drop(routes.insert((method, path))),
            Address::InEachLanguage(path) => routes.extend(found.prefixes.iter().map(|prefix| {
                let path = match (prefix.as_str(), path.as_str()) {
                    ("", path) => path.to_owned(),
                    (prefix, "/") => prefix.to_owned(),
                    (prefix, path) => format!("{prefix}{path}"),
                };
                (method.clone(), path)
            })),
        }
    }
    (routes, found.unreadable)
}

/// Every address that `src/server` adds by hand; the API's own stand in its description.
pub(crate) fn routes() -> BTreeSet<Route> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server");
    let texts: Vec<(String, String)> = sources(&folder)
        .into_iter()
        .map(|path| {
            (
                path.display().to_string(),
                fs::read_to_string(path).unwrap(),
            )
        })
        .collect();
    let (routes, unreadable) = collected(texts.iter().map(|(_, text)| text.as_str()));
    // The description's own base.
    assert_eq!(unreadable, ["nest"], "an address the collector cannot read");
    routes
}

#[test]
fn a_new_route_is_seen() {
    let source = r#"
        static A: Words = Words::parse("zh", "", "");
        static B: Words = Words::parse("en", "/en", "");
        fn f() {
            Router::new()
                .route("/plain", get(a).delete(b))
                .route(&format!("{BASE}/described"), axum::routing::put(c))
                .route(root, get(d))
                .route(&at("/in-each"), post(e));
        }"#;
    let (routes, unreadable) = collected(std::iter::once(source));
    let routes: Vec<String> = routes
        .iter()
        .map(|(method, path)| format!("{method} {path}"))
        .collect();
    let wanted = [
        "DELETE /plain",
        "GET /",
        "GET /en",
        "GET /plain",
        "POST /en/in-each",
        "POST /in-each",
        "PUT /desk/api/v1/described",
    ];
    assert_eq!(routes, wanted);
    assert!(unreadable.is_empty());
    let hidden = "fn f() { Router::new().route(&made_up(), get(a)).nest_service(\"/n\", b); }";
    let (routes, mut unreadable) = collected(std::iter::once(hidden));
    unreadable.sort();
    assert_eq!(
        (routes.len(), unreadable),
        (0, vec!["nest_service".to_owned(), "route".to_owned()])
    );
}
