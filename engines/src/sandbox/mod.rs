//! The world a guest sees: every import a function may have, deterministic and without a way out.
//!
//! The linker is built for each component from the imports it has, so every version of an interface is the same
//! code and an import nobody defines is refused by name when the component is loaded. See
//! `docs/formats/determinism.md` for what each answer is and why.

mod cli;
mod clocks;
mod denied;
mod homestar;
mod io;
mod random;

use crate::task::Task;
use wasmtime::component::types::{ComponentInstance, ComponentItem};
use wasmtime::component::{Component, Linker, LinkerInstance};
use wasmtime::{Engine, Result, bail};

pub type Scope<'a> = LinkerInstance<'a, Task>;

/// Defines everything `component` imports, or says which import cannot be had.
pub fn link(engine: &Engine, component: &Component) -> Result<Linker<Task>> {
    let mut linker = Linker::new(engine);
    for (name, import) in component.component_type().imports(engine) {
        match import.ty {
            ComponentItem::ComponentInstance(instance) => interface(engine, &mut linker, name, &instance)?,
            ComponentItem::Type(_) => {}
            _ => bail!("it imports `{name}`, which is not an interface that functions can use"),
        }
    }
    Ok(linker)
}

fn interface(engine: &Engine, linker: &mut Linker<Task>, name: &str, ty: &ComponentInstance) -> Result<()> {
    let (base, version) = name.split_once('@').unwrap_or((name, ""));
    let mut scope = linker.instance(name)?;
    match base {
        "wasi:logging/logging" => return homestar::logging(&mut scope),
        "homestar:host/helpers" if matches!(version, "0.0.1" | "0.1.1") => return homestar::helpers(&mut scope),
        _ => {}
    }
    if base.starts_with("wasi:") && version.starts_with("0.2.") {
        return wasi(engine, &mut scope, base, name, ty);
    }
    if ty.exports(engine).all(|(_, export)| matches!(export.ty, ComponentItem::Type(_))) {
        return Ok(()); // types alone need nobody behind them
    }
    bail!("it imports `{name}`, which functions cannot use")
}

fn wasi(engine: &Engine, scope: &mut Scope<'_>, base: &str, name: &str, ty: &ComponentInstance) -> Result<()> {
    match base {
        "wasi:io/error" => io::error(scope),
        "wasi:io/poll" => io::poll(scope),
        "wasi:io/streams" => io::streams(scope),
        "wasi:clocks/monotonic-clock" => clocks::monotonic(scope),
        "wasi:clocks/wall-clock" => clocks::wall(scope),
        "wasi:random/random" => random::random(scope),
        "wasi:random/insecure" => random::insecure(scope),
        "wasi:random/insecure-seed" => random::insecure_seed(scope),
        "wasi:cli/environment" => cli::environment(scope),
        "wasi:cli/exit" => cli::exit(scope),
        "wasi:cli/stdin" => cli::stdin(scope),
        "wasi:cli/stdout" => cli::output(scope, cli::Stream::Stdout),
        "wasi:cli/stderr" => cli::output(scope, cli::Stream::Stderr),
        "wasi:cli/terminal-input" => cli::terminal(scope, "terminal-input"),
        "wasi:cli/terminal-output" => cli::terminal(scope, "terminal-output"),
        "wasi:cli/terminal-stdin" => cli::no_terminal::<cli::TerminalInput>(scope, "get-terminal-stdin"),
        "wasi:cli/terminal-stdout" => cli::no_terminal::<cli::TerminalOutput>(scope, "get-terminal-stdout"),
        "wasi:cli/terminal-stderr" => cli::no_terminal::<cli::TerminalOutput>(scope, "get-terminal-stderr"),
        "wasi:filesystem/preopens" => denied::no_directories(scope),
        _ if base.starts_with("wasi:filesystem/") || base.starts_with("wasi:sockets/") => {
            denied::define(engine, scope, name, ty, denied::Answer::AccessDenied)
        }
        _ if base.starts_with("wasi:http/") || base.starts_with("wasi:clocks/") => {
            denied::define(engine, scope, name, ty, denied::Answer::EndTask)
        }
        _ => bail!("it imports `{name}`, which functions cannot use"),
    }
}
