//! `wasi:clocks`: one virtual clock behind both interfaces.

use super::Scope;
use super::io::{Pollable, pollable};
use crate::task::{CLOCK_STEP, Task};
use wasmtime::component::{ComponentType, Lift, Lower};
use wasmtime::{Result, StoreContextMut};

type Ctx<'a> = StoreContextMut<'a, Task>;

#[derive(ComponentType, Lift, Lower)]
#[component(record)]
struct Datetime {
    seconds: u64,
    nanoseconds: u32,
}

fn datetime(nanoseconds: u64) -> Datetime {
    Datetime { seconds: nanoseconds / 1_000_000_000, nanoseconds: (nanoseconds % 1_000_000_000) as u32 }
}

pub fn monotonic(scope: &mut Scope<'_>) -> Result<()> {
    scope.func_wrap("now", |mut store: Ctx<'_>, (): ()| Ok((store.data_mut().clock.read(),)))?;
    scope.func_wrap("resolution", |_: Ctx<'_>, (): ()| Ok((CLOCK_STEP,)))?;
    scope.func_wrap("subscribe-instant", |mut store: Ctx<'_>, (when,): (u64,)| {
        pollable(&mut store, Pollable::At(when))
    })?;
    scope.func_wrap("subscribe-duration", |mut store: Ctx<'_>, (duration,): (u64,)| {
        let when = store.data().clock.peek().saturating_add(duration);
        pollable(&mut store, Pollable::At(when))
    })
}

pub fn wall(scope: &mut Scope<'_>) -> Result<()> {
    scope.func_wrap("now", |mut store: Ctx<'_>, (): ()| Ok((datetime(store.data_mut().clock.read()),)))?;
    scope.func_wrap("resolution", |_: Ctx<'_>, (): ()| Ok((datetime(CLOCK_STEP),)))
}
