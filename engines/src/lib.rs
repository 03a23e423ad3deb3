//! The engines of `every` that have no C++ equal, behind one C header (`include/every_engines.h`): Wasmtime with
//! our sandbox around it, componentising, WIT text, URL printing, name spellings, and SQLite.
//!
//! Wasmtime's own C API is linked in and re-exported; what is here goes where that API does not reach. No panic
//! leaves this library.

mod backtrace;
mod call;
mod component;
mod describe;
mod encode;
mod end;
mod engine;
mod ffi;
mod sandbox;
mod task;
mod text;
mod wire;
mod wit;

// Linked for their C symbols.
use libsqlite3_sys as _;
pub use wasmtime_c_api;

/// Kept equal to the version in `Cargo.toml`; part of the compiled code's key.
pub const WASMTIME_VERSION: &str = "48.0.8";
