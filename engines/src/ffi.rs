//! The C boundary: byte buffers, status codes, and the guard that keeps panics inside.

#![allow(non_camel_case_types)]

use std::panic::{AssertUnwindSafe, catch_unwind};

/// `every_bytes_t`: bytes owned by this library until `every_bytes_free`.
#[repr(C)]
pub struct every_bytes_t {
    pub data: *mut u8,
    pub len: usize,
    pub capacity: usize,
}

impl From<Vec<u8>> for every_bytes_t {
    fn from(bytes: Vec<u8>) -> every_bytes_t {
        let mut bytes = std::mem::ManuallyDrop::new(bytes);
        every_bytes_t { data: bytes.as_mut_ptr(), len: bytes.len(), capacity: bytes.capacity() }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn every_bytes_free(bytes: *mut every_bytes_t) {
    let Some(bytes) = (unsafe { bytes.as_mut() }) else { return };
    if !bytes.data.is_null() {
        drop(unsafe { Vec::from_raw_parts(bytes.data, bytes.len, bytes.capacity) });
    }
    *bytes = every_bytes_t { data: std::ptr::null_mut(), len: 0, capacity: 0 };
}

/// `every_status_t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Status {
    Ok = 0,
    Invalid = 1,
    Unsupported = 2,
    Trap = 3,
    MemoryLimit = 4,
    TableLimit = 5,
    StackLimit = 6,
    FuelLimit = 7,
    TimeLimit = 8,
    ResultLimit = 9,
    LogLimit = 10,
    Cancelled = 11,
    Exit = 12,
    Denied = 13,
    NoRoom = 14,
    Panic = 15,
    MemoryBudget = 16,
}

/// A failure on its way out: status and text.
pub struct Failure(pub Status, pub String);

impl Failure {
    pub fn invalid(error: impl std::fmt::Display) -> Failure {
        Failure(Status::Invalid, format!("{error:#}"))
    }
    pub fn unsupported(error: impl std::fmt::Display) -> Failure {
        Failure(Status::Unsupported, format!("{error:#}"))
    }
}

/// Runs `body`; its failure or panic becomes a status and a text in `error`.
pub fn guard(error: *mut every_bytes_t, body: impl FnOnce() -> Result<(), Failure>) -> i32 {
    let outcome = catch_unwind(AssertUnwindSafe(body));
    let Failure(status, text) = match outcome {
        Ok(Ok(())) => return Status::Ok as i32,
        Ok(Err(failure)) => failure,
        Err(panic) => {
            let text = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            Failure(Status::Panic, format!("internal error in the engines: {text}"))
        }
    };
    if let Some(error) = unsafe { error.as_mut() } {
        *error = text.into_bytes().into();
    }
    status as i32
}

/// # Safety
/// `data` must hold `len` bytes, or `len` be 0.
pub unsafe fn slice<'a>(data: *const u8, len: usize) -> &'a [u8] {
    if len == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data, len) } }
}

/// # Safety
/// As [`slice`].
pub unsafe fn text<'a>(data: *const u8, len: usize) -> Result<&'a str, Failure> {
    std::str::from_utf8(unsafe { slice(data, len) }).map_err(Failure::invalid)
}
