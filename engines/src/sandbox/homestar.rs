//! What the original gives its functions: logging in any version, and its helpers.

use super::Scope;
use crate::task::{Source, Task};
use wasmtime::component::{ComponentType, Lift, Lower};
use wasmtime::{Result, StoreContextMut};

type Ctx<'a> = StoreContextMut<'a, Task>;

#[derive(ComponentType, Lift, Lower, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
#[allow(dead_code)] // made by lifting only
enum Level {
    #[component(name = "trace")]
    Trace,
    #[component(name = "debug")]
    Debug,
    #[component(name = "info")]
    Info,
    #[component(name = "warn")]
    Warn,
    #[component(name = "error")]
    Error,
    #[component(name = "critical")]
    Critical,
}

#[derive(ComponentType, Lift, Lower)]
#[component(record)]
struct Time {
    seconds: u64,
    milliseconds: u32,
    nanoseconds: u32,
}

pub fn logging(scope: &mut Scope<'_>) -> Result<()> {
    scope.func_wrap("log", |store: Ctx<'_>, (level, context, message): (Level, String, String)| {
        store.data().emit(Source::Logging, level as u32, &context, message.as_bytes())
    })
}

pub fn helpers(scope: &mut Scope<'_>) -> Result<()> {
    scope.func_wrap("get-current-time", |mut store: Ctx<'_>, (): ()| {
        let now = store.data_mut().clock.read();
        let nanoseconds = (now % 1_000_000_000) as u32;
        Ok((Time { seconds: now / 1_000_000_000, milliseconds: nanoseconds / 1_000_000, nanoseconds },))
    })?;
    scope.func_wrap("print", |store: Ctx<'_>, (message,): (String,)| {
        store.data().emit(Source::Print, Level::Info as u32, "", message.as_bytes())
    })
}
