//! Creating engines. Wasmtime's C API aborts when the pool cannot be reserved; this one returns an error.

use crate::ffi::{Failure, Status, every_bytes_t, guard};
use crate::task::POOL_TABLE_ELEMENTS;
use std::hash::{DefaultHasher, Hash, Hasher};
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};
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
}

pub const STACK: usize = 1 << 20;
/// Of a backtrace.
pub const FRAMES: usize = 40;

fn config(options: &Options) -> Config {
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
    config
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
        let engine =
            Engine::new(&config(options)).map_err(|error| Failure(Status::NoRoom, format!("{error:#}")))?;
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
