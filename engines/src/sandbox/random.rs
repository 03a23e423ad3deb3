//! `wasi:random`: one stream of numbers, seeded by the instruction.

use super::Scope;
use crate::task::Task;
use wasmtime::{Result, StoreContextMut, bail};

type Ctx<'a> = StoreContextMut<'a, Task>;

/// Bytes a guest may ask for at once; they are made on the host's side.
const MOST: u64 = 16 << 20;

fn bytes(mut store: Ctx<'_>, count: u64) -> Result<(Vec<u8>,)> {
    if count > MOST {
        bail!("{count} random bytes at once, more than {MOST}");
    }
    Ok((store.data_mut().random.bytes(count as usize),))
}

pub fn random(scope: &mut Scope<'_>) -> Result<()> {
    scope.func_wrap("get-random-bytes", |store: Ctx<'_>, (count,): (u64,)| bytes(store, count))?;
    scope.func_wrap("get-random-u64", |mut store: Ctx<'_>, (): ()| Ok((store.data_mut().random.next(),)))
}

pub fn insecure(scope: &mut Scope<'_>) -> Result<()> {
    scope.func_wrap("get-insecure-random-bytes", |store: Ctx<'_>, (count,): (u64,)| bytes(store, count))?;
    scope.func_wrap("get-insecure-random-u64", |mut store: Ctx<'_>, (): ()| Ok((store.data_mut().random.next(),)))
}

pub fn insecure_seed(scope: &mut Scope<'_>) -> Result<()> {
    for name in ["insecure-seed", "get-insecure-seed"] {
        scope.func_wrap(name, |mut store: Ctx<'_>, (): ()| {
            let random = &mut store.data_mut().random;
            Ok(((random.next(), random.next()),))
        })?;
    }
    Ok(())
}
