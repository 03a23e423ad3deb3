//! `wasi:io`: streams that lead to log lines or nowhere, and polling that never waits.

use super::Scope;
use crate::task::{Source, Task};
use wasmtime::component::{ComponentType, Lift, Lower, Resource, ResourceType};
use wasmtime::{Result, StoreContextMut, bail};

/// The only errors there are: none of our streams fails but by being at its end.
pub struct IoError;

/// Something to wait for. Waiting moves the virtual clock, never the real one.
pub enum Pollable {
    Ready,
    At(u64),
}

/// Always at its end: functions get their input as arguments.
pub struct InputStream;

pub struct OutputStream {
    pub source: Source,
}

#[derive(ComponentType, Lift, Lower)]
#[component(variant)]
enum StreamError {
    #[component(name = "last-operation-failed")]
    #[allow(dead_code)]
    LastOperationFailed(Resource<IoError>),
    #[component(name = "closed")]
    Closed,
}

type Ctx<'a> = StoreContextMut<'a, Task>;

/// Output a guest may write at once, as `check-write` tells it.
const PERMIT: u64 = 64 * 1024;

pub fn resource<T: Send + 'static>(scope: &mut Scope<'_>, name: &str) -> Result<()> {
    scope.resource(name, ResourceType::host::<T>(), |mut store: Ctx<'_>, rep| {
        store.data_mut().table.delete(Resource::<T>::new_own(rep))?;
        Ok(())
    })
}

pub fn error(scope: &mut Scope<'_>) -> Result<()> {
    resource::<IoError>(scope, "error")?;
    scope.func_wrap("[method]error.to-debug-string", |_: Ctx<'_>, _: (Resource<IoError>,)| {
        Ok((String::from("closed"),))
    })
}

/// Whether waiting for it would have to move the clock, and to when.
fn due(store: &Ctx<'_>, pollable: &Resource<Pollable>) -> Result<Option<u64>> {
    let task = store.data();
    Ok(match task.table.get(pollable)? {
        Pollable::At(instant) if *instant > task.clock.peek() => Some(*instant),
        _ => None,
    })
}

fn wait(mut store: Ctx<'_>, pollable: Resource<Pollable>) -> Result<()> {
    if let Some(instant) = due(&store, &pollable)? {
        store.data_mut().clock.advance_to(instant);
    }
    Ok(())
}

pub fn poll(scope: &mut Scope<'_>) -> Result<()> {
    resource::<Pollable>(scope, "pollable")?;
    scope.func_wrap("[method]pollable.ready", |store: Ctx<'_>, (pollable,)| {
        wait(store, pollable)?;
        Ok((true,))
    })?;
    scope.func_wrap("[method]pollable.block", |store: Ctx<'_>, (pollable,)| wait(store, pollable))?;
    scope.func_wrap("poll", |mut store: Ctx<'_>, (pollables,): (Vec<Resource<Pollable>>,)| {
        if pollables.is_empty() {
            bail!("poll of an empty list");
        }
        let due = pollables.iter().map(|p| due(&store, p)).collect::<Result<Vec<_>>>()?;
        // What is ready now goes first; if nothing is, time moves to the earliest.
        let now = if due.contains(&None) { None } else { due.iter().copied().min().flatten() };
        if let Some(instant) = now {
            store.data_mut().clock.advance_to(instant);
        }
        Ok(((0u32..).zip(&due).filter(|(_, due)| **due == now).map(|(n, _)| n).collect::<Vec<u32>>(),))
    })
}

pub fn pollable(store: &mut Ctx<'_>, pollable: Pollable) -> Result<(Resource<Pollable>,)> {
    Ok((store.data_mut().table.push(pollable)?,))
}

type Written = (Result<(), StreamError>,);

fn write(store: &Ctx<'_>, stream: &Resource<OutputStream>, bytes: &[u8]) -> Result<Written> {
    let task = store.data();
    task.emit(task.table.get(stream)?.source, 0, "", bytes)?;
    Ok((Ok(()),))
}

fn zeroes(store: &Ctx<'_>, stream: &Resource<OutputStream>, count: u64) -> Result<Written> {
    if count > PERMIT {
        bail!("write-zeroes of {count} bytes, more than check-write allowed");
    }
    write(store, stream, &vec![0; count as usize])
}

pub fn streams(scope: &mut Scope<'_>) -> Result<()> {
    resource::<InputStream>(scope, "input-stream")?;
    resource::<OutputStream>(scope, "output-stream")?;
    for name in ["[method]input-stream.read", "[method]input-stream.blocking-read"] {
        scope.func_wrap(name, |_: Ctx<'_>, _: (Resource<InputStream>, u64)| {
            Ok((Err::<Vec<u8>, _>(StreamError::Closed),))
        })?;
    }
    for name in ["[method]input-stream.skip", "[method]input-stream.blocking-skip"] {
        scope.func_wrap(name, |_: Ctx<'_>, _: (Resource<InputStream>, u64)| {
            Ok((Err::<u64, _>(StreamError::Closed),))
        })?;
    }
    scope.func_wrap("[method]input-stream.subscribe", |mut store: Ctx<'_>, _: (Resource<InputStream>,)| {
        pollable(&mut store, Pollable::Ready)
    })?;
    scope.func_wrap("[method]output-stream.subscribe", |mut store: Ctx<'_>, _: (Resource<OutputStream>,)| {
        pollable(&mut store, Pollable::Ready)
    })?;
    scope.func_wrap("[method]output-stream.check-write", |_: Ctx<'_>, _: (Resource<OutputStream>,)| {
        Ok((Ok::<u64, StreamError>(PERMIT),))
    })?;
    for name in ["[method]output-stream.write", "[method]output-stream.blocking-write-and-flush"] {
        scope.func_wrap(name, |store: Ctx<'_>, (stream, bytes): (Resource<OutputStream>, Vec<u8>)| {
            write(&store, &stream, &bytes)
        })?;
    }
    for name in ["[method]output-stream.write-zeroes", "[method]output-stream.blocking-write-zeroes-and-flush"] {
        scope.func_wrap(name, |store: Ctx<'_>, (stream, count): (Resource<OutputStream>, u64)| {
            zeroes(&store, &stream, count)
        })?;
    }
    for name in ["[method]output-stream.flush", "[method]output-stream.blocking-flush"] {
        scope.func_wrap(name, |_: Ctx<'_>, _: (Resource<OutputStream>,)| Ok((Ok::<(), StreamError>(()),)))?;
    }
    for name in ["[method]output-stream.splice", "[method]output-stream.blocking-splice"] {
        scope.func_wrap(name, |_: Ctx<'_>, _: (Resource<OutputStream>, Resource<InputStream>, u64)| {
            Ok((Err::<u64, _>(StreamError::Closed),))
        })?;
    }
    Ok(())
}
