//! What belongs to one task: its limits, its virtual clock and its random numbers. It is the data of the store.

use crate::end::End;
use std::ffi::c_void;
use std::sync::atomic::{AtomicU64, Ordering};
use wasmtime::component::ResourceTable;
use wasmtime::{ResourceLimiter, Result};

/// Nanoseconds that pass on the virtual clock with every reading (determinism profile 1).
pub const CLOCK_STEP: u64 = 1_000;

/// Elements that a slot of the pool holds. A growth beyond a maximum that is not below it ends the task in every engine,
/// since nobody can tell the module's maximum from the slot's.
pub const POOL_TABLE_ELEMENTS: u64 = 64 << 10;

pub type OnLog = unsafe extern "C" fn(*mut c_void, u32, u32, *const u8, usize, *const u8, usize) -> i32;
pub type OnTick = unsafe extern "C" fn(*mut c_void) -> i32;

/// Where a line or a piece of output came from; `every_source_t` in the header.
#[derive(Clone, Copy)]
pub enum Source {
    Logging = 0,
    Print = 1,
    Stdout = 2,
    Stderr = 3,
}

pub struct Task {
    pub table: ResourceTable,
    pub clock: Clock,
    pub random: Random,
    pub limits: Limits,
    pub context: *mut c_void,
    pub on_log: Option<OnLog>,
    pub on_tick: Option<OnTick>,
}

// Safety: the context pointer is only handed back to the callbacks, on the thread that runs the call.
unsafe impl Send for Task {}
unsafe impl Sync for Task {}

impl Task {
    /// Hands a line (or a piece of output) to the caller, who may end the task.
    pub fn emit(&self, source: Source, level: u32, category: &str, message: &[u8]) -> Result<()> {
        let Some(on_log) = self.on_log else { return Ok(()) };
        let (c, m) = (category.as_bytes(), message);
        // Safety: both slices live through the call; the caller's contract is in the header.
        match unsafe { on_log(self.context, source as u32, level, c.as_ptr(), c.len(), m.as_ptr(), m.len()) } {
            0 => Ok(()),
            _ => Err(End::Logs.into()),
        }
    }

    /// Asks the caller whether the task may go on.
    pub fn tick(&self) -> Result<()> {
        let Some(on_tick) = self.on_tick else { return Ok(()) };
        match unsafe { on_tick(self.context) } {
            0 => Ok(()),
            1 => Err(End::Timeout.into()),
            _ => Err(End::Cancelled.into()),
        }
    }
}

/// Virtual time: starts at 0, moves a step with each reading, jumps when the guest sleeps, never goes back.
#[derive(Default)]
pub struct Clock {
    now: u64,
}

impl Clock {
    pub fn read(&mut self) -> u64 {
        let now = self.now;
        self.now = self.now.saturating_add(CLOCK_STEP);
        now
    }
    pub fn peek(&self) -> u64 {
        self.now
    }
    pub fn advance_to(&mut self, instant: u64) {
        self.now = self.now.max(instant);
    }
}

/// xoshiro256**, seeded with 32 bytes.
pub struct Random([u64; 4]);

impl Random {
    pub fn new(seed: &[u8; 32]) -> Random {
        let mut state = [0u64; 4];
        for (word, bytes) in state.iter_mut().zip(seed.chunks_exact(8)) {
            *word = u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
        }
        if state == [0; 4] {
            state[0] = 1;
        }
        Random(state)
    }

    pub fn next(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    pub fn bytes(&mut self, n: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(n + 8);
        while out.len() < n {
            out.extend_from_slice(&self.next().to_le_bytes());
        }
        out.truncate(n);
        out
    }
}

/// What all guests of this process hold in memories and tables, and how many they are.
static HELD: AtomicU64 = AtomicU64::new(0);
static GUESTS: AtomicU64 = AtomicU64::new(0);

/// Of a table in memory.
const ELEMENT: u64 = 8;

/// Limits on what the guest may hold. A growth beyond them ends the task: a guest that could catch the refusal
/// would turn a setting of this node into part of its result.
pub struct Limits {
    pub memory: u64,
    pub table: u64,
    budget: u64,
    held: u64,
    elements: u64,
    peak: u64,
    pending: Option<u64>,
}

impl Limits {
    pub fn new(memory: u64, table: u64, budget: u64) -> Limits {
        GUESTS.fetch_add(1, Ordering::Relaxed);
        Limits { memory, table, budget, held: 0, elements: 0, peak: 0, pending: None }
    }
    pub fn peak(&self) -> u64 {
        self.peak
    }

    /// Counts `more` bytes to what all hold. Beyond the budget only who has less than an equal share of it gets them, so
    /// that many that want much end each other and leave alone who wants little.
    fn take(&self, more: u64) -> Result<()> {
        let all = HELD.fetch_add(more, Ordering::Relaxed).saturating_add(more);
        if self.budget == 0 || all <= self.budget {
            return Ok(());
        }
        let wanted = self.held + self.elements * ELEMENT + more;
        if wanted <= self.budget / GUESTS.load(Ordering::Relaxed).max(1) {
            return Ok(());
        }
        HELD.fetch_sub(more, Ordering::Relaxed);
        Err(End::Budget { limit: self.budget, wanted }.into())
    }
}

impl Drop for Limits {
    fn drop(&mut self) {
        HELD.fetch_sub(self.held + self.elements * ELEMENT, Ordering::Relaxed);
        GUESTS.fetch_sub(1, Ordering::Relaxed);
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        self.pending = None;
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false); // the module's own declaration, the same on every node
        }
        let more = (desired - current) as u64;
        let wanted = self.held.saturating_add(more);
        if wanted > self.memory {
            return Err(End::Memory { limit: self.memory, wanted }.into());
        }
        self.take(more)?;
        self.held = wanted;
        self.peak = self.peak.max(wanted);
        self.pending = Some(wanted);
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> Result<()> {
        match self.pending.take() {
            // We allowed it and the machine could not: not the guest's business either.
            Some(wanted) => Err(End::Memory { limit: wanted, wanted }.into()),
            // Beyond what the memory's type can address: the same on every node.
            None => Ok(()),
        }
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        // The maximum is the module's own declaration or, with a pool, the size of a slot, whichever is less.
        let more = (desired - current) as u64;
        let (desired, maximum) = (desired as u64, maximum.map_or(u64::MAX, |maximum| maximum as u64));
        if desired > maximum && maximum < POOL_TABLE_ELEMENTS {
            return Ok(false);
        }
        let limit = self.table.min(maximum);
        if desired > limit {
            return Err(End::Table { limit, wanted: desired }.into());
        }
        let all = self.elements.saturating_add(more);
        if all > self.table {
            return Err(End::Table { limit: self.table, wanted: all }.into());
        }
        self.take(more * ELEMENT)?;
        self.elements += more;
        Ok(true)
    }

    fn table_grow_failed(&mut self, _: wasmtime::Error) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_starts_at_zero_steps_and_never_overflows() {
        let mut clock = Clock::default();
        assert_eq!((clock.read(), clock.read()), (0, CLOCK_STEP));
        clock.advance_to(u64::MAX);
        clock.advance_to(5);
        assert_eq!((clock.read(), clock.read()), (u64::MAX, u64::MAX));
    }

    #[test]
    fn random_numbers_follow_from_the_seed_alone() {
        let (mut a, mut b, mut c) = (Random::new(&[7; 32]), Random::new(&[7; 32]), Random::new(&[8; 32]));
        assert_eq!(a.bytes(100), b.bytes(100));
        assert_ne!(a.bytes(100), c.bytes(100));
        // xoshiro256** with state 1, 2, 3, 4 begins with 11520.
        let mut seed = [0u8; 32];
        for (n, word) in seed.chunks_exact_mut(8).enumerate() {
            word[0] = n as u8 + 1;
        }
        assert_eq!((Random::new(&seed)).next(), 11520);
    }

    #[test]
    fn growth_beyond_the_declared_maximum_is_the_guests_affair_and_beyond_the_limit_ends_it() {
        let mut limits = Limits::new(1 << 20, 10, 0);
        assert!(!limits.memory_growing(0, 2 << 20, Some(1 << 16)).unwrap());
        assert!(limits.memory_growing(0, 1 << 20, None).unwrap());
        let end = limits.memory_growing(1 << 20, 2 << 20, None).unwrap_err();
        assert!(matches!(end.downcast_ref::<End>(), Some(End::Memory { limit: 1048576, wanted: 2097152 })));
        assert_eq!(limits.peak(), 1 << 20);
    }

    #[test]
    fn beyond_the_budget_of_all_who_has_most_is_ended_and_who_has_little_goes_on() {
        const MIB: usize = 1 << 20;
        let budget = HELD.load(Ordering::Relaxed) + (100 << 20);
        let (mut large, mut small) = (Limits::new(u64::MAX, 0, budget), Limits::new(u64::MAX, 0, budget));
        assert!(large.memory_growing(0, 99 * MIB, None).unwrap());
        assert!(small.memory_growing(0, 2 * MIB, None).unwrap());
        let end = large.memory_growing(99 * MIB, 100 * MIB, None).unwrap_err();
        assert!(matches!(end.downcast_ref::<End>(), Some(End::Budget { .. })));
        drop(large);
        assert!(small.memory_growing(2 * MIB, 90 * MIB, None).unwrap());
    }

    #[test]
    fn many_tables_count_together() {
        let mut limits = Limits::new(0, 10, 0);
        assert!(limits.table_growing(0, 6, None).unwrap());
        assert!(limits.table_growing(0, 6, None).is_err());
    }
}
