//! One task: a fresh store and instance, one call, and how it ended.

use crate::backtrace;
use crate::component::every_component_t;
use crate::end::End;
use crate::ffi::{Failure, Status, every_bytes_t, guard, slice};
use crate::task::{Clock, Limits, OnLog, OnTick, Random, Task};
use crate::wire::{Args, Output, flat_count, set_result_limit};
use std::ffi::c_void;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use wasmtime::component::{Func, ResourceTable, TypedFunc};
use wasmtime::{Error, PoolConcurrencyLimitError, Store, ThrownException, Trap, UpdateDeadline};

/// `every_call_options_t`.
#[repr(C)]
pub struct Options {
    pub seed: [u8; 32],
    pub memory_limit: u64,
    pub table_limit: u64,
    pub memory_budget: u64,
    pub fuel: u64,
    pub result_limit: u64,
    pub context: *mut c_void,
    pub on_log: Option<OnLog>,
    pub on_tick: Option<OnTick>,
}

/// `every_outcome_t`.
#[repr(C)]
pub struct Outcome {
    pub value: every_bytes_t,
    pub backtrace: every_bytes_t,
    pub peak_memory: u64,
    pub fuel_used: u64,
    pub limit: u64,
    pub wanted: u64,
    pub exit_code: i32,
}

/// Things a guest may hold open at once; each costs the host memory.
const HANDLES: usize = 100_000;

fn store(component: &every_component_t, options: &Options) -> Result<Store<Task>, Error> {
    let mut table = ResourceTable::new();
    table.set_max_capacity(HANDLES);
    let task = Task {
        table,
        clock: Clock::default(),
        random: Random::new(&options.seed),
        limits: Limits::new(options.memory_limit, options.table_limit, options.memory_budget),
        context: options.context,
        on_log: options.on_log,
        on_tick: options.on_tick,
    };
    let engine = component.component.engine();
    let mut store = Store::new(engine, task);
    store.limiter(|task| &mut task.limits);
    store.epoch_deadline_callback(|store| store.data().tick().map(|()| UpdateDeadline::Continue(1)));
    store.set_epoch_deadline(1);
    if options.fuel != u64::MAX {
        store.set_fuel(options.fuel)?;
    }
    set_result_limit(usize::try_from(options.result_limit).unwrap_or(usize::MAX));
    Ok(store)
}

/// Wasmtime says only by this error, before anything has run, that a function is lifted with the async ABI.
const NEEDS_ASYNC: &str = "cannot synchronously call an async-lifted export";

fn call(store: &mut Store<Task>, func: Func, is_async: bool, args: Args) -> Result<Vec<u8>, Error> {
    // Safety: `Args` and `Output` follow the type that the function itself brings, whatever it is.
    let plain = unsafe { TypedFunc::<Args, Output<1>>::new_unchecked(func) };
    match plain.call(&mut *store, args) {
        Err(error) if is_async && error.to_string().contains(NEEDS_ASYNC) => call_async(store, func, args),
        result => Ok(result?.0),
    }
}

fn call_async(store: &mut Store<Task>, func: Func, args: Args) -> Result<Vec<u8>, Error> {
    fn with<const FLAT: usize>(store: &mut Store<Task>, func: Func, args: Args) -> Result<Vec<u8>, Error> {
        // Safety: as in `call`; `FLAT` is the function's own count.
        let func = unsafe { TypedFunc::<Args, Output<FLAT>>::new_unchecked(func) };
        Ok(block_on(func.call_async(store, args))?.0)
    }
    let count = func.ty(&mut *store).results().map(|ty| flat_count(&ty)).sum();
    match count {
        0 => with::<0>(store, func, args),
        2 => with::<2>(store, func, args),
        3 => with::<3>(store, func, args),
        4 => with::<4>(store, func, args),
        5 => with::<5>(store, func, args),
        6 => with::<6>(store, func, args),
        7 => with::<7>(store, func, args),
        8 => with::<8>(store, func, args),
        9 => with::<9>(store, func, args),
        10 => with::<10>(store, func, args),
        11 => with::<11>(store, func, args),
        12 => with::<12>(store, func, args),
        13 => with::<13>(store, func, args),
        14 => with::<14>(store, func, args),
        15 => with::<15>(store, func, args),
        16 => with::<16>(store, func, args),
        _ => with::<1>(store, func, args), // one value, or the place of many
    }
}

/// Nothing here ever waits for the outside, so a future that is not ready only wants to be asked again.
fn block_on<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..1_000_000 {
        if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
            return result;
        }
    }
    Err(Error::msg("the guest waits for something that never comes"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn every_call(
    component: &every_component_t,
    function: u32,
    options: &Options,
    args: *const u8,
    args_len: usize,
    outcome: &mut Outcome,
    error: *mut every_bytes_t,
) -> i32 {
    guard(error, || {
        let args = unsafe { Args::new(slice(args, args_len)) };
        let Some(function) = component.functions.get(function as usize) else {
            return Err(Failure::invalid("no function of that number"));
        };
        let mut store = store(component, options).map_err(|error| classify(&error, outcome))?;
        let result = component.pre.instantiate(&mut store).and_then(|instance| {
            let Some(func) = instance.get_func(&mut store, function.export) else {
                return Err(Error::msg("the function is gone"));
            };
            call(&mut store, func, function.is_async, args)
        });
        outcome.peak_memory = store.data().limits.peak();
        if options.fuel != u64::MAX {
            outcome.fuel_used = options.fuel.saturating_sub(store.get_fuel().unwrap_or(0));
        }
        match result {
            Ok(value) => outcome.value = value.into(),
            Err(error) => {
                outcome.backtrace = backtrace::render(&error).into_bytes().into();
                return Err(classify(&error, outcome));
            }
        }
        Ok(())
    })
}

fn classify(error: &Error, outcome: &mut Outcome) -> Failure {
    if let Some(end) = error.downcast_ref::<End>() {
        let status = match end {
            End::Memory { limit, wanted } => {
                (outcome.limit, outcome.wanted) = (*limit, *wanted);
                Status::MemoryLimit
            }
            End::Table { limit, wanted } => {
                (outcome.limit, outcome.wanted) = (*limit, *wanted);
                Status::TableLimit
            }
            End::Budget { limit, wanted } => {
                (outcome.limit, outcome.wanted) = (*limit, *wanted);
                Status::MemoryBudget
            }
            End::Result { limit } => {
                outcome.limit = *limit;
                Status::ResultLimit
            }
            End::Exit(code) => {
                outcome.exit_code = *code;
                Status::Exit
            }
            End::Timeout => Status::TimeLimit,
            End::Cancelled => Status::Cancelled,
            End::Logs => Status::LogLimit,
            End::Denied(_) => Status::Denied,
        };
        return Failure(status, end.to_string());
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return match trap {
            Trap::StackOverflow => Failure(Status::StackLimit, "its stack is full".into()),
            Trap::OutOfFuel => Failure(Status::FuelLimit, "its fuel is used up".into()),
            Trap::Interrupt => Failure(Status::TimeLimit, End::Timeout.to_string()),
            trap => Failure(Status::Trap, trap_text(*trap)),
        };
    }
    if error.is::<PoolConcurrencyLimitError>() {
        return Failure(Status::NoRoom, format!("{error:#}"));
    }
    if error.is::<ThrownException>() {
        return Failure(Status::Trap, UNCAUGHT.into());
    }
    let text = error.root_cause().to_string();
    if text.contains("GC heap out of memory") {
        return Failure(Status::MemoryLimit, text);
    }
    Failure(Status::Trap, format!("the guest broke a rule of the component model: {text}"))
}

const UNCAUGHT: &str = "the guest threw an exception that it did not catch";

/// What the guest did, then Wasm's word for it.
fn trap_text(trap: Trap) -> String {
    let what = match trap {
        Trap::UnreachableCodeReached => {
            return "the guest stopped itself (unreachable; in Rust usually a panic)".into();
        }
        Trap::UncaughtException => return UNCAUGHT.into(),
        Trap::MemoryOutOfBounds => "the guest read or wrote outside its memory",
        Trap::IntegerDivisionByZero => "the guest divided an integer by zero",
        Trap::IntegerOverflow => "the guest divided the least integer by -1",
        Trap::BadConversionToInteger => "the guest made an integer of a float that has none",
        Trap::BadSignature => "the guest called a function by a pointer of another type",
        Trap::IndirectCallToNull => "the guest called a function by a null pointer",
        Trap::TableOutOfBounds => "the guest called a function by a pointer that leads nowhere",
        Trap::NullReference => "the guest used a null reference",
        Trap::ArrayOutOfBounds => "the guest read or wrote outside an array",
        Trap::CastFailure => "the guest took a reference for one of another type",
        _ => "the guest was stopped",
    };
    let word = trap.to_string();
    format!("{what} ({})", word.strip_prefix("wasm trap: ").unwrap_or(&word))
}
