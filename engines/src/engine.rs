//! Creating engines. Wasmtime's C API aborts when the pool cannot be reserved; this one returns an error.

#![allow(non_camel_case_types)]

use crate::ffi::{Failure, Status, every_bytes_t, guard, slice};
use crate::task::POOL_TABLE_ELEMENTS;
use std::borrow::Cow;
use std::ffi::c_void;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use wasmtime::{CacheStore, Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};
use wasmtime_c_api::wasm_engine_t;

/// `every_engine_options_t`.
#[repr(C)]
pub struct Options {
    pub pooling: i32,
    pub metering: i32,
    pub pool_instances: u32,
    pub memory_keep_resident: u64,
    pub table_keep_resident: u64,
    pub decommit_batch: u32,
    pub functions: *const every_function_store_t,
}

/// `every_function_store_t`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct every_function_store_t {
    pub context: *mut c_void,
    pub find: unsafe extern "C" fn(*mut c_void, *const u8, usize, &mut *const u8, &mut usize) -> i32,
    pub put: unsafe extern "C" fn(*mut c_void, *const u8, usize, *const u8, usize),
}

// Safety: the header asks for functions that many threads may call.
unsafe impl Send for every_function_store_t {}
unsafe impl Sync for every_function_store_t {}

impl CacheStore for every_function_store_t {
    fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
        let (mut data, mut len) = (std::ptr::null(), 0);
        let found = unsafe { (self.find)(self.context, key.as_ptr(), key.len(), &mut data, &mut len) };
        // Safety: what was found lives as long as the engine, and so as this.
        (found != 0).then(|| Cow::Borrowed(unsafe { slice(data, len) }))
    }
    fn insert(&self, key: &[u8], value: Vec<u8>) -> bool {
        unsafe { (self.put)(self.context, key.as_ptr(), key.len(), value.as_ptr(), value.len()) };
        true
    }
}

pub const STACK: usize = 1 << 20;
/// Of a backtrace.
pub const FRAMES: usize = 40;

fn config(options: &Options) -> wasmtime::Result<Config> {
    let mut config = Config::new();
    config
        .cranelift_opt_level(OptLevel::Speed)
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .epoch_interruption(true)
        .consume_fuel(options.metering != 0)
        .max_wasm_stack(STACK)
        .async_stack_size(2 * STACK)
        .memory_init_cow(true)
        .wasm_backtrace_max_frames(std::num::NonZeroUsize::new(FRAMES))
        .wasm_gc(true)
        .wasm_function_references(true)
        .wasm_exceptions(true)
        .wasm_component_model_async(true)
        .wasm_component_model_map(true)
        .wasm_component_model_fixed_length_lists(true);
    if options.pooling != 0 {
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(options)));
    }
    if let Some(functions) = unsafe { options.functions.as_ref() } {
        config.enable_incremental_compilation(Arc::new(*functions))?;
    }
    Ok(config)
}

fn pool(options: &Options) -> PoolingAllocationConfig {
    let n = options.pool_instances.max(1);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(n)
        .total_core_instances(n.saturating_mul(64))
        .total_memories(n.saturating_mul(2))
        .total_tables(n.saturating_mul(16))
        .total_stacks(n)
        .total_gc_heaps(n)
        .max_memory_size(4 << 30)
        .table_elements(POOL_TABLE_ELEMENTS as usize)
        .max_component_instance_size(4 << 20)
        .max_core_instance_size(4 << 20)
        .linear_memory_keep_resident(options.memory_keep_resident as usize)
        .table_keep_resident(options.table_keep_resident as usize)
        .decommit_batch_size(options.decommit_batch.max(1) as usize)
        .pagemap_scan(Enabled::Auto);
    pool
}

// `wasm_engine_t` is a C struct whose only field is the engine.
const _: () = assert!(size_of::<wasm_engine_t>() == size_of::<Engine>());

pub fn wrap(engine: Engine) -> Box<wasm_engine_t> {
    // Safety: same layout, see above.
    Box::new(unsafe { std::mem::transmute::<Engine, wasm_engine_t>(engine) })
}

pub fn unwrap(engine: &wasm_engine_t) -> &Engine {
    // Safety: as in `wrap`.
    unsafe { &*std::ptr::from_ref(engine).cast::<Engine>() }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn every_engine_new(
    options: &Options,
    engine_out: &mut *mut wasm_engine_t,
    error: *mut every_bytes_t,
) -> i32 {
    guard(error, || {
        let engine = config(options)
            .and_then(|config| Engine::new(&config))
            .map_err(|error| Failure(Status::NoRoom, format!("{error:#}")))?;
        *engine_out = Box::into_raw(wrap(engine));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn every_engine_fingerprint(engine: &wasm_engine_t, out: &mut every_bytes_t) {
    let mut hasher = DefaultHasher::new();
    unwrap(engine).precompile_compatibility_hash().hash(&mut hasher);
    *out = format!("wasmtime-{}-{:016x}", crate::WASMTIME_VERSION, hasher.finish()).into_bytes().into();
}
