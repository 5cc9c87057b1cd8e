//! Builds the web part and lists its files for embedding.
//!
//! Everything is made in OUT_DIR: the sources are copied there, packages installed when the lock
//! file changed, and Vite run. `SHUDONG_WEB_DIST` names a bundle built elsewhere; then no Node is
//! needed.

use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fmt::Write as _};

const SOURCES: [&str; 6] = [
    "src",
    "locales",
    "package.json",
    "package-lock.json",
    "build.mjs",
    "tsconfig.json",
];
/// Vite 8 runs on nothing older.
const LEAST_NODE: (u32, u32) = (20, 19);

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    println!("cargo::rerun-if-env-changed=SHUDONG_WEB_DIST");
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let dist = match env::var_os("SHUDONG_WEB_DIST") {
        Some(dist) => {
            let dist = PathBuf::from(dist);
            println!(
                "cargo::rerun-if-changed={}",
                dist.join("manifest.json").display()
            );
            dist
        }
        // What is made here is not watched: it is newer than this run began, so every build would be the first.
        None => build_web(&out)?,
    };
    fs::write(out.join("assets.rs"), asset_table(&dist)?)?;
    Ok(())
}

fn build_web(out: &Path) -> Outcome<PathBuf> {
    let lock = File::create(out.join("web.lock"))?;
    lock.lock()?;
    check_node()?;
    let web = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("web");
    let work = out.join("web");
    for name in SOURCES {
        println!("cargo::rerun-if-changed=web/{name}");
        let target = work.join(name);
        if target.is_dir() {
            fs::remove_dir_all(&target)?;
        }
        copy(&web.join(name), &target)?;
    }
    install(&work)?;
    let dist = out.join("web-dist");
    run(Command::new("node")
        .arg("build.mjs")
        .env("SHUDONG_WEB_OUT", &dist)
        .current_dir(&work))?;
    Ok(dist)
}

/// Installs packages unless this very lock file was installed before.
fn install(work: &Path) -> Outcome<()> {
    let lock = fs::read(work.join("package-lock.json"))?;
    let stamp = work.join("installed.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    run(Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(work))?;
    fs::write(stamp, lock)?;
    Ok(())
}

fn check_node() -> Outcome<()> {
    let advice = "building the web part needs Node 20.19 or newer (Debian's own is too old), \
                  or SHUDONG_WEB_DIST pointing at a built bundle";
    let version = Command::new("node")
        .arg("--version")
        .output()
        .map_err(|_| advice)?
        .stdout;
    let version = String::from_utf8(version)?;
    let mut parts = version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) if (major, minor) >= LEAST_NODE => Ok(()),
        _ => Err(format!("found Node {}: {advice}", version.trim()).into()),
    }
}

fn run(command: &mut Command) -> Outcome<()> {
    let done = command.output()?;
    if done.status.success() {
        return Ok(());
    }
    let said =
        String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    Err(format!("{command:?} failed:\n{said}").into())
}

fn copy(from: &Path, to: &Path) -> Outcome<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    } else {
        fs::copy(from, to)?;
    }
    Ok(())
}

/// One line of Rust a file: logical name, address, media type, plain, gzip and Brotli bytes.
fn asset_table(dist: &Path) -> Outcome<String> {
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(dist.join("manifest.json"))?)?;
    let entries = manifest
        .as_object()
        .ok_or("manifest.json holds no object")?;
    let mut table = String::from("pub(crate) static ASSETS: &[Asset] = &[\n");
    for (name, entry) in entries {
        let file = entry["file"].as_str().ok_or("an entry without a file")?;
        let media = entry["type"].as_str().ok_or("an entry without a type")?;
        let path = dist.join(file);
        let path = path.to_str().ok_or("a path that is not UTF-8")?;
        writeln!(
            table,
            "Asset {{ name: {name:?}, address: {:?}, media: {media:?}, plain: include_bytes!({path:?}), \
             gzip: include_bytes!({:?}), brotli: include_bytes!({:?}) }},",
            format!("/{file}"),
            format!("{path}.gz"),
            format!("{path}.br"),
        )?;
    }
    table.push_str("];\n");
    Ok(table)
}
