//! Why a task was ended by the host, as an error that travels through Wasmtime and is recognised on the way out.

use std::fmt;

/// A reason of ours to end a guest. It reaches the caller as a status code; the guest never sees it.
#[derive(Debug, Clone)]
pub enum End {
    Memory { limit: u64, wanted: u64 },
    Table { limit: u64, wanted: u64 },
    /// What all guests of this process hold together, and this one more than its share of it.
    Budget { limit: u64, wanted: u64 },
    Timeout,
    Cancelled,
    Logs,
    Result { limit: u64 },
    /// The guest asked for its own end with this exit code.
    Exit(i32),
    /// The guest used something that functions are not granted.
    Denied(String),
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Memory { limit, wanted } => write!(f, "memory limit of {limit} bytes, {wanted} bytes wanted"),
            End::Table { limit, wanted } => write!(f, "table limit of {limit} elements, {wanted} wanted"),
            End::Budget { limit, wanted } => {
                write!(f, "guests hold {limit} bytes together, {wanted} bytes wanted by one")
            }
            End::Timeout => write!(f, "time limit reached"),
            End::Cancelled => write!(f, "cancelled"),
            End::Logs => write!(f, "limit of log lines reached"),
            End::Result { limit } => write!(f, "result larger than the limit of {limit} bytes"),
            End::Exit(code) => write!(f, "the guest called exit with code {code} before it returned"),
            End::Denied(what) => write!(f, "{what}"),
        }
    }
}

impl std::error::Error for End {}
