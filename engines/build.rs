//! Collects the C headers of what is linked in (Wasmtime's C API, SQLite) in one folder for the C++ side.
//!
//! `cmake/Engines.cmake` names the folder; a plain `cargo build` collects nothing.

use std::path::Path;
use std::{env, fs, io};

fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else if target.extension().is_some_and(|extension| extension == "h") {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=EVERY_ENGINES_INCLUDE_DIR");
    let Some(to) = env::var_os("EVERY_ENGINES_INCLUDE_DIR") else { return Ok(()) };
    let to = Path::new(&to);
    if let Some(wasmtime) = env::var_os("DEP_WASMTIME_C_API_INCLUDE") {
        copy_tree(Path::new(&wasmtime), to)?;
    }
    if let Some(sqlite) = env::var_os("DEP_SQLITE3_INCLUDE") {
        fs::create_dir_all(to)?;
        for header in ["sqlite3.h", "sqlite3ext.h"] {
            fs::copy(Path::new(&sqlite).join(header), to.join(header))?;
        }
    }
    Ok(())
}
