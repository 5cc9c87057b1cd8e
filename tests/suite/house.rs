//! The house's rules, read from its sources: who may import whom, where SQL stands.

use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::Visit;

/// From left to right; a room imports only what stands before it.
const ROOMS: [&str; 5] = ["audit", "directory", "members", "cases", "tips"];
const SHELL: [&str; 4] = ["jobs", "server", "cli", "app"];

/// Paths that a source names: `use` trees and plain paths, as segments.
#[derive(Default)]
struct Named(Vec<Vec<String>>);

impl<'ast> Visit<'ast> for Named {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.push(
            path.segments
                .iter()
                .map(|one| one.ident.to_string())
                .collect(),
        );
        syn::visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        walk(&item.tree, &mut Vec::new(), &mut self.0);
    }
}

fn walk(tree: &syn::UseTree, before: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    match tree {
        syn::UseTree::Path(path) => {
            before.push(path.ident.to_string());
            walk(&path.tree, before, found);
            before.pop();
        }
        syn::UseTree::Group(group) => {
            group
                .items
                .iter()
                .for_each(|item| walk(item, before, found));
        }
        syn::UseTree::Name(name) => {
            let mut whole = before.clone();
            whole.push(name.ident.to_string());
            found.push(whole);
        }
        syn::UseTree::Rename(_) | syn::UseTree::Glob(_) => found.push(before.clone()),
    }
}

fn violations(room: &str, source: &str) -> Vec<String> {
    let file = syn::parse_file(source).unwrap();
    let mut named = Named::default();
    named.visit_file(&file);
    let place = ROOMS.iter().position(|one| *one == room).unwrap();
    let forbidden = |path: &[String]| match path {
        [first, second, ..] if first == "crate" => {
            ROOMS[place + 1..].contains(&second.as_str()) || SHELL.contains(&second.as_str())
        }
        [first, ..] => first == "axum" || first == "askama",
        [] => false,
    };
    named
        .0
        .iter()
        .filter(|path| forbidden(path))
        .map(|path| path.join("::"))
        .collect()
}

/// Every source under a folder.
pub(crate) fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[test]
fn rooms_import_only_leftwards() {
    for room in ROOMS {
        for path in sources(&src().join(room)) {
            let found = violations(room, &fs::read_to_string(&path).unwrap());
            assert!(found.is_empty(), "{}: {found:?}", path.display());
        }
    }
}

#[test]
fn a_violation_is_seen() {
    let source = "use crate::{clock::Day, tips::{Tick}}; fn f() { crate::server::x(); axum::y(); }";
    assert_eq!(
        violations("cases", source),
        ["crate::tips::Tick", "crate::server::x", "axum::y"]
    );
}

#[test]
fn only_stores_hold_sql() {
    let holds = |text: &str| {
        ["execute!(", "fetch_all!(", "fetch_optional!("]
            .iter()
            .any(|verb| text.contains(verb))
    };
    let all = sources(&src());
    let holding: Vec<_> = all
        .iter()
        .filter(|path| !path.starts_with(src().join("storage")))
        .filter(|path| holds(&fs::read_to_string(path).unwrap()))
        .collect();
    assert!(
        holding.len() >= 4,
        "the search finds the stores themselves: {holding:?}"
    );
    for path in holding {
        assert_eq!(path.file_name().unwrap(), "store.rs", "{}", path.display());
    }
}

#[test]
fn both_engines_have_the_same_tables_and_columns() {
    let columns = |engine: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("migrations")
            .join(engine);
        let mut files: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|one| one.unwrap().path())
            .collect();
        files.sort();
        let mut found = Vec::new();
        for file in files {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            for line in fs::read_to_string(&file).unwrap().lines() {
                let word = line
                    .split_whitespace()
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                if line.starts_with("CREATE") {
                    found.push((name.clone(), line.to_owned()));
                } else if line.starts_with("    ") {
                    found.push((name.clone(), word));
                }
            }
        }
        found
    };
    assert!(columns("sqlite").len() > 50);
    assert_eq!(columns("sqlite"), columns("postgres"));
}
