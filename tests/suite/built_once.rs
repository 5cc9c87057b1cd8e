//! A build that changed nothing has nothing to do: what it watches is what people write, never what it makes.

use std::path::{Path, PathBuf};

/// The watched paths that lie where the build itself writes.
fn watches_itself(output: &str, made: &Path) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lines = output.lines();
    let watched =
        lines.filter_map(|line| line.trim_start().strip_prefix("cargo::rerun-if-changed="));
    let paths = watched.map(|path| root.join(path));
    paths.filter(|path| path.starts_with(made)).collect()
}

#[test]
fn the_build_watches_nothing_that_it_writes() {
    let made = Path::new(env!("OUT_DIR"));
    let output = std::fs::read_to_string(made.with_file_name("output")).unwrap();
    assert!(
        output.contains("cargo::rerun-if-changed="),
        "the build watches something"
    );
    assert_eq!(watches_itself(&output, made), Vec::<PathBuf>::new());
    let itself = format!(
        "cargo::rerun-if-changed=web/src\ncargo::rerun-if-changed={}",
        made.join("web-dist/manifest.json").display()
    );
    assert_eq!(watches_itself(&itself, made).len(), 1, "the control");
}
