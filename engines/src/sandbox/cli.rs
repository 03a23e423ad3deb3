//! `wasi:cli`: no environment, no arguments, no terminal; output becomes log lines.

use super::Scope;
use super::io::{InputStream, OutputStream, resource};
use crate::end::End;
use crate::task::{Source, Task};
use wasmtime::component::Resource;
use wasmtime::{Result, StoreContextMut};

type Ctx<'a> = StoreContextMut<'a, Task>;

pub struct TerminalInput;
pub struct TerminalOutput;

#[derive(Clone, Copy)]
pub enum Stream {
    Stdout,
    Stderr,
}

pub fn environment(scope: &mut Scope<'_>) -> Result<()> {
    scope.func_wrap("get-environment", |_: Ctx<'_>, (): ()| Ok((Vec::<(String, String)>::new(),)))?;
    scope.func_wrap("get-arguments", |_: Ctx<'_>, (): ()| Ok((Vec::<String>::new(),)))?;
    for name in ["initial-cwd", "get-initial-cwd"] {
        scope.func_wrap(name, |_: Ctx<'_>, (): ()| Ok((None::<String>,)))?;
    }
    Ok(())
}

pub fn exit(scope: &mut Scope<'_>) -> Result<()> {
    scope.func_wrap("exit", |_: Ctx<'_>, (status,): (Result<(), ()>,)| -> Result<()> {
        Err(End::Exit(i32::from(status.is_err())).into())
    })?;
    scope.func_wrap("exit-with-code", |_: Ctx<'_>, (code,): (u8,)| -> Result<()> { Err(End::Exit(code.into()).into()) })
}

pub fn stdin(scope: &mut Scope<'_>) -> Result<()> {
    scope.func_wrap("get-stdin", |mut store: Ctx<'_>, (): ()| Ok((store.data_mut().table.push(InputStream)?,)))
}

pub fn output(scope: &mut Scope<'_>, stream: Stream) -> Result<()> {
    let (name, source) = match stream {
        Stream::Stdout => ("get-stdout", Source::Stdout),
        Stream::Stderr => ("get-stderr", Source::Stderr),
    };
    scope.func_wrap(name, move |mut store: Ctx<'_>, (): ()| {
        Ok((store.data_mut().table.push(OutputStream { source })?,))
    })
}

pub fn terminal(scope: &mut Scope<'_>, name: &str) -> Result<()> {
    match name {
        "terminal-input" => resource::<TerminalInput>(scope, name),
        _ => resource::<TerminalOutput>(scope, name),
    }
}

pub fn no_terminal<T: Send + 'static>(scope: &mut Scope<'_>, name: &str) -> Result<()> {
    scope.func_wrap(name, |_: Ctx<'_>, (): ()| Ok((None::<Resource<T>>,)))
}
