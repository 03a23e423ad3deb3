//! What language runtimes bring along and functions are not granted: files, sockets, HTTP.

use super::Scope;
use super::io::{InputStream, IoError, OutputStream, Pollable, resource};
use crate::end::End;
use crate::task::Task;
use wasmtime::component::types::{ComponentInstance, ComponentItem, Type};
use wasmtime::component::{Resource, ResourceType, Val};
use wasmtime::{Engine, Result, StoreContextMut};

type Ctx<'a> = StoreContextMut<'a, Task>;

/// A descriptor, socket or request: nobody ever gets one.
pub struct Nothing;

/// What a call gets.
#[derive(Clone, Copy)]
pub enum Answer {
    /// The interface's own "access denied" error, always the same.
    AccessDenied,
    /// The end of the task, naming the import.
    EndTask,
}

/// Defines every function and resource of the interface `name` as a refusal.
pub fn define(
    engine: &Engine,
    scope: &mut Scope<'_>,
    name: &str,
    ty: &ComponentInstance,
    answer: Answer,
) -> Result<()> {
    for (item, export) in ty.exports(engine) {
        match export.ty {
            // A capability that every use of then refuses.
            ComponentItem::ComponentFunc(_) if item == "instance-network" => {
                scope.func_wrap(item, |_: Ctx<'_>, (): ()| Ok((Resource::<Nothing>::new_own(0),)))?;
            }
            ComponentItem::ComponentFunc(_) => {
                let what = format!("{name} {item}");
                scope.func_new(item, move |_: Ctx<'_>, ty, _, results| refuse(answer, &what, &ty, results))?;
            }
            ComponentItem::Resource(_) => match item {
                // Resources of other interfaces that this one passes on.
                "pollable" => resource::<Pollable>(scope, item)?,
                "input-stream" => resource::<InputStream>(scope, item)?,
                "output-stream" => resource::<OutputStream>(scope, item)?,
                "error" | "io-error" => resource::<IoError>(scope, item)?,
                _ => scope.resource(item, ResourceType::host::<Nothing>(), |_, _| Ok(()))?,
            },
            _ => {}
        }
    }
    Ok(())
}

fn refuse(
    answer: Answer,
    what: &str,
    ty: &wasmtime::component::types::ComponentFunc,
    results: &mut [Val],
) -> Result<()> {
    let result = ty.results().next();
    match (answer, &result) {
        (Answer::AccessDenied, None) => return Ok(()),
        (Answer::AccessDenied, Some(Type::Result(result))) => {
            let error = match result.err() {
                None => Some(None),
                Some(Type::Enum(codes)) => codes
                    .names()
                    .find(|code| matches!(*code, "access" | "access-denied"))
                    .map(|code| Some(Box::new(Val::Enum(code.to_owned())))),
                Some(Type::Variant(codes)) => codes
                    .cases()
                    .find(|case| case.ty.is_none() && matches!(case.name, "access" | "access-denied"))
                    .map(|case| Some(Box::new(Val::Variant(case.name.to_owned(), None)))),
                Some(_) => None,
            };
            if let Some(error) = error {
                results[0] = Val::Result(Err(error));
                return Ok(());
            }
        }
        (Answer::AccessDenied, Some(Type::Option(_))) => {
            results[0] = Val::Option(None);
            return Ok(());
        }
        _ => {}
    }
    Err(End::Denied(format!("the guest called {what}, which functions are not granted; a later version may grant it"))
        .into())
}

pub fn no_directories(scope: &mut Scope<'_>) -> Result<()> {
    scope.func_wrap("get-directories", |_: Ctx<'_>, (): ()| Ok((Vec::<(Resource<Nothing>, String)>::new(),)))
}
